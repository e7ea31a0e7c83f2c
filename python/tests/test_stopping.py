"""Cancelling, closing, leaving and dropping streams, from any thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
from patience import LONGEST_SECONDS

import lmstudio as lm
from lmstudio import _core

Config = lm.LlmPredictionConfigDict


def test_cancel_keeps_the_text_so_far(llm: lm.LLM) -> None:
    stream = llm.complete_stream("1 2 3 4 5 6", config={"temperature": 0})
    text = ""
    for count, fragment in enumerate(stream):
        text += fragment.content
        if count == 3:
            stream.cancel()
    result = stream.result()
    assert count == 3
    assert result.stats.stop_reason == "userStopped"
    assert result.content == text


def test_cancel_from_a_callback(llm: lm.LLM) -> None:
    stream = llm.complete_stream(
        "1 2 3 4 5 6", config={"temperature": 0}, on_first_token=lambda: stream.cancel()
    )
    assert stream.wait_for_result().stats.stop_reason == "userStopped"


def test_cancel_before_the_start_and_after_the_end_does_nothing(
    llm: lm.LLM, greedy: Config
) -> None:
    stream = llm.complete_stream("My name is", config=greedy)
    stream.cancel()
    result = stream.wait_for_result()
    stream.cancel()
    assert result.stats.stop_reason != "userStopped"


def test_close_loses_the_result(llm: lm.LLM) -> None:
    stream = llm.complete_stream("My name is", config={"temperature": 0})
    stream.start()
    stream.close()
    stream.close()
    with pytest.raises(lm.LMStudioCancelledError):
        stream.result()


def test_close_before_the_start(llm: lm.LLM) -> None:
    stream = llm.complete_stream("My name is")
    stream.close()
    with pytest.raises(lm.LMStudioRuntimeError, match="closed"):
        list(stream)


def test_close_after_the_end_keeps_the_result(llm: lm.LLM, greedy: Config) -> None:
    stream = llm.complete_stream("My name is", config=greedy)
    result = stream.wait_for_result()
    stream.close()
    assert stream.result() is result


def test_break_stops_the_work(llm: lm.LLM) -> None:
    for _ in range(30):  # without a stop these would fill 30 contexts
        stream = llm.complete_stream("1 2 3 4 5 6", config={"temperature": 0})
        for _fragment in stream:
            break
        with pytest.raises(lm.LMStudioCancelledError, match="cancel"):
            stream.result()
    assert llm.complete("My name is", config={"maxTokens": 1}).content


def test_an_exception_in_the_loop_stops_the_work(llm: lm.LLM) -> None:
    stream = llm.complete_stream("1 2 3 4 5 6", config={"temperature": 0})
    with pytest.raises(ZeroDivisionError):
        for _fragment in stream:
            1 / 0  # noqa: B018
    with pytest.raises(lm.LMStudioCancelledError):
        stream.result()


def test_an_exception_in_with_becomes_the_result(llm: lm.LLM) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        llm.complete_stream("1 2 3 4 5 6", config={"temperature": 0}) as stream,
    ):
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        stream.result()


def test_dropping_a_stream_frees_it(llm: lm.LLM) -> None:
    before = _core.live_handle_count()
    stream = llm.complete_stream("1 2 3 4 5 6", config={"temperature": 0})
    next(iter(stream))
    stream = llm.complete_stream("1 2 3 4 5 6")
    stream.start()
    del stream
    assert _core.live_handle_count() == before


@pytest.mark.parametrize("callback", ["on_first_token", "on_message"])
def test_a_failed_stream_frees_its_handle_at_once(llm: lm.LLM, callback: str) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    arguments: dict[str, Any] = {callback: fail, "config": {"maxTokens": 1}}
    gc.collect()
    gc.disable()
    try:
        before = _core.live_handle_count()
        stream = llm.complete_stream("My name is", **arguments)
        with pytest.raises(KeyboardInterrupt):
            list(stream)
        assert _core.live_handle_count() == before
    finally:
        gc.enable()


def test_a_callback_that_knows_its_stream_does_not_keep_it_alive(llm: lm.LLM) -> None:
    gc.collect()
    before = _core.live_handle_count()

    def make() -> None:
        stream = llm.complete_stream("My name is", on_first_token=lambda: stream.cancel())

    make()
    gc.collect()
    assert _core.live_handle_count() == before


def test_a_stream_outlives_its_client_object(key: str, greedy: Config) -> None:
    stream = lm.Client().llm.model(key).complete_stream("My name is", config=greedy)
    gc.collect()
    assert stream.wait_for_result().content


def in_thread(action: Callable[[], object]) -> Callable[[], BaseException | None]:
    """Starts it in a thread; the function given back waits, and says what it raised."""
    raised: list[BaseException] = []

    def body() -> None:
        try:
            action()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()

    def finish() -> BaseException | None:
        thread.join(timeout=LONGEST_SECONDS)
        assert not thread.is_alive()
        return raised[0] if raised else None

    return finish


def test_cancel_from_another_thread(llm: lm.LLM) -> None:
    running = threading.Event()
    stream = llm.complete_stream(
        "1 2 3 4 5 6", config={"temperature": 0}, on_first_token=running.set
    )
    finish = in_thread(stream.wait_for_result)
    assert running.wait(LONGEST_SECONDS)
    stream.cancel()
    assert finish() is None
    assert stream.result().stats.stop_reason == "userStopped"


def test_close_from_another_thread(llm: lm.LLM) -> None:
    running = threading.Event()
    stream = llm.complete_stream(
        "1 2 3 4 5 6", config={"temperature": 0}, on_first_token=running.set
    )
    finish = in_thread(lambda: list(stream))
    assert running.wait(LONGEST_SECONDS)
    stream.close()
    assert isinstance(finish(), lm.LMStudioCancelledError)
    with pytest.raises(lm.LMStudioCancelledError):
        stream.result()


def test_closing_the_client_from_another_thread(key: str) -> None:
    running = threading.Event()
    client = lm.Client()
    stream = client.llm.model(key).complete_stream(
        "1 2 3 4 5 6", config={"temperature": 0}, on_first_token=running.set
    )
    finish = in_thread(lambda: list(stream))
    assert running.wait(LONGEST_SECONDS)
    client.close()
    assert isinstance(finish(), lm.LMStudioCancelledError)


def test_two_threads_on_one_model(llm: lm.LLM, greedy: Config) -> None:
    expected = llm.complete("My name is", config=greedy).content
    texts: list[str] = []
    threads = [
        in_thread(lambda: texts.append(llm.complete("My name is", config=greedy).content))
        for _ in range(4)
    ]
    assert [finish() for finish in threads] == [None] * 4
    assert texts == [expected] * 4
