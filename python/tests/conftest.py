"""What the tests share: the starter model, a server, and programs in a process of their own.

Tests with a client run twice, once with the models in this process, once with a server's. The
store, ``LMSTUDIO_MODELS_DIR``, holds SmolLM2-135M-Instruct and nothing else.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import peer as peers
import pytest
from javascript_client import EMPTY, JavaScriptClient, reference
from patience import LONGEST_SECONDS
from peer import Peer
from wire_server import WireServer

import lmstudio as lm

# In this process, unless a test says otherwise: whatever runs on this computer's default ports.
os.environ["LMSTUDIO_HOST"] = "local:"

# Under `nohup`, or behind a script's `&`, programs begin with these ignored, and so do theirs.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

KEY = "smollm2-135m-instruct"
HOSTS = ["local", "server"]

Program = subprocess.Popen[str]


@pytest.fixture(scope="session", autouse=True)
def model_store() -> str:
    """The store's directory."""
    if "LMSTUDIO_MODELS_DIR" not in os.environ:
        pytest.exit("LMSTUDIO_MODELS_DIR must name the model store", returncode=2)
    return os.environ["LMSTUDIO_MODELS_DIR"]


@pytest.fixture(scope="session")
def key() -> str:
    """The model's key."""
    return KEY


@pytest.fixture(scope="session")
def server(model_store: str) -> Iterator[WireServer]:
    """A server of the same models for the whole run."""
    with WireServer(models=model_store) as server:
        yield server


@pytest.fixture(scope="session", params=HOSTS)
def client(request: pytest.FixtureRequest) -> Iterator[lm.Client]:
    """A client for the whole run: of the models in this process, or of a server."""
    host = "local:"
    if request.param == "server":
        server: WireServer = request.getfixturevalue("server")
        host = server.host
    with lm.Client(host) as client:
        yield client


@pytest.fixture(scope="module")
def store_server(store: str) -> Iterator[WireServer]:
    """A server of the models in a module's own ``store``."""
    with WireServer(models=store) as server:
        yield server
        server.close()
        assert server.process.returncode == 0


@pytest.fixture(params=HOSTS)
def visitor(request: pytest.FixtureRequest, store: str) -> Iterator[lm.Client]:
    """A client of the models in a module's own ``store``, with none loaded afterwards.

    They are in this process, or a server's.
    """
    host = f"local:{store}"
    if request.param == "server":
        host = request.getfixturevalue("store_server").host
    with lm.Client(host) as client:
        yield client
        for model in client.list_loaded_models():
            model.unload()


@pytest.fixture(scope="session")
def local_client() -> Iterator[lm.Client]:
    """A client of the models in this process."""
    with lm.Client("local:") as client:
        yield client


@pytest.fixture
def llm(client: lm.Client) -> lm.LLM:
    """The model, loaded."""
    return client.llm.model(KEY, config={"contextLength": 1024})


@pytest.fixture
def greedy() -> lm.LlmPredictionConfigDict:
    """Options for the same short answer each time."""
    return {"temperature": 0, "maxTokens": 16}


@pytest.fixture(scope="module", params=peers.environments(), ids=peers.name)
def peer(request: pytest.FixtureRequest, model_store: str, key: str) -> Iterator[Peer]:
    """One version of the published package, at a server of its own with the model loaded."""
    with WireServer("--load", key, models=model_store) as server:
        with Peer(request.param, server.host) as peer:
            yield peer
        server.close()
        assert server.process.returncode == 0


@pytest.fixture(scope="module")
def here(local_client: lm.Client, key: str) -> Iterator[lm.LLM]:
    """The model in this process, with the options it has in a server."""
    llm = local_client.llm.load_new_instance(key, "here for comparison")
    yield llm
    llm.unload()


@pytest.fixture(scope="module")
def bare_server(model_store: str) -> Iterator[WireServer]:
    """A server without a model loaded; it ends well, whatever was done to it."""
    with WireServer(models=model_store) as server:
        yield server
        server.close()
        assert server.process.returncode == 0


@pytest.fixture
def js(bare_server: WireServer) -> Iterator[JavaScriptClient]:
    """A client that speaks as the TypeScript SDK does, and leaves no model loaded."""
    with JavaScriptClient(bare_server.host, "llm") as js:
        yield js
        js.unload_all()
        js.fence()


@pytest.fixture
def js_model(js: JavaScriptClient, key: str) -> dict[str, Any]:
    """The model, as ``llm.model(key)`` gets it."""
    messages = js.run("getOrLoad", {"identifier": key, "loadConfigStack": EMPTY})
    info: dict[str, Any] = messages[-1]["info"]
    return info


@pytest.fixture(params=HOSTS)
def on_each_host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test's programs have the models in their process, or a server's.

    However the programs end, the server has nothing left to do for them, and no model loaded.
    """
    if request.param == "local":
        yield
        return
    server: WireServer = request.getfixturevalue("bare_server")
    monkeypatch.setenv("LMSTUDIO_HOST", server.host)
    yield
    with JavaScriptClient(server.host, "llm") as js:
        for model in js.call("listLoaded"):
            js.wait_until_idle(reference(model))
        js.unload_all()


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    """Starts Python programs with pipes to all their streams; ends those that are left over."""
    programs: list[Program] = []

    def start(code: str, *arguments: str) -> Program:
        program = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"},
        )
        programs.append(program)
        return program

    yield start
    for program in programs:
        if program.poll() is None:
            program.kill()
        program.communicate()


@pytest.fixture
def run(start: Callable[..., Program]) -> Callable[..., str]:
    """Runs a Python program that must end well and say nothing on stderr; gives its output."""

    def run(code: str, *arguments: str) -> str:
        program = start(code, *arguments)
        output, errors = program.communicate(timeout=LONGEST_SECONDS)
        assert (program.returncode, errors) == (0, "")
        return output

    return run
