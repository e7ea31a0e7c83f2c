#!/usr/bin/env python3
"""Measures speed, memory and start-up against llama.cpp's own tools and llama-cpp-python.

Everything is timed in alternating rounds of one run; ratios are medians of per-round ratios, so
that a slow spell of the machine hits both sides. `make bench` calls this with the environment it
needs. BENCH_ROUNDS sets the number of rounds; decodes take four pairs in each, prompts two.
BENCH_PARTS names the parts of it to run, separated by spaces: speed, start_up, engine, wire.
"""
# ruff: noqa: T201 - printing is what a command is for

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
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
GENERATED = 128


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


def llama_bench(model: str, prompt: int, generated: int) -> float:
    """Tokens per second by llama.cpp's own measure; its second run, as of ours."""
    counts = ("-t", THREADS, "-p", prompt, "-n", generated, "-r", 2)
    report = run(LLAMA / "bin" / "llama-bench", "-m", model, *counts, "-o", "json")
    return float(json.loads(report)[0]["samples_ts"][1])


def decode_rate(program: Sequence[object], model: str, *options: object) -> float:
    """Tokens per second of a program that streams, after one prediction to warm up."""
    report = json.loads(run(*program, model, CONTEXT, GENERATED, 2, *options))
    return float(report["runs"][1]["tokens_per_s"])


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


def pairs(
    what: str, target: str, count: int, ours: Callable[[], float], peer: Callable[[], float]
) -> None:
    """Compares two rates in turn, with each of them first as often.

    Many short pairs: the machine's speed wanders by more than what is to be measured.
    """
    rates: tuple[list[float], list[float]] = ([], [])
    for index in range(count):
        for side in (index % 2, 1 - index % 2):
            rates[side].append((ours, peer)[side]())
    row(what, *rates, "t/s", target)


def speed(c_program: Path, swift_program: Path, peer: Path) -> None:
    """Decode and prompt rates."""
    python = (PYTHON, HERE / "stream.py")
    for name, model in (("SmolLM2 135M", STARTER), ("Gemma 3 270M", GEMMA)):
        for face, program, target in (
            ("C", (c_program,), "≥ 0.98"),
            ("Swift", (swift_program,), "≥ 0.98"),
            ("Python", python, "≥ 0.97"),
        ):
            pairs(
                f"{name}: decode, {face} / llama-bench tg{GENERATED}",
                target,
                4 * ROUNDS,
                partial(decode_rate, program, model),
                partial(llama_bench, model, 0, GENERATED),
            )
        pairs(
            f"{name}: decode, Python / llama-cpp-python",
            "≥ 1.08" if model == STARTER else "≥ 1.0",
            2 * ROUNDS,
            partial(decode_rate, python, model),
            partial(decode_rate, (peer, HERE / "peer.py"), model, THREADS),
        )
        for length in (512, 2000):
            pairs(
                f"{name}: prompt of {length}, C / llama-bench pp",
                "≥ 0.98",
                2 * ROUNDS,
                partial(prompt_rate, c_program, model, length),
                partial(llama_bench, model, length, 0),
            )


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


def peak_megabytes(*command: object) -> float:
    """The largest resident memory of a program that streams."""
    return float(json.loads(run(*command))["peak_rss_kb"] / 1024)


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
        arguments = (STARTER, CONTEXT, GENERATED, 1)
        mine.append(peak_megabytes(PYTHON, HERE / "stream.py", *arguments))
        its.append(peak_megabytes(peer, HERE / "peer.py", *arguments, THREADS))
    row("peak memory of a 128-token completion, Python / llama-cpp-python", mine, its, "MB", "≤ 1")
    size = (LIBRARY / "liblmstudio.so.0").stat().st_size / 1e6
    print(f"| liblmstudio.so, stripped | {size:.1f} MB | | | ≤ 20 MB |")


def main() -> None:
    """Runs the parts that are wanted and prints a table."""
    names = ("speed", "start_up", "engine", "wire")
    parts = os.environ.get("BENCH_PARTS", " ".join(names)).split()
    if unknown := set(parts) - set(names):
        sys.exit(f"BENCH_PARTS names {' '.join(unknown)}; there are {', '.join(names)}")
    c_program, swift_program = build()
    peer = environment("peer-llama-cpp-python-0.3.36", "llama-cpp-python==0.3.36")
    print(f"{ROUNDS} rounds, {THREADS} threads, context {CONTEXT}\n")
    print("| what | ours | peer | ratio | to reach |\n|---|---|---|---|---|")
    if "speed" in parts:
        speed(c_program, swift_program, peer)
    if "start_up" in parts:
        start_up(peer)
    from engine import engine
    from wire import wire

    if "engine" in parts:
        engine()
    if "wire" in parts:
        wire()


if __name__ == "__main__":
    main()
