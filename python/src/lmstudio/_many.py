"""Many prompts or chats at once."""

from __future__ import annotations

from ._callbacks import guarded, progress_callback
from ._errors import LMStudioError, LMStudioValueError
from ._options import encode, prediction_members, text_of, warn
from ._results import result_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal, TypeAlias, overload

    from . import _core
    from ._chat import Chat
    from ._chat_types import ChatHistoryDataDict
    from ._history import ChatHistoryData
    from ._model_session import ModelSession
    from ._results import PredictionResult
    from ._types import LlmPredictionConfig, LlmPredictionConfigDict, ResponseSchema

    ProgressCallback: TypeAlias = Callable[[float, int], object]
    ResultCallback: TypeAlias = Callable[[PredictionResult, int], object]
    Outcome: TypeAlias = PredictionResult | Exception
    History: TypeAlias = Chat | ChatHistoryData | ChatHistoryDataDict | str


class ManyPredictions:
    """The methods of a language model that take many prompts or chats."""

    _llm: _core.Llm
    _session: ModelSession

    if TYPE_CHECKING:

        @overload
        def complete_many(
            self,
            prompts: Iterable[str],
            *,
            return_exceptions: Literal[False] = ...,
            response_format: ResponseSchema | None = ...,
            config: LlmPredictionConfig | LlmPredictionConfigDict | None = ...,
            preset: str | None = ...,
            on_prompt_processing_progress: ProgressCallback | None = ...,
            on_progress: ProgressCallback | None = ...,
            on_result: ResultCallback | None = ...,
            strict: bool = ...,
            timeout: float | None = ...,
            idle_timeout: float | None = ...,
        ) -> list[PredictionResult]: ...
        @overload
        def complete_many(
            self,
            prompts: Iterable[str],
            *,
            return_exceptions: bool,
            response_format: ResponseSchema | None = ...,
            config: LlmPredictionConfig | LlmPredictionConfigDict | None = ...,
            preset: str | None = ...,
            on_prompt_processing_progress: ProgressCallback | None = ...,
            on_progress: ProgressCallback | None = ...,
            on_result: ResultCallback | None = ...,
            strict: bool = ...,
            timeout: float | None = ...,
            idle_timeout: float | None = ...,
        ) -> list[PredictionResult | Exception]: ...

    def complete_many(
        self,
        prompts: Iterable[str],
        *,
        return_exceptions: bool = False,
        response_format: ResponseSchema | None = None,
        config: LlmPredictionConfig | LlmPredictionConfigDict | None = None,
        preset: str | None = None,
        on_prompt_processing_progress: ProgressCallback | None = None,
        on_progress: ProgressCallback | None = None,
        on_result: ResultCallback | None = None,
        strict: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> list[PredictionResult] | list[Outcome]:
        """Continue many texts, as many at once as the model was loaded for.

        Args:
            prompts: The texts, none of them empty.
            return_exceptions: Whether a prompt that fails, or has not ended in time, has its
                exception in the list and leaves the others alone. Otherwise the first failure ends
                the others and is raised; the message begins with the place: ``prompts[3]: ``.
            response_format: The form every answer must have.
            config: Options for all, see LlmPredictionConfig.
            preset: Name of a server's preset, whose options lie beneath config.
            on_prompt_processing_progress: Called with the share of a prompt that is processed, 0.0
                rising to 1.0, and the prompt's place, from 0.
            on_progress: Another name for on_prompt_processing_progress.
            on_result: Called with each result and its place, in the order in which they end.
            strict: Refuse option names that are not known, rather than warn of them.
            timeout: Seconds all may take together; None: any time.
            idle_timeout: Seconds in which nothing comes of any; None: the default, see
                ``set_sync_api_timeout()``.

        Callbacks run in this thread; their exceptions are logged (logger ``lmstudio``) and do not
        stop the work. Ctrl-C stops all.

        Returns:
            A result for each prompt, in their order.

        Raises:
            LMStudioError: What ``complete()`` raises.

        Example:
            >>> for result in llm.complete_many(["1, 2, 3,", "My name is"]):
            ...     print(result)
        """
        return _outcomes(
            self._llm.complete_many,
            _listed(prompts, "prompts", "complete"),
            lambda prompt: text_of(prompt, "prompt"),
            "prompts",
            response_format=response_format,
            config=config,
            preset=preset,
            on_progress=progress_callback(on_progress, on_prompt_processing_progress),
            on_result=on_result,
            strict=strict,
            return_exceptions=return_exceptions,
            given=self._session._limits(timeout, idle_timeout),
        )

    if TYPE_CHECKING:

        @overload
        def respond_many(
            self,
            histories: Iterable[History],
            *,
            return_exceptions: Literal[False] = ...,
            response_format: ResponseSchema | None = ...,
            config: LlmPredictionConfig | LlmPredictionConfigDict | None = ...,
            preset: str | None = ...,
            on_prompt_processing_progress: ProgressCallback | None = ...,
            on_progress: ProgressCallback | None = ...,
            on_result: ResultCallback | None = ...,
            strict: bool = ...,
            timeout: float | None = ...,
            idle_timeout: float | None = ...,
        ) -> list[PredictionResult]: ...
        @overload
        def respond_many(
            self,
            histories: Iterable[History],
            *,
            return_exceptions: bool,
            response_format: ResponseSchema | None = ...,
            config: LlmPredictionConfig | LlmPredictionConfigDict | None = ...,
            preset: str | None = ...,
            on_prompt_processing_progress: ProgressCallback | None = ...,
            on_progress: ProgressCallback | None = ...,
            on_result: ResultCallback | None = ...,
            strict: bool = ...,
            timeout: float | None = ...,
            idle_timeout: float | None = ...,
        ) -> list[PredictionResult | Exception]: ...

    def respond_many(
        self,
        histories: Iterable[History],
        *,
        return_exceptions: bool = False,
        response_format: ResponseSchema | None = None,
        config: LlmPredictionConfig | LlmPredictionConfigDict | None = None,
        preset: str | None = None,
        on_prompt_processing_progress: ProgressCallback | None = None,
        on_progress: ProgressCallback | None = None,
        on_result: ResultCallback | None = None,
        strict: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> list[PredictionResult] | list[Outcome]:
        """Answer many chats, as many at once as the model was loaded for.

        ``histories`` are chats in any form that ``respond()`` takes; they are not changed. The
        other arguments are those of ``complete_many()``; messages name a place as ``chats[3]: ``.

        Returns:
            An answer to each chat, in their order.

        Raises:
            LMStudioError: What ``respond()`` raises.
        """
        from ._chat import json_of

        return _outcomes(
            self._llm.respond_many,
            _listed(histories, "histories", "respond"),
            json_of,
            "chats",
            response_format=response_format,
            config=config,
            preset=preset,
            on_progress=progress_callback(on_progress, on_prompt_processing_progress),
            on_result=on_result,
            strict=strict,
            return_exceptions=return_exceptions,
            given=self._session._limits(timeout, idle_timeout),
        )


class _Place:
    """One prediction of a batch, as ``result_of()`` takes it."""

    def __init__(self, batch: _core.Batch, index: int) -> None:
        self._batch = batch
        self._index = index

    def result(self) -> tuple[str, str, str, str, str, str]:
        return self._batch.result(self._index)

    def reasoning(self) -> tuple[str, str]:
        return self._batch.reasoning(self._index)

    def tool_calls(self) -> str:
        return self._batch.tool_calls(self._index)


def _listed(inputs: Iterable[str] | Iterable[History], name: str, single: str) -> list[Any]:
    from collections.abc import Iterable, Mapping

    # A str, bytes and a chat's dict are iterable too, and never what is meant.
    if isinstance(inputs, (str, bytes, Mapping)) or not isinstance(inputs, Iterable):
        raise LMStudioValueError(
            f"{name} must be several, not one {type(inputs).__name__}; {single}() takes one."
        )
    return list(inputs)


def _outcomes(
    begin: Callable[..., _core.Batch],
    inputs: list[Any],
    take: Callable[[Any], str],
    name: str,
    *,
    response_format: ResponseSchema | None,
    config: LlmPredictionConfig | LlmPredictionConfigDict | None,
    preset: str | None,
    on_progress: ProgressCallback | None,
    on_result: ResultCallback | None,
    strict: bool,
    return_exceptions: bool,
    given: tuple[int, int],
) -> list[Outcome]:
    tell = guarded(on_result, "on_result")
    members, structured = prediction_members(config, response_format)
    taken: list[str] = []
    refused: dict[int, Outcome] = {}
    for index, each in enumerate(inputs):
        try:
            taken.append(take(each))
        except LMStudioError as refusal:
            refusal.args = (f"{name}[{index}]: {refusal}",)
            if not return_exceptions:
                raise
            refused[index] = refusal
            taken.append("")  # which the library refuses too
    batch = begin(
        taken,
        encode(members, strict=strict),
        preset=preset,
        timeout_ms=given[0],
        idle_timeout_ms=given[1],
        keep_going=return_exceptions,
    )
    outcomes: dict[int, Outcome] = {}
    try:
        warn(batch.warnings())
        for index, progress in batch:
            if progress >= 0:
                if on_progress is not None:
                    on_progress(progress, index)
                continue
            error = batch.error(index)
            if error is not None:
                outcomes[index] = refused.get(index, error)
                continue
            result = result_of(_Place(batch, index), structured=structured)
            outcomes[index] = result
            if tell is not None:
                tell(result, index)
    finally:
        batch.cancel()  # a traceback may keep it for long
    return [outcomes[index] for index in range(len(inputs))]
