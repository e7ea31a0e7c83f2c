#!/usr/bin/env python3
"""What calls and streams cost, with whichever `lmstudio` package this interpreter has, as JSON.

usage: wire_client.py ADDRESS calls ROUNDS       small calls; client and first handle
       wire_client.py ADDRESS count ROUNDS       tokens counted by a model of the server
       wire_client.py ADDRESS again              a call for each line of the input, s, as lines
       wire_client.py ADDRESS stream N ROUNDS    streams of N fragments of a server without a model
       wire_client.py ADDRESS complete N THREADS a completion of N tokens by a model of the server
                                                 on so many threads, tokens per second, for each
                                                 line of the input
"""
# ruff: noqa: T201 - printing is what a command is for

from __future__ import annotations

import json
import resource
import statistics
import sys
import time

import lmstudio as lms


def cpu() -> float:
    """Processor time of the process, s."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def calls(address: str, rounds: int) -> dict[str, float]:
    """Medians over rounds."""
    opened, called = [], []
    for _ in range(20):
        start = time.perf_counter()
        with lms.Client(address) as client:
            client.llm.model("blast")
        opened.append(time.perf_counter() - start)
    with lms.Client(address) as client:
        client.llm.list_loaded()
        for _ in range(rounds):
            start = time.perf_counter()
            client.llm.list_loaded()
            called.append(time.perf_counter() - start)
    return {"open_s": statistics.median(opened), "call_s": statistics.median(called)}


def count(address: str, rounds: int) -> dict[str, float]:
    """Median over rounds."""
    called = []
    with lms.Client(address) as client:
        model = client.llm.model("smollm2-135m-instruct")
        for _ in range(rounds):
            start = time.perf_counter()
            model.count_tokens("My name is")
            called.append(time.perf_counter() - start)
    return {"count_s": statistics.median(called)}


def again(address: str) -> dict[str, float]:
    """One client for all calls, whatever becomes of its server in between."""
    with lms.Client(address) as client:
        for _ in sys.stdin:
            start = time.perf_counter()
            client.llm.list_loaded()
            print(time.perf_counter() - start, flush=True)
    return {}


def stream(address: str, count: int, rounds: int) -> dict[str, float]:
    """The best of the rounds."""
    times, costs = [], []
    with lms.Client(address) as client:
        model = client.llm.model("blast")
        for _ in range(rounds):
            start, spent = time.perf_counter(), cpu()
            found = sum(1 for _ in model.complete_stream(f"blast:{count}"))
            times.append(time.perf_counter() - start)
            costs.append(cpu() - spent)
            assert found == count
    return {"fragments_per_s": count / min(times), "cpu_us": min(costs) / count * 1e6}


def complete(address: str, tokens: int, threads: int) -> dict[str, float]:
    """Tokens per second after the first one."""
    config = {"maxTokens": tokens, "temperature": 0, "cpuThreads": threads}
    with lms.Client(address) as client:
        model = client.llm.model("smollm2-135m-instruct")
        for _ in sys.stdin:
            first = last = 0.0
            seen = 0
            for fragment in model.complete_stream("My name is", config=config):
                last = time.perf_counter()
                first = first or last
                seen += fragment.tokens_count
            print((seen - 1) / (last - first), flush=True)
    return {}


def main() -> None:
    """Run what the command line says."""
    address, what, *numbers = sys.argv[1:]
    jobs = {"calls": calls, "count": count, "again": again, "stream": stream, "complete": complete}
    print(json.dumps(jobs[what](address, *map(int, numbers))))


main()
