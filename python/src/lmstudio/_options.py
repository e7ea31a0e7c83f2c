"""Options on their way to the library: to JSON, and its warnings back to the caller's line.

Names, types and ranges are the library's to check; refused here is only what JSON cannot say.
"""

from __future__ import annotations

from ._configs import (
    LlmPredictionConfig,
    LlmStructuredPredictionSetting,
)
from ._errors import LMStudioUnknownOptionWarning, LMStudioValueError
from ._nesting import shown, too_deep
from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

# What tells a JSON schema from another dict; the published package knows the first only.
_SCHEMA_WORDS = {
    "type",
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "const",
    "enum",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "items",
    "prefixItems",
    "pattern",
}
_SHORTEST_TTL = 0.001
_LONGEST_TTL = 2**63 // 1000 - 1


def members_of(config: object, cls: type[Struct]) -> dict[str, Any]:
    """The options that are set, by name in either spelling.

    Args:
        config: A record of that class, a mapping, or None for no options.
        cls: The record that stands for these options.

    Raises:
        LMStudioValueError: If it is something else or nested too deep, or a name is not a str.
    """
    from collections.abc import Mapping

    if config is None:
        return {}
    if isinstance(config, cls):
        return config.to_dict()
    if not isinstance(config, Mapping):
        raise LMStudioValueError(
            f"config must be a dict or {cls.__name__}, not {type(config).__name__}."
        )
    for name in config:
        if not isinstance(name, str):
            raise LMStudioValueError(f"config option names must be str, not {name!r}.")
    return {name: value for name, value in config.items() if value is not None}


def encode(members: Mapping[str, Any], *, strict: bool) -> str:
    """The options as the JSON text that the library takes; empty for the defaults.

    Args:
        members: Options by name.
        strict: Whether an unknown name is an error rather than a warning.

    Raises:
        LMStudioValueError: If JSON cannot express a value, or it is nested too deep.
    """
    if strict:
        members = {**members, "strict": True}
    if not members:
        return ""
    try:
        return json_text(members, "config")
    except LMStudioValueError:
        for name, value in members.items():
            json_text(value, f"config option {name!r}")
        raise


def json_text(value: object, name: str) -> str:
    """A value as JSON text; records in it become their members.

    Args:
        value: The value.
        name: What it is called in an error.

    Raises:
        LMStudioValueError: If JSON cannot express it, or it is nested too deep.
    """
    from json import dumps

    try:
        return dumps(value, allow_nan=False, ensure_ascii=False, default=_plain)
    except RecursionError:
        raise too_deep(name) from None
    except (TypeError, ValueError) as error:
        raise LMStudioValueError(f"{name}: {error}") from None


def texts_of(input: object) -> list[Any]:
    """The texts of an iterable; they are not looked at.

    Raises:
        LMStudioValueError: If it is none.
    """
    from collections.abc import Iterable, Mapping

    # Bytes and dicts are iterable too, and never what is meant.
    if isinstance(input, (bytes, Mapping)) or not isinstance(input, Iterable):
        raise LMStudioValueError(f"input must be a str or several, not {type(input).__name__}.")
    return list(input)


def text_of(value: object, name: str) -> str:
    """The value, which must be text.

    Raises:
        LMStudioValueError: If it is no str, or holds half a surrogate pair.
    """
    if not isinstance(value, str):
        raise LMStudioValueError(f"{name} must be a str, not {type(value).__name__}.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise LMStudioValueError(
            f"{name} holds a lone surrogate, which is not a character."
        ) from None
    return value


def name_of(value: object, name: str) -> str:
    """The value, which must be text that C can hold.

    Raises:
        LMStudioValueError: As for ``text_of()``, or if it holds a NUL character.
    """
    text = text_of(value, name)
    if "\0" in text:
        # Errors are logged, and secrets are not.
        shown = "" if name == "api_token" else f": {text!r}"
        raise LMStudioValueError(f"{name} holds a NUL character{shown}.")
    return text


def path_of(value: object, name: str) -> str:
    """The path that a str or a path object stands for; whether something is there is not asked.

    Raises:
        LMStudioValueError: If it is something else, or no text that C can hold.
    """
    from os import PathLike, fsdecode

    if not isinstance(value, (str, PathLike)):
        raise LMStudioValueError(
            f"{name} must be a path, as a str or os.PathLike, not {type(value).__name__}."
        )
    return name_of(fsdecode(value), name)


def prediction_members(config: object, response_format: object) -> tuple[dict[str, Any], bool]:
    """The options of a prediction, and whether its answer is meant to be structured.

    Raises:
        LMStudioValueError: If config or response_format is of no use, or both say the form.
    """
    members = members_of(config, LlmPredictionConfig)
    if response_format is not None:
        if "structured" in members:
            raise LMStudioValueError(
                "Give either response_format or the config option 'structured', not both."
            )
        members["structured"] = _structured_setting(response_format)
    setting = members.get("structured")
    kind = setting.get("type") if isinstance(setting, dict) else getattr(setting, "type", None)
    return members, kind in ("json", "gbnf")


def milliseconds(ttl: object) -> int:
    """A time to live in milliseconds, -1 for None.

    Raises:
        LMStudioValueError: If it is not a number of seconds, or is out of range.
    """
    if ttl is None:
        return -1
    if (
        isinstance(ttl, bool)
        or not isinstance(ttl, (int, float))
        or not _SHORTEST_TTL <= ttl <= _LONGEST_TTL
    ):
        raise LMStudioValueError(
            f"ttl must be a number of seconds, {_SHORTEST_TTL:g}…{_LONGEST_TTL:g}, or None for "
            f"ever: {shown(ttl)}"
        )
    return int(ttl * 1000)


def warn(texts: Iterable[str], category: type[Warning] = LMStudioUnknownOptionWarning) -> None:
    """Warn of options, or whatever else; the warnings name the line that called this package."""
    for text in texts:
        import sys
        import warnings

        level = 1
        frame = sys._getframe()
        while frame.f_back and frame.f_globals["__name__"].partition(".")[0] == "lmstudio":
            frame = frame.f_back
            level += 1
        warnings.warn(text, category, stacklevel=level)


def warn_of_unknown(name: str, owner: str, known: Iterable[str]) -> None:
    """Warn of a name that a record does not have, with the nearest one it has."""
    from difflib import get_close_matches

    near = get_close_matches(str(name), list(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    warn([f"{owner} has no option {name!r}{hint}"])


def _plain(value: object) -> object:
    if isinstance(value, Struct):
        return value.to_dict()
    raise TypeError(f"a value of type {type(value).__name__} cannot be sent as JSON")


def _structured_setting(response_format: Any) -> Any:  # noqa: ANN401  # checked below
    if isinstance(response_format, LlmStructuredPredictionSetting):
        return response_format.to_dict()
    schema = getattr(response_format, "model_json_schema", None)
    if callable(schema):
        return {"type": "json", "jsonSchema": schema()}
    if isinstance(response_format, dict) and not _SCHEMA_WORDS.isdisjoint(response_format):
        known = {"json": ("jsonSchema", "json_schema"), "gbnf": ("gbnfGrammar", "gbnf_grammar")}
        kind = response_format.get("type")
        if isinstance(kind, str) and any(key in response_format for key in known.get(kind, ())):
            return response_format
        return {"type": "json", "jsonSchema": response_format}
    raise LMStudioValueError(
        "response_format must be a class with model_json_schema(), a JSON schema with a 'type' or "
        "another word of JSON Schema's, or a setting with a 'type' and 'jsonSchema' or "
        f"'gbnfGrammar', not {shown(response_format)}."
    )
