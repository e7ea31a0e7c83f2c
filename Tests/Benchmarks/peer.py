"""The same with llama-cpp-python, in its own virtual environment.

usage: peer.py MODEL CONTEXT TOKENS ROUNDS THREADS
"""
# ruff: noqa: T201 - printing is what a command is for

import json
import resource
import sys
import time

from llama_cpp import Llama

model, context, tokens, rounds, threads = sys.argv[1], *map(int, sys.argv[2:6])
llm = Llama(model, n_ctx=context, n_threads=threads, n_threads_batch=threads, verbose=False)
runs = []
for _ in range(rounds):
    llm.reset()
    start = time.perf_counter()
    first = last = predicted = 0
    for _chunk in llm.create_completion(
        "My name is", max_tokens=tokens, temperature=0.0, repeat_penalty=1.1, stream=True
    ):
        last = time.perf_counter()
        first = first or last
        predicted += 1
    runs.append({"first_s": first - start, "tokens_per_s": (predicted - 1) / (last - first)})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"runs": runs, "peak_rss_kb": peak}))
