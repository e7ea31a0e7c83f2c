"""The protocol's figures: our client and server against the published package."""
# ruff: noqa: T201 - printing is what a command is for

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from run import BUILD, HERE, LIBRARY, PYTHON, ROOT, ROUNDS, THREADS, environment, row, run

BLAST = ROOT.parent / "shared" / "bench" / "blast_server.py"
FRAGMENTS = 20_000


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(*command: object, wait: bool = True) -> Iterator[None]:
    """A program that serves until the block ends, once it has printed a line if asked to."""
    output = subprocess.PIPE if wait else subprocess.DEVNULL
    process = subprocess.Popen(
        [str(part) for part in command], stdout=output, stderr=subprocess.DEVNULL
    )
    try:
        if process.stdout is not None:
            process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait()


def build() -> Path:
    """Builds the C program."""
    program = BUILD / "wire"
    include = ["-I", ROOT / "include", "-L", LIBRARY, f"-Wl,-rpath,{LIBRARY}"]
    run("cc", "-O2", "-std=gnu11", HERE / "wire.c", *include, "-llmstudio", "-o", program)
    return program


def measure(*command: object) -> dict[str, float]:
    """The report that a program prints."""
    report: dict[str, float] = json.loads(run(*command))
    return report


def one(what: str, values: list[float], unit: str, target: str) -> None:
    """Prints a line without a peer."""
    print(f"| {what} | {statistics.median(values):.4g} {unit} | | | {target} |", flush=True)


def streams(program: Path, published: Path) -> None:
    """Streams and calls from a server that costs nothing."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    client = HERE / "wire_client.py"
    c, ours, theirs, calls, their_calls = [], [], [], [], []
    with server("python3", BLAST, port):
        for _ in range(ROUNDS):
            c.append(measure(program, address, 10 * FRAGMENTS, 3))
            ours.append(measure(PYTHON, client, address, "stream", 5 * FRAGMENTS, 3))
            theirs.append(measure(published, client, address, "stream", FRAGMENTS, 2))
        for _ in range(3 * ROUNDS):
            calls.append(measure(PYTHON, client, address, "calls", 300))
            their_calls.append(measure(published, client, address, "calls", 300))
    for key, unit, target in (
        ("cpu_us", "µs", "≤ 0.033"),
        ("fragments_per_s", "/s", "≥ 30"),
    ):
        mine, its = [r[key] for r in ours], [r[key] for r in theirs]
        row(f"Python stream / lmstudio 1.5.0: {key}", mine, its, unit, target)
    one("C stream: CPU per fragment", [r["cpu_us_per_fragment"] for r in c], "µs", "≤ 2.5")
    one("C stream: fragments per second", [r["fragments_per_s"] for r in c], "/s", "≥ 400,000")
    for key, what, target in (
        ("call_s", "small call", "≤ 0.25"),
        ("open_s", "client and first handle", "≤ 0.2"),
    ):
        mine, its = [r[key] for r in calls], [r[key] for r in their_calls]
        row(f"Python {what} / lmstudio 1.5.0", mine, its, "s", target)


def many(program: Path) -> None:
    """A thousand predictions on one client against one, from a server that serves in turns."""
    ends, rates, memory = [], [], []
    for _ in range(ROUNDS):
        reports = {}
        for count, fragments in ((1000, 200), (1, 200_000)):
            port = free_port()
            with server("python3", HERE / "fair_server.py", port, count, fragments):
                address = f"127.0.0.1:{port}"
                reports[count] = measure(program, address, fragments, 0, count)
        ends.append(reports[1000]["last_end_s"] / reports[1000]["first_end_s"])
        rates.append(reports[1000]["fragments_per_s"] / reports[1]["fragments_per_s"])
        memory.append(reports[1000]["kb_per_waiting"])
    one("1,000 predictions at once: last end / first end", ends, "", "≤ 2")
    one("1,000 predictions at once: rate / one stream's", rates, "", "≥ 0.8")
    one("1,000 predictions at once: memory of a waiting one", memory, "KB", "≤ 16")


class Asked:
    """A client that answers a line of its input with a number, when asked to."""

    def __init__(self, *command: object) -> None:
        """Starts it."""
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self) -> float:
        """The next number."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def end(self) -> None:
        """Lets it go."""
        self.process.communicate()


def restarts() -> None:
    """The first call after a server was killed and another one took its place."""
    port = free_port()
    command = (PYTHON, HERE / "wire_client.py", f"127.0.0.1:{port}", "again")
    times = []
    with server("python3", BLAST, port):
        client = Asked(*command)
        client.ask()
    for _ in range(5 * ROUNDS):
        with server("python3", BLAST, port):
            times.append(client.ask())
    client.end()
    one("first call after the server's restart, the longest", [max(times)], "s", "≤ 0.2")


def served(published: Path) -> None:
    """The official client on our server against the same engine in process.

    Both take turns at each completion: the machine's speed wanders by more than what is measured.
    With one engine thread fewer than processors the client has one to itself; otherwise it takes
    its time from the engine.
    """
    port = free_port()
    client = HERE / "wire_client.py"
    ours, theirs = [], []
    address = f"127.0.0.1:{port}"
    lms = ROOT / ".build" / "bin" / "lms"
    with server(lms, "server", "start", "--port", port, "--no-sdk-port", "--json"):
        for _ in range(3 * ROUNDS):
            ours.append(measure(PYTHON, client, address, "count", 300)["count_s"])
            theirs.append(measure(published, client, address, "count", 300)["count_s"])
        row("Python count_tokens / lmstudio 1.5.0, both on our server", ours, theirs, "s", "≤ 0.25")
        for threads in (max(1, THREADS - 1), THREADS):
            remote = Asked(published, client, address, "complete", 128, threads)
            local = Asked(PYTHON, client, "local:", "complete", 128, threads)
            its, mine = [], []
            for _ in range(10 * ROUNDS):
                its.append(local.ask())
                mine.append(remote.ask())
            remote.end()
            local.end()
            what = f"lmstudio 1.5.0 on our server / our engine in process, threads: {threads}"
            row(what, mine, its, "t/s", "≥ 0.97")


def wire() -> None:
    """Runs everything and prints lines of the table."""
    os.environ.pop("LMSTUDIO_HOST", None)
    published = environment("peer-lmstudio-1.5.0", "lmstudio==1.5.0")
    program = build()
    streams(program, published)
    many(program)
    restarts()
    served(published)


if __name__ == "__main__":
    wire()
