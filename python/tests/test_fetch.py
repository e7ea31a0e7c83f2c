"""Sources/CLlama/fetch.py against an index on this machine.

Where a test needs "in mid-download", the server stops after half the file and says so; nothing
here waits for a length of time (the one limit only ends a test that has failed already).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from patience import LONGEST_SECONDS

FETCH = Path(__file__).resolve().parents[2] / "Sources" / "CLlama" / "fetch.py"
PROJECT = "Tiny_Model"
FILENAME = "tiny_model-1.0.bin"
CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Index(ThreadingHTTPServer):
    """A package index with one project of one file, which counts what it is asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.link = f"{self.base}/files/{FILENAME}"
        self.html = False
        self.content = CONTENT
        self.requests: list[str] = []
        self.cut_off = 0  # so many downloads end after half the file
        self.half_sent = threading.Event()
        self.may_finish = threading.Event()
        self.may_finish.set()

    def downloads(self) -> int:
        return self.requests.count(f"/files/{FILENAME}")


class Handler(BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        try:
            if self.path == "/simple/tiny-model/":
                self.send_index()
            elif self.path == f"/files/{FILENAME}":
                self.send_file()
            else:
                self.send_error(404)
        except ConnectionError:
            pass  # the client was stopped, as some tests want

    def send_index(self) -> None:
        if self.server.html:
            kind, body = "text/html", f"<a href='{self.server.link}#sha256=0'>{FILENAME}</a>"
        else:
            kind = "application/vnd.pypi.simple.v1+json"
            body = json.dumps({"files": [{"filename": FILENAME, "url": self.server.link}]})
        self.start(kind, len(body))
        self.wfile.write(body.encode())

    def send_file(self) -> None:
        content = self.server.content
        self.start("application/octet-stream", len(content))
        self.wfile.write(content[: len(content) // 2])
        self.server.half_sent.set()
        if self.server.cut_off:
            self.server.cut_off -= 1
            return
        self.server.may_finish.wait()
        self.wfile.write(content[len(content) // 2 :])

    def start(self, kind: str, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Index]:
    with Index() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.may_finish.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def index() -> Iterator[Index]:
    with serving() as server:
        yield server


def environment(index: Index) -> dict[str, str]:
    """One in which this is the index."""
    return {
        **os.environ,
        "PIP_INDEX_URL": f"{index.base}/simple/",
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def start(index: Index, output: Path, *, sha256: str = SHA256) -> subprocess.Popen[str]:
    command = [sys.executable, str(FETCH), PROJECT, FILENAME, "--output", str(output)]
    command += ["--sha256", sha256, "--size", str(len(CONTENT))]
    return subprocess.Popen(command, env=environment(index), stderr=subprocess.PIPE, text=True)


def fetch(index: Index, output: Path, *, sha256: str = SHA256) -> tuple[int, str]:
    """Run to the end; return the exit status and what was said."""
    with start(index, output, sha256=sha256) as process:
        _, said = process.communicate()
    return process.returncode, said


def stop_in_mid_download(index: Index, output: Path, number: signal.Signals) -> tuple[int, str]:
    index.may_finish.clear()
    with start(index, output) as process:
        assert index.half_sent.wait(LONGEST_SECONDS), "the download did not begin"
        process.send_signal(number)
        _, said = process.communicate()
    index.may_finish.set()
    return process.returncode, said


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_makes_the_directory_and_leaves_only_the_file(index: Index, tmp_path: Path) -> None:
    output = tmp_path / "new" / "file.bin"
    status, said = fetch(index, output)
    assert (status, output.read_bytes()) == (0, CONTENT), said
    assert names(output.parent) == ["file.bin"]
    assert "100 %" in said


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("link", [f"../../files/{FILENAME}", f"/files/{FILENAME}"])
def test_follows_a_relative_link(index: Index, tmp_path: Path, link: str, form: str) -> None:
    index.link, index.html = link, form == "html"
    status, said = fetch(index, tmp_path / "file.bin")
    assert status == 0, said
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_wrong_hash_leaves_nothing(index: Index, tmp_path: Path) -> None:
    status, said = fetch(index, tmp_path / "file.bin", sha256="0" * 64)
    assert status == 1
    assert SHA256 in said
    assert names(tmp_path) == []
    assert index.downloads() == 1  # asking again would not change it


@pytest.mark.parametrize("content", [CONTENT + b"x", b"x" + CONTENT * 2], ids=["by one", "by far"])
def test_a_longer_file_is_refused(index: Index, tmp_path: Path, content: bytes) -> None:
    index.content = content
    status, said = fetch(index, tmp_path / "file.bin")
    assert status == 1
    assert "longer" in said
    assert names(tmp_path) == []


def test_a_file_unknown_to_the_index_is_named(index: Index, tmp_path: Path) -> None:
    index.link = "/files/another.bin"
    status, said = fetch(index, tmp_path / "file.bin")
    assert (status, index.downloads()) == (1, 0)
    assert FILENAME in said
    assert "PIP_INDEX_URL" in said


def test_a_broken_connection_is_tried_again(index: Index, tmp_path: Path) -> None:
    index.cut_off = 1
    status, said = fetch(index, tmp_path / "file.bin")
    assert status == 0, said
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
    assert index.downloads() == 2


def test_a_file_that_is_there_costs_no_request(index: Index, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(CONTENT)
    assert fetch(index, tmp_path / "file.bin") == (0, "")
    assert index.requests == []


def test_a_damaged_file_is_replaced(index: Index, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(b"x" * len(CONTENT))
    status, said = fetch(index, tmp_path / "file.bin")
    assert status == 0, said
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_mid_download_leaves_nothing(
    index: Index, tmp_path: Path, number: signal.Signals
) -> None:
    status, said = stop_in_mid_download(index, tmp_path / "file.bin", number)
    assert status == 128 + number
    assert "stopped" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert names(tmp_path) == []

    assert fetch(index, tmp_path / "file.bin")[0] == 0
    assert (tmp_path / "file.bin").read_bytes() == CONTENT


def test_a_rerun_clears_what_a_killed_process_left(index: Index, tmp_path: Path) -> None:
    status, _ = stop_in_mid_download(index, tmp_path / "file.bin", signal.SIGKILL)
    assert status == -signal.SIGKILL
    assert "file.bin" not in names(tmp_path)

    assert fetch(index, tmp_path / "file.bin")[0] == 0
    assert names(tmp_path) == ["file.bin"]


def test_two_at_once_download_once(index: Index, tmp_path: Path) -> None:
    index.may_finish.clear()
    with start(index, tmp_path / "file.bin") as first:
        assert index.half_sent.wait(LONGEST_SECONDS), "the download did not begin"
        with start(index, tmp_path / "file.bin") as second:
            assert second.stderr is not None
            assert "waiting" in second.stderr.readline()
            index.may_finish.set()
            first.communicate()
            second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert index.downloads() == 1
    assert (tmp_path / "file.bin").read_bytes() == CONTENT
    assert names(tmp_path) == ["file.bin"]
