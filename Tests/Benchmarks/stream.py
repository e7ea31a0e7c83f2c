"""Streams predictions through the Python package and prints what they cost, as JSON.

usage: stream.py MODEL CONTEXT TOKENS ROUNDS
"""
# ruff: noqa: T201 - printing is what a command is for

import json
import resource
import sys
import time

import lmstudio

model, context, tokens, rounds = sys.argv[1], *map(int, sys.argv[2:5])
runs = []
with lmstudio.Client() as client:
    llm = client.llm.model(model, config={"contextLength": context})
    for _ in range(rounds):
        start = time.perf_counter()
        first = last = predicted = 0
        for fragment in llm.complete_stream(
            "My name is", config={"maxTokens": tokens, "temperature": 0}
        ):
            last = time.perf_counter()
            first = first or last
            predicted += fragment.tokens_count
        runs.append({"first_s": first - start, "tokens_per_s": (predicted - 1) / (last - first)})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"runs": runs, "peak_rss_kb": peak}))
