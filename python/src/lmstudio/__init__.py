"""LM Studio for Python: complete and stream text, on a server or in this process.

Example:
    >>> import lmstudio as lm
    >>> llm = lm.llm()
    >>> for token in llm.complete_stream("My name is"):
    ...     print(token, end="", flush=True)
    >>> print(llm.complete("My name is"))
"""

from __future__ import annotations

from ._callbacks import PromptProgress
from ._client import Client
from ._configs import LlmPredictionConfig
from ._core import version
from ._default_client import (
    configure_default_client,
    embedding_model,
    get_default_client,
    list_downloaded_models,
    list_loaded_models,
    llm,
    prepare_image,
)
from ._downloads import DownloadedEmbeddingModel, DownloadedLlm
from ._embedding import EmbeddingModel
from ._errors import (
    LMStudioCancelledError,
    LMStudioChannelClosedError,
    LMStudioClientError,
    LMStudioEngineError,
    LMStudioError,
    LMStudioModelNotFoundError,
    LMStudioOSError,
    LMStudioPredictionError,
    LMStudioPresetNotFoundError,
    LMStudioRuntimeError,
    LMStudioServerError,
    LMStudioTimeoutError,
    LMStudioUnknownMessageWarning,
    LMStudioUnknownOptionWarning,
    LMStudioValueError,
    LMStudioWebsocketError,
    ValidationError,
)
from ._handles import SyncModelHandle
from ._infos import (
    EmbeddingModelInfo,
    EmbeddingModelInstanceInfo,
    LlmInfo,
    LlmInstanceInfo,
    ModelLoadResult,
)
from ._llm import LLM
from ._load_configs import (
    EmbeddingLoadModelConfig,
    LlmLoadModelConfig,
)
from ._results import LlmPredictionFragment, LlmPredictionStats, PredictionResult
from ._server_error import SerializedLMSExtendedError
from ._stream import PredictionStream
from ._timeouts import get_sync_api_timeout, set_sync_api_timeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._chat import Chat
    from ._chat_types import (
        AnyChatMessage,
        AnyChatMessageDict,
        AssistantResponseContent,
        ChatHistoryDataDict,
        FileHandleDict,
        FileHandleInput,
        FileType,
        LocalFileInput,
        SystemPromptContent,
        TextDataDict,
        UserMessageContent,
        UserMessageDict,
    )
    from ._history import (
        AssistantResponse,
        ChatHistoryData,
        FileHandle,
        SystemPrompt,
        TextData,
        ToolCallRequest,
        ToolCallResultData,
        ToolResultMessage,
        UserMessage,
    )
    from ._schema import BaseModel
    from ._specifiers import ModelQuery
    from ._types import (
        AnyDownloadedModel,
        AnyLMStudioStruct,
        AnyLoadConfig,
        AnyModelSpecifier,
        DictObject,
        DictSchema,
        EmbeddingLoadModelConfigDict,
        LlmLoadModelConfigDict,
        LlmPredictionConfigDict,
        ModelInfo,
        ModelInstanceInfo,
        ModelQueryDict,
        ModelSchema,
        ModelSpecifier,
        ModelSpecifierDict,
        PredictionFirstTokenCallback,
        PredictionFragmentCallback,
        PredictionMessageCallback,
        PromptProcessingCallback,
        ResponseSchema,
    )

__version__ = version()

__all__ = [
    "LLM",
    "AnyChatMessage",
    "AnyChatMessageDict",
    "AnyDownloadedModel",
    "AnyLMStudioStruct",
    "AnyLoadConfig",
    "AnyModelSpecifier",
    "AssistantResponse",
    "AssistantResponseContent",
    "BaseModel",
    "Chat",
    "ChatHistoryData",
    "ChatHistoryDataDict",
    "Client",
    "DictObject",
    "DictSchema",
    "DownloadedEmbeddingModel",
    "DownloadedLlm",
    "EmbeddingLoadModelConfig",
    "EmbeddingLoadModelConfigDict",
    "EmbeddingModel",
    "EmbeddingModelInfo",
    "EmbeddingModelInstanceInfo",
    "FileHandle",
    "FileHandleDict",
    "FileHandleInput",
    "FileType",
    "LMStudioCancelledError",
    "LMStudioChannelClosedError",
    "LMStudioClientError",
    "LMStudioEngineError",
    "LMStudioError",
    "LMStudioModelNotFoundError",
    "LMStudioOSError",
    "LMStudioPredictionError",
    "LMStudioPresetNotFoundError",
    "LMStudioRuntimeError",
    "LMStudioServerError",
    "LMStudioTimeoutError",
    "LMStudioUnknownMessageWarning",
    "LMStudioUnknownOptionWarning",
    "LMStudioValueError",
    "LMStudioWebsocketError",
    "LlmInfo",
    "LlmInstanceInfo",
    "LlmLoadModelConfig",
    "LlmLoadModelConfigDict",
    "LlmPredictionConfig",
    "LlmPredictionConfigDict",
    "LlmPredictionFragment",
    "LlmPredictionStats",
    "LocalFileInput",
    "ModelInfo",
    "ModelInstanceInfo",
    "ModelLoadResult",
    "ModelQuery",
    "ModelQueryDict",
    "ModelSchema",
    "ModelSpecifier",
    "ModelSpecifierDict",
    "PredictionFirstTokenCallback",
    "PredictionFragmentCallback",
    "PredictionMessageCallback",
    "PredictionResult",
    "PredictionStream",
    "PromptProcessingCallback",
    "PromptProgress",
    "ResponseSchema",
    "SerializedLMSExtendedError",
    "SyncModelHandle",
    "SystemPrompt",
    "SystemPromptContent",
    "TextData",
    "TextDataDict",
    "ToolCallRequest",
    "ToolCallResultData",
    "ToolResultMessage",
    "UserMessage",
    "UserMessageContent",
    "UserMessageDict",
    "ValidationError",
    "configure_default_client",
    "embedding_model",
    "get_default_client",
    "get_sync_api_timeout",
    "list_downloaded_models",
    "list_loaded_models",
    "llm",
    "prepare_image",
    "set_sync_api_timeout",
]


# Modules that are read when one of their names is first asked for.
_LATER = ("_history", "_chat", "_chat_types", "_types", "_schema")

# Modules of the published package that programs may name.
_MODULES = ("history", "json_api", "schemas", "sdk_api", "sync_api")


def __getattr__(name: str) -> object:
    """The names that not every program needs: those for chats, annotations and answers."""
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for module in _LATER:
        value: object = getattr(import_module(f"{__name__}.{module}"), name, None)
        if value is not None:
            break
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Every public name."""
    return sorted({*globals(), *__all__})
