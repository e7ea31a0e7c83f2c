"""Chat: what its methods make of what they are given, compared with the published package."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import chat_operations
import pytest
from peer import Peer

import lmstudio as lm
from lmstudio._chat import json_of

FILE = {
    "type": "file",
    "name": "x.png",
    "identifier": "local:x",
    "sizeBytes": 9,
    "fileType": "image",
}
FILE_RECORD = {
    "$": "FileHandle",
    "name": "y.png",
    "identifier": "local:y",
    "size_bytes": 8,
    "file_type": "image",
}
TEXT = {"type": "text", "text": "text"}
TEXT_RECORD = {"$": "TextData", "text": "record"}
REQUEST_RECORD = {
    "$": "ToolCallRequest",
    "type": "function",
    "name": "add",
    "id": "1",
    "arguments": {"a": 1, "b": [{"c": None}]},
}
REQUEST = {
    "type": "toolCallRequest",
    "toolCallRequest": {"type": "function", "name": "add", "id": "1", "arguments": {"a": 1}},
}
RESULT = {"type": "toolCallResult", "content": "3", "toolCallId": "1"}
RESULT_RECORD = {"$": "ToolCallResultData", "content": "3", "tool_call_id": "1"}
USER = {"role": "user", "content": [TEXT]}
ASSISTANT = {"role": "assistant", "content": [TEXT]}
SYSTEM = {"role": "system", "content": [TEXT]}
ROUND = [
    {"role": "user", "content": "What is 1 + 2?"},
    {"role": "assistant", "content": [TEXT, REQUEST]},
    {"role": "tool", "content": [RESULT]},
    {"role": "tool", "content": [RESULT, RESULT]},
]

# Programs for which both packages must do the same.
SAME: dict[str, list[list[Any]]] = {
    "prompts": [["new", "Be brief."], ["new", TEXT], ["new", TEXT_RECORD], ["new", None]],
    "prompts that are none": [["new", 5], ["new", FILE], ["new", [TEXT]], ["new", {}]],
    "a prompt and a history": [
        ["new", "text", {"_initial_history": {"$": "ChatHistoryData", "messages": []}}]
    ],
    "an initial history": [
        [
            "new",
            None,
            {
                "_initial_history": {
                    "$": "ChatHistoryData",
                    "messages": [{"$": "UserMessage", "content": [TEXT_RECORD]}],
                }
            },
        ],
        ["add_user_message", "more"],
    ],
    "a second system prompt": [["new", "Be brief."], ["add_system_prompt", "Be long."]],
    "a system prompt later": [
        ["add_user_message", "text"],
        ["add_system_prompt", "prompt"],
        ["add_user_message", "text"],
    ],
    "user messages": [
        ["add_user_message", "one"],
        ["add_user_message", TEXT],
        ["add_user_message", TEXT_RECORD],
        ["add_user_message", FILE],
        ["add_user_message", FILE_RECORD],
        ["add_user_message", ["two", TEXT, TEXT_RECORD, FILE, FILE_RECORD]],
        ["add_user_message", []],
        ["add_user_message", ""],
    ],
    "images": [
        ["add_user_message", "one", {"images": [FILE, FILE_RECORD]}],
        ["add_user_message", [], {"images": [FILE]}],
        ["add_user_message", "two", {"_files": [FILE], "images": [FILE_RECORD]}],
        ["new", None],
        ["add_user_message", [], {"images": [FILE]}],
    ],
    "no user message": [["add_user_message", []]],
    "user messages that are none": [
        ["add_user_message", 5],
        ["add_user_message", None],
        ["add_user_message", {}],
        ["add_user_message", {"text": 5}],
        ["add_user_message", {"name": "x"}],
        ["add_user_message", RESULT_RECORD],
        ["add_user_message", REQUEST],
    ],
    "a file in snake case": [
        [
            "add_user_message",
            {"name": "a", "identifier": "b", "size_bytes": 1, "file_type": "image"},
        ]
    ],
    "responses": [
        ["add_assistant_response", "one"],
        ["add_assistant_response", "two"],
        ["add_user_message", "text"],
        ["add_assistant_response", TEXT],
        ["new", None],
        ["add_assistant_response", TEXT_RECORD],
        ["new", None],
        ["add_assistant_response", FILE_RECORD],
        ["new", None],
        ["add_assistant_response", FILE],
    ],
    "responses that are none": [
        ["add_assistant_response", 5],
        ["add_assistant_response", None],
        ["add_assistant_response", ["one", "two"]],
        ["add_assistant_response", REQUEST],
        ["add_assistant_response", RESULT_RECORD],
        ["add_assistant_response", "text", {"tool_call_requests": ["text"]}],
        ["add_assistant_response", "text", {"tool_call_requests": [5]}],
        ["add_assistant_response", "text", {"tool_call_requests": [TEXT]}],
        ["add_assistant_response", "text", {"tool_call_requests": [{"type": "toolCallRequest"}]}],
    ],
    "requests": [
        [
            "add_assistant_response",
            "text",
            {"tool_call_requests": [REQUEST, REQUEST_RECORD]},
        ],
        ["add_tool_result", RESULT],
        ["add_tool_result", RESULT_RECORD],
        ["add_tool_results", [RESULT, RESULT_RECORD]],
        ["add_tool_results", []],
        ["add_tool_result", {"content": "3", "tool_call_id": "1"}],
    ],
    "results that are none": [
        ["add_tool_result", "3"],
        ["add_tool_result", {"toolCallId": "1"}],
        ["add_tool_result", {"toolCallId": "1", "content": 5}],
        ["add_tool_results", "3"],
        ["add_tool_results", [RESULT, TEXT]],
    ],
    "entries": [
        ["add_entry", "system", "prompt"],
        ["add_entry", "system", ["prompt"]],
        ["add_entry", "user", "text"],
        ["add_entry", "user", ["text", FILE]],
        ["add_entry", "assistant", ["text", REQUEST]],
        ["add_entry", "tool", [RESULT]],
        ["add_entry", "assistant", TEXT_RECORD],
        ["add_entry", "user", TEXT_RECORD],
        ["add_entry", "assistant", ["text"]],
    ],
    "entries that are none": [
        ["add_entry", "developer", "text"],
        ["add_entry", "developer", ["text"]],
        ["add_entry", "system", ["one", "two"]],
        ["add_entry", "system", []],
        ["add_entry", "assistant", []],
        ["add_entry", "assistant", ["one", "two"]],
        ["add_entry", "user", []],
        ["add_entry", "tool", "text"],
        ["add_entry", "", "text"],
    ],
    "messages": [
        ["append", SYSTEM],
        ["append", {"$": "UserMessage", "content": [TEXT_RECORD, FILE_RECORD]}],
        ["append", USER],
        ["append", {"$": "AssistantResponse", "content": [TEXT_RECORD]}],
        ["append", {"$": "ToolResultMessage", "content": [RESULT_RECORD, RESULT_RECORD]}],
        ["append", {"role": "assistant", "content": "text"}],
        ["append", {"role": "assistant", "content": "text"}],
        ["append", {"$": "SystemPrompt", "content": [TEXT_RECORD]}],
    ],
    "messages that are none": [
        ["append", "text"],
        ["append", 5],
        ["append", TEXT_RECORD],
        ["append", ["user", "text"]],
        ["append", {"role": "user", "content": []}],
        ["append", {"role": "user", "content": None}],
        ["append", {"$": "SystemPrompt", "content": [TEXT_RECORD, TEXT_RECORD]}],
        ["append", {"$": "SystemPrompt", "content": [FILE_RECORD]}],
    ],
    "histories": [
        ["from_history", "text"],
        ["from_history", ""],
        ["from_history", {"messages": []}],
        ["from_history", {"messages": ROUND}],
        ["add_user_message", "more"],
        ["from_history", {"messages": [["system", "prompt"], ["user", "text"]]}],
        ["from_history", {"messages": [["user", "one"], ["user", "two"]], "more": 1}],
        ["from_history", {"messages": [{"role": "user", "content": "text", "more": 1}]}],
        ["from_history", {"messages": [{"$": "UserMessage", "content": [TEXT_RECORD]}, ASSISTANT]}],
    ],
    "histories that are none": [
        ["from_history", 5],
        ["from_history", None],
        ["from_history", []],
        ["from_history", ROUND],
        ["from_history", {}],
        ["from_history", {"messages": None}],
        ["from_history", {"messages": "text"}],
        ["from_history", {"messages": [5]}],
        ["from_history", {"messages": ["text"]}],
        ["from_history", {"messages": [{"role": "user"}]}],
        ["from_history", {"messages": [{"content": "text"}]}],
        ["from_history", {"messages": [["developer", "text"]]}],
        ["from_history", {"messages": [["user", "text", "more"]]}],
        ["from_history", {"messages": [SYSTEM, SYSTEM]}],
        ["from_history", {"messages": [USER, ASSISTANT, ASSISTANT]}],
        ["from_history", {"messages": [{"role": "user", "content": [REQUEST]}]}],
    ],
    "a history in a record is taken as it is": [
        [
            "from_history",
            {
                "$": "ChatHistoryData",
                "messages": [
                    {"$": "SystemPrompt", "content": [TEXT_RECORD]},
                    {"$": "SystemPrompt", "content": [TEXT_RECORD, FILE_RECORD]},
                    {"$": "UserMessage", "content": []},
                    {"$": "UserMessage", "content": [TEXT_RECORD]},
                ],
            },
        ],
        ["copy"],
        ["add_user_message", "more"],
        ["copy"],
    ],
    "a copy stands alone": [["from_history", {"messages": ROUND}], ["copy"]],
    "what was passed in stays apart": [
        [
            "change",
            {
                "$": "ChatHistoryData",
                "messages": [{"$": "UserMessage", "content": [TEXT_RECORD]}],
            },
        ]
    ],
}


@pytest.mark.parametrize("name", SAME)
def test_does_as_the_published_package(name: str, peer: Peer) -> None:
    theirs = peer("chat", operations=SAME[name])
    assert chat_operations.run(lm, SAME[name]) == theirs


RECORDS: list[tuple[str, Any]] = [
    ("TextData", TEXT),
    ("TextData", {"text": "text"}),
    ("FileHandle", FILE),
    ("FileHandle", {"name": "a", "identifier": "b", "size_bytes": 1, "file_type": "unknown"}),
    ("ToolCallRequest", {"type": "function", "name": "add"}),
    ("ToolCallRequest", {"type": "function", "name": "add", "id": "1", "arguments": {"a": 1}}),
    ("ToolCallResultData", RESULT),
    ("ToolCallResultData", {"content": "3"}),
    ("SystemPrompt", SYSTEM),
    ("UserMessage", {"content": [TEXT, FILE]}),
    ("AssistantResponse", {"role": "assistant", "content": [TEXT, REQUEST]}),
    ("ToolResultMessage", {"content": [RESULT]}),
    ("ChatHistoryData", {"messages": [SYSTEM, USER, ASSISTANT]}),
    ("ChatHistoryData", {"messages": []}),
]


@pytest.mark.parametrize(("cls", "data"), RECORDS)
def test_records_are_the_published_ones(cls: str, data: Any, peer: Peer) -> None:
    made = getattr(lm, cls).from_dict(data)
    ours = {"repr": repr(made), "str": str(made), "data": made.to_dict()}
    assert ours == peer("record", cls=cls, data=data)
    assert getattr(lm, cls).from_dict(made.to_dict()) == made
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made


BAD_RECORDS: list[tuple[str, Any]] = [
    ("TextData", {}),
    ("TextData", {"type": "file", "text": "text"}),
    ("FileHandle", {**FILE, "type": "text"}),
    ("FileHandle", {"name": "x"}),
    ("UserMessage", {"role": "assistant", "content": []}),
    ("UserMessage", {"content": "text"}),
    ("UserMessage", {"content": ["text"]}),
    ("UserMessage", {"content": [{"text": "text"}]}),
    ("UserMessage", {"content": [REQUEST]}),
    ("ToolResultMessage", {"content": [TEXT]}),
    ("ChatHistoryData", {}),
    ("ChatHistoryData", {"messages": [{"content": []}]}),
    ("ChatHistoryData", {"messages": [{"role": "developer", "content": []}]}),
]


@pytest.mark.parametrize(("cls", "data"), BAD_RECORDS)
def test_records_refuse_what_the_published_ones_refuse(cls: str, data: Any, peer: Peer) -> None:
    with pytest.raises(lm.LMStudioValueError):
        getattr(lm, cls).from_dict(data)
    with pytest.raises(Exception, match="ValidationError"):
        peer("record", cls=cls, data=data)


# Where the published package fails on what its own annotations promise, or does half the work.


def test_a_request_may_be_a_dict_without_a_part_around_it() -> None:
    chat = lm.Chat()
    request: Any = REQUEST["toolCallRequest"]
    assert chat.add_assistant_response("text", [request]).to_dict()["content"][1] == REQUEST


def test_names_of_arguments_stay_as_they_are() -> None:
    chat = lm.Chat()
    request: Any = {"type": "function", "name": "add", "arguments": {"first_number": 1}}
    chat.add_assistant_response("text", [request])
    (message,) = lm.Chat.from_history(chat)._history.to_dict()["messages"]
    assert message["content"][1]["toolCallRequest"]["arguments"] == {"first_number": 1}


def test_a_result_may_have_no_id() -> None:
    chat = lm.Chat()
    message = chat.add_tool_result(lm.ToolCallResultData(content="3"))
    assert chat.append(message) == message
    assert chat.add_tool_result({"type": "toolCallResult", "content": "3"}) == message


def test_a_single_result_is_an_entry() -> None:
    result = lm.ToolCallResultData(content="3", tool_call_id="1")
    assert lm.Chat().add_entry("tool", result) == lm.ToolResultMessage(content=[result])


def test_a_bad_part_leaves_the_message_as_it_was() -> None:
    chat = lm.Chat.from_history("one")
    before = str(chat)
    bad: Any = ["two", 5]
    with pytest.raises(lm.LMStudioValueError, match="5"):
        chat.add_user_message(bad)
    assert str(chat) == before


def test_dicts_without_role_or_content_are_refused() -> None:
    for bad in ({}, {"role": "user"}, {"content": "text"}):
        message: Any = bad
        with pytest.raises(lm.LMStudioValueError, match="role"):
            lm.Chat().append(message)


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    arguments: Any = {"type": "function", "name": "add", "arguments": {"a": deep}}
    message: Any = {"role": "assistant", "content": ["text", arguments]}
    chat = lm.Chat()
    with pytest.raises(lm.LMStudioValueError, match="nested too deep"):
        chat.add_assistant_response("text", [arguments])
    with pytest.raises(lm.LMStudioValueError, match="nested too deep"):
        chat.append(message)
    for take in (chat.add_user_message, chat.append, lm.Chat, lm.Chat.from_history):
        with pytest.raises(lm.LMStudioValueError, match="nested too deep"):
            take(deep)
    chat.add_assistant_response("text", [lm.ToolCallRequest.from_dict(arguments)])
    with pytest.raises(lm.LMStudioValueError, match="nested too deep"):
        chat.copy()
    with pytest.raises(lm.LMStudioValueError, match="nested too deep"):
        json_of(chat)


@pytest.mark.parametrize("bad", [5, b"x", "x.png", FILE, lm.TextData(text="x")])
def test_what_is_not_several_is_refused(bad: Any) -> None:
    chat = lm.Chat()
    with pytest.raises(lm.LMStudioValueError, match="images must be a list"):
        chat.add_user_message("text", images=bad)
    with pytest.raises(lm.LMStudioValueError, match="_files must be a list"):
        chat.add_user_message("text", _files=bad)
    with pytest.raises(lm.LMStudioValueError, match="tool_call_requests must be a list"):
        chat.add_assistant_response("text", bad)
    assert chat._history.messages == []


def test_no_images_may_be_none() -> None:
    none: Any = None  # as with the published package
    message = lm.Chat().add_user_message("text", images=none, _files=none)
    assert message == lm.UserMessage(content=[lm.TextData(text="text")])


def test_arguments_that_cannot_be_copied_are_refused() -> None:
    request: Any = {"type": "function", "name": "add", "arguments": {"a": (c for c in "text")}}
    with pytest.raises(lm.LMStudioValueError, match=r"tool call request: .*generator"):
        lm.Chat().add_assistant_response("text", [request])


def test_subclasses_stay_what_they_are() -> None:
    class Mine(lm.Chat):
        pass

    chat = Mine.from_history(lm.Chat("prompt"))
    assert type(chat.copy()) is type(copy.copy(chat)) is type(copy.deepcopy(chat)) is Mine
    assert str(chat).startswith("Mine.from_history(")


def test_what_is_appended_is_a_copy() -> None:
    message = lm.UserMessage(content=[lm.TextData(text="text")])
    chat = lm.Chat()
    chat.append(message)
    chat.add_user_message("more")
    assert len(message.content) == 1
