"""Many prompts and chats at once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Program
from patience import LONGEST_SECONDS

import lmstudio as lm

PROMPTS = ["1, 2, 3, 4, 5, 6, 7, 8,", "red blue red blue red blue", "one two one two one two"]
TOO_LONG = "word " * 9000  # for any context of the model


def test_texts_are_those_of_one_by_one(
    client: lm.Client, key: str, greedy: lm.LlmPredictionConfigDict
) -> None:
    # Where many have come and gone, cells lie in another order, and sums are rounded otherwise.
    llm = client.llm.load_new_instance(key, "fresh")
    try:
        many = llm.complete_many(PROMPTS, config=greedy)
        assert [result.content for result in many] == [
            llm.complete(prompt, config=greedy).content for prompt in PROMPTS
        ]
    finally:
        llm.unload()
    assert all(result.stats.stop_reason == "maxPredictedTokensReached" for result in many)


def test_every_chat_has_its_answer(llm: lm.LLM, greedy: lm.LlmPredictionConfigDict) -> None:
    chat = lm.Chat("You count.")
    chat.add_user_message("1, 2, 3, 4")
    entry = {"role": "user", "content": "Count to ten."}
    histories: list[Any] = [chat, "Say hello.", {"messages": [entry]}]
    many = llm.respond_many(histories, config=greedy)
    alone = [llm.respond(history, config=greedy) for history in histories]
    # Of chats the beginning may be shared, which rounds otherwise: only the prompts are the same.
    assert [answer.stats.prompt_tokens_count for answer in many] == [
        answer.stats.prompt_tokens_count for answer in alone
    ]
    assert all(answer.content for answer in many)


def test_no_prompts_give_no_results(llm: lm.LLM) -> None:
    assert llm.complete_many([]) == []
    assert llm.respond_many(iter([])) == []


def test_callbacks_know_the_places(llm: lm.LLM, greedy: lm.LlmPredictionConfigDict) -> None:
    progress: dict[int, list[float]] = {0: [], 1: [], 2: []}
    results: dict[int, lm.PredictionResult] = {}
    many = llm.complete_many(
        PROMPTS,
        config=greedy,
        on_progress=lambda share, index: progress[index].append(share),
        on_result=lambda result, index: results.update({index: result}),
    )
    assert [results[index] for index in range(3)] == many
    for shares in progress.values():
        assert (shares[0], shares[-1]) == (0.0, 1.0)
        assert shares == sorted(shares)


def test_one_bad_prompt_is_named(llm: lm.LLM, greedy: lm.LlmPredictionConfigDict) -> None:
    with pytest.raises(lm.LMStudioValueError, match=r"prompts\[1\]"):
        llm.complete_many(["a", "", "c"], config=greedy)
    with pytest.raises(lm.LMStudioError, match=r"prompts\[1\]: "):
        llm.complete_many(["a", TOO_LONG, "c"], config=greedy)


def test_bad_prompts_leave_the_others_alone(
    llm: lm.LLM, greedy: lm.LlmPredictionConfigDict
) -> None:
    prompts = ["a b c", "", TOO_LONG, "d e f"]
    outcomes = llm.complete_many(prompts, config=greedy, return_exceptions=True)
    kinds = [isinstance(outcome, lm.PredictionResult) for outcome in outcomes]
    assert kinds == [True, False, False, True]
    assert isinstance(outcomes[1], lm.LMStudioValueError)
    assert isinstance(outcomes[2], lm.LMStudioError)


def test_what_is_no_prompt_leaves_the_others_alone_too(
    llm: lm.LLM, greedy: lm.LlmPredictionConfigDict
) -> None:
    inputs: list[Any] = ["a b c", 5, "\ud800", "d e f"]
    for many, name in ((llm.complete_many, "prompts"), (llm.respond_many, "chats")):
        outcomes = many(inputs, config=greedy, return_exceptions=True)
        kinds = [isinstance(outcome, lm.PredictionResult) for outcome in outcomes]
        assert kinds == [True, False, False, True]
        for index in (1, 2):
            assert isinstance(outcomes[index], lm.LMStudioValueError)
            assert str(outcomes[index]).startswith(f"{name}[{index}]: ")
        with pytest.raises(lm.LMStudioValueError, match=rf"^{name}\[1\]: "):
            many(inputs, config=greedy)


def test_structured_answers_are_parsed(llm: lm.LLM) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]}
    for result in llm.complete_many(["One: ", "Two: "], response_format=schema):
        assert isinstance(result.parsed, dict)


@pytest.mark.parametrize("prompts", ["abc", 7, None, [b"bytes"], ["a", 1], ["\ud800"]])
def test_what_is_no_list_of_texts_is_refused(llm: lm.LLM, prompts: object) -> None:
    with pytest.raises(lm.LMStudioValueError):
        llm.complete_many(prompts)  # type: ignore[call-overload]


def test_one_chat_or_text_is_refused(llm: lm.LLM) -> None:
    with pytest.raises(lm.LMStudioValueError, match="several"):
        llm.respond_many(lm.Chat("x"))  # type: ignore[call-overload]
    with pytest.raises(lm.LMStudioValueError, match="several"):
        llm.complete_many(b"x")  # type: ignore[arg-type]


def test_five_hundred_prompts(llm: lm.LLM) -> None:
    prompts = [f"{number} and" for number in range(500)]
    results = llm.complete_many(prompts, config={"maxTokens": 1, "temperature": 0})
    assert len(results) == 500
    assert {result.stats.predicted_tokens_count for result in results} <= {0, 1}


def test_a_closed_client_refuses() -> None:
    client = lm.Client("local:")
    llm = lm.LLM("x", client.llm)
    client.close()
    with pytest.raises(lm.LMStudioRuntimeError):
        llm.complete_many(["a"])


@pytest.mark.usefixtures("on_each_host")
def test_ctrl_c_stops_all(start: Callable[..., Program]) -> None:
    program = start(
        """\
import lmstudio as lm
llm = lm.llm()
try:
    llm.complete_many(["1 2 3 4 5 6"] * 500, config={"temperature": 0},
                      on_progress=lambda share, index: print("progress", flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(llm.complete("My name is", config={"maxTokens": 2}).stats.predicted_tokens_count)
"""
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "progress\n"
    program.send_signal(signal.SIGINT)
    output, errors = program.communicate(timeout=LONGEST_SECONDS)
    lines = [line for line in output.splitlines() if line != "progress"]
    assert (lines, errors, program.returncode) == (["interrupted", "2"], "", 0)
