"""The checker of ``strict_js.py`` refuses what hangs the TypeScript SDK."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from strict_js import NotAcceptedError, parse
from strict_js_frames import ABSENT, MESSAGES, RESULTS, frame

INSTANCE: dict[str, Any] = {
    "type": "llm",
    "modelKey": "tiny",
    "format": "gguf",
    "displayName": "Tiny",
    "publisher": "acme",
    "path": "acme/tiny.gguf",
    "sizeBytes": 5,
    "indexedModelIdentifier": "acme/tiny.gguf",
    "deviceIdentifier": None,
    "maxContextLength": 4096,
    "vision": False,
    "trainedForToolUse": False,
    "identifier": "tiny",
    "instanceReference": "ref",
    "ttlMs": None,
    "lastUsedTime": None,
    "contextLength": 2048,
}
FRAGMENT: dict[str, Any] = {
    "type": "fragment",
    "fragment": {
        "content": "x",
        "tokensCount": 1,
        "containsDrafted": False,
        "reasoningType": "none",
        "isStructural": False,
    },
}
SUCCESS: dict[str, Any] = {
    "type": "success",
    "stats": {"stopReason": "eosFound"},
    "modelInfo": INSTANCE,
    "loadModelConfig": {"fields": []},
    "predictionConfig": {"fields": []},
}


def refuses(check: Callable[[Any, str], None], value: Any) -> bool:
    try:
        check(value, "value")
    except NotAcceptedError:
        return True
    return False


def test_what_is_right_is_accepted() -> None:
    assert not refuses(RESULTS["llm", "listLoaded"], [INSTANCE])
    assert not refuses(RESULTS["llm", "unloadModel"], ABSENT)
    for message in (FRAGMENT, SUCCESS):
        assert not refuses(MESSAGES["predict"], message)


@pytest.mark.parametrize("name", [name for name in INSTANCE])
def test_every_field_of_an_instance_is_needed(name: str) -> None:
    assert refuses(
        RESULTS["llm", "getModelInfo"],
        {key: value for key, value in INSTANCE.items() if key != name},
    )


@pytest.mark.parametrize(
    "change",
    [
        {"sizeBytes": 5.0},
        {"architecture": None},
        {"quantization": None},
        {"format": "pte"},
        {"type": "embedding"},
        {"vision": 1},
        {"unheardOf": 1},
    ],
    ids=str,
)
def test_wrong_fields_of_an_instance(change: dict[str, Any]) -> None:
    assert refuses(RESULTS["llm", "getModelInfo"], {**INSTANCE, **change})


@pytest.mark.parametrize(
    ("endpoint", "result"),
    [
        ("unloadModel", None),
        ("unloadModel", {}),
        ("getModelInfo", None),
        ("getLoadConfig", {}),
        ("countTokens", {"tokenCount": 3.5}),
        ("getLoadConfig", {"fields": [{"key": "llm.load.contextLength", "value": None}]}),
        ("getLoadConfig", {"fields": [{"key": "llm.load.seed", "value": 7}]}),
    ],
)
def test_wrong_results(endpoint: str, result: Any) -> None:
    assert refuses(RESULTS["llm", endpoint], result)


@pytest.mark.parametrize("field", list(FRAGMENT["fragment"]))
def test_every_field_of_a_fragment_is_needed(field: str) -> None:
    message = copy.deepcopy(FRAGMENT)
    del message["fragment"][field]
    assert refuses(MESSAGES["completeRawText"], message)


@pytest.mark.parametrize("field", [name for name in SUCCESS if name != "type"])
def test_every_part_of_the_end_is_needed(field: str) -> None:
    message = {name: value for name, value in SUCCESS.items() if name != field}
    assert refuses(MESSAGES["predict"], message)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "promptProcessingProgress", "progress": 0.5},
        {"type": "error", "error": {}},
        {**SUCCESS, "stats": {"stopReason": "bored"}},
        {**SUCCESS, "stats": {"stopReason": "eosFound", "stopString": None}},
    ],
    ids=str,
)
def test_wrong_messages(message: dict[str, Any]) -> None:
    assert refuses(MESSAGES["predict"], message)


@pytest.mark.parametrize(
    "value",
    [
        {"type": "rpcError", "callId": 1, "error": "text"},
        {"type": "rpcError", "callId": 1, "error": None},
        {"type": "rpcError", "callId": 1},
        {"type": "rpcResult", "callId": "1"},
        {"type": "channelClose", "channelId": 1.0},
        {"type": "hello"},
    ],
    ids=str,
)
def test_wrong_frames(value: dict[str, Any]) -> None:
    assert refuses(frame, value)


@pytest.mark.parametrize("text", ['{"a":NaN}', '{"a":Infinity}', '{"a":1,"a":2}', b"{}"])
def test_wrong_json(text: str | bytes) -> None:
    with pytest.raises(AssertionError):
        parse(text)
