"""Loaded language models: completing text and answering chats with them."""

from __future__ import annotations

from ._cache import SavedCaches
from ._handles import SyncModelHandle
from ._infos import LlmInstanceInfo
from ._load_configs import LlmLoadModelConfig
from ._many import ManyPredictions
from ._stream import stream_of
from ._templates import PromptTemplates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._chat import Chat
    from ._chat_types import ChatHistoryDataDict
    from ._history import ChatHistoryData
    from ._results import PredictionResult
    from ._sessions import LlmSession
    from ._stream import PredictionStream
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


class LLM(SyncModelHandle, ManyPredictions, SavedCaches, PromptTemplates):
    """A loaded language model.

    Example:
        >>> llm = lmstudio.llm()
        >>> print(llm.complete("My name is", config={"maxTokens": 32}))
    """

    _info_class = LlmInstanceInfo
    _config_class = LlmLoadModelConfig

    def __init__(self, model_identifier: str, session: LlmSession) -> None:
        """Make a handle; whether the instance is loaded is not asked.

        Args:
            model_identifier: The instance's name, not empty.
            session: The ``llm`` of a client.

        Raises:
            LMStudioValueError: If the name is empty or not a str, or session is something else.
            LMStudioRuntimeError: If the client is closed.
        """
        super().__init__(model_identifier, session)
        self._llm = self._instance = session._client.llm(model_identifier)

    if TYPE_CHECKING:

        def get_info(
            self, *, timeout: float | None = ..., idle_timeout: float | None = ...
        ) -> LlmInstanceInfo: ...
        def get_load_config(
            self, *, timeout: float | None = ..., idle_timeout: float | None = ...
        ) -> LlmLoadModelConfig: ...

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
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> PredictionStream:
        """Continue a text as it is, without a chat template, and stream what comes.

        Args:
            prompt: The text, not empty.
            response_format: The form the answer must have.
            config: Options, see LlmPredictionConfig; dict names in camelCase or snake_case.
            preset: Name of a server's preset, whose options lie beneath config; there are none
                for models in this process.
            on_message: Called once with the whole answer at the end; its exceptions propagate.
            on_first_token: Called once before the first fragment.
            on_prediction_fragment: Called with each fragment before the loop gets it.
            on_prompt_processing_progress: Called with the share of the prompt that is processed, a
                float that also has the counts of tokens, see PromptProgress: 0.0 first, then
                rising to 1.0 before the first fragment.
            on_progress: Another name for on_prompt_processing_progress.
            strict: Refuse option names that are not known, rather than warn of them.
            timeout: Seconds it may take from start to end; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Callbacks run in the thread that iterates. Except for on_message, the exceptions they
        raise are logged (logger ``lmstudio``) and do not stop the prediction.

        Raises:
            LMStudioValueError: If an argument or option is refused.
            LMStudioClientError: If this version cannot do what an option asks for.
            LMStudioRuntimeError: If the client is closed.

        While it runs, LMStudioTimeoutError if a timeout passes, LMStudioPresetNotFoundError if
        there is no such preset, LMStudioModelNotFoundError if the model is not loaded,
        LMStudioWebsocketError if the server cannot be reached or goes away.

        Warns:
            LMStudioUnknownOptionWarning: If an option name is not known.
        """
        return stream_of(
            self._llm.complete,
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
            given=self._session._limits(timeout, idle_timeout),
        )

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
        timeout: float | None = None,
        idle_timeout: float | None = None,
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
            timeout=timeout,
            idle_timeout=idle_timeout,
        ).wait_for_result()

    def respond_stream(
        self,
        history: Chat | ChatHistoryData | ChatHistoryDataDict | str,
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
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_tool_call: ToolCallCallback | None = None,
    ) -> PredictionStream:
        """Answer a chat, through the model's chat template, and stream what comes.

        ``history`` is the chat, which is not changed. What ``Chat.from_history()`` takes does as
        well; a str is one message of the user. ``on_message=chat.append`` adds the answer to the
        chat. ``on_tool_call`` is called with each step of the model's calls of ``raw_tools``. The
        other arguments, and what is raised and warned of, are those of ``complete_stream()``.

        Raises:
            LMStudioValueError: If the history is no chat.
            LMStudioRuntimeError: If the client is closed, or the history breaks the rules of
                ``Chat``.
        """
        from ._chat import json_of

        return stream_of(
            self._llm.respond,
            json_of(history),
            response_format=response_format,
            config=config,
            preset=preset,
            on_message=on_message,
            on_first_token=on_first_token,
            on_prediction_fragment=on_prediction_fragment,
            on_prompt_processing_progress=on_prompt_processing_progress,
            on_progress=on_progress,
            strict=strict,
            given=self._session._limits(timeout, idle_timeout),
            on_tool_call=on_tool_call,
        )

    def respond(
        self,
        history: Chat | ChatHistoryData | ChatHistoryDataDict | str,
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
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_tool_call: ToolCallCallback | None = None,
    ) -> PredictionResult:
        """Answer a chat, through the model's chat template, and wait for the whole.

        The arguments are those of ``respond_stream()``.

        Raises:
            LMStudioError: What ``respond_stream()`` raises, and whatever stops the prediction.

        Example:
            >>> print(llm.respond("What is the capital of France?"))
        """
        return self.respond_stream(
            history,
            response_format=response_format,
            config=config,
            preset=preset,
            on_message=on_message,
            on_first_token=on_first_token,
            on_prediction_fragment=on_prediction_fragment,
            on_prompt_processing_progress=on_prompt_processing_progress,
            on_progress=on_progress,
            strict=strict,
            timeout=timeout,
            idle_timeout=idle_timeout,
            on_tool_call=on_tool_call,
        ).wait_for_result()
