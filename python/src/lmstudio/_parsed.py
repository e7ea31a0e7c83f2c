"""Answers of structured predictions as values and objects."""

from __future__ import annotations

from ._errors import LMStudioValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._results import Answer, Parsed, PredictionResult

# Reasons for which an answer ends where it was to end; for others it may be cut anywhere.
_WHOLE = ("eosFound", "stopStringFound")


def parsed_of(content: str, answer: str, form: object, stop_reason: str) -> Parsed:
    """The JSON value that a structured prediction gave, else the content as it is.

    Args:
        content: The whole text.
        answer: The text without the thinking.
        form: The ``type`` of the form that was asked for.
        stop_reason: Why the prediction ended.
    """
    from json import loads

    if stop_reason == "userStopped":
        return content
    # A grammar need not describe JSON, an answer may be cut, and it may be nested without end.
    try:
        value: Parsed = loads(answer)
    except (ValueError, RecursionError):
        return content
    # Of what can be parsed, only a number may have been meant to go on.
    is_cut = type(value) in (int, float) and stop_reason not in _WHOLE
    return value if isinstance(value, dict) or (form == "json" and not is_cut) else content


def parsed_as(result: PredictionResult, cls: type[Answer]) -> Answer:
    """The object that ``PredictionResult.parsed_as()`` gives."""
    read = getattr(cls, "model_validate_json", None)
    if not isinstance(cls, type) or not callable(read):
        raise LMStudioValueError(
            f"parsed_as() takes a class with model_validate_json(), such as a subclass of "
            f"lmstudio.BaseModel or of Pydantic's, not {cls!r}."
        )
    if not result.structured:
        raise LMStudioValueError(
            f"The answer is no JSON value that {cls.__name__} could be made of: it ended with "
            f"{result.stats.stop_reason!r}. Give the class as response_format, and tokens enough."
        )
    from json import dumps

    try:
        value: Answer = read(dumps(result.parsed))
    except (ValueError, RecursionError) as error:
        raise LMStudioValueError(f"The answer is no {cls.__name__}: {error}") from error
    return value
