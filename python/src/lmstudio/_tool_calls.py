"""The model's calls of tools, as they come."""

from __future__ import annotations

from ._callbacks import guarded
from ._history import ToolCallRequest
from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, TypeAlias

    StepType: TypeAlias = Literal["start", "name", "arguments", "end", "failure"]

_TYPES: tuple[StepType, ...] = ("start", "name", "arguments", "end", "failure")
_FIRST_KIND = 4  # LMS_EVENT_TOOL_CALL_START


class ToolCallEvent(Struct, nested={"request": ToolCallRequest}):
    """A step of a call.

    Attributes:
        type: ``"start"``, ``"name"``, ``"arguments"`` (any number of these), then ``"end"``, or
            ``"failure"`` where what the model wrote is no call.
        content: The call's id, or None; the tool's name; a piece of the arguments' JSON text; None;
            why it failed.
        request: The whole call; at its end only.
        raw_content: What the model wrote for it; at the end and after a failure, if it is known.
    """

    type: StepType
    content: str | None = None
    request: ToolCallRequest | None = None
    raw_content: str | None = None


if TYPE_CHECKING:
    ToolCallCallback: TypeAlias = Callable[[ToolCallEvent], Any]


def told(callback: ToolCallCallback | None) -> Callable[[int, str, str], object] | None:
    """What the core calls with an event's kind, text and raw content, for a caller's callback.

    Raises:
        LMStudioValueError: If it can neither be called nor is None.
    """
    function = guarded(callback, "on_tool_call")
    if function is None:
        return None

    def call(kind: int, text: str, raw_content: str) -> None:
        event = ToolCallEvent(type=_TYPES[kind - _FIRST_KIND], content=text or None)
        if event.type == "end":
            (event.request,), event.content = requests_of(f"[{text}]"), None
        event.raw_content = raw_content or None
        function(event)

    return call


def requests_of(text: str) -> list[ToolCallRequest]:
    """The requests in a JSON array."""
    from json import loads

    return [ToolCallRequest._from_json(each) for each in loads(text)]
