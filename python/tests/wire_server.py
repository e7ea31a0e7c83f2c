"""`lms server` in a process of its own, for tests over the wire."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from patience import LONGEST_SECONDS


def program() -> str:
    """The command line tool: ``LMSTUDIO_TEST_LMS``, else what ``make build`` made."""
    built = Path(__file__).parents[2] / ".build" / "bin" / "lms"
    return os.environ.get("LMSTUDIO_TEST_LMS", str(built))


class WireServer:
    """A running server. Leaving the ``with`` block ends it."""

    def __init__(
        self, *arguments: str, models: str, port: int = 0, finds: str = "--no-sdk-port"
    ) -> None:
        """Start it and wait until it listens.

        Args:
            arguments: More arguments of ``lms server start``.
            models: Directory of the models.
            port: Port to listen on; 0: any that is free.
            finds: Empty: SDKs without an address find it.
        """
        command = [program(), "server", "start", "--port", str(port), "--json", *finds.split()]
        self.process = subprocess.Popen(
            [*command, "--models-dir", models, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        record = json.loads(self.process.stdout.readline())
        self.addresses: list[str] = record["addresses"]
        self.port: int = record["port"]

    @property
    def host(self) -> str:
        """Where it listens, as ``host:port``."""
        return f"127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait(timeout=LONGEST_SECONDS)

    def close(self) -> None:
        """End it in order."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def __enter__(self) -> WireServer:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.process.poll() is None:
            self.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
