"""``lms chat`` at a terminal."""

from __future__ import annotations

import os
import pty
import signal
from collections.abc import Iterator

import pytest
from wire_server import program


class Terminal:
    """A program that has a terminal to itself."""

    def __init__(self, *command: str) -> None:
        """Start it."""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execv(command[0], command)
        self.unread = b""

    def read_to(self, text: bytes) -> bytes:
        """What it writes up to a text, which is taken too."""
        while text not in self.unread:
            self.unread += os.read(self.descriptor, 65536)
        before, _, self.unread = self.unread.partition(text)
        return before

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.descriptor, text.encode())

    def wait(self) -> int:
        """Its exit status."""
        pid, self.pid = self.pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        os.close(self.descriptor)


@pytest.fixture
def talk(model_store: str, key: str) -> Iterator[Terminal]:
    options = ("--host", f"local:{model_store}", "--temperature", "0", "--stats")
    with Terminal(program(), "chat", key, *options) as terminal:
        yield terminal


def test_a_talk_goes_on_with_what_was_said(talk: Terminal) -> None:
    counts = []
    for _ in range(2):
        talk.read_to(b"> ")
        talk.type("Name a river.\n")
        talk.read_to(b"\r\nprompt ")
        counts.append(int(talk.read_to(b" tokens, ")))
    assert counts[1] > counts[0] + 10
    talk.read_to(b"> ")
    talk.type("\x04")
    assert talk.wait() == 0


def test_ctrl_c_stops_an_answer_and_the_talk_goes_on(talk: Terminal) -> None:
    stops = []
    for _ in range(2):
        talk.read_to(b"> ")
        talk.type("Write a very long story about a river.\n")
        talk.read_to(b"100 %\r\x1b[K")
        talk.type("\x03")
        talk.read_to(b"stopped by ")
        stops.append(talk.read_to(b"\r\n"))
    assert stops == [b"userStopped"] * 2
    talk.read_to(b"> ")
    talk.type("\x04")
    assert talk.wait() == 0


def test_ctrl_c_between_answers_ends_the_talk(talk: Terminal) -> None:
    talk.read_to(b"> ")
    talk.type("\x03")
    assert talk.wait() == 130
