"""Names for annotations. Read only when asked for: ``typing`` takes longer than the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypedDict, runtime_checkable

from ._callbacks import PromptProgress
from ._configs import (
    LlmPredictionConfig,
    LlmStructuredPredictionSetting,
)
from ._downloads import DownloadedModel
from ._history import AssistantResponse
from ._infos import EmbeddingModelInfo, EmbeddingModelInstanceInfo, LlmInfo, LlmInstanceInfo
from ._load_configs import (
    EmbeddingLoadModelConfig,
    LlmLoadModelConfig,
)
from ._results import LlmPredictionFragment
from ._specifiers import ModelQuery, ModelSpecifierInstanceReference, ModelSpecifierQuery
from ._struct import Struct

__all__ = [
    "AnyDownloadedModel",
    "AnyLMStudioStruct",
    "AnyLoadConfig",
    "AnyModelSpecifier",
    "DictObject",
    "DictSchema",
    "EmbeddingLoadModelConfigDict",
    "LlmLoadModelConfigDict",
    "LlmPredictionConfig",
    "LlmPredictionConfigDict",
    "ModelInfo",
    "ModelInstanceInfo",
    "ModelLoadingCallback",
    "ModelQuery",
    "ModelQueryDict",
    "ModelSchema",
    "ModelSpecifier",
    "ModelSpecifierDict",
    "PredictionFirstTokenCallback",
    "PredictionFragmentCallback",
    "PredictionMessageCallback",
    "PromptProcessingCallback",
    "ResponseSchema",
]

AnyDownloadedModel: TypeAlias = DownloadedModel
AnyLMStudioStruct: TypeAlias = Struct
AnyLoadConfig: TypeAlias = EmbeddingLoadModelConfig | LlmLoadModelConfig
ModelInfo: TypeAlias = LlmInfo | EmbeddingModelInfo
ModelInstanceInfo: TypeAlias = LlmInstanceInfo | EmbeddingModelInstanceInfo
DictObject: TypeAlias = Mapping[str, Any]
DictSchema: TypeAlias = Mapping[str, Any]

ModelSpecifier: TypeAlias = ModelSpecifierQuery | ModelSpecifierInstanceReference
AnyModelSpecifier: TypeAlias = str | ModelSpecifier | ModelQuery | DictObject

ModelLoadingCallback: TypeAlias = Callable[[float], Any]
PredictionFirstTokenCallback: TypeAlias = Callable[[], Any]
PredictionFragmentCallback: TypeAlias = Callable[[LlmPredictionFragment], Any]
PredictionMessageCallback: TypeAlias = Callable[[AssistantResponse], Any]
PromptProcessingCallback: TypeAlias = Callable[[PromptProgress], Any]


@runtime_checkable
class ModelSchema(Protocol):
    """A class that can tell the JSON schema of its instances, such as a Pydantic model."""

    @classmethod
    def model_json_schema(cls) -> DictSchema:
        """The JSON schema."""
        ...


ResponseSchema: TypeAlias = DictSchema | LlmStructuredPredictionSetting | type[ModelSchema]

# The dict twins take snake_case names at run time too; type checkers know those in camelCase.


class LlmLoadModelConfigDict(TypedDict, total=False):
    """LlmLoadModelConfig as a dict."""

    gpu: Mapping[str, Any] | None
    gpuStrictVramCap: bool | None
    offloadKVCacheToGpu: bool | None
    contextLength: int | None
    ropeFrequencyBase: float | None
    ropeFrequencyScale: float | None
    evalBatchSize: int | None
    flashAttention: bool | None
    keepModelInMemory: bool | None
    seed: int | None
    useFp16ForKVCache: bool | None
    tryMmap: bool | None
    numExperts: int | None
    llamaKCacheQuantizationType: str | bool | None
    llamaVCacheQuantizationType: str | bool | None
    promptTemplate: Mapping[str, Any] | None
    reasoningBudgetMessage: str | None
    cpuThreadPoolSize: int | None
    speculativeDraftSimple: bool | None
    speculativeDraftModel: str | None
    speculativeDraftMaxTokens: int | None
    speculativeDraftMinTokens: int | None
    speculativeDraftMinContinueProbability: float | None
    speculativeDraftMtp: bool | None
    physicalBatchSize: int | None
    tryDirectIO: bool | None
    maxParallelPredictions: int | None
    useUnifiedKvCache: bool | None
    contextCheckpoints: int | None
    mlxDiskCache: bool | None
    mlxKvCacheQuantization: Mapping[str, Any] | None


class EmbeddingLoadModelConfigDict(TypedDict, total=False):
    """EmbeddingLoadModelConfig as a dict."""

    gpu: Mapping[str, Any] | None
    contextLength: int | None
    ropeFrequencyBase: float | None
    ropeFrequencyScale: float | None
    keepModelInMemory: bool | None
    tryMmap: bool | None
    evalBatchSize: int | None


class LlmPredictionConfigDict(TypedDict, total=False):
    """LlmPredictionConfig as a dict."""

    maxTokens: int | bool | None
    temperature: float | None
    stopStrings: Sequence[str] | None
    toolCallStopStrings: Sequence[str] | None
    contextOverflowPolicy: Literal["stopAtLimit", "truncateMiddle", "rollingWindow"] | None
    structured: Mapping[str, Any] | None
    rawTools: Mapping[str, Any] | None
    topKSampling: float | None
    repeatPenalty: float | bool | None
    minPSampling: float | bool | None
    topPSampling: float | bool | None
    cpuThreads: int | None
    promptTemplate: Mapping[str, Any] | None
    draftModel: str | None
    speculativeDecodingNumDraftTokensExact: int | None
    speculativeDecodingMinDraftLengthToConsider: int | None
    speculativeDecodingMinContinueDraftingProbability: float | None
    reasoningParsing: Mapping[str, Any] | None
    raw: Mapping[str, Any] | None
    presencePenalty: float | bool | None
    frequencyPenalty: float | bool | None
    seed: int | bool | None
    logProbs: int | bool | None
    logitBias: Sequence[tuple[int, float | str]] | None
    xtcProbability: float | bool | None
    xtcThreshold: float | bool | None
    locallyTypicalSampling: float | bool | None
    mirostatSampling: Mapping[str, Any] | None
    systemPrompt: str | None
    enableThinking: bool | None
    reasoningBudget: int | bool | None
    toolChoice: Mapping[str, Any] | None
    toolNaming: Literal["passThrough", "removeSpecial", "snakeCase", "camelCase"] | None
    userMaxImageDimensionPixels: int | bool | None
    ignoreModelPreferredMaxImageDimension: bool | None
    speculativeDecodingMaxTokensToDraft: int | None


class LlmApplyPromptTemplateOptsDict(TypedDict, total=False):
    """LlmApplyPromptTemplateOpts as a dict."""

    omitBosToken: bool | None
    omitEosToken: bool | None
    toolDefinitions: Sequence[Mapping[str, Any]] | None


class ModelQueryDict(TypedDict, total=False):
    """ModelQuery as a dict."""

    domain: Literal["llm", "embedding", "imageGen", "transcription", "tts"] | None
    identifier: str | None
    path: str | None
    vision: bool | None


class ModelSpecifierQueryDict(TypedDict):
    """ModelSpecifierQuery as a dict."""

    type: Literal["query"]
    query: ModelQueryDict


class ModelSpecifierInstanceReferenceDict(TypedDict):
    """ModelSpecifierInstanceReference as a dict."""

    type: Literal["instanceReference"]
    instanceReference: str


ModelSpecifierDict: TypeAlias = ModelSpecifierQueryDict | ModelSpecifierInstanceReferenceDict
