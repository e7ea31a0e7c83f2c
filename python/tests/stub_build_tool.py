"""Stands in for cmake and ninja, by the name it is called by; makes what build-llama.sh looks for.

Each run adds a line to the file ``STUB_LOG``. If its name is ``STUB_PAUSE``, it connects to the
port ``STUB_PORT`` and goes on when it is told so.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

PEERS = ("llama-completion", "llama-bench", "llama-server")
LINKS = """\
build bin/llama-mtmd-cli: LINK
  LINK_LIBRARIES = common/libllama-common.a  ggml/libggml.a  -lpthread
"""


def pause() -> None:
    """Wait until the test says so; it may be that it goes away instead."""
    with socket.create_connection(("127.0.0.1", int(os.environ["STUB_PORT"]))) as test:
        if not test.recv(1):
            sys.exit(1)


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main() -> None:
    name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write("cmake version 3.99.0\n")
        return
    build = Path(arguments[arguments.index("-B" if name == "cmake" else "-C") + 1])
    runs = build / f"{name}.runs"
    write(runs, (runs.read_text() if runs.exists() else "") + "run\n")
    with open(os.environ["STUB_LOG"], "a") as log:
        record = {"name": name, "arguments": arguments, "runs": runs.read_text().count("run")}
        log.write(json.dumps(record) + "\n")
    if os.environ.get("STUB_PAUSE") == name:
        pause()
    if name == "cmake":
        write(build / "build.ninja", LINKS)
        return
    for peer in PEERS:
        write(build / "bin" / peer)
    for library in ("common/libllama-common.a", "ggml/libggml.a", "libwebpdecoder.a"):
        write(build / library)


main()
