"""Answers described by classes: `lmstudio.BaseModel`, Pydantic's, and others like them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pydantic
import pytest
import response_forms
from peer import Peer

import lmstudio as lm

CONFIG: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 80}
PROMPT = "A person as JSON: "


class Person(lm.BaseModel):
    name: str
    age: int


class Node(lm.BaseModel):
    value: int
    next: Node | None = None


class PydanticPerson(pydantic.BaseModel):
    name: str = pydantic.Field(max_length=20)
    age: int = pydantic.Field(ge=1, le=99)


class Narrow(lm.BaseModel):
    age: str


@pytest.mark.parametrize("form", [Person, PydanticPerson])
def test_answers_become_objects(llm: lm.LLM, form: type[Any]) -> None:
    result = llm.complete(PROMPT, response_format=form, config=CONFIG)
    person = result.parsed_as(form)
    assert isinstance(person, form)
    assert result.parsed == {"name": person.name, "age": person.age}


def test_an_answer_that_does_not_fit_is_told(llm: lm.LLM) -> None:
    result = llm.complete(PROMPT, response_format=Person, config=CONFIG)
    with pytest.raises(lm.LMStudioValueError, match=r"The answer is no Narrow: .*age"):
        result.parsed_as(Narrow)


def test_text_is_no_object(llm: lm.LLM) -> None:
    result = llm.complete(PROMPT, response_format=Person, config={"maxTokens": 2})
    with pytest.raises(
        lm.LMStudioValueError, match=r"no JSON value .* 'maxPredictedTokensReached'"
    ):
        result.parsed_as(Person)


@pytest.mark.parametrize("wrong", [dict, 5, lm.Client])
def test_other_classes_are_refused(llm: lm.LLM, wrong: Any) -> None:
    result = llm.complete(PROMPT, response_format=Person, config=CONFIG)
    with pytest.raises(lm.LMStudioValueError, match="takes a class with model_validate_json"):
        result.parsed_as(wrong)


def test_the_schema_is_as_documented() -> None:
    assert Person.model_json_schema() == {
        "$defs": {},
        "properties": {"age": {"type": "integer"}, "name": {"type": "string"}},
        "required": ["name", "age"],
        "title": "Person",
        "type": "object",
    }
    assert isinstance(Person, lm.ModelSchema)


def test_objects_are_made_of_text_too() -> None:
    assert Person(name="Ann", age=5) == Person.model_validate_json(b'{"age":5,"name":"Ann"}')
    with pytest.raises(ValueError, match="age"):
        Person.model_validate_json('{"name":"Ann"}')


def test_a_class_may_refer_to_itself(llm: lm.LLM) -> None:
    schema = Node.model_json_schema()
    assert {"$ref": "#/$defs/Node"} in schema["properties"]["next"]["anyOf"]
    assert schema["$defs"]["Node"]["title"] == "Node"
    result = llm.complete("A tree: ", response_format=Node, config={"temperature": 0})
    assert isinstance(result.parsed_as(Node), Node)


def test_the_published_package_has_the_same_schemas(peer: Peer) -> None:
    assert peer("schemas") == response_forms.schemas(lm)


def test_the_published_package_sends_the_same(peer: Peer, key: str, here: lm.LLM) -> None:
    told = peer("sent_setting", identifier=key, name="Plain", prompt=PROMPT)
    form = response_forms.classes(lm)["Plain"]
    mine = here.complete(PROMPT, response_format=form, config={"temperature": 0, "maxTokens": 60})
    assert mine.content == told["content"]
    setting = mine.prediction_config.structured
    assert setting is not None
    assert setting.to_dict() == json.loads(told["setting"])


WITHOUT = "import sys\nsys.modules['msgspec'] = None\n"


def test_without_msgspec_deriving_says_what_to_install(run: Callable[..., str]) -> None:
    program = (
        f"{WITHOUT}import lmstudio as lm\nlm.BaseModel\ntry:\n class A(lm.BaseModel):\n  x: int\n"
        "except ModuleNotFoundError as error:\n print(error)\n"
    )
    assert "pip install msgspec." in run(program)


def test_without_msgspec_the_rest_goes_on(run: Callable[..., str]) -> None:
    assert run(f"{WITHOUT}from lmstudio import *\nprint(Chat().copy())\n").startswith("Chat")


def test_msgspec_is_read_when_it_is_needed(run: Callable[..., str]) -> None:
    program = (
        "import sys, lmstudio as lm\nlm.Chat\nlm.ResponseSchema\n"
        "print('msgspec' in sys.modules)\nlm.BaseModel\nprint('msgspec' in sys.modules)\n"
    )
    assert run(program).split() == ["False", "True"]
