"""A chat, put together message by message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ._chat_parts import (
    items_of,
    listed,
    part_of,
    role_and_content,
    tool_request_of,
    tool_result_of,
)
from ._errors import LMStudioRuntimeError, LMStudioValueError
from ._history import (
    MESSAGES,
    AssistantResponse,
    ChatHistoryData,
    SystemPrompt,
    TextData,
    ToolResultMessage,
    UserMessage,
)
from ._nesting import copied, shown
from ._options import json_text, text_of
from ._results import PredictionResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from typing_extensions import Self

    from ._chat_types import (
        AnyChatMessage,
        AnyChatMessageDict,
        AssistantResponseInput,
        ChatHistoryDataDict,
        ChatMessageInput,
        FileHandleInput,
        SystemPromptInput,
        ToolCallRequestInput,
        ToolCallResultInput,
        UserMessageInput,
    )

    M = TypeVar("M", SystemPrompt, UserMessage, AssistantResponse, ToolResultMessage)


class Chat:
    """The messages of a conversation, for ``LLM.respond()``.

    Example:
        >>> chat = lmstudio.Chat("You answer in one word.")
        >>> chat.add_user_message("What is the capital of France?")
        >>> chat.add_assistant_response(llm.respond(chat))
    """

    def __init__(
        self,
        initial_prompt: SystemPromptInput | None = None,
        *,
        _initial_history: ChatHistoryData | None = None,
    ) -> None:
        """Begin a chat.

        Args:
            initial_prompt: The system prompt; None: none.

        Raises:
            LMStudioValueError: If the prompt is not text.
        """
        if _initial_history is not None and initial_prompt is not None:
            raise LMStudioValueError("Begin a chat with a history or a system prompt, not both.")
        self._messages: list[AnyChatMessage] = []
        if _initial_history is not None:
            self._messages += _initial_history.messages
        if initial_prompt is not None:
            self.add_system_prompt(initial_prompt)

    @classmethod
    def from_history(cls, history: str | Chat | ChatHistoryData | ChatHistoryDataDict) -> Self:
        """Make a chat of what was said before; later changes of that do not touch the chat.

        Args:
            history: Another chat; a ChatHistoryData; a dict with ``messages``, each of them a
                dict with ``role`` and ``content``, a pair of both, or a message; or a str for one
                message of the user. Content may be a str.

        Raises:
            LMStudioValueError: If it is something else.
            LMStudioRuntimeError: If two system prompts or two assistant responses follow each
                other, unless they do in a chat or ChatHistoryData.
        """
        if isinstance(history, Chat):
            return cls(_initial_history=_copied(history._history))
        if isinstance(history, ChatHistoryData):
            return cls(_initial_history=_copied(history))
        chat = cls()
        if isinstance(history, str):
            chat.add_user_message(history)
            return chat
        messages = history.get("messages") if isinstance(history, Mapping) else None
        if not isinstance(messages, Iterable):
            raise LMStudioValueError(
                "A history must be a Chat, a ChatHistoryData, a str or a dict with a list of "
                f"'messages', not {shown(history)}."
            )
        for message in messages:
            chat.add_entry(*role_and_content(message))
        return chat

    def copy(self) -> Self:
        """Another chat with the same messages; what becomes of one does not touch the other."""
        return type(self).from_history(self)

    __copy__ = copy

    def __deepcopy__(self, _memo: object) -> Self:
        """The same as ``copy()``."""
        return self.copy()

    def __str__(self) -> str:
        """The call that makes an equal chat, with indented JSON."""
        from json import dumps

        data = dumps(self._history.to_dict(), indent=2, sort_keys=True, default=str)
        return f"{type(self).__name__}.from_history({data})"

    def add_entry(self, role: str, content: ChatMessageInput) -> AnyChatMessage:
        """Add a message.

        Args:
            role: ``"system"``, ``"user"``, ``"assistant"`` or ``"tool"``.
            content: What the role's own method takes; for ``"assistant"`` a list holds the
                response and then the tool requests.

        Raises:
            LMStudioValueError: If there is no such role, or the content does not fit it.
            LMStudioRuntimeError: As the role's own method.
        """
        items = items_of(content)
        if role == "user":
            return self.add_user_message(items)
        if role == "tool":
            return self.add_tool_results(items)
        if role == "assistant":
            if not items:
                raise LMStudioValueError("An assistant response must have a part.")
            return self.add_assistant_response(items[0], items[1:])
        if role == "system":
            if len(items) != 1:
                raise LMStudioValueError(
                    f"A system prompt must have one part, a text, not {len(items)}."
                )
            return self.add_system_prompt(items[0])
        raise LMStudioValueError(
            f"Unknown history role: {shown(role)}; use 'system', 'user', 'assistant' or 'tool'."
        )

    def append(self, message: AnyChatMessage | AnyChatMessageDict) -> AnyChatMessage:
        """Add a copy of a message; ``on_message=chat.append`` adds what the model says.

        Args:
            message: A message, or a dict with ``role`` and ``content``.

        Raises:
            LMStudioValueError: If it is something else.
            LMStudioRuntimeError: As ``add_entry()``.
        """
        if not isinstance(message, (dict, *MESSAGES)):
            raise LMStudioValueError(f"{shown(message)} is not a valid chat entry.")
        role, content = role_and_content(message)
        return self.add_entry(role, copied(content, "message"))

    def add_system_prompt(self, prompt: SystemPromptInput) -> SystemPrompt:
        """Add a system prompt.

        Args:
            prompt: The text.

        Raises:
            LMStudioValueError: If it is not text.
            LMStudioRuntimeError: If the last message is a system prompt.
        """
        self._refuse_another(SystemPrompt, "system prompts")
        part = part_of(prompt, "system prompt")
        if not isinstance(part, TextData):
            raise LMStudioValueError(f"Unable to parse system prompt: {shown(prompt)} is not text.")
        return self._add(SystemPrompt(content=[part]))

    def add_user_message(
        self,
        content: UserMessageInput | Iterable[UserMessageInput],
        *,
        images: Sequence[FileHandleInput] = (),
        _files: Sequence[FileHandleInput] = (),
    ) -> UserMessage:
        """Add what the user says; it joins the last message, if that is the user's too.

        Args:
            content: A text or an uploaded file, or several of them.
            images: Uploaded images, see ``Client.prepare_image()``; they come after the content.

        Returns:
            The message, with the parts it had before.

        Raises:
            LMStudioValueError: If a part is something else, or there is none; nothing is added.
        """
        files = [*listed(_files, "_files"), *listed(images, "images")]
        parts = [part_of(item, "user message content") for item in [*items_of(content), *files]]
        last = self._messages[-1] if self._messages else None
        if isinstance(last, UserMessage):
            last.content = [*last.content, *parts]
            return last
        if not parts:
            raise LMStudioValueError("Empty user messages are not supported.")
        return self._add(UserMessage(content=parts))

    def add_assistant_response(
        self,
        response: AssistantResponseInput,
        tool_call_requests: Iterable[ToolCallRequestInput] = (),
    ) -> AssistantResponse:
        """Add what the model said.

        Args:
            response: A result of ``LLM.respond()``, a text or an uploaded file.
            tool_call_requests: What the model wants called.

        Raises:
            LMStudioValueError: If one of them is something else.
            LMStudioRuntimeError: If the last message is an assistant response.
        """
        self._refuse_another(AssistantResponse, "assistant responses")
        said = response.content if isinstance(response, PredictionResult) else response
        part = part_of(said, "assistant response content")
        requests = [
            tool_request_of(request) for request in listed(tool_call_requests, "tool_call_requests")
        ]
        return self._add(AssistantResponse(content=[part, *requests]))

    def add_tool_results(self, results: Iterable[ToolCallResultInput]) -> ToolResultMessage:
        """Add what came of several tool requests, as one message.

        Args:
            results: The results, in order.

        Raises:
            LMStudioValueError: If they are something else.
        """
        if not isinstance(results, Iterable):
            raise LMStudioValueError(f"Unable to parse tool results: {shown(results)}")
        return self._add(ToolResultMessage(content=[tool_result_of(result) for result in results]))

    def add_tool_result(self, result: ToolCallResultInput) -> ToolResultMessage:
        """Add what came of one tool request. Errors are those of ``add_tool_results()``."""
        return self.add_tool_results([result])

    @property
    def _history(self) -> ChatHistoryData:
        return ChatHistoryData(messages=self._messages)

    def _add(self, message: M) -> M:
        self._messages.append(message)
        return message

    def _refuse_another(self, kind: type[AnyChatMessage], name: str) -> None:
        if self._messages and isinstance(self._messages[-1], kind):
            raise LMStudioRuntimeError(f"Multi-part or consecutive {name} are not supported.")


def json_of(history: str | Chat | ChatHistoryData | ChatHistoryDataDict) -> str:
    """The messages as the library takes them.

    Raises:
        LMStudioError: What ``Chat.from_history()`` raises.
        LMStudioValueError: If JSON cannot express what they hold.
    """
    chat = history if isinstance(history, Chat) else Chat.from_history(history)
    return text_of(json_text(chat._history.to_dict(), "history"), "history")


def _copied(history: ChatHistoryData) -> ChatHistoryData:
    return ChatHistoryData.from_dict(copied(history.to_dict(), "history"))
