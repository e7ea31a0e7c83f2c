"""PredictionStream: laziness, iteration, callbacks, ways to stop."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

import lmstudio as lm
from lmstudio import _core

Config = lm.LlmPredictionConfigDict


def test_nothing_runs_before_the_first_fragment_is_asked_for(llm: lm.LLM, greedy: Config) -> None:
    seen: list[float] = []
    stream = llm.complete_stream("My name is", config=greedy, on_progress=seen.append)
    assert (seen, stream.stats, stream.model_info) == ([], None, None)
    with pytest.raises(lm.LMStudioRuntimeError, match="has not been initiated"):
        stream.result()


def test_fragments_print_as_text_and_add_up_to_the_result(llm: lm.LLM, greedy: Config) -> None:
    stream = llm.complete_stream("My name is", config=greedy)
    fragments = list(stream)
    assert all(type(fragment) is lm.LlmPredictionFragment for fragment in fragments)
    assert all(fragment.content and str(fragment) == fragment.content for fragment in fragments)
    assert "".join(map(str, fragments)) == stream.result().content
    counted = sum(fragment.tokens_count for fragment in fragments)
    assert counted == stream.result().stats.predicted_tokens_count
    assert {fragment.reasoning_type for fragment in fragments} == {"none"}
    assert not any(fragment.contains_drafted for fragment in fragments)


def test_stream_and_complete_give_the_same_text(llm: lm.LLM, greedy: Config) -> None:
    whole = llm.complete("My name is", config=greedy)
    streamed = "".join(map(str, llm.complete_stream("My name is", config=greedy)))
    assert streamed == whole.content


def test_stats_and_model_info_are_there_at_the_end(llm: lm.LLM, greedy: Config) -> None:
    stream = llm.complete_stream("My name is", config=greedy)
    result = stream.wait_for_result()
    assert stream.stats is result.stats
    assert stream.model_info is result.model_info


def test_result_never_waits(llm: lm.LLM, greedy: Config) -> None:
    stream = llm.complete_stream("My name is", config=greedy)
    stream.start()
    with pytest.raises(lm.LMStudioRuntimeError, match="not yet been completed"):
        stream.result()
    assert stream.wait_for_result() is stream.result()
    assert stream.wait_for_result() is stream.result()


def test_a_stream_runs_once(llm: lm.LLM, greedy: Config) -> None:
    stream = llm.complete_stream("My name is", config=greedy)
    stream.start()
    with pytest.raises(lm.LMStudioRuntimeError, match="already been sent"):
        stream.start()
    list(stream)
    with pytest.raises(lm.LMStudioRuntimeError, match="already been received"):
        list(stream)
    with pytest.raises(lm.LMStudioRuntimeError, match="already been received"):
        stream.start()


def test_a_second_loop_cannot_join(llm: lm.LLM, greedy: Config) -> None:
    stream = llm.complete_stream("My name is", config=greedy)
    fragments = iter(stream)
    next(fragments)
    with pytest.raises(lm.LMStudioRuntimeError, match="already being iterated"):
        list(stream)
    assert list(fragments)
    assert stream.result().content


def test_with_starts_and_closes(llm: lm.LLM, greedy: Config) -> None:
    with llm.complete_stream("My name is", config=greedy) as stream:
        text = "".join(map(str, stream))
    assert stream.result().content == text


def test_leaving_with_early_stops_the_work(llm: lm.LLM) -> None:
    with llm.complete_stream("My name is", config={"temperature": 0}) as stream:
        next(iter(stream))
    with pytest.raises(lm.LMStudioCancelledError, match="cancel"):
        stream.result()


def test_callbacks_come_in_order(llm: lm.LLM, greedy: Config) -> None:
    seen: list[object] = []
    result = llm.complete(
        "My name is",
        config=greedy,
        on_prompt_processing_progress=seen.append,
        on_first_token=lambda: seen.append("first"),
        on_prediction_fragment=seen.append,
        on_message=seen.append,
    )
    first = seen.index("first")
    progress = [share for share in seen[:first] if isinstance(share, float)]
    assert len(progress) == first
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert progress == sorted(set(progress))
    fragments = seen[first + 1 : -1]
    assert fragments
    assert all(isinstance(fragment, lm.LlmPredictionFragment) for fragment in fragments)
    message = lm.AssistantResponse(content=[lm.TextData(text=result.content)])
    assert seen[-1] == message


def test_fragment_callback_runs_before_the_loop_body(llm: lm.LLM, greedy: Config) -> None:
    seen: list[lm.LlmPredictionFragment] = []
    for fragment in llm.complete_stream(
        "My name is", config=greedy, on_prediction_fragment=seen.append
    ):
        assert seen[-1] is fragment


def test_exceptions_in_callbacks_are_logged(
    llm: lm.LLM, greedy: Config, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("boom")

    with caplog.at_level(logging.ERROR, logger="lmstudio"):
        result = llm.complete("My name is", config=greedy, on_first_token=fail)
    assert result.content
    assert [record.name for record in caplog.records] == ["lmstudio"]
    assert "on_first_token" in caplog.text
    assert "ValueError: boom" in caplog.text


def test_exceptions_in_on_message_propagate(llm: lm.LLM, greedy: Config) -> None:
    def fail(_: lm.AssistantResponse) -> None:
        raise ValueError("boom")

    stream = llm.complete_stream("My name is", config=greedy, on_message=fail)
    with pytest.raises(ValueError, match="boom"):
        list(stream)
    with pytest.raises(ValueError, match="boom"):
        stream.result()


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interrupts_in_callbacks_propagate(llm: lm.LLM, error: type[BaseException]) -> None:
    def fail() -> None:
        raise error

    stream = llm.complete_stream("My name is", config={"temperature": 0}, on_first_token=fail)
    with pytest.raises(error):
        list(stream)
    with pytest.raises(error):
        stream.result()


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
        thread.join(timeout=300)
        assert not thread.is_alive()
        return raised[0] if raised else None

    return finish


def test_cancel_from_another_thread(llm: lm.LLM) -> None:
    running = threading.Event()
    stream = llm.complete_stream(
        "1 2 3 4 5 6", config={"temperature": 0}, on_first_token=running.set
    )
    finish = in_thread(stream.wait_for_result)
    assert running.wait(300)
    stream.cancel()
    assert finish() is None
    assert stream.result().stats.stop_reason == "userStopped"


def test_close_from_another_thread(llm: lm.LLM) -> None:
    running = threading.Event()
    stream = llm.complete_stream(
        "1 2 3 4 5 6", config={"temperature": 0}, on_first_token=running.set
    )
    finish = in_thread(lambda: list(stream))
    assert running.wait(300)
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
    assert running.wait(300)
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
