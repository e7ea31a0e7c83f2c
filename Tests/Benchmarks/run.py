#!/usr/bin/env python3
"""Measures speed, memory and start-up against llama.cpp's own tools and llama-cpp-python.

Everything is timed in alternating rounds of one run; ratios are medians of per-round ratios, so
that a slow spell of the machine hits both sides. `make bench` calls this with the environment it
needs; BENCH_ROUNDS sets the number of rounds.
"""
# ruff: noqa: T201 - printing is what a command is for

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD = ROOT / ".build" / "bench"
LIBRARY = ROOT / ".build" / "lib"
CACHE = Path(
    os.environ.get("LMSTUDIO_CACHE_DIR")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lmstudio-swift"
)
LLAMA = Path(os.environ["LLAMA"])
STARTER = os.environ["LMSTUDIO_TEST_STARTER"]
GEMMA = os.environ["LMSTUDIO_TEST_GEMMA"]
PYTHON = ROOT / ".venv" / "bin" / "python"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
THREADS = len(os.sched_getaffinity(0))
CONTEXT = 4096


def run(*command: object) -> str:
    """Runs a command and returns what it printed."""
    return subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def build() -> tuple[Path, Path]:
    """Builds the C and the Swift program."""
    BUILD.mkdir(parents=True, exist_ok=True)
    c_program = BUILD / "stream"
    include = ["-I", ROOT / "include", "-L", LIBRARY, f"-Wl,-rpath,{LIBRARY}"]
    run("cc", "-O2", "-std=gnu11", HERE / "stream.c", *include, "-llmstudio", "-o", c_program)
    complete = ROOT / "Tests" / "CABIHarness" / "examples" / "complete.c"
    run("cc", "-O2", "-std=c11", complete, *include, "-llmstudio", "-o", BUILD / "complete")
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "stream-swift", "--scratch-path", BUILD],
        check=True,
        cwd=ROOT,
        env=os.environ | {"LMSTUDIO_BENCHMARKS": "1"},
        stdout=sys.stderr,
    )
    return c_program, BUILD / "release" / "stream-swift"


def environment(name: str, *packages: str) -> Path:
    """A virtual environment with a peer in it, made once; returns its interpreter."""
    place = CACHE / name
    python = place / "bin" / "python"
    if not (place / "done").exists():
        print(f"installing {' '.join(packages)} (some minutes, once)", file=sys.stderr)
        run(sys.executable, "-m", "venv", place)
        run(python, "-m", "pip", "install", "--quiet", *packages)
        (place / "done").touch()
    return python


def streamed(*command: object) -> Callable[[], dict[str, float]]:
    """Medians of the runs that a streaming program reports."""

    def once() -> dict[str, float]:
        report = json.loads(run(*command))
        values = {
            key: statistics.median(entry[key] for entry in report["runs"])
            for key in ("first_s", "tokens_per_s")
        }
        return values | {key: report[key] for key in report if key != "runs"}

    return once


def llama_bench(model: str, prompt: int, generated: int, repetitions: int = 3) -> float:
    """Tokens per second by llama.cpp's own measure, after a warm-up."""
    counts = ("-t", THREADS, "-p", prompt, "-n", generated, "-r", repetitions)
    report = run(LLAMA / "bin" / "llama-bench", "-m", model, *counts, "-o", "json")
    return float(statistics.median(json.loads(report)[0]["samples_ts"]))


def prompt_rate(c_program: Path, model: str, length: int) -> float:
    """Tokens per second of one prompt, after one to warm up."""
    report = json.loads(run(c_program, model, CONTEXT, 1, 2, length))
    return float(report["prompt_tokens"] / report["runs"][1]["first_s"])


def row(what: str, ours: list[float], peer: list[float], unit: str, target: str) -> None:
    """Prints one line of the table: medians of both and of the per-round ratio."""
    ratios = [a / b for a, b in zip(ours, peer, strict=True)]
    print(
        f"| {what} | {statistics.median(ours):.4g} {unit} | {statistics.median(peer):.4g} {unit} "
        f"| {statistics.median(ratios):.3f} | {target} |",
        flush=True,
    )


def speed(c_program: Path, swift_program: Path, peer: Path) -> None:
    """Decode and prompt rates."""
    for name, model in (("SmolLM2 135M", STARTER), ("Gemma 3 270M", GEMMA)):
        arguments = (model, CONTEXT, 128, 3)
        programs = {
            "C": streamed(c_program, *arguments),
            "Swift": streamed(swift_program, *arguments),
            "Python": streamed(PYTHON, HERE / "stream.py", *arguments),
            "llama-cpp-python": streamed(peer, HERE / "peer.py", *arguments, THREADS),
        }
        rates: dict[str, list[float]] = {key: [] for key in (*programs, "llama-bench")}
        for _ in range(ROUNDS):
            rates["llama-bench"].append(llama_bench(model, 0, 128))
            for key, program in programs.items():
                rates[key].append(program()["tokens_per_s"])
        for face, target in (("C", "≥ 0.98"), ("Swift", "≥ 0.98"), ("Python", "≥ 0.97")):
            what = f"{name}: decode, {face} / llama-bench tg128"
            row(what, rates[face], rates["llama-bench"], "t/s", target)
        target = "≥ 1.08" if model == STARTER else "≥ 1.0"
        what = f"{name}: decode, Python / llama-cpp-python"
        row(what, rates["Python"], rates["llama-cpp-python"], "t/s", target)
        for length in (512, 2000):
            ours, theirs = [], []
            # Many short pairs: the machine's speed wanders by more than what is to be measured.
            for _ in range(2 * ROUNDS + 1):
                theirs.append(llama_bench(model, length, 0, repetitions=1))
                ours.append(prompt_rate(c_program, model, length))
            row(f"{name}: prompt of {length}, C / llama-bench pp", ours, theirs, "t/s", "≥ 0.98")


def seconds(*command: object) -> float:
    """Time of a whole process."""
    start = time.perf_counter()
    subprocess.run(
        [str(part) for part in command],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def start_up(peer: Path) -> None:
    """Process start, import, memory and size."""
    published = environment("peer-lmstudio-1.5.0", "lmstudio==1.5.0")
    ours, theirs, bare, first, tool = [], [], [], [], []
    config = '{"maxTokens": 1, "temperature": 0}'
    completion = (
        *(LLAMA / "bin" / "llama-completion", "-m", STARTER, "-p", "My name is", "-n", 1),
        *("--temp", 0, "-no-cnv", "-c", CONTEXT, "-t", THREADS),
    )
    for _ in range(3 * ROUNDS):
        bare.append(seconds(PYTHON, "-c", "pass"))
        ours.append(seconds(PYTHON, "-c", "import lmstudio"))
        theirs.append(seconds(published, "-c", "import lmstudio"))
        first.append(seconds(BUILD / "complete", "My name is", config))
        tool.append(seconds(*completion))
    row("import lmstudio, whole process / 1.5.0's", ours, theirs, "s", "≤ 0.125")
    own = [a - b for a, b in zip(ours, bare, strict=True)]
    peers = [a - b for a, b in zip(theirs, bare, strict=True)]
    row("the same without the bare interpreter", own, peers, "s", "")
    row("process to first token and exit / llama-completion", first, tool, "s", "≤ 1")
    mine, its = [], []
    for _ in range(3):
        arguments = (STARTER, CONTEXT, 128, 1)
        mine.append(streamed(PYTHON, HERE / "stream.py", *arguments)()["peak_rss_kb"] / 1024)
        its.append(streamed(peer, HERE / "peer.py", *arguments, THREADS)()["peak_rss_kb"] / 1024)
    row("peak memory of a 128-token completion, Python / llama-cpp-python", mine, its, "MB", "≤ 1")
    size = (LIBRARY / "liblmstudio.so.0").stat().st_size / 1e6
    print(f"| liblmstudio.so, stripped | {size:.1f} MB | | | ≤ 20 MB |")


def main() -> None:
    """Runs everything and prints a table."""
    c_program, swift_program = build()
    peer = environment("peer-llama-cpp-python-0.3.36", "llama-cpp-python==0.3.36")
    print(f"{ROUNDS} rounds, {THREADS} threads, context {CONTEXT}\n")
    print("| what | ours | peer | ratio | to reach |\n|---|---|---|---|---|")
    speed(c_program, swift_program, peer)
    start_up(peer)
    from engine import engine
    from wire import wire

    engine()
    wire()


if __name__ == "__main__":
    main()
