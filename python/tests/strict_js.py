"""What the TypeScript SDK accepts, and no more: a checker for every frame of a server.

The SDK is strict: a wrong or missing field in an answer leaves its caller waiting for ever,
``null`` is not the same as absent, and a float where an integer is due is refused. Numbers must be
spelled as the Python package wants them, too: an integer has no decimal point.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Check = Callable[[Any, str], None]


class NotAcceptedError(AssertionError):
    """What the SDK would not accept, and where in the frame."""


def fail(where: str, what: str, value: Any) -> None:
    raise NotAcceptedError(f"{where}: {what} expected, not {value!r:.200}")


def parse(text: str | bytes) -> Any:
    """The JSON of a text frame; there is no NaN, and no key comes twice."""

    def constant(name: str) -> None:
        fail("frame", "a finite number", name)

    def pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), f"a key comes twice: {pairs}"
        return dict(pairs)

    assert isinstance(text, str), "a text frame is expected"
    return json.loads(text, parse_constant=constant, object_pairs_hook=pairs)


# Values


def of_type(*types: type) -> Check:
    def check(value: Any, where: str) -> None:
        if type(value) not in types:
            fail(where, " or ".join(each.__name__ for each in types), value)

    return check


string = of_type(str)
integer = of_type(int)
number = of_type(int, float)
boolean = of_type(bool)


def anything(_value: Any, _where: str) -> None:
    pass


def count(value: Any, where: str) -> None:
    integer(value, where)
    if value < 0:
        fail(where, "a count", value)


def share(value: Any, where: str) -> None:
    number(value, where)
    if not 0 <= value <= 1:
        fail(where, "0…1", value)


def full_string(value: Any, where: str) -> None:
    string(value, where)
    if not value:
        fail(where, "a string that is not empty", value)


def one_of(*values: Any) -> Check:
    def check(value: Any, where: str) -> None:
        if value not in values:
            fail(where, f"one of {values}", value)

    return check


def or_null(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def list_of(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        of_type(list)(value, where)
        for index, each in enumerate(value):
            inner(each, f"{where}[{index}]")

    return check


def record(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """An object of these fields. Others do no harm, but are more likely wrong than meant."""
    known = {**required, **(optional or {})}

    def check(value: Any, where: str) -> None:
        of_type(dict)(value, where)
        for name in required:
            if name not in value:
                fail(where, f"the field {name}", value)
        for name, each in value.items():
            if name not in known:
                fail(where, f"no field {name}", value)
            known[name](each, f"{where}.{name}")

    return check


def tagged(tag: str, kinds: dict[str, Check]) -> Check:
    """An object whose kind stands in one field."""

    def check(value: Any, where: str) -> None:
        of_type(dict)(value, where)
        kind = value.get(tag)
        if kind not in kinds:
            fail(f"{where}.{tag}", f"one of {tuple(kinds)}", kind)
        rest = {name: each for name, each in value.items() if name != tag}
        kinds[kind](rest, f"{where}<{kind}>")

    return check


# Models

MODEL = {
    "modelKey": full_string,
    "format": one_of("gguf", "safetensors"),
    "displayName": string,
    "publisher": string,
    "path": string,
    "sizeBytes": count,
    "indexedModelIdentifier": string,
    "deviceIdentifier": or_null(string),
    "maxContextLength": count,
}
MODEL_OPTIONS = {
    "paramsString": string,
    "architecture": string,
    "quantization": record({"name": string, "bits": count}),
    "variants": list_of(string),
    "selectedVariant": string,
    "hasChatTemplate": boolean,  # ours; the SDK strips it
}
LLM = {**MODEL, "vision": boolean, "trainedForToolUse": boolean}
INSTANCE = {
    "identifier": full_string,
    "instanceReference": full_string,
    "ttlMs": or_null(number),
    "lastUsedTime": or_null(number),
    "contextLength": count,
}


def models(llm: dict[str, Check], embedding: dict[str, Check]) -> Check:
    return tagged(
        "type",
        {"llm": record(llm, MODEL_OPTIONS), "embedding": record(embedding, MODEL_OPTIONS)},
    )


any_model = models(LLM, MODEL)
llm_model = tagged("type", {"llm": record(LLM, MODEL_OPTIONS)})
llm_instance = tagged("type", {"llm": record({**LLM, **INSTANCE}, MODEL_OPTIONS)})

# Configurations

VALUES: dict[str, Check] = {
    "llm.load.contextLength": count,
    "llm.load.llama.acceleration.offloadRatio": anything,
    "llm.prediction.temperature": number,
    "llm.prediction.topKSampling": number,
    "llm.prediction.stopStrings": list_of(string),
    "llm.prediction.toolCallStopStrings": list_of(string),
    "llm.prediction.contextOverflowPolicy": one_of(
        "stopAtLimit", "truncateMiddle", "rollingWindow"
    ),
    "llm.prediction.tools": tagged(
        "type", {"none": record({}), "toolArray": record({}, {"tools": list_of(anything)})}
    ),
    "llm.prediction.toolChoice": tagged(
        "type", {"generic": record({"mode": one_of("none", "auto", "required")})}
    ),
    "llm.prediction.llama.cpuThreads": count,
    "llm.prediction.reasoning.parsing": record(
        {"enabled": boolean, "startString": string, "endString": string}
    ),
}


def checkbox(inner: Check) -> Check:
    return record({"checked": boolean}, {"value": inner})


for _key in ("maxPredictedTokens", "logProbs", "reasoning.budgetTokens", "seed"):
    VALUES[f"llm.prediction.{_key}"] = checkbox(integer)
for _key in ("topPSampling", "minPSampling", "repeatPenalty", "llama.presencePenalty"):
    VALUES[f"llm.prediction.{_key}"] = checkbox(number)
for _key in ("seed", "llama.ropeFrequencyBase", "llama.ropeFrequencyScale"):
    VALUES[f"llm.load.{_key}"] = checkbox(number)
for _key in ("evalBatchSize", "llama.evalBatchSize", "llama.physicalBatchSize", "numExperts"):
    VALUES[f"llm.load.{_key}"] = count
VALUES["llm.load.numParallelSessions"] = count
VALUES["llm.load.useUnifiedKvCache"] = boolean
for _key in ("flashAttention", "keepModelInMemory", "tryMmap", "useFp16ForKVCache"):
    VALUES[f"llm.load.llama.{_key}"] = boolean


def field(value: Any, where: str) -> None:
    record({"key": full_string}, {"value": anything})(value, where)
    if value["key"] not in VALUES:
        fail(where, "a key that this checker knows", value)
    VALUES[value["key"]](value.get("value"), f"{where}.{value['key']}")


config = record({"fields": list_of(field)})
