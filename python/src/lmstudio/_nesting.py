"""Values that are nested deeper than Python can follow them."""

from __future__ import annotations

from ._errors import LMStudioValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    Value = TypeVar("Value")


def too_deep(name: str) -> LMStudioValueError:
    """The refusal of a value that cannot be followed to its end.

    Args:
        name: What it is called in the message.
    """
    return LMStudioValueError(
        f"{name} is nested too deep; give it fewer levels: the library reads 512 at most."
    )


def copied(value: Value, name: str) -> Value:
    """A copy that shares nothing with the value.

    Args:
        value: JSON members, or records.
        name: What it is called in an error.

    Raises:
        LMStudioValueError: If it is nested too deep, or holds what cannot be copied.
    """
    from copy import deepcopy

    try:
        return deepcopy(value)
    except RecursionError:
        raise too_deep(name) from None
    except TypeError as error:
        raise LMStudioValueError(f"{name}: {error}") from None


def shown(value: object) -> str:
    """A value as messages show it."""
    try:
        return repr(value)
    except RecursionError:
        return f"a {type(value).__name__} that is nested too deep to be shown"
