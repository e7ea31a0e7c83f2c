"""PredictionResult, fragments and statistics as values."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import pprint
from typing import Any

import pytest

import lmstudio as lm
from lmstudio._results import result_of


@pytest.fixture
def result(llm: lm.LLM, greedy: lm.LlmPredictionConfigDict) -> lm.PredictionResult:
    return llm.complete("My name is", config=greedy)


def test_prints_as_its_text(result: lm.PredictionResult) -> None:
    assert str(result) == result.content != ""
    assert f"{result}" == result.content
    assert repr(result) == f"PredictionResult(content={result.content!r})"


def test_tells_where_it_was_made(result: lm.PredictionResult, client: lm.Client) -> None:
    assert result.api_host == client.api_host != ""


def test_has_metadata(result: lm.PredictionResult, llm: lm.LLM, key: str) -> None:
    assert isinstance(result.model_info, lm.LlmInfo)
    assert result.model_info.model_key == key
    assert result.load_config == llm.get_load_config()
    assert result.load_config.context_length == llm.get_context_length()
    assert result.prediction_config.max_tokens == 16
    assert result.prediction_config.temperature == 0
    assert result.prediction_config.top_k_sampling == 40


def test_has_statistics(result: lm.PredictionResult, llm: lm.LLM) -> None:
    stats = result.stats
    assert stats.stop_reason == "maxPredictedTokensReached"
    assert stats.prompt_tokens_count == llm.count_tokens("My name is")
    assert stats.predicted_tokens_count == 16
    assert stats.total_tokens_count == stats.prompt_tokens_count + 16
    assert stats.tokens_per_second is not None
    assert stats.tokens_per_second > 0
    assert stats.time_to_first_token_sec is not None
    assert stats.total_time_sec is not None
    assert stats.total_time_sec >= stats.time_to_first_token_sec > 0
    assert stats.stop_string is None


def test_unstructured_text_is_its_own_parsed_form(result: lm.PredictionResult) -> None:
    assert result.parsed is result.content
    assert not result.structured


MODEL = {
    "modelKey": "m",
    "format": "gguf",
    "displayName": "m",
    "path": "m",
    "sizeBytes": 1,
    "vision": False,
    "trainedForToolUse": False,
    "maxContextLength": 1,
}


class Answer:
    """A finished prediction of some text."""

    def __init__(self, text: str, stop_reason: str = "eosFound") -> None:
        self.text = text
        self.stats = {"stopReason": stop_reason}

    def result(self) -> tuple[str, str, str, str, str, str]:
        config: Any = {"structured": {"type": "json", "jsonSchema": {}}}
        stats, model, config = map(json.dumps, (self.stats, MODEL, config))
        return self.text, "ws://host:1", stats, model, "{}", config

    def reasoning(self) -> tuple[str, str]:
        return "", self.text

    def tool_calls(self) -> str:
        return "[]"


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a": ', ""], ids=["deep", "cut", "empty"])
def test_an_answer_that_cannot_be_parsed_is_its_own_parsed_form(text: str) -> None:
    result = result_of(Answer(text), structured=True)
    assert result.content == result.parsed == text


@pytest.mark.parametrize("text", ["1", "-0", "1.5", "10e2"])
def test_a_number_that_may_have_been_cut_is_its_own_parsed_form(text: str) -> None:
    for reason in ("eosFound", "stopStringFound"):
        assert result_of(Answer(text, reason), structured=True).parsed == json.loads(text)
    for reason in ("maxPredictedTokensReached", "contextLengthReached", "modelUnloaded", "failed"):
        result = result_of(Answer(text, reason), structured=True)
        assert result.parsed is result.content
        assert not result.structured


@pytest.mark.parametrize("text", ["[1]", '{"a": 1}', '"1"', "true", "null"])
def test_what_ends_with_a_mark_of_its_own_is_parsed_wherever_it_ends(text: str) -> None:
    result = result_of(Answer(text, "maxPredictedTokensReached"), structured=True)
    assert result.parsed == json.loads(text)
    assert result.structured


def test_what_is_nested_too_deep_to_be_indented_is_printed_as_it_is() -> None:
    text = "[" * 900 + "]" * 900
    result = result_of(Answer(text), structured=True)

    def printed(calls: int) -> str:
        return printed(calls - 1) if calls else str(result)

    assert "".join(printed(400).split()) == text


def test_text_without_thinking_is_all_answer(result: lm.PredictionResult) -> None:
    assert result.reasoning_content == ""
    assert result.non_reasoning_content == result.content


def test_is_as_good_as_a_dataclass(result: lm.PredictionResult) -> None:
    names = [field.name for field in dataclasses.fields(result)]
    published = "content parsed stats model_info structured load_config prediction_config"
    assert " ".join(names).startswith(published)
    assert dataclasses.is_dataclass(lm.PredictionResult)
    assert dataclasses.replace(result) == result
    assert dataclasses.replace(result, reasoning_content="hm").reasoning_content == "hm"
    with pytest.raises(ValueError, match="structured"):
        dataclasses.replace(result, structured=True)
    members = dataclasses.asdict(result)
    assert (members["content"], members["stats"]) == (result.content, result.stats)
    assert pprint.pformat(result) == repr(result)


def test_thinking_and_answer_are_parts_of_a_result(result: lm.PredictionResult) -> None:
    thoughtful = lm.PredictionResult(
        content="<think>Well.</think>Yes.",
        parsed="",
        stats=result.stats,
        model_info=result.model_info,
        load_config=result.load_config,
        prediction_config=result.prediction_config,
        reasoning_content="Well.",
        non_reasoning_content="Yes.",
    )
    twin = pickle.loads(pickle.dumps(thoughtful))
    assert (twin.reasoning_content, twin.non_reasoning_content) == ("Well.", "Yes.")
    assert twin == thoughtful != result


def test_structured_result_prints_as_json(result: lm.PredictionResult) -> None:
    structured = lm.PredictionResult(
        content='{"b":1,"a":2}',
        parsed={"b": 1, "a": 2},
        stats=result.stats,
        model_info=result.model_info,
        load_config=result.load_config,
        prediction_config=result.prediction_config,
    )
    assert structured.structured
    assert str(structured) == '{\n  "a": 2,\n  "b": 1\n}'
    assert repr(structured) == 'PredictionResult(content=\'{"b":1,"a":2}\')'


def test_is_immutable(result: lm.PredictionResult) -> None:
    with pytest.raises(AttributeError):
        result.content = "else"
    with pytest.raises(AttributeError):
        del result.stats
    with pytest.raises(TypeError):
        hash(result)


def test_copies_are_equal(result: lm.PredictionResult) -> None:
    for twin in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert twin == result
        assert not twin.structured
    assert result != "text"


def test_fragment_is_a_value() -> None:
    fragment = lm.LlmPredictionFragment(
        content=" J\u00f6rg\n", tokens_count=2, contains_drafted=False, reasoning_type="none"
    )
    assert str(fragment) == " J\u00f6rg\n"
    assert repr(fragment) == (
        "LlmPredictionFragment(content=' J\u00f6rg\\n', tokens_count=2, "
        "contains_drafted=False, reasoning_type='none')"
    )
    assert fragment.to_dict() == {
        "content": " J\u00f6rg\n",
        "tokensCount": 2,
        "containsDrafted": False,
        "reasoningType": "none",
    }
    assert lm.LlmPredictionFragment.from_dict(fragment.to_dict()) == fragment
    assert pickle.loads(pickle.dumps(fragment)) == copy.copy(fragment) == fragment
    assert fragment != fragment.content
    with pytest.raises(AttributeError):
        fragment.content = "else"


def test_fragment_needs_all_its_values() -> None:
    with pytest.raises(TypeError):
        lm.LlmPredictionFragment(content="text")  # type: ignore[call-arg]
    bad: Any = "text"
    with pytest.raises(TypeError):
        lm.LlmPredictionFragment(bad)  # type: ignore[call-arg]
    with pytest.raises(lm.LMStudioValueError):
        lm.LlmPredictionFragment.from_dict({"content": "text"})
