"""Who may use a server, and what nobody may: tokens, web pages, paths."""

from __future__ import annotations

import http.client
import socket
import subprocess
from pathlib import Path

import pytest
from javascript_client import EMPTY, UPGRADE, JavaScriptClient, RefusedError, ServerError, identity
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin
from wire_server import WireServer, program

import lmstudio as lm

TOKEN = "sk-lm-abcdefgh:abcdefghijklmnopqrst"
OTHER_TOKEN = "sk-lm-abcdefgh:tsrqponmlkjihgfedcba"


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
    done = subprocess.run(
        [
            program(),
            "server",
            "start",
            "--port",
            "0",
            "--no-sdk-port",
            "--api-token-file",
            str(file),
        ],
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
def test_web_pages_are_refused(bare_server: WireServer, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection(bare_server.host, timeout=60)
    connection.request("GET", "/lmstudio-greeting", headers=headers)
    assert connection.getresponse().status == 403
    connection.close()
    head = UPGRADE.format(host=headers.get("Host", bare_server.host))
    if "Origin" in headers:
        head = head.replace("\r\n\r\n", f"\r\nOrigin: {headers['Origin']}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", bare_server.port), timeout=60) as peer:
        peer.sendall(head.encode())
        assert peer.recv(100).startswith(b"HTTP/1.1 403 ")


def test_a_page_that_is_allowed(model_store: str) -> None:
    page = "https://example.com"
    with WireServer("--cors", page, models=model_store) as server:
        with connect(f"ws://{server.host}/llm", origin=Origin(page)) as allowed:
            assert allowed.response is not None
        with (
            pytest.raises(InvalidStatus),
            connect(f"ws://{server.host}/llm", origin=Origin("https://example.org")),
        ):
            pass


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "..\\x", "a\0b", "%2e%2e"])
def test_paths_lead_nowhere(bare_server: WireServer, name: str) -> None:
    with JavaScriptClient(bare_server.host, "llm") as js:
        for endpoint, field in (("getOrLoad", "identifier"), ("loadModel", "modelKey")):
            with pytest.raises(ServerError):
                js.run(endpoint, {field: name, "loadConfigStack": EMPTY})
    with JavaScriptClient(bare_server.host, "files") as js:
        try:
            upload = js.call("uploadFileBase64", {"name": name, "contentBase64": "aGVsbG8="})
        except ServerError:
            return
        local = upload["identifier"].removeprefix("local:")
        assert not set(local) & set("/\\\0%") and ".." not in local


def test_another_passkey(bare_server: WireServer) -> None:
    who = identity()
    other = {**who, "clientPasskey": "other"}
    with (
        JavaScriptClient(bare_server.host, "llm", who),
        pytest.raises(RefusedError, match="Invalid client passkey"),
    ):
        JavaScriptClient(bare_server.host, "llm", other)
