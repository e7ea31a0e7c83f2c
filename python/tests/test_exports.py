"""Public names, and the published package's signatures."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest

import lmstudio as lm
from lmstudio._embedding_session import EmbeddingSession
from lmstudio._files import FilesSession
from lmstudio._sessions import LlmSession, SystemSession

PREDICTION = (
    "*, response_format=None, config=None, preset=None, on_message=None, "
    "on_first_token=None, on_prediction_fragment=None, on_prompt_processing_progress=None"
)
LOAD = "*, ttl=3600, config=None, on_load_progress=None"

# Parameters of the published package (1.6.0b1); more may follow, keyword-only, with a default.
SIGNATURES: dict[str, tuple[Callable[..., Any], str]] = {
    "llm": (lm.llm, "model_key=None, /, *, ttl=3600, config=None"),
    "embedding_model": (lm.embedding_model, "model_key=None, /, *, ttl=3600, config=None"),
    "get_default_client": (lm.get_default_client, "api_host=None"),
    "configure_default_client": (lm.configure_default_client, "api_host, api_token=None"),
    "get_sync_api_timeout": (lm.get_sync_api_timeout, ""),
    "set_sync_api_timeout": (lm.set_sync_api_timeout, "timeout"),
    "Client.is_valid_api_host": (lm.Client.is_valid_api_host, "api_host"),
    "Client.find_default_local_api_host": (lm.Client.find_default_local_api_host, ""),
    "list_downloaded_models": (lm.list_downloaded_models, "namespace=None"),
    "list_loaded_models": (lm.list_loaded_models, "namespace=None"),
    "Client": (lm.Client.__init__, "self, api_host=None, api_token=None"),
    "Client.close": (lm.Client.close, "self"),
    "Client.list_downloaded_models": (lm.Client.list_downloaded_models, "self, namespace=None"),
    "Client.list_loaded_models": (lm.Client.list_loaded_models, "self, namespace=None"),
    "client.llm.model": (LlmSession.model, f"self, model_key=None, /, {LOAD}"),
    "client.llm.load_new_instance": (
        LlmSession.load_new_instance,
        f"self, model_key, instance_identifier=None, {LOAD}",
    ),
    "client.llm.remote_call": (
        LlmSession.remote_call,
        'self, endpoint, params=None, notice_prefix="RPC"',
    ),
    "client.llm.unload": (LlmSession.unload, "self, model_identifier"),
    "client.llm.list_loaded": (LlmSession.list_loaded, "self"),
    "client.llm.list_downloaded": (LlmSession.list_downloaded, "self"),
    "client.llm.get_model_info": (LlmSession.get_model_info, "self, model_specifier"),
    "client.files.prepare_image": (FilesSession.prepare_image, "self, src, name=None"),
    "Client.prepare_image": (lm.Client.prepare_image, "self, src, name=None"),
    "prepare_image": (lm.prepare_image, "src, name=None"),
    "client.embedding.model": (EmbeddingSession.model, f"self, model_key=None, /, {LOAD}"),
    "client.embedding.load_new_instance": (
        EmbeddingSession.load_new_instance,
        f"self, model_key, instance_identifier=None, {LOAD}",
    ),
    "client.embedding.unload": (EmbeddingSession.unload, "self, model_identifier"),
    "client.embedding.list_loaded": (EmbeddingSession.list_loaded, "self"),
    "client.embedding.list_downloaded": (EmbeddingSession.list_downloaded, "self"),
    "client.system.list_downloaded_models": (SystemSession.list_downloaded_models, "self"),
    "LLM": (lm.LLM.__init__, "self, model_identifier, session"),
    "LLM.complete": (lm.LLM.complete, f"self, prompt, {PREDICTION}"),
    "LLM.complete_stream": (lm.LLM.complete_stream, f"self, prompt, {PREDICTION}"),
    "LLM.respond": (lm.LLM.respond, f"self, history, {PREDICTION}"),
    "LLM.respond_stream": (lm.LLM.respond_stream, f"self, history, {PREDICTION}"),
    "LLM.apply_prompt_template": (lm.LLM.apply_prompt_template, "self, history, opts={}"),
    "LLM.unload": (lm.LLM.unload, "self"),
    "LLM.get_info": (lm.LLM.get_info, "self"),
    "LLM.get_load_config": (lm.LLM.get_load_config, "self"),
    "LLM.get_context_length": (lm.LLM.get_context_length, "self"),
    "LLM.tokenize": (lm.LLM.tokenize, "self, input"),
    "LLM.count_tokens": (lm.LLM.count_tokens, "self, input"),
    "Chat": (lm.Chat.__init__, "self, initial_prompt=None, *, _initial_history=None"),
    "Chat.from_history": (lm.Chat.from_history, "history"),
    "Chat.copy": (lm.Chat.copy, "self"),
    "Chat.add_entry": (lm.Chat.add_entry, "self, role, content"),
    "Chat.append": (lm.Chat.append, "self, message"),
    "Chat.add_system_prompt": (lm.Chat.add_system_prompt, "self, prompt"),
    "Chat.add_user_message": (
        lm.Chat.add_user_message,
        "self, content, *, images=(), _files=()",
    ),
    "Chat.add_assistant_response": (
        lm.Chat.add_assistant_response,
        "self, response, tool_call_requests=()",
    ),
    "Chat.add_tool_results": (lm.Chat.add_tool_results, "self, results"),
    "Chat.add_tool_result": (lm.Chat.add_tool_result, "self, result"),
    "EmbeddingModel": (lm.EmbeddingModel.__init__, "self, model_identifier, session"),
    "EmbeddingModel.embed": (lm.EmbeddingModel.embed, "self, input"),
    "EmbeddingModel.unload": (lm.EmbeddingModel.unload, "self"),
    "EmbeddingModel.get_info": (lm.EmbeddingModel.get_info, "self"),
    "EmbeddingModel.get_load_config": (lm.EmbeddingModel.get_load_config, "self"),
    "EmbeddingModel.get_context_length": (lm.EmbeddingModel.get_context_length, "self"),
    "EmbeddingModel.tokenize": (lm.EmbeddingModel.tokenize, "self, input"),
    "EmbeddingModel.count_tokens": (lm.EmbeddingModel.count_tokens, "self, input"),
    "DownloadedEmbeddingModel": (
        lm.DownloadedEmbeddingModel.__init__,
        "self, model_info, session",
    ),
    "DownloadedEmbeddingModel.model": (lm.DownloadedEmbeddingModel.model, f"self, {LOAD}"),
    "DownloadedEmbeddingModel.load_new_instance": (
        lm.DownloadedEmbeddingModel.load_new_instance,
        "self, *, ttl=3600, instance_identifier=None, config=None, on_load_progress=None",
    ),
    "DownloadedLlm": (lm.DownloadedLlm.__init__, "self, model_info, session"),
    "DownloadedLlm.model": (lm.DownloadedLlm.model, f"self, {LOAD}"),
    "DownloadedLlm.load_new_instance": (
        lm.DownloadedLlm.load_new_instance,
        "self, *, ttl=3600, instance_identifier=None, config=None, on_load_progress=None",
    ),
    "PredictionStream.start": (lm.PredictionStream.start, "self"),
    "PredictionStream.cancel": (lm.PredictionStream.cancel, "self"),
    "PredictionStream.close": (lm.PredictionStream.close, "self"),
    "PredictionStream.result": (lm.PredictionStream.result, "self"),
    "PredictionStream.wait_for_result": (lm.PredictionStream.wait_for_result, "self"),
    "PredictionResult": (
        lm.PredictionResult.__init__,
        "self, *, content, parsed, stats, model_info, load_config, prediction_config",
    ),
    "LMStudioServerError": (lm.LMStudioServerError.__init__, "self, message, details=None"),
    "LMStudioServerError.from_details": (lm.LMStudioServerError.from_details, "message, details"),
}

# Fields of the published records, in order.
FIELDS = {
    "AssistantResponse": "content",
    "ChatHistoryData": "messages",
    "FileHandle": "name identifier size_bytes file_type",
    "ModelQuery": "domain identifier path vision",
    "SystemPrompt": "content",
    "TextData": "text",
    "ToolCallRequest": "type name id arguments",
    "ToolCallResultData": "content tool_call_id",
    "ToolResultMessage": "content",
    "UserMessage": "content",
    "LlmPredictionFragment": "content tokens_count contains_drafted reasoning_type",
    "LlmInfo": (
        "model_key format display_name path size_bytes vision trained_for_tool_use "
        "max_context_length params_string architecture"
    ),
    "LlmInstanceInfo": (
        "model_key format display_name path size_bytes identifier instance_reference vision "
        "trained_for_tool_use max_context_length context_length params_string architecture"
    ),
    "EmbeddingModelInfo": (
        "model_key format display_name path size_bytes max_context_length params_string "
        "architecture"
    ),
    "EmbeddingModelInstanceInfo": (
        "model_key format display_name path size_bytes identifier instance_reference "
        "max_context_length context_length params_string architecture"
    ),
    "EmbeddingLoadModelConfig": (
        "gpu context_length rope_frequency_base rope_frequency_scale keep_model_in_memory try_mmap"
    ),
    "LlmLoadModelConfig": (
        "gpu gpu_strict_vram_cap offload_kv_cache_to_gpu context_length rope_frequency_base "
        "rope_frequency_scale eval_batch_size flash_attention keep_model_in_memory seed "
        "use_fp16_for_kv_cache try_mmap num_experts llama_k_cache_quantization_type "
        "llama_v_cache_quantization_type"
    ),
    "LlmPredictionConfig": (
        "max_tokens temperature stop_strings tool_call_stop_strings context_overflow_policy "
        "structured raw_tools top_k_sampling repeat_penalty min_p_sampling top_p_sampling "
        "cpu_threads prompt_template draft_model speculative_decoding_num_draft_tokens_exact "
        "speculative_decoding_min_draft_length_to_consider "
        "speculative_decoding_min_continue_drafting_probability reasoning_parsing raw"
    ),
    "LlmPredictionStats": (
        "stop_reason tokens_per_second num_gpu_layers time_to_first_token_sec "
        "prompt_tokens_count predicted_tokens_count total_tokens_count used_draft_model_key "
        "total_draft_tokens_count accepted_draft_tokens_count rejected_draft_tokens_count "
        "ignored_draft_tokens_count"
    ),
    "ModelLoadResult": "identifier instance_reference path",
    "SerializedLMSExtendedError": (
        "title cause suggestion error_data display_data stack root_title"
    ),
}


def parameters(signature: str) -> list[inspect.Parameter]:
    """The parameters of a signature in text."""
    function = eval(f"lambda {signature.replace('self, /', 'self')}: None")
    return list(inspect.signature(function).parameters.values())


@pytest.mark.parametrize("name", SIGNATURES)
def test_published_signatures_come_first(name: str) -> None:
    function, published = SIGNATURES[name]
    ours = list(inspect.signature(function).parameters.values())
    theirs = parameters(published)
    for mine, yours in zip(ours, theirs, strict=False):
        assert (mine.name, mine.kind) == (yours.name, yours.kind)
        if yours.default is not inspect.Parameter.empty:
            assert mine.default == yours.default
    assert len(ours) >= len(theirs)
    for extra in ours[len(theirs) :]:
        assert extra.kind is inspect.Parameter.KEYWORD_ONLY
        assert extra.default is not inspect.Parameter.empty


@pytest.mark.parametrize("name", FIELDS)
def test_published_fields_come_first(name: str) -> None:
    published = FIELDS[name].split()
    assert list(getattr(lm, name)._fields)[: len(published)] == published


def test_dict_twins_have_the_records_members() -> None:
    unions = {"AnyChatMessageDict", "ModelSpecifierDict"}
    twins = {name for name in lm.__all__ if name.endswith("Dict")} - unions
    assert {"ChatHistoryDataDict", "FileHandleDict", "TextDataDict", "UserMessageDict"} <= twins
    for name in twins:
        record = getattr(lm, name.removesuffix("Dict"))
        tag = [record._tag[0]] if record._tag else []
        assert sorted(inspect.get_annotations(getattr(lm, name))) == sorted(
            [*tag, *record._fields.values()]
        )


def test_all_is_sorted_and_there() -> None:
    assert lm.__all__ == sorted(lm.__all__, key=order)
    assert len(set(lm.__all__)) == len(lm.__all__)
    for name in lm.__all__:
        assert getattr(lm, name) is not None
    assert set(lm.__all__) <= set(dir(lm))


def order(name: str) -> tuple[int, str]:
    """Constants, classes, functions, as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def test_nothing_public_is_left_out() -> None:
    public = {
        name
        for name, value in vars(lm).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public - {"TYPE_CHECKING", "annotations", "version"} <= set(lm.__all__)


@pytest.mark.parametrize("name", ["history", "json_api", "schemas", "sdk_api", "sync_api"])
def test_published_modules_have_the_names(name: str) -> None:
    module = importlib.import_module(f"lmstudio.{name}")
    assert getattr(lm, name) is module
    for public in lm.__all__:
        assert getattr(module, public) is getattr(lm, public)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        lm.no_such_name  # noqa: B018
