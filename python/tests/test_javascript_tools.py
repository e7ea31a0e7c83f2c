"""Calls of tools in the frames of the TypeScript SDK."""

from __future__ import annotations

import json
from typing import Any

from javascript_client import JavaScriptClient, reference, stack
from test_tools import TOOL

CALL = "toolCallGeneration"


def fields(*, max_tokens: int, **options: Any) -> list[dict[str, Any]]:
    limit = {"checked": True, "value": max_tokens}
    values = {"maxPredictedTokens": limit, "temperature": 0, **options}
    return [{"key": f"llm.prediction.{key}", "value": value} for key, value in values.items()]


def predict(
    js: JavaScriptClient, model: dict[str, Any], options: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    content = [{"type": "text", "text": "What is 1 + 2?"}]
    parameter = {
        "modelSpecifier": reference(model),
        "history": {"messages": [{"role": "user", "content": content}]},
        "predictionConfigStack": stack(options),
    }
    return js.run("predict", parameter)


TOOLS = {
    "tools": {"type": "toolArray", "tools": [TOOL]},
    "toolChoice": {"type": "generic", "mode": "required"},
    "toolCallStopStrings": ["[END_TOOL_REQUEST]"],
}


def test_a_required_call_comes_in_steps(js: JavaScriptClient, js_model: dict[str, Any]) -> None:
    messages = predict(js, js_model, fields(max_tokens=64, **TOOLS))
    calls = [message for message in messages if message["type"].startswith(CALL)]
    kinds = [message["type"].removeprefix(CALL) for message in calls]
    assert kinds[:2] == ["Start", "NameReceived"]
    assert kinds[-1] == "End"
    assert set(kinds[2:-1]) == {"ArgumentFragmentGenerated"}
    request = calls[-1]["toolCallRequest"]
    assert request["name"] == calls[1]["name"] == "add"
    assert json.loads("".join(call["content"] for call in calls[2:-1])) == request["arguments"]
    assert messages[-1]["stats"]["stopReason"] == "toolCalls"
    assert not any(message["type"] == "fragment" for message in messages)


def test_a_call_that_is_cut_fails(js: JavaScriptClient, js_model: dict[str, Any]) -> None:
    messages = predict(js, js_model, fields(max_tokens=10, **TOOLS))
    (failed,) = [message for message in messages if message["type"] == f"{CALL}Failed"]
    error = failed["error"]
    # Otherwise the SDK's message says twice what it says, and that there is no stack.
    assert error["title"] == error["rootTitle"] == error["stack"]
    assert failed["rawContent"].startswith("[TOOL_REQUEST]")
    assert messages[-1]["stats"]["stopReason"] == "maxPredictedTokensReached"


def test_the_last_round_has_no_tools(js: JavaScriptClient, js_model: dict[str, Any]) -> None:
    none = {"tools": {"type": "none"}, "toolChoice": {"type": "generic", "mode": "auto"}}
    messages = predict(js, js_model, fields(max_tokens=8, **none))
    assert not any(message["type"].startswith(CALL) for message in messages)
    assert any(message["type"] == "fragment" for message in messages)
