"""The published ``lmstudio`` package in an interpreter of its own, for tests against our server."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from patience import LONGEST_SECONDS

PROGRAM = Path(__file__).parent / "peers" / "official.py"


def environments() -> list[str]:
    """Directories of the virtual environments with it: ``LMSTUDIO_TEST_PEERS``."""
    return os.environ.get("LMSTUDIO_TEST_PEERS", "").split()


def name(environment: str) -> str:
    """What a test calls it: its version."""
    return environment.rpartition("-")[2]


class PeerError(Exception):
    """What the package raised: its type, the types it derives from, and its text."""

    def __init__(self, types: list[str], text: str) -> None:
        super().__init__(f"{types[0]}: {text}")
        self.type = types[0]
        self.types = types
        self.text = text


class Peer:
    """A running interpreter; see ``peers/official.py`` for its cases."""

    def __init__(self, environment: str, host: str) -> None:
        """Start it with a client of the server at ``host``."""
        clean = {name: value for name, value in os.environ.items() if "LMSTUDIO" not in name}
        self.process = subprocess.Popen(
            [f"{environment}/bin/python", "-I", str(PROGRAM), host],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean,
        )
        self.host = host
        self.version: str = self("version")

    def __call__(self, case: str, **arguments: Any) -> Any:
        """The value of a case; ``PeerError`` if it raised."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"case": case, "arguments": arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the peer ended in {case}"
        answer = json.loads(line)
        if "error" in answer:
            raise PeerError(**answer["error"])
        return answer["value"]

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_exception: object) -> None:
        try:
            self.process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert self.process.returncode == 0
