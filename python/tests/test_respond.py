"""Answering chats: what goes to the model, what comes back, what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

import lmstudio as lm

Config = lm.LlmPredictionConfigDict

QUESTION = "What is the capital of France?"


@pytest.fixture
def chat() -> lm.Chat:
    chat = lm.Chat("You answer in one sentence.")
    chat.add_user_message(QUESTION)
    return chat


def markup(*messages: tuple[str, str]) -> str:
    """The text that the model's template makes of a chat."""
    said = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in messages)
    return f"{said}<|im_start|>assistant\n"


def test_the_template_is_the_models(llm: lm.LLM, chat: lm.Chat) -> None:
    expected = markup(("system", "You answer in one sentence."), ("user", QUESTION))
    assert llm.apply_prompt_template(chat) == expected
    chat.add_assistant_response("Paris.")
    chat.add_user_message("And of Spain?")
    assert llm.apply_prompt_template(chat) == markup(
        ("system", "You answer in one sentence."),
        ("user", QUESTION),
        ("assistant", "Paris."),
        ("user", "And of Spain?"),
    )


def test_every_form_of_a_history_is_the_same_chat(llm: lm.LLM, chat: lm.Chat) -> None:
    expected = llm.apply_prompt_template(chat)
    messages: Any = [
        {"role": "system", "content": "You answer in one sentence."},
        ("user", [{"type": "text", "text": QUESTION}]),
    ]
    assert llm.apply_prompt_template({"messages": messages}) == expected
    assert llm.apply_prompt_template(chat._history) == expected
    only = markup(("user", QUESTION))
    assert llm.apply_prompt_template(QUESTION).endswith(only)


def test_options_of_the_template(llm: lm.LLM, chat: lm.Chat) -> None:
    plain = llm.apply_prompt_template(chat)
    assert llm.apply_prompt_template(chat, {"omitEosToken": True}) == plain  # it has none
    omitted = llm.apply_prompt_template(chat, {"omitBosToken": True})
    assert plain == "<|im_start|>" + omitted
    options = lm._configs.LlmApplyPromptTemplateOpts(omit_bos_token=True)
    assert llm.apply_prompt_template(chat, options) == omitted
    with pytest.warns(lm.LMStudioUnknownOptionWarning, match="omit_bos_token"):
        llm.apply_prompt_template(chat, {"omit_bos": True})  # type: ignore[arg-type]
    bad: Any = 5
    with pytest.raises(lm.LMStudioValueError, match="opts"):
        llm.apply_prompt_template(chat, bad)


def test_the_answer_goes_on_where_the_template_ends(
    llm: lm.LLM, chat: lm.Chat, greedy: Config
) -> None:
    answer = llm.respond(chat, config=greedy)
    assert "Paris" in answer.content
    assert answer.content == llm.complete(llm.apply_prompt_template(chat), config=greedy).content
    assert answer.stats.stop_reason == "eosFound"
    assert "<|im_end|>" not in answer.content
    assert answer.stats.prompt_tokens_count == llm.count_tokens(llm.apply_prompt_template(chat))


def test_stream_and_whole_give_the_same_text(llm: lm.LLM, chat: lm.Chat, greedy: Config) -> None:
    stream = llm.respond_stream(chat, config=greedy)
    assert stream.stats is None
    fragments = list(stream)
    result = stream.result()
    assert "".join(map(str, fragments)) == result.content == str(result)
    assert (
        llm.respond(chat, config=greedy) == result
        or result.content == llm.respond(chat, config=greedy).content
    )
    assert sum(each.tokens_count for each in fragments) == result.stats.predicted_tokens_count


def test_both_hosts_give_the_same_text(
    llm: lm.LLM, local_client: lm.Client, chat: lm.Chat, greedy: Config
) -> None:
    here = local_client.llm.model(llm.identifier)
    assert here.respond(chat, config=greedy).content == llm.respond(chat, config=greedy).content


def test_the_history_is_not_changed(llm: lm.LLM, chat: lm.Chat, greedy: Config) -> None:
    before = str(chat)
    llm.respond(chat, config=greedy)
    assert str(chat) == before


def test_callbacks_come_in_order(llm: lm.LLM, chat: lm.Chat, greedy: Config) -> None:
    seen: list[object] = []
    result = llm.respond(
        chat,
        config=greedy,
        on_prompt_processing_progress=seen.append,
        on_first_token=lambda: seen.append("first"),
        on_prediction_fragment=seen.append,
        on_message=seen.append,
    )
    first = seen.index("first")
    progress = seen[:first]
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert all(isinstance(fragment, lm.LlmPredictionFragment) for fragment in seen[first + 1 : -1])
    assert seen[-1] == lm.AssistantResponse(content=[lm.TextData(text=result.content)])


def test_a_conversation(llm: lm.LLM, chat: lm.Chat, greedy: Config) -> None:
    first = llm.respond(chat, config=greedy, on_message=chat.append)
    other = lm.Chat("You answer in one sentence.")
    other.add_user_message(QUESTION)
    other.add_assistant_response(first)
    assert str(chat) == str(other)
    chat.add_user_message("And of Spain?")
    second = llm.respond(chat, config=greedy, on_message=chat.append)
    assert second.content != first.content
    assert [message.role for message in chat._history.messages] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
    ]


def test_the_statistics_tell_what_was_not_read_again(
    llm: lm.LLM, chat: lm.Chat, greedy: Config
) -> None:
    first = llm.respond(chat, config=greedy)
    again = llm.respond(chat, config=greedy).stats
    assert again.prompt_tokens_count == first.stats.prompt_tokens_count
    assert again.cached_tokens_count == (again.prompt_tokens_count or 0) - 1


def test_exceptions_in_on_message_propagate(llm: lm.LLM, chat: lm.Chat, greedy: Config) -> None:
    chat.add_assistant_response("Paris.")
    with pytest.raises(lm.LMStudioRuntimeError, match="consecutive assistant responses"):
        llm.respond(chat, config=greedy, on_message=chat.append)


def test_thinking_is_told_from_the_answer(llm: lm.LLM, chat: lm.Chat, greedy: Config) -> None:
    text = llm.respond(chat, config=greedy).content
    before, _, rest = text.partition("capital")
    thinking, _, after = rest.partition("France")
    assert before and thinking and after
    marks = {"enabled": True, "startString": "capital", "endString": "France"}
    stream = llm.respond_stream(chat, config={**greedy, "reasoningParsing": marks})
    fragments = list(stream)
    result = stream.result()
    assert result.content == text
    assert (result.reasoning_content, result.non_reasoning_content) == (thinking, before + after)
    kinds = [fragment.reasoning_type for fragment in fragments]
    assert list(dict.fromkeys(kinds)) == [
        "none",
        "reasoningStartTag",
        "reasoning",
        "reasoningEndTag",
    ]
    assert kinds[-1] == "none"


def test_cancelling_keeps_what_is_there(llm: lm.LLM, chat: lm.Chat) -> None:
    config: Config = {"temperature": 0, "maxTokens": 200}
    stream = llm.respond_stream("Tell me a long story.", config=config)
    for count, _fragment in enumerate(stream):
        if count == 2:
            stream.cancel()
    assert stream.result().stats.stop_reason == "userStopped"
    with llm.respond_stream("Tell me a long story.", config=config) as left:
        next(iter(left))
    with pytest.raises(lm.LMStudioCancelledError):
        left.result()


HISTORIES: list[Any] = [
    5,
    None,
    [],
    {},
    {"messages": 5},
    {"messages": [{"role": "developer", "content": "text"}]},
    {"messages": [{"role": "user", "content": []}]},
    {"messages": []},
    lm.Chat(),
    lm.ChatHistoryData(messages=[]),
    lm.ChatHistoryData(messages=[lm.UserMessage(content=[lm.TextData(text=5)])]),  # type: ignore[arg-type]
    "\ud800",
]


@pytest.mark.parametrize("history", HISTORIES, ids=repr)
def test_what_is_no_chat_is_refused(llm: lm.LLM, history: Any) -> None:
    with pytest.raises(lm.LMStudioValueError):
        llm.respond(history, config={"maxTokens": 1})
    with pytest.raises(lm.LMStudioValueError):
        llm.apply_prompt_template(history)


@pytest.mark.parametrize("value", [math.nan, object()], ids=["nan", "object"])
def test_arguments_that_are_no_json_are_refused(llm: lm.LLM, value: object) -> None:
    chat = lm.Chat.from_history("text")
    request = lm.ToolCallRequest(type="function", name="add", arguments={"a": value})
    chat.add_assistant_response("text", [request])
    with pytest.raises(lm.LMStudioValueError, match="history"):
        llm.respond(chat)


def test_a_result_of_no_request_is_refused(llm: lm.LLM, chat: lm.Chat) -> None:
    chat.add_tool_result(lm.ToolCallResultData(content="3", tool_call_id="1"))
    with pytest.raises(lm.LMStudioError, match="call"):
        llm.respond(chat, config={"maxTokens": 1})


def test_options_are_those_of_complete(llm: lm.LLM, chat: lm.Chat) -> None:
    with pytest.raises(lm.LMStudioValueError, match="on_progress"):
        llm.respond(chat, on_progress=print, on_prompt_processing_progress=print)
    with pytest.raises(lm.LMStudioValueError, match="temprature"):
        llm.respond(chat, config={"temprature": 0}, strict=True)  # type: ignore[arg-type]
    with pytest.raises(lm.LMStudioValueError, match="timeout"):
        llm.respond(chat, timeout=0)
    with pytest.raises(lm.LMStudioPresetNotFoundError):
        llm.respond(chat, preset="mine")


def test_a_model_that_is_not_loaded(client: lm.Client, chat: lm.Chat) -> None:
    llm = lm.LLM("no-such-model", client.llm)
    with pytest.raises(lm.LMStudioModelNotFoundError):
        llm.respond(chat)
    with pytest.raises(lm.LMStudioModelNotFoundError):
        llm.apply_prompt_template(chat)
