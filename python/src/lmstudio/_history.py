"""Messages of a chat and their parts, as they go to the model."""

from __future__ import annotations

from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, ClassVar, Literal

    from ._chat_types import AnyChatMessage, FileType


class TextData(Struct, tag=("type", "text")):
    """A piece of text in a message.

    Attributes:
        text: The text.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["text"]]

    text: str


class FileHandle(Struct, tag=("type", "file")):
    """A file that was uploaded, see ``Client.prepare_image()``.

    Attributes:
        name: Its name for people.
        identifier: The server's name for it, good as long as the client is connected.
        size_bytes: Its size.
        file_type: What kind of file it is.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["file"]]

    name: str
    identifier: str
    size_bytes: int
    file_type: FileType


class ToolCallRequest(Struct):
    """A function that the model wants called.

    Attributes:
        type: ``"function"``.
        name: The function's name.
        id: What the result refers to; None if the model gives its calls no names.
        arguments: The arguments by name.
    """

    type: Literal["function"]
    name: str
    id: str | None = None
    arguments: Mapping[str, Any] | None = None


class ToolCallRequestData(
    Struct, tag=("type", "toolCallRequest"), nested={"tool_call_request": ToolCallRequest}
):
    """A tool request as a part of what the model said.

    Attributes:
        tool_call_request: The request.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["toolCallRequest"]]

    tool_call_request: ToolCallRequest


class ToolCallResultData(Struct, tag=("type", "toolCallResult")):
    """What came of one tool request.

    Attributes:
        content: The result, as JSON text.
        tool_call_id: The ``id`` of the request.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["toolCallResult"]]

    content: str
    tool_call_id: str | None = None


class SystemPrompt(Struct, tag=("role", "system"), nested={"content": (TextData, FileHandle)}):
    """What the model is told before the conversation.

    Attributes:
        content: The parts, in order.
    """

    if TYPE_CHECKING:
        role: ClassVar[Literal["system"]]

    content: Sequence[TextData | FileHandle]


class UserMessage(Struct, tag=("role", "user"), nested={"content": (TextData, FileHandle)}):
    """What the user said.

    Attributes:
        content: The parts, in order.
    """

    if TYPE_CHECKING:
        role: ClassVar[Literal["user"]]

    content: Sequence[TextData | FileHandle]


class AssistantResponse(
    Struct,
    tag=("role", "assistant"),
    nested={"content": (TextData, FileHandle, ToolCallRequestData)},
):
    """What the model said.

    Attributes:
        content: The parts, in order; tool requests come last.
    """

    if TYPE_CHECKING:
        role: ClassVar[Literal["assistant"]]

    content: Sequence[TextData | FileHandle | ToolCallRequestData]


class ToolResultMessage(Struct, tag=("role", "tool"), nested={"content": (ToolCallResultData,)}):
    """What came of the model's tool requests.

    Attributes:
        content: The results, in order.
    """

    if TYPE_CHECKING:
        role: ClassVar[Literal["tool"]]

    content: Sequence[ToolCallResultData]


MESSAGES = (AssistantResponse, UserMessage, SystemPrompt, ToolResultMessage)
"""The kinds of messages."""


class ChatHistoryData(Struct, nested={"messages": MESSAGES}):
    """A whole chat.

    Attributes:
        messages: The messages, in order.
    """

    messages: Sequence[AnyChatMessage]
