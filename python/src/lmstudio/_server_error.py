"""The error object of an LM Studio server, and how it reads in a message."""

from __future__ import annotations

from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class SerializedLMSExtendedError(Struct):
    """What a server says of a failure.

    Attributes:
        title: The failure in a few words.
        cause: Why it happened.
        suggestion: What to try.
        error_data: Anything the server adds, for people.
        display_data: A ``code`` and its fields, for programs.
        stack: Always None: the server's own stack trace is left out.
        root_title: The title of the outermost failure.
    """

    title: object = "Unknown error"
    cause: object = None
    suggestion: object = None
    error_data: object = None
    display_data: object = None
    stack: object = None
    root_title: object = None


def parse_details(details: Mapping[str, object]) -> SerializedLMSExtendedError:
    """Read a server's error object; a field it leaves out keeps its default."""
    return SerializedLMSExtendedError.from_dict(details)


def format_details(error: SerializedLMSExtendedError) -> str:
    """One line with the title, or a block when the server says more than that."""
    title = error.title or error.root_title or "Unknown remote error"
    if error.root_title and error.root_title != title:
        title = f"{error.root_title}: {title}"
    blocks = [
        ("Additional information from server", _json(error.display_data)),
        ("Error details from server", _json(error.error_data)),
        ("Reported cause", error.cause),
        ("Suggested potential remedy", error.suggestion),
    ]
    lines = [
        line
        for heading, text in blocks
        if text is not None
        for line in ("", f"  {heading}:", *(f"    {part}" for part in str(text).splitlines()))
    ]
    return "\n".join(("\n", f"  {title}", *lines)) if lines else str(title)


def _json(data: object) -> str | None:
    if data is None:
        return None
    from json import dumps

    return dumps(data, indent=2, sort_keys=True, default=str)
