"""Servers that die, ports that are taken, peers that behave badly."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from javascript_client import EMPTY, UPGRADE, JavaScriptClient
from patience import LONGEST_SECONDS
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve
from wire_server import WireServer, program

import lmstudio as lm
from lmstudio import _core

ENDLESS: lm.LlmPredictionConfigDict = {"temperature": 0}

# Servers that end


def test_a_server_killed_in_mid_stream_a_hundred_times_is_found_again(
    model_store: str, key: str
) -> None:
    server = WireServer(models=model_store)
    client = lm.Client(server.host)
    held = []
    for _ in range(100):
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
        assert client.list_loaded_models() == []
        del llm, stream
        gc.collect()
        held.append((_core.live_handle_count(), len(os.listdir("/dev/fd"))))
    assert held[-1] <= held[0]
    assert held[-1][1] <= held[0][1]
    client.close()
    server.__exit__()


def use(client: lm.Client, is_used: threading.Event) -> None:
    """Make calls until one fails."""
    with pytest.raises(lm.LMStudioWebsocketError):
        while client.list_downloaded_models():
            is_used.set()


def test_a_server_may_be_told_to_end_once_it_listens(model_store: str) -> None:
    def start_and_end(_round: int) -> int:
        server = WireServer(models=model_store)
        server.close()
        return server.process.returncode

    # Several at one time: what a signal can come between takes longer then.
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start_and_end, range(200))) == {0}


@pytest.mark.parametrize("state", ["used", "idle"])
def test_a_server_is_killed_a_hundred_times(model_store: str, state: str) -> None:
    server = WireServer(models=model_store)
    client = lm.Client(server.host)
    assert client.list_downloaded_models()
    handles = _core.live_handle_count()
    with ThreadPoolExecutor(1) as pool:
        for _ in range(100):
            if state == "used":
                is_used = threading.Event()
                using = pool.submit(use, client, is_used)
                assert is_used.wait(LONGEST_SECONDS)
            server.kill()
            if state == "used":
                using.result()
            server.__exit__()
            server = WireServer(models=model_store, port=server.port)
            assert client.list_downloaded_models()
    gc.collect()
    assert _core.live_handle_count() <= handles
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
        assert server.process.wait(timeout=LONGEST_SECONDS) == 0
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
            assert stream.result().stats.stop_reason == "modelUnloaded"
        assert server.process.wait(timeout=LONGEST_SECONDS) == 0


def test_a_taken_port(bare_server: WireServer) -> None:
    done = subprocess.run(
        [program(), "server", "start", "--port", str(bare_server.port), "--no-sdk-port"],
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert str(bare_server.port) in done.stderr
    assert "is taken" in done.stderr


# Bad behaviour


def drop_at_once(host: str) -> socket.socket:
    name, _, port = host.partition(":")
    return socket.create_connection((name, int(port)), timeout=LONGEST_SECONDS)


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


@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_thousand_connections_opened_and_dropped(bare_server: WireServer, way: str) -> None:
    files = Path(f"/proc/{bare_server.process.pid}/fd")
    before = len(list(files.iterdir()))
    kinds: list[Callable[[str], socket.socket]] = [
        drop_at_once,
        drop_in_the_request,
        drop_before_saying_who,
        drop_in_a_frame,
    ]
    for _ in range(10):
        peers = [kinds[number % 4](bare_server.host) for number in range(100)]
        for peer in peers:
            if way == "reset":  # instead of an orderly end
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            peer.close()
    deadline = time.monotonic() + LONGEST_SECONDS
    with JavaScriptClient(bare_server.host, "system") as js:
        while len(list(files.iterdir())) > before + 1 and time.monotonic() < deadline:
            js.call("version")
    assert len(list(files.iterdir())) <= before + 1


def test_a_thousand_clients_that_leave_their_work(bare_server: WireServer, key: str) -> None:
    request = {"identifier": key, "loadConfigStack": EMPTY}
    prediction = {
        "modelSpecifier": {"type": "query", "query": {}},
        "rawPrompt": "My name is",
        "predictionConfigStack": EMPTY,
    }
    with JavaScriptClient(bare_server.host, "llm") as js:
        js.run("getOrLoad", request)
        for _ in range(100):
            with JavaScriptClient(bare_server.host, "llm") as leaving:
                leaving.open("completeRawText", prediction)
        js.wait_until_idle({"type": "query", "query": {}})


def test_a_frame_beyond_all_bounds(bare_server: WireServer) -> None:
    with (
        JavaScriptClient(bare_server.host, "llm") as well,
        drop_before_saying_who(bare_server.host) as peer,
    ):
        peer.sendall(b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4))
        answer = b""
        while chunk := peer.recv(4096):
            answer += chunk
        assert answer[:1] == b"\x88"  # a close frame
        assert int.from_bytes(answer[2:4], "big") == 1009  # too big
        well.fence()


@pytest.mark.parametrize("data", [b"\xff\xfe", os.urandom(64)], ids=["not UTF-8", "garbage"])
def test_garbage(bare_server: WireServer, data: bytes) -> None:
    with JavaScriptClient(bare_server.host, "llm") as well:
        with connect(f"ws://{bare_server.host}/llm", ping_interval=None) as bad:
            try:
                bad.send(data, text=True)
                bad.send(data)
                bad.send("[" * 100_000)
                for _ in range(3):
                    bad.recv(timeout=0.05)
            except (ConnectionClosed, TimeoutError):
                pass
        well.fence()


def test_a_context_length_that_a_server_does_not_tell_is_not_known() -> None:
    info = {"type": "llm", "modelKey": "m", "identifier": "m", "instanceReference": "r"}

    def answer(peer: ServerConnection) -> None:
        peer.recv()
        peer.send(json.dumps({"success": True}))
        for text in peer:
            call = json.loads(text)["callId"]
            peer.send(json.dumps({"type": "rpcResult", "callId": call, "result": info}))

    with serve(answer, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever).start()
        port = server.socket.getsockname()[1]
        client = lm.Client(f"127.0.0.1:{port}")
        assert lm.LLM("m", client.llm).get_context_length() == -1
        client.close()
        server.shutdown()
