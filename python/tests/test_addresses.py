"""Addresses that lead somewhere else: below a path, by IPv6, to what is no LM Studio server."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest
from cutting_proxy import CuttingProxy
from wire_server import WireServer

import lmstudio as lm

PREFIX = b"/team/models"
CONFIG: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 4}


class PrefixProxy(CuttingProxy):
    """Passes on what is asked for below a path."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.paths: list[bytes] = []

    def carry(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        if target.getpeername() == self.server:
            line = b""
            while not line.endswith(b"\n") and (byte := source.recv(1)):
                line += byte
            self.paths.append(line.split()[1])
            target.sendall(line.replace(PREFIX, b"", 1))
        super().carry(source, target, limit)


@pytest.mark.parametrize("form", ["ws://{}/team/models", "http://{}/team/models/"])
def test_a_server_below_a_path(server: WireServer, key: str, form: str) -> None:
    proxy = PrefixProxy(server.port)
    with proxy:
        host = form.format(proxy.host)
        assert lm.Client.is_valid_api_host(host)
        with lm.Client(host) as client:
            assert client.api_host == f"{proxy.host}/team/models"
            assert len(client.list_downloaded_models()) == 1
            assert client.llm.model(key).complete("My name is", config=CONFIG).content
        assert all(path.startswith(PREFIX + b"/") for path in proxy.paths)
        assert {b"lmstudio-greeting", b"llm", b"system"} <= {
            path.removeprefix(PREFIX + b"/") for path in proxy.paths
        }


def test_a_server_by_ipv6(model_store: str) -> None:
    with WireServer("--bind", "::1", models=model_store) as server:
        host = f"[::1]:{server.port}"
        assert server.addresses == [host]
        for form in (host, f"ws://{host}", f"http://{host}/"):
            assert lm.Client.is_valid_api_host(form)
            with lm.Client(form) as client:
                assert client.api_host == host
                assert len(client.list_downloaded_models()) == 1


ANSWERS = {
    "a web page": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "the answer was HTTP 200"),
    "nothing there": (
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "the answer was HTTP 404",
    ),
    "elsewhere": (
        b"HTTP/1.1 301 Moved\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n",
        "the answer was HTTP 301",
    ),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer was .*HTTP"),
}


@pytest.fixture(params=ANSWERS)
def stranger(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Address of what gives another answer, and what is to be said of it."""
    answer, said = ANSWERS[request.param]

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", said
        server.shutdown()
        thread.join()


def test_what_is_no_server_is_told_of(stranger: tuple[str, str]) -> None:
    host, said = stranger
    expected = f"LM Studio is not reachable at ws://{host}: {said}"
    assert not lm.Client.is_valid_api_host(host)
    client = lm.Client(host)
    with pytest.raises(lm.LMStudioWebsocketError, match=expected):
        client.list_downloaded_models()
    with pytest.raises(lm.LMStudioClientError, match=expected):
        client.__enter__()
