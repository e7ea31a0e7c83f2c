"""Answers of structured predictions as objects."""

from __future__ import annotations

from ._errors import LMStudioValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._results import Answer, PredictionResult


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
    except ValueError as error:
        raise LMStudioValueError(f"The answer is no {cls.__name__}: {error}") from error
    return value
