"""Messages of a chat."""

from __future__ import annotations

from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar, Literal


class TextData(Struct, tag=("type", "text")):
    """A piece of text in a message.

    Attributes:
        text: The text.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["text"]]

    text: str


class AssistantResponse(Struct, tag=("role", "assistant"), nested={"content": TextData}):
    """What the model said.

    Attributes:
        content: The parts, in order.
    """

    if TYPE_CHECKING:
        role: ClassVar[Literal["assistant"]]

    content: Sequence[TextData]
