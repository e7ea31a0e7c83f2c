"""Connections that end at any byte, and messages that come in pieces, both ways."""

from __future__ import annotations

import base64
import json
import os
import socket

import pytest
from cutting_proxy import CuttingProxy
from javascript_client import UPGRADE, JavaScriptClient, identity
from patience import LONGEST_SECONDS
from websockets.sync.client import connect
from wire_server import WireServer

import lmstudio as lm

CALL = {"type": "rpcCall", "endpoint": "listLoaded", "callId": 0}


def masked(message: object) -> bytes:
    """A text frame of a client."""
    data = json.dumps(message).encode()
    mask = os.urandom(4)
    body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
    return b"\x81\xfe" + len(data).to_bytes(2, "big") + mask + body


def session(host: str) -> bytes:
    """All that a client sends to list the models."""
    return UPGRADE.format(host=host).encode() + masked(identity()) + masked(CALL)


def dial(server: WireServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=LONGEST_SECONDS)


def test_a_client_may_leave_at_any_byte(bare_server: WireServer) -> None:
    data = session(bare_server.host)
    for count in range(len(data)):
        with dial(bare_server) as peer:
            peer.sendall(data[:count])
    with JavaScriptClient(bare_server.host, "llm") as js:
        assert js.call("listLoaded") == []


def test_bytes_one_by_one(bare_server: WireServer) -> None:
    with dial(bare_server) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in session(bare_server.host):
            peer.sendall(bytes([byte]))
        answer = b""
        while b'"callId":0' not in answer:
            chunk = peer.recv(4096)
            assert chunk, answer
            answer += chunk


def test_messages_in_fragments(bare_server: WireServer) -> None:
    with connect(f"ws://{bare_server.host}/llm", ping_interval=None) as peer:
        peer.send(json.dumps(identity()))
        assert json.loads(peer.recv(60)) == {"success": True}
        peer.send(iter(json.dumps(CALL)))  # a character each
        assert json.loads(peer.recv(60)) == {"type": "rpcResult", "callId": 0, "result": []}


def test_a_long_message_in_fragments(bare_server: WireServer) -> None:
    content = base64.b64encode(os.urandom(3_000_000)).decode()
    parameter = {"name": "x.bin", "contentBase64": content}
    call = {"type": "rpcCall", "endpoint": "uploadFileBase64", "callId": 1, "parameter": parameter}
    text = json.dumps(call)
    with connect(f"ws://{bare_server.host}/files", ping_interval=None) as peer:
        peer.send(json.dumps(identity()))
        assert json.loads(peer.recv(60)) == {"success": True}
        peer.send(text[start : start + 10_000] for start in range(0, len(text), 10_000))
        assert json.loads(peer.recv(60))["result"]["sizeBytes"] == 3_000_000


def test_a_server_may_leave_at_any_byte_of_a_call(bare_server: WireServer) -> None:
    with CuttingProxy(bare_server.port) as proxy:
        client = lm.Client(proxy.host)
        assert client.llm.list_loaded() == []
        total = proxy.passed
        client.close()
        client = lm.Client(proxy.host)
        for limit in range(total):
            proxy.limit = limit
            with pytest.raises(lm.LMStudioWebsocketError):
                client.llm.list_loaded()
        proxy.limit = None
        assert client.llm.list_loaded() == []
        client.close()


def test_a_server_may_leave_in_a_prediction(bare_server: WireServer, key: str) -> None:
    config: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 1}
    with lm.Client(bare_server.host) as direct, CuttingProxy(bare_server.port) as proxy:
        model = direct.llm.model(key)
        client = lm.Client(proxy.host)
        content = lm.LLM(key, client.llm).complete("My name is", config=config).content
        total = proxy.passed
        client.close()
        client = lm.Client(proxy.host)
        llm = lm.LLM(key, client.llm)
        # Not in what follows the final message; that one is not of the same length each time.
        for limit in range(0, total - 100, 41):
            proxy.limit = limit
            with pytest.raises(lm.LMStudioWebsocketError):
                llm.complete("My name is", config=config)
        proxy.limit = None
        assert llm.complete("My name is", config=config).content == content
        client.close()
        model.unload()
