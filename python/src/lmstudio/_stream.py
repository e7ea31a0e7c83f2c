"""A prediction under way."""

from __future__ import annotations

from ._callbacks import checked, counted, guarded, progress_callback
from ._errors import (
    LMStudioCancelledError,
    LMStudioRuntimeError,
    LMStudioUnknownMessageWarning,
)
from ._options import encode, prediction_members, warn
from ._results import result_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from . import _core
    from ._history import AssistantResponse
    from ._infos import LlmInfo
    from ._results import LlmPredictionFragment, LlmPredictionStats, PredictionResult
    from ._tool_calls import ToolCallCallback
    from ._types import (
        LlmPredictionConfig,
        LlmPredictionConfigDict,
        PredictionFirstTokenCallback,
        PredictionFragmentCallback,
        PredictionMessageCallback,
        PromptProcessingCallback,
        ResponseSchema,
    )

_CLOSED = (
    "Prediction stream was closed before the end, which stopped the prediction. "
    "Use cancel() to stop and keep the text so far."
)


class PredictionStream:
    """The fragments of a prediction, one after the other, and its result at the end.

    Nothing runs before the first fragment is asked for, ``start()`` or ``with``. Leaving the loop
    early, an exception, Ctrl-C and dropping the stream all stop the work. A stream runs once.

    Example:
        >>> stream = llm.complete_stream("My name is")
        >>> for fragment in stream:
        ...     print(fragment, end="", flush=True)
        >>> stream.result().stats.tokens_per_second
    """

    def __init__(
        self,
        prediction: _core.Prediction,
        *,
        on_message: Callable[[AssistantResponse], object] | None = None,
        structured: bool = False,
    ) -> None:
        """Wrap a prediction that has not been started; made by ``LLM.complete_stream()``."""
        self._prediction: _core.Prediction | None = prediction
        self._on_message = on_message
        self._structured = structured
        self._started = False
        self._iterated = False
        self._result: PredictionResult | None = None
        self._error: BaseException | None = None

    @property
    def stats(self) -> LlmPredictionStats | None:
        """The statistics; None before the end."""
        return None if self._result is None else self._result.stats

    @property
    def model_info(self) -> LlmInfo | None:
        """The model; None before the end."""
        return None if self._result is None else self._result.model_info

    def start(self) -> None:
        """Begin the work without waiting for it.

        Raises:
            LMStudioRuntimeError: If it was started before, or the stream or client is closed.
            LMStudioModelNotFoundError: If the model is no longer loaded.
        """
        if self._finished:
            raise LMStudioRuntimeError("Prediction result has already been received.")
        if self._started:
            raise LMStudioRuntimeError("Prediction request has already been sent.")
        if self._prediction is None:
            raise LMStudioRuntimeError("Prediction stream is closed.")
        self._started = True
        try:
            self._prediction.start()
        except BaseException as error:
            self._fail(error)
            self.close()
            raise

    def cancel(self) -> None:
        """Stop and keep what is there.

        The iteration ends, and ``result()`` has the text so far with the stop reason
        ``"userStopped"``. Before the start and after the end this does nothing. Any thread and
        any callback may call it.
        """
        prediction = self._prediction
        if prediction is not None and self._started and not self._finished:
            prediction.cancel()

    def close(self) -> None:
        """Stop and keep nothing: without a result yet, ``result()`` will raise.

        A thread that iterates meanwhile gets LMStudioCancelledError.
        """
        if self._started:
            self._fail(LMStudioCancelledError(_CLOSED))
        prediction, self._prediction = self._prediction, None
        if prediction is not None:
            prediction.cancel()

    def result(self) -> PredictionResult:
        """The result of a finished prediction. Never waits.

        Raises:
            LMStudioRuntimeError: If the prediction was not started or is not finished.
            BaseException: Whatever ended the prediction.
        """
        if self._error is not None:
            raise self._error
        if self._result is not None:
            return self._result
        if self._started:
            raise LMStudioRuntimeError("Prediction processing has not yet been completed.")
        raise LMStudioRuntimeError("Prediction processing has not been initiated.")

    def wait_for_result(self) -> PredictionResult:
        """Run to the end, if it is not there yet, and return the result.

        Raises:
            LMStudioError: Whatever stopped the prediction.
            LMStudioRuntimeError: If the stream is closed, or somebody else is iterating.
        """
        if not self._finished:
            for _ in self:
                pass
        return self.result()

    def __enter__(self) -> Self:
        """Start, unless that has been done."""
        if self._prediction is None or not self._started:
            self.start()
        return self

    def __exit__(
        self,
        _exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        _exc_tb: TracebackType | None,
    ) -> None:
        """Close; an exception becomes what ``result()`` raises."""
        if exc_val is not None and not isinstance(exc_val, GeneratorExit):
            self._fail(exc_val)
        self.close()

    def __iter__(self) -> Iterator[LlmPredictionFragment]:
        """The fragments as they come; the callbacks run in between.

        Raises:
            LMStudioError: Whatever stopped the prediction.
            LMStudioRuntimeError: If the stream was iterated before.
        """
        if self._iterated and not self._finished:
            raise LMStudioRuntimeError("Prediction stream is already being iterated.")
        self._iterated = True
        with self:
            prediction = self._prediction
            try:
                if prediction is not None:
                    yield from prediction
                if prediction is None or self._error is not None:  # closed by another thread
                    raise self._error or LMStudioCancelledError(_CLOSED)
                result = result_of(prediction, structured=self._structured)
                warn(prediction.server_warnings(), LMStudioUnknownMessageWarning)
            finally:
                del prediction  # the traceback of an error would keep the handle
            if self._on_message is not None:
                self._on_message(_message(result))
            self._result = result

    @property
    def _finished(self) -> bool:
        return self._result is not None or self._error is not None

    def _fail(self, error: BaseException) -> None:
        if not self._finished:
            self._error = error


def _message(result: PredictionResult) -> AssistantResponse:
    from ._history import AssistantResponse, TextData, ToolCallRequestData

    calls = [ToolCallRequestData(tool_call_request=call) for call in result.tool_calls]
    return AssistantResponse(content=[TextData(text=result.content), *calls])


def _told(callback: ToolCallCallback) -> Callable[[int, str, str], object] | None:
    from ._tool_calls import told

    return told(callback)


def stream_of(
    begin: Callable[..., _core.Prediction],
    text: str,
    *,
    response_format: ResponseSchema | None,
    config: LlmPredictionConfig | LlmPredictionConfigDict | None,
    preset: str | None,
    on_message: PredictionMessageCallback | None,
    on_first_token: PredictionFirstTokenCallback | None,
    on_prediction_fragment: PredictionFragmentCallback | None,
    on_prompt_processing_progress: PromptProcessingCallback | None,
    on_progress: PromptProcessingCallback | None,
    strict: bool,
    given: tuple[int, int],
    on_tool_call: ToolCallCallback | None = None,
) -> PredictionStream:
    """The stream of a prediction that has not been started.

    ``begin`` is what makes the prediction, ``complete`` or ``respond`` of a model; ``text`` the
    prompt, or the chat as JSON; ``given`` both timeouts in milliseconds. The other arguments are
    those of ``LLM.complete_stream()``, and so is what is raised.
    """
    tell_progress = counted(progress_callback(on_progress, on_prompt_processing_progress))
    message_callback = checked(on_message, "on_message")
    members, structured = prediction_members(config, response_format)
    prediction = begin(
        text,
        encode(members, strict=strict),
        preset=preset,
        timeout_ms=given[0],
        idle_timeout_ms=given[1],
        on_progress=tell_progress,
        on_first_token=guarded(on_first_token, "on_first_token"),
        on_fragment=guarded(on_prediction_fragment, "on_prediction_fragment"),
        on_tool_call=None if on_tool_call is None else _told(on_tool_call),
    )
    warn(prediction.warnings())
    return PredictionStream(prediction, on_message=message_callback, structured=structured)
