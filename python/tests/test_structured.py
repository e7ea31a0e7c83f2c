"""Answers of a form that is asked for, and what tokens tell of themselves."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from peer import Peer, PeerError

import lmstudio as lm

CONFIG: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 120}
PROMPT = "A person as JSON: "
QUESTION = "Describe a person as JSON."
SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "age": {"type": ["integer", "null"], "minimum": 1, "maximum": 99},
        "cities": {"type": "array", "items": {"enum": ["Paris", "Rome"]}, "maxItems": 2},
    },
    "required": ["name", "age", "cities"],
    "additionalProperties": False,
}


class Person:
    """What a Pydantic model is to us."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return SCHEMA


def assert_is_a_person(value: Any) -> None:
    assert set(value) == {"name", "age", "cities"}
    assert len(value["name"]) <= 20
    assert value["age"] is None or 1 <= value["age"] <= 99
    assert set(value["cities"]) <= {"Paris", "Rome"}


@pytest.mark.parametrize("response_format", [SCHEMA, Person])
def test_answer_is_of_the_form(llm: lm.LLM, response_format: Any) -> None:
    result = llm.complete(PROMPT, response_format=response_format, config=CONFIG)
    assert_is_a_person(result.parsed)
    assert isinstance(result.parsed, dict)
    assert list(result.parsed) == ["name", "age", "cities"]  # as the schema has them
    assert result.structured
    assert json.loads(result.content) == result.parsed
    assert result.stats.stop_reason == "eosFound"
    setting = result.prediction_config.structured
    assert setting is not None
    assert setting.json_schema == SCHEMA


@pytest.mark.parametrize("response_format", [SCHEMA, Person])
def test_chats_are_answered_in_the_form(llm: lm.LLM, response_format: Any) -> None:
    result = llm.respond(QUESTION, response_format=response_format, config=CONFIG)
    assert_is_a_person(result.parsed)
    assert result.structured
    assert json.loads(result.content) == result.parsed
    assert result.stats.stop_reason == "eosFound"
    stream = llm.respond_stream(QUESTION, response_format=response_format, config=CONFIG)
    assert "".join(map(str, stream)) == stream.result().content
    assert_is_a_person(stream.result().parsed)


def test_stream_is_of_the_form(llm: lm.LLM) -> None:
    stream = llm.complete_stream(PROMPT, response_format=Person, config=CONFIG)
    text = "".join(str(fragment) for fragment in stream)
    assert_is_a_person(stream.result().parsed)
    assert text == stream.result().content


def test_other_json_is_parsed_too(llm: lm.LLM) -> None:
    schema = {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 2}
    result = llm.complete("Two flags: ", response_format=schema, config=CONFIG)
    assert isinstance(result.parsed, list)
    assert result.structured


@pytest.mark.parametrize(
    ("schema", "answers"),
    [
        ({"enum": ["yes", "no"]}, ["yes", "no"]),
        ({"const": 5}, [5]),
        ({"anyOf": [{"const": None}, {"const": True}]}, [None, True]),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"enum": [1]}}}, [1]),
        ({"properties": {"a": {"const": 1}}, "required": ["a"]}, [{"a": 1}]),
    ],
)
def test_schemas_need_no_type(llm: lm.LLM, schema: dict[str, Any], answers: list[Any]) -> None:
    result = llm.complete("Well: ", response_format=schema, config=CONFIG)
    assert result.parsed in answers


def test_grammar_decides(llm: lm.LLM) -> None:
    form = {"type": "gbnf", "gbnfGrammar": 'root ::= ("yes" | "no") "!"'}
    result = llm.complete("Is water wet? ", response_format=form, config=CONFIG)
    assert result.content in ("yes!", "no!")
    assert result.parsed is result.content


def test_cut_answer_stays_text(llm: lm.LLM) -> None:
    result = llm.complete(PROMPT, response_format=Person, config={"maxTokens": 2})
    assert result.stats.stop_reason == "maxPredictedTokensReached"
    assert result.parsed is result.content


def test_cut_number_stays_text(llm: lm.LLM) -> None:
    schema = {"type": "integer", "minimum": 100, "maximum": 999}
    cut = llm.complete("A number: ", response_format=schema, config={"maxTokens": 1})
    assert cut.stats.stop_reason == "maxPredictedTokensReached"
    assert cut.content.isdigit()
    assert cut.parsed is cut.content
    assert not cut.structured
    whole = llm.complete("A number: ", response_format=schema)
    assert whole.stats.stop_reason == "eosFound"
    assert whole.parsed == int(whole.content) >= 100


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"type": "color"}, "color"),
        ({"type": "string", "maxLength": 10**9}, "1000000000"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}, "#/proper"),
        ({"type": "gbnf", "gbnfGrammar": "root ::= x"}, "line 1, column 10"),
        ({"type": "gbnf", "gbnfGrammar": 'root ::= root "a" | "b"'}, "begins with itself"),
        ({"type": "gbnf", "gbnfGrammar": "#" * 300_000}, "bytes"),
    ],
)
def test_wrong_forms_are_refused_with_the_place(llm: lm.LLM, form: Any, named: str) -> None:
    with pytest.raises((lm.LMStudioValueError, lm.LMStudioServerError), match=named):
        llm.complete(PROMPT, response_format=form)


def test_tokens_tell_their_probability(llm: lm.LLM) -> None:
    config: lm.LlmPredictionConfigDict = {
        "temperature": 0,
        "maxTokens": 8,
        "repeatPenalty": False,
        "logProbs": 3,
    }
    fragments = list(llm.complete_stream("My name is", config=config))
    tokens = [token for fragment in fragments for token in fragment.tokens or ()]
    assert len(tokens) == 8
    assert "".join(token.text for token in tokens) == "".join(map(str, fragments))
    for token in tokens:
        assert token.log_prob is not None
        assert token.candidates[0].id == token.id
        chances = [math.exp(candidate.log_prob or 0) for candidate in token.candidates]
        assert len(chances) == 3
        assert sum(chances) <= 1.000001
        assert math.isclose(math.exp(token.log_prob), chances[0])
    plain = llm.complete_stream("My name is", config={**config, "logProbs": False})
    assert all(fragment.tokens is None for fragment in plain)
    assert plain.result().content == "".join(map(str, fragments))


def test_official_package_gets_its_form(peer: Peer, key: str, here: lm.LLM) -> None:
    told = peer("complete", identifier=key, prompt=PROMPT, config=CONFIG, response_format=SCHEMA)
    assert_is_a_person(json.loads(told["content"]))
    # It sends a schema's members in the order of their names.
    sent = json.loads(json.dumps(SCHEMA, sort_keys=True))
    assert told["content"] == here.complete(PROMPT, config=CONFIG, response_format=sent).content
    assert told["parsed"] == json.loads(told["content"])


@pytest.mark.parametrize("name", ["response_format", "response_class"])
def test_official_package_is_answered_in_its_form(peer: Peer, key: str, name: str) -> None:
    told = peer("respond", identifier=key, history=QUESTION, config=CONFIG, **{name: SCHEMA})
    assert_is_a_person(told["parsed"])
    assert told["parsed"] == json.loads(told["content"])
    assert told["predictionConfig"]["structured"]["jsonSchema"] == SCHEMA
    assert told["stats"]["stopReason"] == "eosFound"


def test_official_package_gets_its_grammar(peer: Peer, key: str) -> None:
    form = {"type": "gbnf", "gbnfGrammar": 'root ::= "yes" | "no"'}
    told = peer("complete", identifier=key, prompt=PROMPT, config=CONFIG, response_format=form)
    assert told["content"] in ("yes", "no")


def test_official_package_hears_what_is_wrong(peer: Peer, key: str) -> None:
    with pytest.raises(PeerError, match="color"):
        peer("complete", identifier=key, prompt=PROMPT, response_format={"type": "color"})
