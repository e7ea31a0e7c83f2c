"""Timeouts, and servers that are silent or not there."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Program
from patience import LONGEST_SECONDS
from test_interrupts import rest_of

import lmstudio as lm
from lmstudio import _errors

BAD = [0, -1, float("nan"), "5", True, [1]]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Something that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LONGEST_SECONDS)
        yield listener


@pytest.fixture
def silent(listener: socket.socket) -> str:
    """Its address."""
    return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """Address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(autouse=True)
def default_timeout() -> Iterator[None]:
    """Every test finds the default, and leaves it."""
    assert lm.get_sync_api_timeout() == 60.0
    yield
    lm.set_sync_api_timeout(60.0)


@pytest.mark.parametrize("name", ["timeout", "idle_timeout"])
@pytest.mark.parametrize("value", BAD)
def test_bad_timeouts_are_refused(client: lm.Client, llm: lm.LLM, name: str, value: Any) -> None:
    given: dict[str, Any] = {name: value}
    calls: list[Callable[[], object]] = [
        lambda: client.llm.model(**given),
        lambda: client.llm.load_new_instance("x", **given),
        lambda: client.llm.unload("x", **given),
        lambda: client.llm.list_loaded(**given),
        lambda: client.llm.list_downloaded(**given),
        lambda: client.system.list_downloaded_models(**given),
        lambda: client.list_loaded_models(**given),
        lambda: client.list_downloaded_models(**given),
        lambda: llm.complete("My name is", **given),
        lambda: llm.complete_stream("My name is", **given),
        lambda: llm.tokenize("x", **given),
        lambda: llm.tokenize(["x"], **given),
        lambda: llm.count_tokens("x", **given),
        lambda: llm.get_info(**given),
        lambda: llm.get_load_config(**given),
        lambda: llm.get_context_length(**given),
        lambda: llm.unload(**given),
        lambda: lm.llm(**given),
        lambda: lm.list_loaded_models(**given),
        lambda: lm.list_downloaded_models(**given),
    ]
    for call in calls:
        with pytest.raises(lm.LMStudioValueError, match=name):
            call()


@pytest.mark.parametrize("value", [0, -1, float("nan"), "5", True])
def test_bad_default_timeouts_are_refused(value: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="timeout"):
        lm.set_sync_api_timeout(value)
    assert lm.get_sync_api_timeout() == 60.0


def test_generous_timeouts_change_nothing(llm: lm.LLM) -> None:
    for seconds in (300, 300.5, float("inf"), None):
        result = llm.complete(
            "My name is", config={"maxTokens": 2}, timeout=seconds, idle_timeout=seconds
        )
        assert result.stats.predicted_tokens_count == 2
        assert llm.count_tokens("My name is", timeout=seconds, idle_timeout=seconds) > 0


def test_a_timeout_stops_a_prediction(llm: lm.LLM) -> None:
    stream = llm.complete_stream("1 2 3 4 5 6", config={"temperature": 0}, timeout=0.05)
    with pytest.raises(lm.LMStudioTimeoutError) as raised:
        stream.wait_for_result()
    assert isinstance(raised.value, TimeoutError)
    with pytest.raises(lm.LMStudioTimeoutError):
        stream.result()
    assert llm.complete("My name is", config={"maxTokens": 1}).content


def test_progress_is_a_sign_of_life(llm: lm.LLM) -> None:
    config: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 200}
    assert llm.complete("1 2 3 4 5 6", config=config, idle_timeout=30).content


@pytest.mark.parametrize("given", [{"timeout": 0.1}, {"idle_timeout": 0.1}])
def test_a_silent_server_times_out(silent: str, given: dict[str, Any]) -> None:
    client = lm.Client(silent)
    llm = lm.LLM("any", client.llm)
    calls: list[Callable[[], object]] = [
        lambda: client.list_loaded_models(**given),
        lambda: client.llm.model("any", **given),
        lambda: llm.get_info(**given),
        lambda: llm.get_load_config(**given),
        lambda: llm.tokenize(["one", "two"], **given),
        lambda: llm.complete("My name is", **given),
    ]
    for call in calls:
        with pytest.raises(lm.LMStudioTimeoutError):
            call()
    client.close()


def test_the_default_is_for_servers(silent: str) -> None:
    with pytest.raises(lm.LMStudioTimeoutError):
        lm.set_sync_api_timeout(0.1)
        lm.Client(silent).list_loaded_models()
    lm.set_sync_api_timeout(None)
    assert lm.get_sync_api_timeout() is None


def test_a_client_of_a_server_that_is_not_there(closed: str, silent: str) -> None:
    client = lm.Client(closed)
    assert closed in client.api_host
    with pytest.raises(lm.LMStudioWebsocketError, match="not reachable"):
        client.llm.model("any")
    with pytest.raises(lm.LMStudioWebsocketError):
        lm.LLM("any", client.llm).complete("My name is")
    with pytest.raises(lm.LMStudioClientError, match=r"is not reachable.*Is LM Studio running\?"):
        client.__enter__()


def test_probing(closed: str, silent: str) -> None:
    assert lm.Client.is_valid_api_host(closed) is False
    assert lm.Client.is_valid_api_host(silent) is False
    assert lm.Client.is_valid_api_host("local:") is False
    with pytest.raises(lm.LMStudioValueError):
        lm.Client.is_valid_api_host("no such : host")
    found = lm.Client.find_default_local_api_host()
    assert found is None or lm.Client.is_valid_api_host(found)


@pytest.mark.parametrize(
    "call",
    [
        "client.list_loaded_models()",
        "client.llm.model()",
        'lm.LLM("any", client.llm).count_tokens("x")',
        'lm.LLM("any", client.llm).get_load_config()',
        'lm.LLM("any", client.llm).complete("x")',
    ],
)
def test_ctrl_c_while_a_server_is_silent(
    start: Callable[..., Program], listener: socket.socket, silent: str, call: str
) -> None:
    program = start(
        f"""\
import lmstudio as lm

client = lm.Client({silent!r})
try:
    {call}
except KeyboardInterrupt:
    print("interrupted")
"""
    )
    # Once it connects it has all of its modules: CPython lets Ctrl-C end a program that catches it
    # if it comes while a dataclass is made.
    with listener.accept()[0]:
        program.send_signal(signal.SIGINT)
        assert rest_of(program) == ["interrupted"]


def test_what_a_server_says_of_a_failure() -> None:
    details = '{"title":"No model","rootTitle":"No model","cause":"none fits","displayData":null}'
    error = _errors._of_server(-5, "loading the model failed: No model: none fits", details)
    assert isinstance(error, lm.LMStudioModelNotFoundError)
    assert error.server_error is not None
    assert error.server_error.cause == "none fits"
    assert str(error).startswith("loading the model failed: ")
    assert str(error).count("No model") == 1
    assert isinstance(_errors._of_server(-3, "gone", details), lm.LMStudioWebsocketError)
