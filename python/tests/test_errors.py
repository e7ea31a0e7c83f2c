"""The exception tree, the status table, refused arguments."""

from __future__ import annotations

import gc
import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

import lmstudio as lm
from lmstudio import _core, _errors

TREE = {
    "LMStudioError": (Exception,),
    "LMStudioOSError": (OSError, lm.LMStudioError),
    "LMStudioRuntimeError": (RuntimeError, lm.LMStudioError),
    "LMStudioValueError": (ValueError, lm.LMStudioError),
    "LMStudioTimeoutError": (lm.LMStudioError, TimeoutError),
    "LMStudioServerError": (lm.LMStudioError,),
    "LMStudioModelNotFoundError": (lm.LMStudioServerError,),
    "LMStudioPresetNotFoundError": (lm.LMStudioServerError,),
    "LMStudioChannelClosedError": (lm.LMStudioServerError,),
    "LMStudioPredictionError": (lm.LMStudioServerError,),
    "LMStudioEngineError": (lm.LMStudioServerError,),
    "LMStudioClientError": (lm.LMStudioError,),
    "LMStudioWebsocketError": (lm.LMStudioClientError,),
    "LMStudioCancelledError": (lm.LMStudioClientError,),
    "LMStudioUnknownMessageWarning": (lm.LMStudioClientError, UserWarning),
    "LMStudioUnknownOptionWarning": (lm.LMStudioError, UserWarning),
}

STATUSES = {
    "INVALID_ARGUMENT": lm.LMStudioValueError,
    "STATE": lm.LMStudioRuntimeError,
    "CONNECTION": lm.LMStudioWebsocketError,
    "SERVER": lm.LMStudioServerError,
    "MODEL_NOT_FOUND": lm.LMStudioModelNotFoundError,
    "PRESET_NOT_FOUND": lm.LMStudioPresetNotFoundError,
    "TIMED_OUT": lm.LMStudioTimeoutError,
    "CANCELLED": lm.LMStudioCancelledError,
    "ENGINE": lm.LMStudioEngineError,
    "UNSUPPORTED": lm.LMStudioClientError,
    "PREDICTION": lm.LMStudioPredictionError,
    "INTERNAL": lm.LMStudioClientError,
}

HEADER = Path(__file__).parents[2] / "include" / "lmstudio" / "error.h"


@pytest.mark.parametrize("name", TREE)
def test_tree(name: str) -> None:
    cls = getattr(lm, name)
    assert cls.__bases__ == TREE[name]
    assert cls.__module__ == "lmstudio"


def test_the_tree_is_complete() -> None:
    exported = {name for name in lm.__all__ if name.endswith(("Error", "Warning"))}
    # A structure of the protocol, and another name for one of the tree.
    assert exported - {"SerializedLMSExtendedError", "ValidationError"} == set(TREE)
    assert lm.ValidationError is lm.LMStudioValueError


def test_each_status_of_the_header_has_its_class() -> None:
    found = re.findall(r"#define LMS_ERROR_(\w+) \((-\d+)\)", HEADER.read_text())
    assert {name: _errors.CLASSES_BY_STATUS[int(value)] for name, value in found} == STATUSES
    assert len(_errors.CLASSES_BY_STATUS) == len(found)


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(lm.LMStudioModelNotFoundError("no such model")))
    assert type(error) is lm.LMStudioModelNotFoundError
    assert str(error) == "no such model"


def test_server_details_pick_the_class_and_tell_the_reason() -> None:
    details = {
        "title": "No model found",
        "cause": "nothing matched",
        "suggestion": "load something",
        "displayData": {"code": "generic.noModelMatchingQuery", "totalLoadedModels": 0},
        "stack": "secret",
    }
    error = lm.LMStudioServerError.from_details("Completion error", details)
    assert type(error) is lm.LMStudioModelNotFoundError
    assert error.server_error is not None
    assert error.server_error.title == "No model found"
    for part in ("Completion error", "No model found", "nothing matched", "load something"):
        assert part in str(error)
    assert "secret" not in str(error)
    plain = lm.LMStudioServerError.from_details("RPC error", {"title": "Oops"})
    assert (type(plain), str(plain)) == (lm.LMStudioServerError, "RPC error: Oops")
    assert lm.LMStudioServerError("just this").server_error is None


@pytest.mark.parametrize("code", [None, "generic.presetNotFound"])
def test_a_prediction_that_a_server_gives_up_has_its_class(code: str | None) -> None:
    details = {"title": "Out of luck", "displayData": {"code": code} if code else None}
    error = _errors._of_server(-11, "Out of luck", json.dumps(details))
    assert type(error) is lm.LMStudioPredictionError
    assert error.server_error is not None
    assert error.server_error.title == "Out of luck"


@pytest.mark.parametrize("prompt", [5, None, b"bytes", ["list"]])
def test_prompts_of_other_types_are_refused(llm: lm.LLM, prompt: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match=f"prompt.*{type(prompt).__name__}"):
        llm.complete(prompt)


@pytest.mark.parametrize(("details", "title"), [("{}", "Unknown error"), ('{"title": "x"}', "x")])
def test_what_a_server_says_is_told_once(details: str, title: str) -> None:
    assert str(_errors._of_server(-4, title, details)) == f"Server error: {title}"


@pytest.mark.parametrize("prompt", ["", "half a pair: \ud83d"])
def test_empty_and_broken_prompts_are_refused(llm: lm.LLM, prompt: str) -> None:
    with pytest.raises(lm.LMStudioValueError, match="prompt"):
        llm.complete(prompt)


@pytest.mark.parametrize(
    "name",
    [
        "on_message",
        "on_first_token",
        "on_prediction_fragment",
        "on_prompt_processing_progress",
        "on_progress",
    ],
)
def test_callbacks_must_be_callable(llm: lm.LLM, name: str) -> None:
    arguments: dict[str, Any] = {name: 5}
    with pytest.raises(lm.LMStudioValueError, match=name):
        llm.complete_stream("My name is", **arguments)


def test_progress_has_two_names_but_one_value(llm: lm.LLM) -> None:
    with pytest.raises(lm.LMStudioValueError, match="on_progress"):
        llm.complete("My name is", on_progress=print, on_prompt_processing_progress=print)


def test_there_are_no_presets(llm: lm.LLM) -> None:
    with pytest.raises(lm.LMStudioPresetNotFoundError, match="mine"):
        llm.complete("My name is", preset="mine")


def test_a_prompt_longer_than_the_context_is_refused(llm: lm.LLM) -> None:
    # A server's refusal is the server's error, whatever its reason.
    with pytest.raises((lm.LMStudioValueError, lm.LMStudioServerError), match="context"):
        llm.complete(
            "word " * 2 * llm.get_context_length(),
            config={"contextOverflowPolicy": "stopAtLimit"},
        )


def test_a_refused_call_leaves_nothing_behind(llm: lm.LLM) -> None:
    gc.collect()  # what earlier tests left to the collector
    before = _core.live_handle_count()
    for _ in range(100):
        with pytest.raises(lm.LMStudioValueError):
            llm.complete("")
    assert _core.live_handle_count() == before
