"""The same streams from llama.cpp's own server.

usage: engine_server.py HOST:PORT COUNT TOKENS   tokens per second of all together
"""
# ruff: noqa: T201 - printing is what a command is for

from __future__ import annotations

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ADDRESS, COUNT, TOKENS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def stream(index: int) -> int:
    """Reads one prediction as it comes; returns its length in tokens."""
    options = {
        "prompt": f"Story number {index}: Once upon a time",
        "n_predict": TOKENS,
        "temperature": 0,
        "ignore_eos": True,
        "cache_prompt": False,
        "stream": True,
    }
    connection = http.client.HTTPConnection(ADDRESS)
    connection.request(
        "POST", "/completion", json.dumps(options), {"Content-Type": "application/json"}
    )
    predicted = 0
    for line in connection.getresponse():
        if line.startswith(b"data: "):
            event = json.loads(line[len(b"data: ") :])
            predicted = event["tokens_predicted"] if event["stop"] else predicted
    connection.close()
    return predicted


def main() -> None:
    """Runs rounds of predictions at once, the first to warm up, and tells the best."""
    rates = []
    with ThreadPoolExecutor(COUNT) as threads:
        for _ in range(4):
            start = time.perf_counter()
            predicted = sum(threads.map(stream, range(COUNT)))
            rates.append(predicted / (time.perf_counter() - start))
    print(json.dumps({"tokens_per_s": max(rates[1:])}))


main()
