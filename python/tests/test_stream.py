"""PredictionStream: laziness, iteration, callbacks, ways to stop."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import lmstudio as lm

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
    last = progress[-1]
    assert isinstance(last, lm.PromptProgress)
    assert last.total_tokens_count == llm.count_tokens("My name is")
    assert (last.cached_tokens_count or 0) + (last.processed_tokens_count or 0) == (
        last.total_tokens_count
    )
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


@pytest.mark.parametrize(
    "name",
    ["on_first_token", "on_progress", "on_prompt_processing_progress", "on_prediction_fragment"],
)
def test_exceptions_in_callbacks_are_logged(
    llm: lm.LLM, greedy: Config, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    calls = 0

    def fail(*_: object) -> None:
        nonlocal calls
        calls += 1
        raise ValueError("boom")

    callbacks: Any = {name: fail}
    with caplog.at_level(logging.ERROR, logger="lmstudio"):
        result = llm.complete("My name is", config=greedy, **callbacks)
    assert result.content
    assert calls == 1 if name == "on_first_token" else calls > 1
    assert [record.name for record in caplog.records] == ["lmstudio"] * calls
    assert caplog.text.count(f"The callback {name} raised") == calls
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
