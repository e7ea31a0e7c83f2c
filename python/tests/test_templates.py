"""Chats become the text that llama.cpp's own server makes of them, by many models' templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiny_vision
from llama_server import LLAMA, LlamaServer

import lmstudio as lm

TEMPLATES = sorted((LLAMA / "share" / "templates").glob("*.jinja"))
KEY = "tiny"

# These tell the model of no tools, or write calls that nobody can read back. Tools are then spelled
# out in LM Studio's own form, where llama-server leaves them out or takes no calls.
KNOW_NO_TOOLS = {
    "HuggingFaceTB-SmolLM3-3B",
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B",
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B",
    "deepseek-ai-DeepSeek-V3.1",
    "fireworks-ai-llama-3-firefunction-v2",
    "google-gemma-2-2b-it",
    "ibm-granite-granite-3.3-2B-Instruct",
    "llama-cpp-rwkv-world",
    "microsoft-Phi-3.5-mini-instruct",
}
# These leave out what the model called before, which we spell out too. (Where tools are given, LFM2
# has a form for calls.)
WRITE_NO_CALLS = {*KNOW_NO_TOOLS, "LFM2-8B-A1B", "LFM2.5-Instruct"} - {
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B",
    "deepseek-ai-DeepSeek-V3.1",
    "fireworks-ai-llama-3-firefunction-v2",
}

ARGUMENTS = {"a": 1, "b": 2}
TOOL = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds two numbers.",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer", "minimum": 0}},
            "required": ["a", "b"],
        },
    },
}


def said(role: str, text: str) -> dict[str, Any]:
    """A message in OpenAI's form."""
    return {"role": role, "content": text}


def called(text: str) -> list[dict[str, Any]]:
    """A call of the tool, and what came of it."""
    function = {"name": "add", "arguments": json.dumps(ARGUMENTS, separators=(",", ":"))}
    call = {"id": "abcdef123", "type": "function", "function": function}
    result = said("tool", "3") | {"tool_call_id": call["id"]}
    return [said("assistant", text) | {"tool_calls": [call]}, result]


CHATS = {
    "question": [said("user", "Hi")],
    "system": [said("system", "Be brief."), said("user", " Who\n\nare you? ")],
    "turns": [
        said("system", 'Be <b>brief</b> & "kind".'),
        said("user", "Hi 🙂"),
        said("assistant", "Hello!\n"),
        said("user", "Who are you?"),
    ],
    "call": [said("system", "Be brief."), said("user", "1 + 2?"), *called("")],
    "after a call": [
        said("user", "1 + 2?"),
        *called("Let me see."),
        said("assistant", "3."),
        said("user", "Sure?"),
    ],
}


def ours(llm: lm.LLM, messages: list[dict[str, Any]], tools: list[Any]) -> str:
    """What we make of a chat."""
    chat = lm.Chat()
    for message in messages:
        content: Any = message["content"]
        if message["role"] == "tool":
            content = lm.ToolCallResultData(content=content, tool_call_id=message["tool_call_id"])
        elif message["role"] == "assistant":
            content = [content]
            for call in message.get("tool_calls", []):
                request = lm.ToolCallRequest(
                    type="function",
                    id=call["id"],
                    name=call["function"]["name"],
                    arguments=ARGUMENTS,
                )
                content.append(request)
        chat.add_entry(message["role"], content)
    # llama.cpp adds the token that texts begin with when it makes tokens of them.
    return llm.apply_prompt_template(chat, {"omitBosToken": True, "toolDefinitions": tools})


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_prompts_are_llama_servers(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "acme" / KEY / f"{KEY}.gguf"
    path.parent.mkdir(parents=True)
    tiny_vision.write_model(path, template.read_text(encoding="utf-8"))
    with LlamaServer(path, "--jinja") as server, lm.Client(f"local:{tmp_path}") as client:
        llm = client.llm.model(KEY)
        for name, messages in CHATS.items():
            for tools in ([], [TOOL]):
                calls = any("tool_calls" in message for message in messages)
                prompt = ours(llm, messages, tools)
                if template.stem in (KNOW_NO_TOOLS if tools else WRITE_NO_CALLS if calls else ()):
                    assert "[TOOL_REQUEST]" in prompt
                    continue
                answer = server("/apply-template", messages=messages, tools=tools)
                assert prompt == answer["prompt"], f"{name}, {len(tools)} tools"
        llm.unload()


def test_there_are_many_templates() -> None:
    assert len(TEMPLATES) >= 60
    assert {path.stem for path in TEMPLATES} > WRITE_NO_CALLS | KNOW_NO_TOOLS
