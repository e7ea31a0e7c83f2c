#!/usr/bin/env python3
"""Downloads one file of one PyPI release, whole and checked, or leaves nothing.

usage::

    fetch.py llama-cpp-python llama_cpp_python-0.3.36.tar.gz \
        --sha256 832d... --size 76589250 --output /path/to/file

The index is the one pip uses: PIP_INDEX_URL, else the index-url of pip's configuration files, else
PyPI. So are the certificates (PIP_CERT, else SSL_CERT_FILE) and the proxy (HTTPS_PROXY). Standard
library only, because it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import base64
import configparser
import contextlib
import fcntl
import hashlib
import html
import http.client
import json
import os
import re
import signal
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn, cast

DEFAULT_INDEX = "https://pypi.org/simple"
ATTEMPTS = 3
TIMEOUT_SECONDS = 60.0  # of silence, not of the whole download
BLOCK = 1 << 20
HINT = "check the network, or set PIP_INDEX_URL (mirror), HTTPS_PROXY or PIP_CERT as for pip"
# Worth another attempt; any other OSError is about this machine's disk.
_URL_ERRORS = (urllib.error.URLError, http.client.HTTPException, ssl.SSLError)
NETWORK_ERRORS = (*_URL_ERRORS, ConnectionError, TimeoutError)


class FetchError(Exception):
    """A download that cannot succeed as asked; the message says what to try."""


class Interrupted(BaseException):
    """Raised by a signal, so that every ``finally`` runs; the argument is its number."""


def fetch(project: str, filename: str, destination: Path, *, sha256: str, size: int) -> Path:
    """Make ``destination`` hold ``filename`` of a release of ``project``; return it.

    A file that is there with the right hash costs no request. Of several processes that want one
    destination, one downloads and the others wait for it.

    Args:
        project: Name on the index.
        filename: The release's file, as the index lists it.
        destination: Where the file goes; its directory is made if missing.
        sha256: Expected hash, 64 hexadecimal digits.
        size: Expected length in bytes; not one byte more is read.

    Raises:
        FetchError: Not on the index, wrong content, or a network that failed three times.
    """
    with exclusive(destination):
        if destination.is_file() and destination.stat().st_size == size:
            digest = hashlib.sha256()
            with destination.open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
            if digest.hexdigest() == sha256:
                return destination
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _download(_locate(project, filename), destination, sha256=sha256, size=size)
                return destination
            except urllib.error.HTTPError as error:
                reason = f"HTTP {error.code} {error.reason}"
                if error.code < 500 and error.code not in (408, 429):
                    raise FetchError(f"{filename}: {reason}; {HINT}") from error
            except NETWORK_ERRORS as error:
                reason = str(getattr(error, "reason", error)) or repr(error)
            except ValueError as error:
                raise FetchError(f"{filename}: no index answers there ({error}); {HINT}") from error
            if attempt < ATTEMPTS:
                say(f"{filename}: {reason}; trying again")
                time.sleep(attempt)
        raise FetchError(f"{filename}: {reason} ({ATTEMPTS} attempts); {HINT}")


@contextlib.contextmanager
def exclusive(destination: Path) -> Iterator[None]:
    """Hold the lock of one destination, and clear what killed holders left beside it.

    The kernel drops the lock with the process, so nothing a killed process leaves is in the way.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    path = destination.with_name(f".{destination.name}.lock")
    while True:
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"{destination.name}: another process is fetching it; waiting")
                fcntl.flock(lock, fcntl.LOCK_EX)
            # The former holder removed the name that this file was opened by: take the new one.
            if not _is_at(path, lock):
                continue
            try:
                partial(destination).unlink(missing_ok=True)
                yield
                return
            finally:
                path.unlink(missing_ok=True)


def _is_at(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def partial(destination: Path) -> Path:
    """The temporary file of a destination; only the holder of its lock touches it."""
    return destination.with_name(f".{destination.name}.partial")


@contextlib.contextmanager
def replacing(destination: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the destination's name if, and only if, the block succeeds."""
    temporary = partial(destination)
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)


class Progress:
    """One line on stderr: rewritten in place on a terminal, else one line each quarter."""

    def __init__(self, label: str, total: int) -> None:
        """Start at zero of ``total`` bytes."""
        self._label, self._total, self._shown = label, total, -1
        self._step = 1 if sys.stderr.isatty() else 25

    def update(self, done: int) -> None:
        """Show ``done`` bytes, if that is news."""
        percent = 100 * done // self._total
        if self._total < BLOCK or percent // self._step == self._shown // self._step:
            return
        self._shown = percent
        text = f"{self._label}: {percent:3} % ({done / 1e6:.1f} of {self._total / 1e6:.1f} MB)"
        say("\r" + text, end="") if self._step == 1 else say(text)

    def end(self) -> None:
        """Leave the line, so that what comes next starts on its own."""
        if self._step == 1 and self._shown >= 0:
            say("")


def say(text: str, *, end: str = "\n") -> None:
    """Write to stderr at once; stdout is for what a script wants to read."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


def run(command: Callable[[], None]) -> int:
    """Call ``command`` as a program's body: failures become one line and an exit status."""
    name = Path(sys.argv[0]).name
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        for other in numbers:  # once: a later one finds us leaving
            signal.signal(other, signal.SIG_IGN)
        raise Interrupted(number)

    try:
        for number in numbers:
            if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                signal.signal(number, stop)
        command()
    except (FetchError, OSError) as error:
        say(f"{name}: {error}")
        return 1
    except Interrupted as interruption:
        say(f"{name}: stopped; nothing unfinished is left, run it again")
        return 128 + int(interruption.args[0])
    return 0


def _download(url: str, destination: Path, *, sha256: str, size: int) -> None:
    digest, done = hashlib.sha256(), 0
    progress = Progress(destination.name, size)
    with _open(url, "*/*") as response, replacing(destination) as file:
        try:
            while block := response.read1(min(BLOCK, size + 1 - done)):
                done += len(block)
                if done > size:
                    raise FetchError(f"{destination.name}: longer than the {size} bytes expected")
                digest.update(block)
                file.write(block)
                progress.update(done)
        finally:
            progress.end()
        if done < size:
            raise http.client.IncompleteRead(b"", size - done)
        if digest.hexdigest() != sha256:
            raise FetchError(
                f"{destination.name}: SHA-256 is {digest.hexdigest()}, expected {sha256}; "
                "the index served another file than the one pinned here"
            )


def _locate(project: str, filename: str) -> str:
    """Ask the index where the file is."""
    name = re.sub(r"[-_.]+", "-", project).lower()
    page = (_pip_setting("index-url") or DEFAULT_INDEX).rstrip("/") + f"/{name}/"
    # Some mirrors know only the older form, a page of links.
    with _open(page, "application/vnd.pypi.simple.v1+json, text/html;q=0.1") as response:
        text = response.read().decode()
        if response.headers.get_content_type().endswith("json"):
            urls = [file["url"] for file in json.loads(text)["files"]]
        else:
            urls = [html.unescape(url) for url in re.findall(r"""href=["']([^"']+)""", text)]
        base = response.url  # links are relative to where a redirect led
    for url in urls:
        if urllib.parse.unquote(urllib.parse.urlsplit(url).path).rpartition("/")[2] == filename:
            return _with_credentials(urllib.parse.urljoin(base, url), page)
    raise FetchError(f"{filename}: the index lists no such file of {project}; {HINT}")


def _with_credentials(url: str, origin: str) -> str:
    """``url`` with the ``user:password@`` of ``origin`` if both name one host."""
    target, source = urllib.parse.urlsplit(url), urllib.parse.urlsplit(origin)
    if target[:2] == (source.scheme, source.netloc.rpartition("@")[2]):
        target = target._replace(netloc=source.netloc)
    return target.geturl()


def _open(url: str, accept: str) -> http.client.HTTPResponse:
    parts = urllib.parse.urlsplit(url)
    credentials, _, host = parts.netloc.rpartition("@")
    address = parts._replace(netloc=host, fragment="").geturl()
    request = urllib.request.Request(address, headers={"Accept": accept, "User-Agent": "fetch.py"})
    if credentials:
        token = base64.b64encode(urllib.parse.unquote(credentials).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    # Without an argument the default context follows SSL_CERT_FILE and SSL_CERT_DIR.
    certificates = _pip_setting("cert")
    if certificates and not Path(certificates).is_file():
        raise FetchError(f"{certificates}: no such file; correct PIP_CERT, or cert in pip.conf")
    context = ssl.create_default_context(cafile=certificates)
    response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context)
    return cast(http.client.HTTPResponse, response)


def _pip_setting(name: str) -> str | None:
    """What pip would take for ``--name``, from its environment or its configuration files."""
    if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
        return value
    config_home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    mac = "~/Library/Application Support/pip/pip.conf"
    paths = ["/etc/pip.conf", "~/.pip/pip.conf", mac, f"{config_home}/pip/pip.conf"]
    paths += [f"{sys.prefix}/pip.conf", os.environ.get("PIP_CONFIG_FILE", "")]
    config = configparser.RawConfigParser()
    with contextlib.suppress(configparser.Error, UnicodeDecodeError):
        config.read(map(os.path.expanduser, paths))  # a later file wins, a missing one is passed by
    for section in ("install", "global"):
        if config.has_option(section, name):
            return config.get(section, name)
    return None


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Download one file of one PyPI release.")
    parser.add_argument("project", help="name on the index")
    parser.add_argument("filename", help="the release's file, as the index lists it")
    parser.add_argument("--sha256", required=True, help="expected hash, hexadecimal")
    parser.add_argument("--size", required=True, type=int, help="expected length in bytes")
    parser.add_argument("--output", required=True, type=Path, help="where the file goes")
    given = parser.parse_args()
    fetch(given.project, given.filename, given.output, sha256=given.sha256, size=given.size)


if __name__ == "__main__":
    sys.exit(run(main))
