"""llama.cpp's own server in a process of its own, for comparison."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from patience import LONGEST_SECONDS

LLAMA = Path(os.environ.get("LLAMA", "llama.cpp is not built"))


class LlamaServerError(Exception):
    """What the server answered instead."""


class LlamaServer:
    """A running server of one model. Leaving the ``with`` block ends it."""

    def __init__(self, model: Path, *arguments: str) -> None:
        """Start it on a port that is free and wait until it listens."""
        command: list[str | Path] = [
            LLAMA / "bin" / "llama-server",
            "-m",
            model,
            "--port",
            "0",
            "--no-warmup",
        ]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if found := re.search(r"listening on (http://\S+)", line):
                self.address = found[1]
                return
        self.process.wait(LONGEST_SECONDS)
        raise LlamaServerError("".join(said))

    def __call__(self, endpoint: str, **body: Any) -> Any:
        """The answer to a call; ``LlamaServerError`` if there is none."""
        request = urllib.request.Request(
            self.address + endpoint,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=LONGEST_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise LlamaServerError(error.read().decode()) from error

    def __enter__(self) -> LlamaServer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=LONGEST_SECONDS)
