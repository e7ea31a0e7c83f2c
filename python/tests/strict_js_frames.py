"""What the TypeScript SDK accepts as answers: results, channel messages, errors."""

from __future__ import annotations

from typing import Any

from strict_js import (
    Check,
    any_model,
    anything,
    boolean,
    config,
    count,
    fail,
    full_string,
    integer,
    list_of,
    llm_instance,
    llm_model,
    number,
    one_of,
    or_null,
    record,
    share,
    string,
    tagged,
)


def absent(value: Any, where: str) -> None:
    """For endpoints without a result: even null hangs the caller."""
    if value is not ABSENT:
        fail(where, "no result", value)


ABSENT: Any = object()


def or_absent(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        if value is not ABSENT:
            inner(value, where)

    return check


state = or_absent(
    record(
        {
            "status": one_of("idle", "processingPrompt", "generating", "computingEmbedding"),
            "queued": count,
        }
    )
)

RESULTS: dict[tuple[str, str], Check] = {
    ("llm", "listLoaded"): list_of(llm_instance),
    ("llm", "getModelInfo"): or_absent(llm_instance),
    ("llm", "getLoadConfig"): config,
    ("llm", "getBasePredictionConfig"): config,
    ("llm", "getInstanceProcessingState"): state,
    ("llm", "tokenize"): record({"tokens": list_of(integer)}),
    ("llm", "countTokens"): record({"tokenCount": count}),
    ("llm", "unloadModel"): absent,
    ("llm", "estimateModelUsage"): record(
        {
            "memory": record(
                {
                    "confidence": one_of("high", "low"),
                    "modelVramBytes": count,
                    "contextVramBytes": count,
                    "totalVramBytes": count,
                    "modelBytes": count,
                    "contextBytes": count,
                    "totalBytes": count,
                }
            ),
            "passesGuardrails": boolean,
        }
    ),
    ("embedding", "getInstanceProcessingState"): state,
    ("embedding", "listLoaded"): list_of(anything),
    ("system", "version"): record({"version": full_string, "build": number}),
    ("system", "info"): record({"pid": integer, "isDaemon": boolean, "version": full_string}),
    ("system", "listDownloadedModels"): list_of(any_model),
    ("system", "listDownloadedModelVariants"): list_of(any_model),
    ("system", "getExperimentFlags"): list_of(string),
    ("system", "notify"): absent,
    ("files", "uploadFileBase64"): record(
        {
            "identifier": full_string,
            "fileType": one_of(
                *("image", "text/plain", "application/pdf", "application/word"),
                *("text/other", "unknown"),
            ),
            "sizeBytes": count,
        }
    ),
}

# Channels

fragment = record(
    {
        "content": full_string,
        "tokensCount": count,
        "containsDrafted": boolean,
        "reasoningType": one_of("none", "reasoning", "reasoningStartTag", "reasoningEndTag"),
        "isStructural": boolean,
    }
)
stats = record(
    {
        "stopReason": one_of(
            *("userStopped", "modelUnloaded", "failed", "eosFound", "stopStringFound"),
            *("toolCalls", "maxPredictedTokensReached", "contextLengthReached"),
        )
    },
    {
        "stopString": string,
        "tokensPerSecond": number,
        "numGpuLayers": number,
        "timeToFirstTokenSec": number,
        "totalTimeSec": number,
        "promptTokensCount": count,
        "predictedTokensCount": count,
        "totalTokensCount": count,
        "usedDraftModelKey": string,
        "totalDraftTokensCount": count,
        "acceptedDraftTokensCount": count,
        "rejectedDraftTokensCount": count,
        "ignoredDraftTokensCount": count,
    },
)
COUNTS = ("cached", "totalPrompt", "processedPrompt", "unprocessedPrompt")


def details(value: Any, where: str) -> None:
    record({f"{name}TokenCount": count for name in COUNTS})(value, where)
    cached, total, processed, unprocessed = (value[f"{name}TokenCount"] for name in COUNTS)
    if cached + processed + unprocessed != total:
        fail(where, "counts that add up", value)


PREDICTION = {
    "promptProcessingProgress": record({"progress": share, "details": details}),
    "fragment": record({"fragment": fragment}),
    "success": record(
        {
            "stats": stats,
            "modelInfo": llm_instance,
            "loadModelConfig": config,
            "predictionConfig": config,
        }
    ),
}
MESSAGES: dict[str, Check] = {
    "completeRawText": tagged("type", PREDICTION),
    "getOrLoad": tagged(
        "type",
        {
            "alreadyLoaded": record({"info": llm_instance}),
            "unloadingOtherJITModel": record({"info": anything}),
            "startLoading": record({"identifier": full_string, "info": llm_model}),
            "loadProgress": record({"progress": share}),
            "loadSuccess": record({"info": llm_instance}),
        },
    ),
    "loadModel": tagged(
        "type",
        {
            "resolved": record({"info": llm_model}, {"ambiguous": list_of(string)}),
            "progress": record({"progress": share}),
            "success": record({"info": llm_instance}),
        },
    ),
}
FINAL = {"success", "alreadyLoaded", "loadSuccess"}

# Errors

SAMPLE = {"loadedModelsSample": list_of(string), "totalLoadedModels": count}
display = tagged(
    "code",
    {
        "generic.specificModelUnloaded": record({}),
        "generic.noModelMatchingQuery": record({"query": anything, **SAMPLE}),
        "generic.pathNotFound": record(
            {"path": string, "availablePathsSample": list_of(string), "totalModels": count}
        ),
        "generic.identifierNotFound": record({"identifier": string, **SAMPLE}),
        "generic.domainMismatch": record(
            {"path": string, "actualDomain": string, "expectedDomain": string}
        ),
        "generic.engineDoesNotSupportFeature": record(
            {
                **dict.fromkeys(("feature", "engineName", "engineType"), string),
                "installedVersion": string,
                "supportedVersion": or_null(string),
            }
        ),
        "generic.presetNotFound": record(
            {
                "specifiedFuzzyPresetIdentifier": string,
                "availablePresetsSample": list_of(record({"identifier": string, "name": string})),
                "totalAvailablePresets": count,
            }
        ),
    },
)
error = record(
    {"title": full_string},
    {
        **dict.fromkeys(("rootTitle", "cause", "suggestion", "stack"), string),
        "errorData": anything,
        "displayData": display,
    },
)

# Calls of tools

tool_call_request = tagged(
    "type", {"function": record({"name": string}, {"id": string, "arguments": anything})}
)
CALL = "toolCallGeneration"
TOOL_CALLS = {
    f"{CALL}Start": record({}, {"toolCallId": string}),
    f"{CALL}NameReceived": record({"name": string}),
    f"{CALL}ArgumentFragmentGenerated": record({"content": full_string}),
    f"{CALL}End": record({"toolCallRequest": tool_call_request}, {"rawContent": string}),
    f"{CALL}Failed": record({"error": error}, {"rawContent": string}),
}
MESSAGES["predict"] = tagged("type", {**PREDICTION, **TOOL_CALLS})

# Frames

frame = tagged(
    "type",
    {
        "rpcResult": record({"callId": count}, {"result": anything}),
        "rpcError": record({"callId": count, "error": error}),
        "channelSend": record({"channelId": count, "message": anything}),
        "channelClose": record({"channelId": count}),
        "channelError": record({"channelId": count, "error": error}),
        "communicationWarning": record({"warning": string}, {"kind": string}),
        "keepAliveAck": record({}),
    },
)
