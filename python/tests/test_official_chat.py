"""Chats with the published ``lmstudio`` package against our server."""

from __future__ import annotations

from typing import Any

import pytest
from peer import Peer, PeerError

import lmstudio as lm

CONFIG: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 24}
SYSTEM = "You answer in one sentence."
QUESTION = "What is the capital of France?"
HISTORY = {
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": SYSTEM}]},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ]
}
PROMPT = (
    f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{QUESTION}<|im_end|>\n"
    "<|im_start|>assistant\n"
)


def test_an_answer_is_the_completion_of_the_templates_text(
    peer: Peer, key: str, here: lm.LLM
) -> None:
    told = peer("respond", identifier=key, history=HISTORY, config=CONFIG)
    assert peer("apply_prompt_template", identifier=key, history=HISTORY) == PROMPT
    result = here.complete(PROMPT, config=CONFIG)
    assert told["content"] == result.content
    assert told["stats"]["promptTokensCount"] == result.stats.prompt_tokens_count
    assert told["stats"]["stopReason"] == result.stats.stop_reason
    assert {fragment["reasoningType"] for fragment in told["fragments"]} == {"none"}


def test_a_chat_goes_on(peer: Peer, key: str, here: lm.LLM) -> None:
    told = peer(
        "respond_twice",
        identifier=key,
        system=SYSTEM,
        questions=["My name is Anna.", "What is my name?"],
        config=CONFIG,
    )
    first, second = told["answers"]
    turns = [("system", SYSTEM), ("user", "My name is Anna."), ("assistant", first)]
    turns += [("user", "What is my name?"), ("assistant", second)]
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)
    assert told["prompt"] == text + "<|im_start|>assistant\n"
    start = text.index(f"<|im_start|>assistant\n{second}<|im_end|>", text.index("What is my name"))
    prompt = text[:start] + "<|im_start|>assistant\n"
    assert here.complete(prompt, config=CONFIG).content == second


TOOL = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds two numbers.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
    },
}


@pytest.mark.parametrize(
    "opts",
    [
        {},
        {"omitBosToken": True},
        {"omitEosToken": True},
        {"toolDefinitions": [TOOL]},
        {"omitBosToken": True, "toolDefinitions": [TOOL]},
    ],
    ids=str,
)
def test_what_the_template_leaves_out_and_adds(
    peer: Peer, key: str, here: lm.LLM, opts: dict[str, Any]
) -> None:
    text = peer("apply_prompt_template", identifier=key, history=HISTORY, opts=opts)
    history: Any = HISTORY
    own: Any = opts
    assert text == here.apply_prompt_template(history, own)
    whole = ("<|im_start|>" if "omitBosToken" in opts else "") + text
    assert ("Adds two numbers." in whole) == ("toolDefinitions" in opts)
    assert (whole == PROMPT) != ("toolDefinitions" in opts)


def test_a_template_of_the_request(peer: Peer, key: str, here: lm.LLM) -> None:
    text = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{{ '>' }}"
    template = {"type": "jinja", "stopStrings": [], "jinjaPromptTemplate": {"template": text}}
    config: dict[str, Any] = {**CONFIG, "promptTemplate": template}
    told = peer("respond", identifier=key, history="Hello", config=config)
    assert told["content"] == here.complete("user: Hello\n>", config=CONFIG).content
    assert told["predictionConfig"]["promptTemplate"] == template


def test_thinking_is_told_apart(peer: Peer, key: str) -> None:
    plain = peer("respond", identifier=key, history=HISTORY, config=CONFIG)["content"]
    parsing = {"enabled": True, "startString": plain[4:9], "endString": plain[14:20]}
    config: dict[str, Any] = {**CONFIG, "reasoningParsing": parsing}
    told = peer("respond", identifier=key, history=HISTORY, config=config)
    assert told["content"] == plain
    parts = [(part["reasoningType"], part["content"]) for part in told["fragments"]]
    assert ("reasoningStartTag", plain[4:9]) in parts
    assert ("reasoningEndTag", plain[14:20]) in parts
    assert "".join(text for kind, text in parts if kind == "reasoning") == plain[9:14]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for m in messages %}\n{% oops %}", "line 2: Unknown statement: oops"),
        ("{{ raise_exception('no such chat') }}", "line 1: Jinja Exception: no such chat"),
        ("{% for i in range(10 ** 12) %}{% endfor %}", "line 1: "),
    ],
)
def test_a_faulty_template_says_where(peer: Peer, key: str, template: str, message: str) -> None:
    option = {
        "type": "jinja",
        "stopStrings": [],
        "jinjaPromptTemplate": {"template": template},
    }
    with pytest.raises(PeerError, match=message):
        peer("respond", identifier=key, history="Hello", config={"promptTemplate": option})
    assert peer("respond", identifier=key, history="Hello", config=CONFIG)["content"]
