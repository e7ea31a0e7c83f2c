"""Operations on a chat, written as JSON: the same for our package and the published one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import ModuleType
from typing import Any

ERRORS = ("LMStudioValueError", "LMStudioRuntimeError")


def run(lm: ModuleType, operations: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Do them one after the other, each with the chat that the last one left.

    Args:
        lm: The package.
        operations: The method's name and its arguments, then its keyword arguments. ``new`` and
            ``from_history`` make another chat. A dict with ``"$"`` is a record of that class.

    Returns:
        For each what the chat is afterwards, as JSON members, and what it returned or raised.
    """
    chat: Any = lm.Chat()
    outcomes: list[dict[str, Any]] = []
    for name, *given in operations:
        keywords = record(lm, given.pop()) if len(given) > 1 else {}
        arguments = [record(lm, value) for value in given]
        outcome: dict[str, Any] = {}
        try:
            if name == "new":
                chat = lm.Chat(*arguments, **keywords)
            elif name == "from_history":
                chat = lm.Chat.from_history(*arguments)
            elif name == "copy":
                old, chat = chat, chat.copy()
                old.add_user_message("not in the copy")
            elif name == "change":
                # What was passed in is changed afterwards.
                history = arguments[0]
                chat = lm.Chat.from_history(history)
                lm.Chat.from_history("more")
                history.messages[0].content[0].text = "changed"
            else:
                value = getattr(chat, name)(*arguments, **keywords)
                outcome["returns"] = [type(value).__name__, value.to_dict()]
        except Exception as error:
            outcome["raises"] = kind_of(error)
        kind, _, data = str(chat).partition(".from_history(")
        outcome["chat"] = [kind, json.loads(data[:-1])]
        outcomes.append(outcome)
    return outcomes


def record(lm: ModuleType, value: Any) -> Any:
    """The value with its records made."""
    if isinstance(value, list):
        return [record(lm, item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: record(lm, item) for key, item in value.items() if key != "$"}
    return getattr(lm, value["$"])(**made) if "$" in value else made


def kind_of(error: Exception) -> str:
    """The exception's class; the published package lets some of another library's through."""
    names = [cls.__name__ for cls in type(error).__mro__]
    own = next((name for name in names if name in ERRORS), None)
    return own or ("LMStudioValueError" if "ValueError" in names else names[0])
