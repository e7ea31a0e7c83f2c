"""What a prediction gives: fragments on the way, a result with statistics at the end."""

from __future__ import annotations

from lmstudio import _core

from ._configs import LlmPredictionConfig
from ._dataclass import FromTwin
from ._infos import LlmInfo
from ._load_configs import LlmLoadModelConfig
from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from dataclasses import Field
    from typing import Any, ClassVar, Literal, NoReturn, Protocol, TypeAlias, TypeVar

    from ._history import ToolCallRequest
    from ._tokens import PredictedToken

    Answer = TypeVar("Answer")
    Parsed: TypeAlias = dict[str, Any] | list[Any] | str | float | bool | None

    class Finished(Protocol):
        """A prediction whose iteration has ended."""

        def result(self) -> tuple[str, str, str, str, str, str]: ...
        def reasoning(self) -> tuple[str, str]: ...
        def tool_calls(self) -> str: ...


class LlmPredictionFragment(_core.Fragment, Struct):
    """One streamed piece of text; ``str()`` gives the text. The values cannot be changed.

    Attributes:
        content: The text; it may stand for several tokens or for a part of one.
        tokens_count: Tokens it stands for; over a whole stream they sum to the total.
        contains_drafted: Whether a part of it was guessed ahead.
        reasoning_type: Whether it belongs to the answer (``"none"``) or to the thinking.

    ``tokens`` tells the tokens, if the option ``log_probs`` asked for them.
    """

    __slots__ = ()

    content: str
    tokens_count: int
    contains_drafted: bool
    reasoning_type: Literal["none", "reasoning", "reasoningStartTag", "reasoningEndTag"]

    @property
    def tokens(self) -> list[PredictedToken] | None:
        """Its tokens, in order, read anew each time; None unless ``log_probs`` asked for them."""
        text = self._tokens_json
        if text is None:
            return None
        from json import loads

        from ._tokens import PredictedToken

        return [PredictedToken._from_json(token) for token in loads(text)]


_core.set_fragment_class(LlmPredictionFragment)


class LlmPredictionStats(Struct):
    """Statistics of a finished prediction; None where the value is not known.

    Attributes:
        stop_reason: Why it ended.
        tokens_per_second: Rate after the first token, in tokens per second.
        num_gpu_layers: Layers that ran on a GPU.
        time_to_first_token_sec: Seconds from the start to the first token.
        prompt_tokens_count: Tokens of the prompt.
        cached_tokens_count: Of these, tokens that were not read because a cache had them.
        predicted_tokens_count: Tokens of the answer, without the one that ends it.
        total_tokens_count: Both together.
        used_draft_model_key: The model that guessed ahead; None if the text itself did.
        total_draft_tokens_count: Tokens it guessed.
        accepted_draft_tokens_count: Of these, tokens that were right.
        rejected_draft_tokens_count: Of these, tokens that were wrong.
        ignored_draft_tokens_count: Of these, tokens that were not looked at.
        stop_string: The stop string that ended it.
        total_time_sec: Seconds from the start to the end.
    """

    stop_reason: Literal[
        "userStopped",
        "modelUnloaded",
        "failed",
        "eosFound",
        "stopStringFound",
        "toolCalls",
        "maxPredictedTokensReached",
        "contextLengthReached",
    ]
    tokens_per_second: float | None = None
    num_gpu_layers: float | None = None
    time_to_first_token_sec: float | None = None
    prompt_tokens_count: int | None = None
    predicted_tokens_count: int | None = None
    total_tokens_count: int | None = None
    used_draft_model_key: str | None = None
    total_draft_tokens_count: int | None = None
    accepted_draft_tokens_count: int | None = None
    rejected_draft_tokens_count: int | None = None
    ignored_draft_tokens_count: int | None = None
    stop_string: str | None = None
    total_time_sec: float | None = None
    cached_tokens_count: int | None = None


class PredictionResult:
    """A finished prediction; ``str()`` gives its text. The values cannot be changed.

    Attributes:
        content: The whole text.
        parsed: The JSON value that a structured prediction gave, else the text.
        stats: Why it ended, how long it took, how many tokens it has.
        model_info: The model that made it.
        structured: Whether ``parsed`` is a JSON value.
        load_config: The options the model was loaded with.
        prediction_config: The options of this prediction, defaults included.
        reasoning_content: The thinking in the text; empty if there is none.
        non_reasoning_content: The text without the thinking and its marks.
        api_host: Where it was made, as ``Client.api_host`` tells it; None if that is not known.
    """

    __slots__ = (
        "api_host",
        "content",
        "load_config",
        "model_info",
        "non_reasoning_content",
        "parsed",
        "prediction_config",
        "reasoning_content",
        "stats",
        "structured",
        "tool_calls",
    )
    __hash__ = None  # type: ignore[assignment]  # its parts have none

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    else:
        # `dataclasses.replace()` and its kin take it, as they do the published package's.
        __dataclass_fields__ = FromTwin()
        __dataclass_params__ = FromTwin()
    _derived = ("structured",)

    content: str
    parsed: Parsed
    stats: LlmPredictionStats
    model_info: LlmInfo
    structured: bool
    load_config: LlmLoadModelConfig
    prediction_config: LlmPredictionConfig
    reasoning_content: str
    non_reasoning_content: str
    tool_calls: Sequence[ToolCallRequest]
    api_host: str | None

    def __init__(
        self,
        *,
        content: str,
        parsed: Parsed,
        stats: LlmPredictionStats,
        model_info: LlmInfo,
        load_config: LlmLoadModelConfig,
        prediction_config: LlmPredictionConfig,
        reasoning_content: str = "",
        non_reasoning_content: str | None = None,
        tool_calls: Sequence[ToolCallRequest] = (),
        api_host: str | None = None,
    ) -> None:
        """Make a result of its parts; without thinking, the text is all answer."""
        put = object.__setattr__
        put(self, "content", content)
        put(self, "parsed", parsed)
        put(self, "stats", stats)
        put(self, "model_info", model_info)
        put(self, "structured", parsed is not content)
        put(self, "load_config", load_config)
        put(self, "prediction_config", prediction_config)
        put(self, "reasoning_content", reasoning_content)
        put(
            self,
            "non_reasoning_content",
            content if non_reasoning_content is None else non_reasoning_content,
        )
        put(self, "tool_calls", tuple(tool_calls))
        put(self, "api_host", api_host)

    def parsed_as(self, cls: type[Answer]) -> Answer:
        """The answer of a structured prediction as an object.

        Args:
            cls: A subclass of ``lmstudio.BaseModel`` or of Pydantic's, or another class with their
                ``model_validate_json()``.

        Raises:
            LMStudioValueError: If the answer is no JSON value, or none that the class takes.
        """
        from ._parsed import parsed_as

        return parsed_as(self, cls)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: results are immutable."""
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse: results are immutable."""
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete {name!r}")

    def __eq__(self, other: object) -> bool:
        """Equal when of the same class and equal in every part."""
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __repr__(self) -> str:
        """The class and the text."""
        return f"{type(self).__name__}(content={self.content!r})"

    def __str__(self) -> str:
        """The text, or the JSON object, indented and with its keys sorted."""
        if not self.structured:
            return self.content
        from json import dumps

        try:
            return dumps(self.parsed, indent=2, sort_keys=True)
        except RecursionError:  # deeper calls leave less room than there was to parse it
            return self.content

    def __reduce__(self) -> tuple[object, ...]:
        """Copies and pickles go through the constructor."""
        names = set(self.__slots__) - {"structured"}
        return _remake, ({name: getattr(self, name) for name in names}, self.structured)


def _remake(parts: dict[str, Any], structured: bool) -> PredictionResult:  # noqa: FBT001
    if not structured:
        parts["parsed"] = parts["content"]
    return PredictionResult(**parts)


def calls_of(prediction: Finished) -> Sequence[ToolCallRequest]:
    """The calls of tools of a finished prediction."""
    calls = prediction.tool_calls()
    if calls == "[]":
        return ()
    from ._tool_calls import requests_of

    return requests_of(calls)


def api_host_of(address: str) -> str:
    """A host's address in the form of the published package: without ``ws://``."""
    return address.removeprefix("ws://")


def result_of(prediction: Finished, *, structured: bool) -> PredictionResult:
    """The result of a finished prediction.

    Args:
        prediction: A prediction whose iteration has ended.
        structured: Whether a JSON object was asked for.
    """
    from json import loads

    content, address, *parts = prediction.result()
    reasoning, answer = prediction.reasoning()
    stats, model_info, load_config, prediction_config = map(loads, parts)
    statistics = LlmPredictionStats._from_json(stats)
    parsed: Parsed = content
    if structured:
        from ._parsed import parsed_of

        form = prediction_config.get("structured") or {}
        parsed = parsed_of(content, answer, form.get("type"), statistics.stop_reason)
    return PredictionResult(
        content=content,
        parsed=parsed,
        stats=statistics,
        model_info=LlmInfo._from_json(model_info),
        load_config=LlmLoadModelConfig._from_json(load_config),
        prediction_config=LlmPredictionConfig._from_json(prediction_config),
        reasoning_content=reasoning,
        non_reasoning_content=answer,
        tool_calls=calls_of(prediction),
        api_host=api_host_of(address) or None,
    )
