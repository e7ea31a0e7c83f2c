"""Loaded models."""

from __future__ import annotations

from ._callbacks import checked, guarded
from ._configs import LlmLoadModelConfig
from ._errors import LMStudioValueError
from ._infos import LlmInstanceInfo
from ._options import encode, prediction_members, warn
from ._stream import PredictionStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, overload

    from ._results import PredictionResult
    from ._sessions import LlmSession
    from ._types import (
        LlmPredictionConfig,
        LlmPredictionConfigDict,
        PredictionFirstTokenCallback,
        PredictionFragmentCallback,
        PredictionMessageCallback,
        PromptProcessingCallback,
        ResponseSchema,
    )


class SyncModelHandle:
    """A loaded model, by the identifier of its instance.

    Attributes:
        identifier: The instance's name.
    """

    def __init__(self, model_identifier: str, session: LlmSession) -> None:
        """Make a handle; whether the instance is loaded is not asked.

        Args:
            model_identifier: The instance's name, not empty.
            session: The ``llm`` of a client.

        Raises:
            LMStudioValueError: If the name is empty or not a str.
            LMStudioRuntimeError: If the client is closed.
        """
        self.identifier = model_identifier
        self._session = session
        self._llm = session._client.llm(model_identifier)

    def unload(self) -> None:
        """Take the model out of memory; what it is doing ends with ``"modelUnloaded"``.

        Raises:
            LMStudioModelNotFoundError: If it is not loaded.
        """
        self._llm.unload()

    def get_info(self) -> LlmInstanceInfo:
        """What the model is.

        Raises:
            LMStudioModelNotFoundError: If it is not loaded.
        """
        return LlmInstanceInfo._from_json(self._info())

    def get_load_config(self) -> LlmLoadModelConfig:
        """The load options in effect, defaults included.

        Raises:
            LMStudioModelNotFoundError: If it is not loaded.
        """
        from json import loads

        return LlmLoadModelConfig._from_json(loads(self._llm.load_config()))

    def get_context_length(self) -> int:
        """Tokens of prompt and answer together that it was loaded with; -1 if not known.

        Raises:
            LMStudioModelNotFoundError: If it is not loaded.
        """
        return int(self._info().get("contextLength", -1))

    if TYPE_CHECKING:

        @overload
        def tokenize(self, input: str) -> list[int]: ...  # type: ignore[overload-overlap]
        @overload
        def tokenize(self, input: Iterable[str]) -> list[list[int]]: ...

    def tokenize(self, input: str | Iterable[str]) -> list[int] | list[list[int]]:
        """Split text into tokens, with the model's own leading token.

        Args:
            input: A text, or several.

        Returns:
            The token ids in text order; for several texts a list of such lists.

        Raises:
            LMStudioValueError: If it is not text.
            LMStudioModelNotFoundError: If the model is not loaded.
        """
        if isinstance(input, str):
            return self._llm.tokenize(input)
        try:
            texts = list(input)
        except TypeError:
            raise LMStudioValueError(
                f"input must be a str or several, not {type(input).__name__}."
            ) from None
        return [self._llm.tokenize(text) for text in texts]

    def count_tokens(self, input: str) -> int:
        """Number of tokens that ``tokenize()`` gives.

        Args:
            input: A text.

        Raises:
            LMStudioValueError: If it is not a str.
            LMStudioModelNotFoundError: If the model is not loaded.
        """
        return self._llm.count_tokens(input)

    def __eq__(self, other: object) -> bool:
        """Equal when of the same session and with the same identifier."""
        if not isinstance(other, SyncModelHandle):
            return NotImplemented
        return self._session is other._session and self.identifier == other.identifier

    def __hash__(self) -> int:
        """Equal handles have equal hashes."""
        return hash((id(self._session), self.identifier))

    def __repr__(self) -> str:
        """The class and the identifier."""
        return f"{type(self).__name__}(identifier={self.identifier!r})"

    def _info(self) -> dict[str, Any]:
        from json import loads

        info: dict[str, Any] = loads(self._llm.info())
        return info


class LLM(SyncModelHandle):
    """A loaded language model.

    Example:
        >>> llm = lmstudio.llm()
        >>> print(llm.complete("My name is", config={"maxTokens": 32}))
    """

    def complete_stream(
        self,
        prompt: str,
        *,
        response_format: ResponseSchema | None = None,
        config: LlmPredictionConfig | LlmPredictionConfigDict | None = None,
        preset: str | None = None,
        on_message: PredictionMessageCallback | None = None,
        on_first_token: PredictionFirstTokenCallback | None = None,
        on_prediction_fragment: PredictionFragmentCallback | None = None,
        on_prompt_processing_progress: PromptProcessingCallback | None = None,
        on_progress: PromptProcessingCallback | None = None,
        strict: bool = False,
    ) -> PredictionStream:
        """Continue a text as it is, without a chat template, and stream what comes.

        Args:
            prompt: The text, not empty.
            response_format: The form the answer must have.
            config: Options, see LlmPredictionConfig; dict names in camelCase or snake_case.
            preset: Name of a preset; there are none for models in this process.
            on_message: Called once with the whole answer at the end; its exceptions propagate.
            on_first_token: Called once before the first fragment.
            on_prediction_fragment: Called with each fragment before the loop gets it.
            on_prompt_processing_progress: Called with the share of the prompt that is processed:
                0.0 first, then rising to 1.0 before the first fragment.
            on_progress: Another name for on_prompt_processing_progress.
            strict: Refuse option names that are not known, rather than warn of them.

        Callbacks run in the thread that iterates. Except for on_message, the exceptions they
        raise are logged (logger ``lmstudio``) and do not stop the prediction.

        Raises:
            LMStudioValueError: If an argument or option is refused.
            LMStudioPresetNotFoundError: If there is no such preset.
            LMStudioClientError: If this version cannot do what an option asks for.
            LMStudioRuntimeError: If the client is closed.

        Warns:
            LMStudioUnknownOptionWarning: If an option name is not known.
        """
        if on_progress is not None and on_prompt_processing_progress is not None:
            raise LMStudioValueError(
                "on_progress is another name for on_prompt_processing_progress: give one of them."
            )
        progress_callback = guarded(on_progress, "on_progress") or guarded(
            on_prompt_processing_progress, "on_prompt_processing_progress"
        )
        message_callback = checked(on_message, "on_message")
        self._session._check_preset(preset)
        members, structured = prediction_members(config, response_format)
        prediction = self._llm.complete(
            prompt,
            encode(members, strict=strict),
            on_progress=progress_callback,
            on_first_token=guarded(on_first_token, "on_first_token"),
            on_fragment=guarded(on_prediction_fragment, "on_prediction_fragment"),
        )
        warn(prediction.warnings())
        return PredictionStream(prediction, on_message=message_callback, structured=structured)

    def complete(
        self,
        prompt: str,
        *,
        response_format: ResponseSchema | None = None,
        config: LlmPredictionConfig | LlmPredictionConfigDict | None = None,
        preset: str | None = None,
        on_message: PredictionMessageCallback | None = None,
        on_first_token: PredictionFirstTokenCallback | None = None,
        on_prediction_fragment: PredictionFragmentCallback | None = None,
        on_prompt_processing_progress: PromptProcessingCallback | None = None,
        on_progress: PromptProcessingCallback | None = None,
        strict: bool = False,
    ) -> PredictionResult:
        """Continue a text as it is, without a chat template, and wait for the whole.

        The arguments are those of ``complete_stream()``.

        Raises:
            LMStudioError: What ``complete_stream()`` raises, and whatever stops the prediction.
        """
        return self.complete_stream(
            prompt,
            response_format=response_format,
            config=config,
            preset=preset,
            on_message=on_message,
            on_first_token=on_first_token,
            on_prediction_fragment=on_prediction_fragment,
            on_prompt_processing_progress=on_prompt_processing_progress,
            on_progress=on_progress,
            strict=strict,
        ).wait_for_result()
