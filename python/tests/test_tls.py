"""Servers behind TLS, with a certificate authority of their own."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from wire_server import WireServer

import lmstudio as lm


class TLSProxy:
    """Takes TLS connections and passes their bytes to a server."""

    def __init__(self, port: int, certificate: trustme.LeafCert) -> None:
        """Listen in front of the server at ``port``."""
        self.target = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.context)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        listening = asyncio.run_coroutine_threadsafe(self.listen(), self.loop)
        self.port = listening.result()

    async def listen(self) -> int:
        self.listener = await asyncio.start_server(self.join, "127.0.0.1", 0, ssl=self.context)
        port: int = self.listener.sockets[0].getsockname()[1]
        return port

    async def join(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(
            self.carry(client, writer), self.carry(reader, answer), return_exceptions=True
        )

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        finally:
            target.close()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.listener.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its certificate."""
    path: Path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="module")
def proxy(server: WireServer, authority: trustme.CA) -> Iterator[TLSProxy]:
    """The server behind TLS, under two names."""
    proxy = TLSProxy(server.port, authority.issue_cert("localhost", "127.0.0.1"))
    yield proxy
    proxy.close()


@pytest.mark.parametrize("form", ["wss://localhost:{}", "https://127.0.0.1:{}/"])
def test_an_authority_of_ones_own_is_trusted(form: str, proxy: TLSProxy, ca_file: str) -> None:
    with lm.Client(form.format(proxy.port), ca_file=ca_file) as client:
        text = client.llm.model().complete("My name is", config={"maxTokens": 2, "temperature": 0})
        assert text.content


def test_an_unknown_authority_is_refused(proxy: TLSProxy) -> None:
    with (
        pytest.raises(lm.LMStudioClientError, match=r"not reachable.*certificate"),
        lm.Client(f"wss://localhost:{proxy.port}"),
    ):
        pass
    assert not lm.Client.is_valid_api_host(f"wss://localhost:{proxy.port}")


def test_another_name_is_refused(server: WireServer, authority: trustme.CA, ca_file: str) -> None:
    proxy = TLSProxy(server.port, authority.issue_cert("example.org"))
    try:
        with (
            pytest.raises(lm.LMStudioClientError, match="not reachable"),
            lm.Client(f"wss://localhost:{proxy.port}", ca_file=ca_file),
        ):
            pass
    finally:
        proxy.close()
