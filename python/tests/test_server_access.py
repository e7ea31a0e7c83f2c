"""Who may use a server, and what nobody may: tokens, web pages, paths."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from javascript_client import EMPTY, UPGRADE, JavaScriptClient, RefusedError, ServerError, identity
from patience import LONGEST_SECONDS
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin
from wire_server import WireServer, program

import lmstudio as lm

TOKEN = "sk-lm-abcdefgh:abcdefghijklmnopqrst"
OTHER_TOKEN = "sk-lm-abcdefgh:tsrqponmlkjihgfedcba"
TOKEN_NAMES = ["LM_API_TOKEN", "LMSTUDIO_API_TOKEN"]


@pytest.fixture(scope="module")
def locked_server(
    tmp_path_factory: pytest.TempPathFactory, model_store: str
) -> Iterator[WireServer]:
    """A server that lets in who has the token."""
    file = tmp_path_factory.mktemp("access") / "tokens"
    file.write_text(TOKEN + "\n")
    with WireServer("--api-token-file", str(file), models=model_store) as server:
        yield server


def is_let_in(host: str, token: str | None = None) -> bool:
    client = lm.Client(host, api_token=token)
    try:
        return bool(client.list_downloaded_models())
    except lm.LMStudioServerError as error:
        assert "Invalid API token" in str(error)
        return False
    finally:
        client.close()


def test_a_wrong_token(locked_server: WireServer) -> None:
    for token in (OTHER_TOKEN, ""):
        assert not is_let_in(locked_server.host, token)
    assert is_let_in(locked_server.host, TOKEN)


@pytest.mark.parametrize("name", TOKEN_NAMES)
def test_the_environment_has_the_token(
    locked_server: WireServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in TOKEN_NAMES:
        monkeypatch.delenv(each, raising=False)
    assert not is_let_in(locked_server.host)
    monkeypatch.setenv(name, TOKEN)
    assert is_let_in(locked_server.host)
    assert not is_let_in(locked_server.host, "")  # a guest, whatever the environment says


def test_the_nearest_token_counts(
    locked_server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LM_API_TOKEN", TOKEN)
    monkeypatch.setenv("LMSTUDIO_API_TOKEN", OTHER_TOKEN)
    assert is_let_in(locked_server.host)
    assert not is_let_in(locked_server.host, OTHER_TOKEN)
    monkeypatch.setenv("LM_API_TOKEN", OTHER_TOKEN)
    monkeypatch.setenv("LMSTUDIO_API_TOKEN", TOKEN)
    assert not is_let_in(locked_server.host)
    assert is_let_in(locked_server.host, TOKEN)


def test_the_modules_own_client_has_a_token(
    locked_server: WireServer, run: Callable[..., str]
) -> None:
    program = """\
import sys
import lmstudio as lm

lm.configure_default_client(sys.argv[1], api_token=sys.argv[2])
try:
    print(len(lm.list_downloaded_models()))
except lm.LMStudioServerError as error:
    print("Invalid API token" in str(error))
"""
    assert run(program, locked_server.host, TOKEN) == "1\n"
    assert run(program, locked_server.host, OTHER_TOKEN) == "True\n"


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
        timeout=LONGEST_SECONDS,
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
    connection = http.client.HTTPConnection(bare_server.host, timeout=LONGEST_SECONDS)
    connection.request("GET", "/lmstudio-greeting", headers=headers)
    assert connection.getresponse().status == 403
    connection.close()
    head = UPGRADE.format(host=headers.get("Host", bare_server.host))
    if "Origin" in headers:
        head = head.replace("\r\n\r\n", f"\r\nOrigin: {headers['Origin']}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", bare_server.port), LONGEST_SECONDS) as peer:
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


@pytest.mark.parametrize("name", ["/etc/passwd", "/no/file.gguf", "~/.profile", "outside.gguf"])
def test_of_other_files_a_client_learns_nothing(
    server: WireServer, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside.gguf").write_bytes(b"secret")
    monkeypatch.chdir(tmp_path)
    for path in (name, str(tmp_path / "outside.gguf")):
        with (
            lm.Client(server.host) as client,
            pytest.raises(lm.LMStudioModelNotFoundError) as caught,
        ):
            client.llm.model(path)
        assert "secr" not in str(caught.value)
        assert "there is no model" in str(caught.value)


def test_a_stored_models_file_may_be_named(server: WireServer, key: str, model_store: str) -> None:
    with lm.Client(server.host) as client:
        stored = next(model for model in client.list_downloaded_models() if model.model_key == key)
        model = client.llm.model(str(Path(model_store) / stored.path))
        assert model.get_info().model_key == key
