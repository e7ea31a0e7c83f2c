"""The same with llama-cpp-python, in its own virtual environment.

usage: engine_peer.py MODEL streams COUNT TOKENS THREADS   predictions one after the other
       engine_peer.py MODEL embed COUNT THREADS            texts in one call
"""
# ruff: noqa: T201 - printing is what a command is for

import json
import sys
import time

from llama_cpp import Llama

MODEL, MODE = sys.argv[1:3]
WORDS = ["cup", "plate", "fork", "spoon", "glass", "bowl", "jug", "pan", "pot", "lid", "knife"]
*COUNTS, THREADS = (int(part) for part in sys.argv[3:])
options = {"n_threads": THREADS, "n_threads_batch": THREADS, "verbose": False}
best = 0.0
if MODE == "embed":
    model = Llama(MODEL, embedding=True, n_ctx=512, n_batch=512, **options)
    report = {}
    words = [WORDS[index % len(WORDS)] for index in range(COUNTS[0])]
    for name, texts in (
        ("word", words),
        ("text", [f"{word} number {index}" for index, word in enumerate(words)]),
    ):
        model.embed(texts[:2], normalize=True)
        for _ in range(3):
            start = time.perf_counter()
            model.embed(texts, normalize=True)
            rate = len(texts) / (time.perf_counter() - start)
            report[f"{name}_together_per_s"] = max(report.get(f"{name}_together_per_s", 0.0), rate)
    print(json.dumps(report))
else:
    model = Llama(MODEL, n_ctx=4096, **options)
    for _ in range(3):
        start, predicted = time.perf_counter(), 0
        for index in range(COUNTS[0]):
            answer = model.create_completion(
                f"Story number {index}: Once upon a time",
                max_tokens=COUNTS[1],
                temperature=0.0,
                repeat_penalty=1.0,
            )
            predicted += answer["usage"]["completion_tokens"]
        best = max(best, predicted / (time.perf_counter() - start))
    print(json.dumps({"tokens_per_s": best}))
