"""What the methods of Chat take, read into records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ._errors import LMStudioValueError
from ._history import (
    MESSAGES,
    FileHandle,
    TextData,
    ToolCallRequest,
    ToolCallRequestData,
    ToolCallResultData,
)
from ._nesting import copied, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._chat_types import ChatMessageInput


def items_of(content: Any) -> list[Any]:  # noqa: ANN401  # what people pass in
    """The parts of a message: what a list or the like holds, else the content itself."""
    if isinstance(content, (str, Mapping)) or not isinstance(content, Iterable):
        return [content]
    return list(content)


def listed(values: Any, name: str) -> list[Any]:  # noqa: ANN401  # what people pass in
    """Several values as a list, empty for None.

    Args:
        values: An iterable of them.
        name: What they are called in an error.

    Raises:
        LMStudioValueError: If it is something else, such as one of them alone.
    """
    if values is None:
        return []
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise LMStudioValueError(
            f"{name} must be a list, not {shown(values)}; put a single one into a list."
        )
    return list(values)


def role_and_content(message: object) -> tuple[str, ChatMessageInput]:
    """Who says a message, and what.

    Args:
        message: A record, a dict with ``role`` and ``content``, or a pair of both.

    Raises:
        LMStudioValueError: If it is something else.
    """
    if isinstance(message, MESSAGES):
        return message.role, message.content
    if isinstance(message, Mapping) and "role" in message and "content" in message:
        return message["role"], message["content"]
    if isinstance(message, (tuple, list)) and len(message) == 2 and isinstance(message[0], str):
        return message[0], message[1]
    raise LMStudioValueError(
        f"Could not parse history entry: {shown(message)} is neither a message, nor a dict with "
        "'role' and 'content', nor a pair of both."
    )


def part_of(value: object, what: str) -> TextData | FileHandle:
    """A text or file.

    Args:
        value: A record, its dict, or a str.
        what: What it is called in an error.

    Raises:
        LMStudioValueError: If it is something else.
    """
    if isinstance(value, (TextData, FileHandle)):
        return value
    if isinstance(value, str):
        return TextData(text=value)
    if isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            return TextData(text=value["text"])
        if isinstance(value.get("identifier"), str):
            return FileHandle.from_dict(value)
    raise LMStudioValueError(f"Unable to parse {what}: {shown(value)}")


def tool_request_of(value: object) -> ToolCallRequestData:
    """A tool request, of a record or its dict, with or without what makes it a part.

    Raises:
        LMStudioValueError: If it is something else.
    """
    if isinstance(value, ToolCallRequestData):
        return value
    if isinstance(value, ToolCallRequest):
        return ToolCallRequestData(tool_call_request=value)
    if isinstance(value, Mapping):
        if value.get("type") == "toolCallRequest":
            return ToolCallRequestData.from_dict(copied(value, "tool call request"))
        if value.get("type") == "function":
            request = ToolCallRequest.from_dict(copied(value, "tool call request"))
            return ToolCallRequestData(tool_call_request=request)
    raise LMStudioValueError(f"Unable to parse tool call request content: {shown(value)}")


def tool_result_of(value: object) -> ToolCallResultData:
    """A tool result, of a record or its dict.

    Raises:
        LMStudioValueError: If it is something else.
    """
    if isinstance(value, ToolCallResultData):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("content"), str):
        return ToolCallResultData.from_dict(value)
    raise LMStudioValueError(f"Unable to parse tool result: {shown(value)}")
