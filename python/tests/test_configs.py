"""Options: records and dicts, spellings, what is refused and what is warned of."""

from __future__ import annotations

import copy
import math
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

import lmstudio as lm
from lmstudio._configs import LlmStructuredPredictionSetting
from lmstudio._load_configs import GpuSetting

ROOT = Path(__file__).resolve().parents[2]
INFO = {
    "type": "llm",
    "modelKey": "key",
    "format": "gguf",
    "displayName": "Name",
    "path": "a/b/c.gguf",
    "sizeBytes": 5,
    "vision": False,
    "trainedForToolUse": True,
    "maxContextLength": 8192,
}


def test_records_read_either_spelling_and_write_camel_case() -> None:
    config = lm.LlmPredictionConfig.from_dict({"max_tokens": 5, "topKSampling": 3, "seed": None})
    assert config == lm.LlmPredictionConfig(max_tokens=5, top_k_sampling=3)
    assert config.to_dict() == {"maxTokens": 5, "topKSampling": 3}


def test_special_capitals() -> None:
    names = {"useFp16ForKVCache": True, "offloadKVCacheToGpu": False}
    config = lm.LlmLoadModelConfig.from_dict(names)
    assert (config.use_fp16_for_kv_cache, config.offload_kv_cache_to_gpu) == (True, False)
    assert config.to_dict() == names


def test_nested_records_round_trip() -> None:
    names = {"gpu": {"ratio": 0.5, "mainGpu": 1, "disabledGpus": [2]}, "contextLength": 4096}
    config = lm.LlmLoadModelConfig.from_dict(names)
    assert config.gpu == GpuSetting(ratio=0.5, main_gpu=1, disabled_gpus=[2])
    assert config.to_dict() == names
    snake = {"gpu": {"ratio": 0.5, "main_gpu": 1, "disabled_gpus": [2]}, "context_length": 4096}
    assert lm.LlmLoadModelConfig.from_dict(snake) == config


def test_every_prediction_option_round_trips() -> None:
    template = {
        "type": "jinja",
        "stopStrings": ["x"],
        "jinjaPromptTemplate": {"template": "{{ messages }}"},
    }
    names: dict[str, Any] = {
        "structured": {"type": "json", "jsonSchema": {"type": "object", "snake_case_key": 1}},
        "promptTemplate": template,
        "reasoningParsing": {"enabled": True, "startString": "<", "endString": ">"},
        "raw": {"fields": [{"key": "llm.prediction.seed", "value": 1}]},
        "presencePenalty": False,
        "frequencyPenalty": 0.5,
        "seed": 7,
    }
    assert lm.LlmPredictionConfig.from_dict(names).to_dict() == names


def test_records_are_values() -> None:
    info = lm.LlmInfo.from_dict(INFO)
    assert info.to_dict() == INFO
    assert info == copy.copy(info) == pickle.loads(pickle.dumps(info))
    assert info != lm.LlmInfo.from_dict({**INFO, "path": "else"})
    assert repr(info) == (
        "LlmInfo(model_key='key', format='gguf', display_name='Name', path='a/b/c.gguf', "
        "size_bytes=5, vision=False, trained_for_tool_use=True, max_context_length=8192, "
        "params_string=None, architecture=None)"
    )
    assert str(lm.TextData(text="x")) == (
        'TextData.from_dict({\n  "text": "x",\n  "type": "text"\n})'
    )
    info.path = "else"
    assert info.path == "else"
    with pytest.raises(TypeError):
        hash(info)


def test_what_a_server_adds_is_left_out() -> None:
    assert lm.LlmInfo.from_dict({**INFO, "publisher": "x"}) == lm.LlmInfo.from_dict(INFO)


def test_records_refuse_unknown_and_missing_fields() -> None:
    with pytest.raises(TypeError, match="temprature"):
        lm.LlmPredictionConfig(temprature=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="model_key"):
        lm.LlmInfo()  # type: ignore[call-arg]
    with pytest.raises(AttributeError, match="temprature"):
        lm.LlmPredictionConfig().temprature = 1  # type: ignore[attr-defined]
    with pytest.raises(lm.LMStudioValueError, match="model_key"):
        lm.LlmInfo.from_dict({})


def test_records_warn_of_misspelt_options() -> None:
    with pytest.warns(lm.LMStudioUnknownOptionWarning, match="'temperature'") as caught:
        lm.LlmPredictionConfig.from_dict({"temprature": 0})
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "config",
    [
        {"maxTokens": 3, "temperature": 0},
        {"max_tokens": 3, "temperature": 0, "seed": None},
        lm.LlmPredictionConfig(max_tokens=3, temperature=0),
    ],
)
def test_every_form_of_config_does(llm: lm.LLM, config: Any) -> None:
    stats = llm.complete("1 2 3 4 5 6", config=config).stats
    assert stats.predicted_tokens_count == 3


def test_a_seed_makes_it_repeatable(llm: lm.LLM) -> None:
    config: lm.LlmPredictionConfigDict = {"seed": 7, "maxTokens": 12, "temperature": 1.5}
    first, second = (llm.complete("My name is", config=config).content for _ in range(2))
    assert first == second


def test_misspelt_options_draw_a_warning_on_the_callers_line(llm: lm.LLM) -> None:
    config: Any = {"temprature": 0, "maxTokens": 1}
    with pytest.warns(lm.LMStudioUnknownOptionWarning, match="temperature") as caught:
        llm.complete("My name is", config=config)
    assert [warning.filename for warning in caught] == [__file__]


def test_misspelt_load_options_draw_a_warning_on_the_callers_line(
    client: lm.Client, key: str
) -> None:
    config: Any = {"contextLenght": 512}
    with pytest.warns(lm.LMStudioUnknownOptionWarning, match="contextLength") as caught:
        client.llm.model(key, config=config)
    assert [warning.filename for warning in caught] == [__file__]


def test_strict_refuses_misspelt_options(client: lm.Client, llm: lm.LLM, key: str) -> None:
    config: Any = {"temprature": 0}
    with pytest.raises(lm.LMStudioValueError, match="temperature"):
        llm.complete("My name is", config=config, strict=True)
    with pytest.raises(lm.LMStudioValueError, match="temperature"):
        llm.complete_stream("My name is", config=config, strict=True)
    load_config: Any = {"contextLenght": 512}
    with pytest.raises(lm.LMStudioValueError, match="contextLength"):
        client.llm.model(key, config=load_config, strict=True)
    assert llm.complete("My name is", config={"maxTokens": 1}, strict=True).content


def test_what_a_model_was_loaded_with_is_told(client: lm.Client, key: str) -> None:
    given = lm.LlmLoadModelConfig(
        prompt_template={
            "type": "jinja",
            "jinjaPromptTemplate": {"template": "<{{ messages[0].content }}>"},
        },
        reasoning_budget_message="Enough.",
        cpu_thread_pool_size=1,
        gpu=lm.LlmLoadModelConfig.from_dict(
            {"gpu": {"mainGpu": 1, "numCpuExpertLayersRatio": 0.5}}
        ).gpu,
    )
    llm = client.llm.load_new_instance(key, "configured", config=given)
    try:
        told = llm.get_load_config()
        assert told.prompt_template == given.prompt_template
        assert told.reasoning_budget_message == "Enough."
        assert told.cpu_thread_pool_size == 1
        assert told.gpu is not None
        assert (told.gpu.main_gpu, told.gpu.num_cpu_expert_layers_ratio) == (1, 0.5)
        assert llm.apply_prompt_template("Hi") == "<Hi>"
    finally:
        llm.unload()


def test_what_is_not_as_asked_for_is_refused(client: lm.Client, key: str) -> None:
    config: Any = {"contextLength": 512, "evalBatchSize": 1024}
    with pytest.raises(lm.LMStudioRuntimeError, match="evalBatchSize is 512, not 1024"):
        client.llm.load_new_instance(key, "verified", config=config, verify=True)
    assert "verified" not in [model.identifier for model in client.llm.list_loaded()]
    config["evalBatchSize"] = 256
    model = client.llm.load_new_instance(key, "verified", config=config, verify=True)
    try:
        assert model.get_load_config().eval_batch_size == 256
        with pytest.raises(lm.LMStudioRuntimeError, match="contextLength is 512, not 1024"):
            client.llm.model("verified", config={"contextLength": 1024}, verify=True)
    finally:
        model.unload()


# Options without a name in the official clients.
INTERNAL = {
    *("speculativeDraftDflashSidecar", "speculativeDraftDsparkSidecar"),
    *("speculativeDraftMtpSidecar", "autoFitMinContextLength", "llamaAutoFit", "mlxAutoFit"),
    *("envVars", "contextPrefill", "speculativeDecodingNumReuseTokens", "tailFreeSampling"),
}


@pytest.mark.parametrize(
    ("table", "record", "twin"),
    [
        ("Load", lm.LlmLoadModelConfig, lm.LlmLoadModelConfigDict),
        ("Prediction", lm.LlmPredictionConfig, lm.LlmPredictionConfigDict),
    ],
)
def test_every_option_of_the_library_has_a_field(table: str, record: Any, twin: Any) -> None:
    source = (ROOT / f"Sources/LMStudioWire/OptionTable+{table}.swift").read_text()
    names = re.findall(r'\.(?:plain|checkbox)\(\s*"([^".]+)', source)
    assert len(names) > 20
    assert set(names) - INTERNAL <= set(twin.__annotations__)
    for name in twin.__annotations__:
        assert record.from_dict({name: None}) == record()


def test_a_model_without_experts_says_so(client: lm.Client, key: str) -> None:
    with pytest.raises(lm.LMStudioError, match="has no experts"):
        client.llm.load_new_instance(key, "mixed", config={"numExperts": 2})


def test_a_system_prompt_begins_the_chat(llm: lm.LLM) -> None:
    config: lm.LlmPredictionConfigDict = {"systemPrompt": "You are a cat.", "maxTokens": 2}
    chat = lm.Chat("You are a cat.")
    chat.add_user_message("Hi")
    told = llm.respond("Hi", config=config)
    assert told.prediction_config.system_prompt == "You are a cat."
    asked = llm.respond(chat, config={"maxTokens": 2})
    assert told.stats.prompt_tokens_count == asked.stats.prompt_tokens_count


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (5, "config"),
        ("{}", "config"),
        (lm.LlmLoadModelConfig(), "config"),
        ({1: 2}, "1"),
        ({"temperature": math.nan}, "temperature"),
        ({"temperature": math.inf}, "temperature"),
        ({"temperature": object()}, "temperature"),
        ({"stopStrings": ["\ud800"]}, "config"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": -1}, "temperature"),
    ],
)
def test_bad_options_are_refused(llm: lm.LLM, config: Any, named: str) -> None:
    with pytest.raises(lm.LMStudioValueError, match=named):
        llm.complete_stream("My name is", config=config)


def nested(depth: int) -> dict[str, Any]:
    """A schema, or what might be one, of that many levels."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize("depth", [600, 1200, 100_000])
def test_what_is_nested_too_deep_is_refused(
    client: lm.Client, llm: lm.LLM, key: str, depth: int
) -> None:
    deep: Any = nested(depth)
    with pytest.raises(lm.LMStudioValueError, match=r"structured.*512|512.*structured"):
        llm.complete_stream("My name is", response_format=deep)
    with pytest.raises(lm.LMStudioValueError, match=r"rawTools.*512|512.*rawTools"):
        llm.complete_stream("My name is", config={"rawTools": deep})
    with pytest.raises(lm.LMStudioValueError, match=r"promptTemplate.*512|512.*promptTemplate"):
        client.llm.model(key, config={"promptTemplate": deep})
    lists: Any = ["x"]
    for _ in range(depth):
        lists = [lists]
    record = lm.LlmPredictionConfig(stop_strings=lists)
    with pytest.raises(lm.LMStudioValueError, match=r"stop_?[sS]trings"):
        llm.complete_stream("My name is", config=record)


@pytest.mark.parametrize("data", [5, None, b"{}", "{}", ["seed"]])
def test_records_are_made_of_dicts_alone(data: Any) -> None:
    for cls in (lm.LlmPredictionConfig, lm.LlmInfo, lm.TextData):
        with pytest.raises(lm.LMStudioValueError, match=f"{cls.__name__} is made of a dict"):
            cls.from_dict(data)


@pytest.mark.parametrize("config", [5, {"contextLength": "long"}, {"contextLength": math.nan}])
def test_bad_load_options_are_refused(client: lm.Client, key: str, config: Any) -> None:
    with pytest.raises(lm.LMStudioValueError):
        client.llm.load_new_instance(key, config=config)


class Book:
    """Enough of a Pydantic model."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object", "properties": {"title": {"type": "string"}}}


@pytest.mark.parametrize(
    "response_format",
    [
        Book,
        {"type": "object"},
        {"type": "json", "jsonSchema": {"type": "object"}},
        LlmStructuredPredictionSetting(type="json", json_schema={"type": "object"}),
    ],
)
def test_response_formats_reach_the_library(llm: lm.LLM, response_format: Any) -> None:
    result = llm.complete("A book:", response_format=response_format, config={"maxTokens": 1})
    structured = result.prediction_config.structured
    assert structured is not None
    assert structured.type == "json"
    assert structured.json_schema is not None
    assert structured.json_schema["type"] == "object"


def test_response_format_and_structured_exclude_each_other(llm: lm.LLM) -> None:
    with pytest.raises(lm.LMStudioValueError, match="response_format"):
        llm.complete("A book:", response_format=Book, config={"structured": {"type": "none"}})
    bad: Any = 5
    with pytest.raises(lm.LMStudioValueError, match="response_format"):
        llm.complete("A book:", response_format=bad)
