"""LM Studio for Python: complete and stream text, on a server or in this process.

Example:
    >>> import lmstudio as lm
    >>> llm = lm.llm()
    >>> for token in llm.complete_stream("My name is"):
    ...     print(token, end="", flush=True)
    >>> print(llm.complete("My name is"))
"""

from __future__ import annotations

from ._client import Client
from ._configs import EmbeddingLoadModelConfig, LlmLoadModelConfig, LlmPredictionConfig
from ._core import version
from ._default_client import (
    configure_default_client,
    embedding_model,
    get_default_client,
    list_downloaded_models,
    list_loaded_models,
    llm,
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
)
from ._handles import SyncModelHandle
from ._history import AssistantResponse, TextData
from ._infos import EmbeddingModelInfo, EmbeddingModelInstanceInfo, LlmInfo, LlmInstanceInfo
from ._llm import LLM
from ._results import LlmPredictionFragment, LlmPredictionStats, PredictionResult
from ._server_error import SerializedLMSExtendedError
from ._stream import PredictionStream
from ._timeouts import get_sync_api_timeout, set_sync_api_timeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import (
        AnyDownloadedModel,
        AnyLMStudioStruct,
        AnyLoadConfig,
        DictObject,
        DictSchema,
        EmbeddingLoadModelConfigDict,
        LlmLoadModelConfigDict,
        LlmPredictionConfigDict,
        ModelInfo,
        ModelInstanceInfo,
        ModelSchema,
        PredictionFirstTokenCallback,
        PredictionFragmentCallback,
        PredictionMessageCallback,
        PromptProcessingCallback,
        ResponseSchema,
    )

__version__ = version()

__all__ = [
    "LLM",
    "AnyDownloadedModel",
    "AnyLMStudioStruct",
    "AnyLoadConfig",
    "AssistantResponse",
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
    "ModelInfo",
    "ModelInstanceInfo",
    "ModelSchema",
    "PredictionFirstTokenCallback",
    "PredictionFragmentCallback",
    "PredictionMessageCallback",
    "PredictionResult",
    "PredictionStream",
    "PromptProcessingCallback",
    "ResponseSchema",
    "SerializedLMSExtendedError",
    "SyncModelHandle",
    "TextData",
    "configure_default_client",
    "embedding_model",
    "get_default_client",
    "get_sync_api_timeout",
    "list_downloaded_models",
    "list_loaded_models",
    "llm",
    "set_sync_api_timeout",
]


def __getattr__(name: str) -> object:
    """The names for annotations, read when first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _types

    value: object = getattr(_types, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Every public name."""
    return sorted({*globals(), *__all__})
