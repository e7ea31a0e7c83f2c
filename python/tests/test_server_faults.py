"""Servers that die, ports that are taken, peers that behave badly."""

from __future__ import annotations

import gc
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from javascript_client import EMPTY, JavaScriptClient, RefusedError, ServerError, identity
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from wire_server import WireServer, program

import lmstudio as lm
from lmstudio import _core

pytestmark = pytest.mark.skipif(program() is None, reason="the command line tool is not built")

TOKEN = "sk-lm-abcdefgh:abcdefghijklmnopqrst"
OTHER_TOKEN = "sk-lm-abcdefgh:tsrqponmlkjihgfedcba"
ENDLESS: lm.LlmPredictionConfigDict = {"temperature": 0}
UPGRADE = (
    "GET /llm HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture
def own(model_store: str) -> Iterator[WireServer]:
    """A server that a test may treat badly, and that is well at the end."""
    with WireServer(models=model_store) as server:
        yield server
        with lm.Client(server.host) as client:
            assert len(client.list_downloaded_models()) == 1


# Servers that end


def test_a_killed_server_is_found_again(model_store: str, key: str) -> None:
    server = WireServer(models=model_store)
    client = lm.Client(server.host)
    handles = []
    for _ in range(20):
        llm = client.llm.model(key, config={"contextLength": 2048})
        stream = llm.complete_stream("My name is", config=ENDLESS)
        with pytest.raises(lm.LMStudioWebsocketError):
            for count, _fragment in enumerate(stream):
                if count == 1:
                    server.kill()
        with pytest.raises(lm.LMStudioWebsocketError):
            client.list_loaded_models()
        server.__exit__()
        server = WireServer(models=model_store, port=server.port)
        begin = time.monotonic()
        assert client.list_loaded_models() == []
        assert time.monotonic() - begin < 2
        del llm, stream
        gc.collect()
        handles.append(_core.live_handle_count())
    assert handles[-1] <= handles[0]
    client.close()
    server.__exit__()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_when_told_to(model_store: str, key: str, number: int) -> None:
    with WireServer(models=model_store) as server, lm.Client(server.host) as client:
        llm = client.llm.model(key, config={"contextLength": 8192})
        stream = llm.complete_stream("My name is", config=ENDLESS)
        for _fragment in stream:
            break
        running = llm.complete_stream("My name is", config=ENDLESS)
        next(iter(running))
        server.process.send_signal(number)
        assert server.process.wait(timeout=5) == 0
        with pytest.raises(lm.LMStudioError):
            client.list_loaded_models()


def test_a_prediction_learns_that_the_server_ends(model_store: str, key: str) -> None:
    with WireServer(models=model_store) as server, lm.Client(server.host) as client:
        llm = client.llm.model(key, config={"contextLength": 8192})
        stream = llm.complete_stream("My name is", config=ENDLESS)
        try:
            for count, _fragment in enumerate(stream):
                if count == 1:
                    server.process.terminate()
        except lm.LMStudioError:
            pass
        else:
            assert stream.result().stats.stop_reason in ("userStopped", "modelUnloaded")
        assert server.process.wait(timeout=5) == 0


def test_a_taken_port(own: WireServer) -> None:
    name = program()
    assert name is not None
    done = subprocess.run(
        [name, "server", "start", "--port", str(own.port), "--no-sdk-port"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert str(own.port) in done.stderr
    assert "in use" in done.stderr


# Who may come in


def test_a_wrong_token(tmp_path: Path, model_store: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(TOKEN + "\n")
    with WireServer("--api-token-file", str(file), models=model_store) as server:
        for token in (OTHER_TOKEN, ""):
            client = lm.Client(server.host, api_token=token)
            with pytest.raises(lm.LMStudioServerError, match="Invalid API token"):
                client.list_downloaded_models()
        with lm.Client(server.host, api_token=TOKEN) as client:
            assert client.list_downloaded_models()


def test_no_token_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("\n")
    name = program()
    assert name is not None
    done = subprocess.run(
        [name, "server", "start", "--port", "0", "--no-sdk-port", "--api-token-file", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "no token" in done.stderr


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Host": "example.com"},
        {"Host": "127.0.0.1.example.com:1234"},
    ],
    ids=str,
)
def test_web_pages_are_refused(own: WireServer, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection(own.host, timeout=60)
    connection.request("GET", "/lmstudio-greeting", headers=headers)
    assert connection.getresponse().status == 403
    connection.close()
    head = UPGRADE.format(host=headers.get("Host", own.host))
    if "Origin" in headers:
        head = head.replace("\r\n\r\n", f"\r\nOrigin: {headers['Origin']}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", own.port), timeout=60) as peer:
        peer.sendall(head.encode())
        assert peer.recv(100).startswith(b"HTTP/1.1 403 ")


def test_a_page_that_is_allowed(model_store: str) -> None:
    page = "https://example.com"
    with WireServer("--cors", page, models=model_store) as server:
        with connect(f"ws://{server.host}/llm", origin=page) as allowed:  # type: ignore[arg-type]
            assert allowed.response is not None
        with (
            pytest.raises(InvalidStatus),
            connect(f"ws://{server.host}/llm", origin="https://example.org"),  # type: ignore[arg-type]
        ):
            pass


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "..\\x", "a\0b", "%2e%2e"])
def test_paths_lead_nowhere(own: WireServer, name: str) -> None:
    with JavaScriptClient(own.host, "llm") as js:
        for endpoint, field in (("getOrLoad", "identifier"), ("loadModel", "modelKey")):
            with pytest.raises(ServerError):
                js.run(endpoint, {field: name, "loadConfigStack": EMPTY})
    with JavaScriptClient(own.host, "files") as js:
        try:
            upload = js.call("uploadFileBase64", {"name": name, "contentBase64": "aGVsbG8="})
        except ServerError:
            return
        local = upload["identifier"].removeprefix("local:")
        assert not set(local) & set("/\\\0%") and ".." not in local


# Bad behaviour


def drop_at_once(host: str) -> socket.socket:
    name, _, port = host.partition(":")
    return socket.create_connection((name, int(port)), timeout=60)


def drop_in_the_request(host: str) -> socket.socket:
    peer = drop_at_once(host)
    peer.sendall(UPGRADE.format(host=host).encode()[:60])
    return peer


def drop_before_saying_who(host: str) -> socket.socket:
    peer = drop_at_once(host)
    peer.sendall(UPGRADE.format(host=host).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += peer.recv(1)
    assert head.startswith(b"HTTP/1.1 101 ")
    return peer


def drop_in_a_frame(host: str) -> socket.socket:
    peer = drop_before_saying_who(host)
    peer.sendall(b"\x81\xfe\x7f\xff\0\0\0\0{")
    return peer


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_thousand_connections_opened_and_dropped(own: WireServer, reset: bool) -> None:
    files = Path(f"/proc/{own.process.pid}/fd")
    before = len(list(files.iterdir()))
    kinds: list[Callable[[str], socket.socket]] = [
        drop_at_once,
        drop_in_the_request,
        drop_before_saying_who,
        drop_in_a_frame,
    ]
    for _ in range(10):
        peers = [kinds[number % 4](own.host) for number in range(100)]
        for peer in peers:
            if reset:  # instead of an orderly end
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            peer.close()
    deadline = time.monotonic() + 60
    with JavaScriptClient(own.host, "system") as js:
        while len(list(files.iterdir())) > before + 1 and time.monotonic() < deadline:
            js.call("version")
    assert len(list(files.iterdir())) <= before + 1


def test_a_thousand_clients_that_leave_their_work(own: WireServer, key: str) -> None:
    request = {"identifier": key, "loadConfigStack": EMPTY}
    prediction = {
        "modelSpecifier": {"type": "query", "query": {}},
        "rawPrompt": "My name is",
        "predictionConfigStack": EMPTY,
    }
    with JavaScriptClient(own.host, "llm") as js:
        js.run("getOrLoad", request)
        for _ in range(100):
            with JavaScriptClient(own.host, "llm") as leaving:
                leaving.open("completeRawText", prediction)
        specifier = {"specifier": prediction["modelSpecifier"], "throwIfNotFound": True}
        deadline = time.monotonic() + 60
        while js.call("getInstanceProcessingState", specifier)["status"] != "idle":
            assert time.monotonic() < deadline, "what nobody waits for goes on"


def test_a_frame_beyond_all_bounds(own: WireServer) -> None:
    with JavaScriptClient(own.host, "llm") as well, drop_before_saying_who(own.host) as peer:
        peer.sendall(b"\x81\xff" + (1 << 40).to_bytes(8) + bytes(4))
        answer = b""
        while chunk := peer.recv(4096):
            answer += chunk
        assert answer[:1] == b"\x88"  # a close frame
        assert int.from_bytes(answer[2:4]) == 1009  # too big
        well.fence()


@pytest.mark.parametrize("data", [b"\xff\xfe", os.urandom(64)], ids=["not UTF-8", "garbage"])
def test_garbage(own: WireServer, data: bytes) -> None:
    with JavaScriptClient(own.host, "llm") as well:
        with connect(f"ws://{own.host}/llm", ping_interval=None) as bad:
            try:
                bad.send(data, text=True)
                bad.send(data)
                bad.send("[" * 100_000)
                for _ in range(3):
                    bad.recv(timeout=0.05)
            except (ConnectionClosed, TimeoutError):
                pass
        well.fence()


def test_another_passkey(own: WireServer) -> None:
    who = identity()
    with JavaScriptClient(own.host, "llm", who):
        with pytest.raises(RefusedError, match="Invalid client passkey"):
            JavaScriptClient(own.host, "llm", {**who, "clientPasskey": "other"})
