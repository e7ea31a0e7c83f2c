"""Calls of tools, in this process and over our server."""

from __future__ import annotations

import json
from typing import Any

import pytest

import lmstudio as lm

TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds two numbers.",
        "parameters": {
            "type": "object",
            "properties": {
                "a": {"type": "integer", "minimum": 0, "maximum": 9},
                "b": {"type": "integer", "minimum": 0, "maximum": 9},
            },
            "required": ["a", "b"],
        },
    },
}
CONFIG: dict[str, Any] = {
    "temperature": 0,
    "maxTokens": 64,
    "rawTools": {"type": "toolArray", "tools": [TOOL], "force": True},
    "toolCallStopStrings": ["[END_TOOL_REQUEST]\n"],
}


def test_a_call_is_told_step_by_step(llm: lm.LLM) -> None:
    events: list[Any] = []
    messages: list[lm.AssistantResponse] = []
    result = llm.respond(
        "What is 1 + 2?",
        config=CONFIG,  # type: ignore[arg-type]  # options that the published names lack
        on_tool_call=events.append,
        on_message=messages.append,
    )
    call = result.tool_calls[0]
    assert call.name == "add"
    assert call.arguments is not None
    assert set(call.arguments) == {"a", "b"}
    assert "TOOL_REQUEST" not in result.content
    assert [event.type for event in events[:2]] == ["start", "name"]
    assert events[1].content == "add"
    end = next(index for index, event in enumerate(events) if event.type == "end")
    pieces = [event.content for event in events[2:end]]
    assert json.loads("".join(pieces)) == call.arguments
    assert events[end].request == call
    assert messages[0].content[-1].to_dict()["toolCallRequest"]["name"] == "add"


def test_a_chat_goes_on_after_a_call(llm: lm.LLM) -> None:
    chat = lm.Chat("You add.")
    chat.add_user_message("What is 1 + 2?")
    result = llm.respond(chat, config=CONFIG, on_message=chat.append)  # type: ignore[arg-type]
    call = result.tool_calls[0]
    chat.add_tool_result(lm.ToolCallResultData(content="3", tool_call_id=call.id))
    prompt = llm.apply_prompt_template(chat)
    assert '[TOOL_REQUEST]{"name": "add"' in prompt
    assert "[TOOL_RESULT]3[END_TOOL_RESULT]" in prompt
    assert llm.respond(chat, config={"temperature": 0, "maxTokens": 8}).tool_calls == ()


@pytest.mark.parametrize(
    ("tools", "reason"),
    [
        ([TOOL, TOOL], "two tools are called"),
        ([{"type": "function", "function": {"name": f"t{n}"}} for n in range(10_000)], "at most"),
        ([{"type": "function", "function": {"name": "add", "parameters": [1]}}], "schema"),
        ([{"type": "function", "function": {}}], "rawTools must be"),
    ],
)
def test_tools_that_make_no_sense_are_refused(llm: lm.LLM, tools: list[Any], reason: str) -> None:
    config: Any = {"rawTools": {"type": "toolArray", "tools": tools}}
    with pytest.raises(lm.LMStudioError, match=reason):
        llm.respond("Hi", config=config)


def test_a_choice_of_no_tool_is_refused(llm: lm.LLM) -> None:
    choice = {"type": "function", "function": {"name": "multiply"}}
    with pytest.raises(lm.LMStudioValueError, match="multiply"):
        llm.respond("Hi", config={**CONFIG, "toolChoice": choice})  # type: ignore[arg-type]
