"""The engine's figures beyond one stream: batching, cache, schemas, embeddings."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from run import HERE, LLAMA, PYTHON, ROOT, ROUNDS, STARTER, THREADS, environment, row
from wire import free_port, measure, one, server

EMBEDDING = os.environ["LMSTUDIO_TEST_EMBEDDING"]
TOKENS = 64


def ours(mode: str, *arguments: object, model: str = STARTER) -> dict[str, float]:
    """What our engine does."""
    return measure(PYTHON, HERE / "engine_client.py", model, mode, *arguments)


def unchanged() -> Path:
    """llama.cpp without our changes to its source, with OpenMP; built once."""
    name = "LMSTUDIO_LLAMA_CMAKE_ARGS"
    options = f"{os.environ.get(name, '')} -DLMSTUDIO_UNCHANGED=ON -DGGML_OPENMP=ON"
    prefix = subprocess.run(
        [ROOT / "Sources" / "CLlama" / "build-llama.sh"],
        env=os.environ | {name: options},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Path(prefix.stdout.strip())


@contextmanager
def llama_server(llama: Path) -> Iterator[str]:
    """llama.cpp's own server with eight slots; gives its address."""
    port = free_port()
    options = ("-c", 8 * 1024, "-np", 8, "-t", THREADS, "-tb", THREADS)
    program = llama / "bin" / "llama-server"
    with server(program, "-m", STARTER, "--port", port, *options, wait=False):
        url = f"http://127.0.0.1:{port}/health"
        for _ in range(600):
            try:
                urllib.request.urlopen(url)
                break
            except OSError:
                time.sleep(0.1)
        yield f"127.0.0.1:{port}"


def batching(peer: Path) -> None:
    """Streams at once."""
    rates: dict[str, list[float]] = {}

    def note(key: str, rate: float) -> None:
        rates.setdefault(key, []).append(rate)

    servers = {"llama-server -np 8, our build": LLAMA, "llama-server -np 8, unpatched": unchanged()}
    for _ in range(ROUNDS):
        for count in (1, 4, 8):
            note(f"{count}", ours("streams", count, TOKENS)["tokens_per_s"])
        for name, llama in servers.items():
            with llama_server(llama) as address:
                for count in (4, 8):
                    report = measure(PYTHON, HERE / "engine_server.py", address, count, TOKENS)
                    note(f"{name} {count}", report["tokens_per_s"])
        arguments = (STARTER, "streams", 8, TOKENS, THREADS)
        note("peer", measure(peer, HERE / "engine_peer.py", *arguments)["tokens_per_s"])
    for count in ("4", "8"):
        for name in servers:
            what = f"{count} streams at once / {name}"
            row(what, rates[count], rates[f"{name} {count}"], "t/s", "≥ 1.05")
        row(
            f"{count} streams at once / one stream",
            rates[count],
            rates["1"],
            "t/s",
            "≥ 1.5",
        )
    row(
        "8 streams at once / llama-cpp-python in turn",
        rates["8"],
        rates["peer"],
        "t/s",
        "≥ 1.5",
    )


def chats() -> None:
    """Cache, fairness, grammar and memory."""
    turns, gaps, schemas, memory = [], [], [], []
    for _ in range(ROUNDS):
        turns.append(ours("turns"))
        gaps.append(ours("gap"))
        schemas.append(ours("schema"))
        memory.append(ours("memory")["kb"])
    second, first = [r["second_s"] for r in turns], [r["first_s"] for r in turns]
    row(
        "second turn of a 2,000-token chat: first token / first turn's",
        second,
        first,
        "s",
        "≤ 0.05",
    )
    longest, batch = [r["gap_s"] for r in gaps], [r["micro_batch_s"] for r in gaps]
    what = "longest gap of a stream beside a 2,000-token prompt / a micro-batch"
    row(what, longest, batch, "s", "≤ 2")
    held, free = [r["held"] for r in schemas], [r["free"] for r in schemas]
    row("decode held to a JSON schema / free", held, free, "t/s", "≥ 0.9")
    one("memory of a waiting prediction", memory, "KB", "≤ 64")


def shortcuts() -> None:
    """Guesses, and saved caches."""
    copies, letters, saved, loaded = [], [], [], []
    with tempfile.TemporaryDirectory() as directory:
        for _ in range(ROUNDS):
            copies.append(ours("copy"))
            letters.append(ours("free"))
            saved.append(ours("save", f"{directory}/cache")["first_s"])
            loaded.append(ours("load", f"{directory}/cache")["first_s"])
    for what, reports, target in (
        ("a text copied", copies, "≥ 1.5"),
        ("free text", letters, "≥ 0.98"),
    ):
        guessed, plain = [r["guessed"] for r in reports], [r["plain"] for r in reports]
        row(f"{what}, with guesses / without", guessed, plain, "t/s", target)
    what = "2,000 tokens from a saved cache: first token / read anew"
    row(what, loaded, saved, "s", "≤ 0.2")


def embeddings(peer: Path) -> None:
    """Words of 3 tokens and texts of 6."""
    mine, its = [], []
    for _ in range(ROUNDS):
        mine.append(ours("embed", 256, model=EMBEDDING))
        arguments = (EMBEDDING, "embed", 256, THREADS)
        its.append(measure(peer, HERE / "engine_peer.py", *arguments))
    for name in ("word", "text"):
        together = [report[f"{name}_together_per_s"] for report in mine]
        alone = [report[f"{name}_alone_per_s"] for report in mine]
        what = f"256 {name}s embedded at once"
        row(f"{what} / one by one", together, alone, "/s", "≥ 3")
        theirs = [report[f"{name}_together_per_s"] for report in its]
        row(f"{what} / llama-cpp-python's batch", together, theirs, "/s", "≥ 1")


def engine() -> None:
    """Runs everything and prints lines of the table."""
    peer = environment("peer-llama-cpp-python-0.3.36", "llama-cpp-python==0.3.36")
    batching(peer)
    chats()
    shortcuts()
    embeddings(peer)
