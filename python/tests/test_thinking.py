"""Whether a model thinks before its answer, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from llama_server import LLAMA

import lmstudio as lm

QUESTION = "What is 1 + 2?"
START = f"<|im_start|>user\n{QUESTION}<|im_end|>\n<|im_start|>assistant\n"
THINKS, THINKS_NOT = "<think>\n", "<think>\n\n</think>\n\n"
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
CHOOSES = (
    CHATML + "{% if enable_thinking %}" + THINKS + "{% else %}" + THINKS_NOT + "{{ '' }}{% endif %}"
)


def config(template: str, max_tokens: int = 40, **options: Any) -> Any:
    by = {"type": "jinja", "stopStrings": [], "jinjaPromptTemplate": {"template": template}}
    return {"temperature": 0, "maxTokens": max_tokens, "promptTemplate": by, **options}


@pytest.mark.parametrize("end", [THINKS, THINKS_NOT])
def test_the_template_is_told(llm: lm.LLM, end: str) -> None:
    thinks = end == THINKS
    result = llm.respond(QUESTION, config=config(CHOOSES, 8, enableThinking=thinks))
    assert result.stats.prompt_tokens_count == llm.count_tokens(START + end)
    assert bool(result.reasoning_content) == thinks


def test_a_known_models_template_thinks_unless_it_is_told_not_to(llm: lm.LLM) -> None:
    template = (LLAMA / "share" / "templates" / "Qwen-Qwen3-0.6B.jinja").read_text(encoding="utf-8")
    counts = [
        llm.respond(QUESTION, config=config(template, 1, **options)).stats.prompt_tokens_count
        for options in ({}, {"enableThinking": True}, {"enableThinking": False})
    ]
    prompts = [START, START, START + THINKS_NOT]
    assert counts == [llm.count_tokens(prompt) for prompt in prompts]


@pytest.mark.parametrize("budget", [0, 1, 7])
def test_thinking_ends_with_its_budget(llm: lm.LLM, budget: int) -> None:
    options = config(CHATML + THINKS + "{{ '' }}", reasoningBudget=budget)
    stream = llm.respond_stream(QUESTION, config=options)
    fragments = list(stream)
    result = stream.result()
    thought = [each for each in fragments if each.reasoning_type == "reasoning"]
    assert sum(each.tokens_count for each in thought) == budget
    assert "reasoningEndTag" in {each.reasoning_type for each in fragments}
    assert "".join(map(str, thought)) == result.reasoning_content
    rest = "</think>" + result.non_reasoning_content
    assert result.content == result.reasoning_content + rest


def test_without_a_budget_it_goes_on(llm: lm.LLM) -> None:
    result = llm.respond(QUESTION, config=config(CHATML + THINKS + "{{ '' }}", 24))
    assert result.content == result.reasoning_content
    assert result.stats.stop_reason == "maxPredictedTokensReached"


@pytest.mark.parametrize(
    ("name", "value"), [("reasoningBudget", -1), ("reasoningBudget", "x"), ("enableThinking", 3)]
)
def test_what_makes_no_sense_is_refused(llm: lm.LLM, name: str, value: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match=name):
        llm.respond(QUESTION, config=config(CHATML, **{name: value}))
