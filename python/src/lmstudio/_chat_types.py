"""Names of a chat's parts for annotations. Read only when asked for, as those of ``_types``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, TypedDict

from ._history import (
    AssistantResponse,
    FileHandle,
    SystemPrompt,
    TextData,
    ToolCallRequest,
    ToolCallRequestData,
    ToolCallResultData,
    ToolResultMessage,
    UserMessage,
)
from ._results import PredictionResult

if TYPE_CHECKING:
    from typing_extensions import Buffer
elif sys.version_info >= (3, 12):
    from collections.abc import Buffer
else:
    Buffer = bytes | bytearray | memoryview

FileType: TypeAlias = Literal[
    "image", "text/plain", "application/pdf", "application/word", "text/other", "unknown"
]

# The dict twins, with LM Studio's own names, which are in camelCase.


class TextDataDict(TypedDict):
    """TextData as a dict."""

    type: Literal["text"]
    text: str


class FileHandleDict(TypedDict):
    """FileHandle as a dict."""

    type: Literal["file"]
    name: str
    identifier: str
    sizeBytes: int
    fileType: FileType


class _NamedFunction(TypedDict):
    type: Literal["function"]
    name: str


class ToolCallRequestDict(_NamedFunction, total=False):
    """ToolCallRequest as a dict."""

    id: str | None
    arguments: Mapping[str, Any] | None


class ToolCallRequestDataDict(TypedDict):
    """A tool request as a part of a message, as a dict."""

    type: Literal["toolCallRequest"]
    toolCallRequest: ToolCallRequestDict


class _ToolResult(TypedDict):
    type: Literal["toolCallResult"]
    content: str


class ToolCallResultDataDict(_ToolResult, total=False):
    """ToolCallResultData as a dict."""

    toolCallId: str | None


class SystemPromptDict(TypedDict):
    """SystemPrompt as a dict."""

    role: Literal["system"]
    content: Sequence[TextDataDict | FileHandleDict]


class UserMessageDict(TypedDict):
    """UserMessage as a dict."""

    role: Literal["user"]
    content: Sequence[TextDataDict | FileHandleDict]


class AssistantResponseDict(TypedDict):
    """AssistantResponse as a dict."""

    role: Literal["assistant"]
    content: Sequence[TextDataDict | FileHandleDict | ToolCallRequestDataDict]


class ToolResultMessageDict(TypedDict):
    """ToolResultMessage as a dict."""

    role: Literal["tool"]
    content: Sequence[ToolCallResultDataDict]


AnyChatMessage: TypeAlias = AssistantResponse | UserMessage | SystemPrompt | ToolResultMessage
AnyChatMessageDict: TypeAlias = (
    AssistantResponseDict | UserMessageDict | SystemPromptDict | ToolResultMessageDict
)


class ChatHistoryDataDict(TypedDict):
    """ChatHistoryData as a dict."""

    messages: Sequence[AnyChatMessageDict]


SystemPromptContent = TextData
UserMessageContent: TypeAlias = TextData | FileHandle
AssistantResponseContent: TypeAlias = TextData | FileHandle
FileHandleInput: TypeAlias = FileHandle | FileHandleDict
LocalFileInput: TypeAlias = BinaryIO | Buffer | str | PathLike[str]

# What the methods of Chat take.
SystemPromptInput: TypeAlias = str | TextData | TextDataDict
UserMessageInput: TypeAlias = str | TextData | FileHandle | TextDataDict | FileHandleDict
AssistantResponseInput: TypeAlias = UserMessageInput | PredictionResult
ToolCallRequestInput: TypeAlias = (
    ToolCallRequest | ToolCallRequestDict | ToolCallRequestData | ToolCallRequestDataDict
)
ToolCallResultInput: TypeAlias = ToolCallResultData | ToolCallResultDataDict
ChatMessageInput: TypeAlias = (
    AssistantResponseInput
    | ToolCallResultInput
    | Iterable[UserMessageInput]
    | Iterable[AssistantResponseInput | ToolCallRequestInput]
    | Iterable[ToolCallResultInput]
)
