"""Predictions with the published ``lmstudio`` package against our server."""

from __future__ import annotations

from typing import Any

import pytest
from peer import Peer
from test_official_sdk import PROMPT, assert_told_truly, lms

import lmstudio as lm

CONFIG: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 24}
LONG_PROMPT = "one two three four five six seven eight nine ten " * 80


@pytest.fixture(scope="module")
def result(here: lm.LLM) -> lm.PredictionResult:
    """What the model in this process makes of the prompt."""
    return here.complete(PROMPT, config=CONFIG)


def assert_stats_are_true(stats: dict[str, Any], result: lm.PredictionResult) -> None:
    """All that the package knows of a prediction's statistics is there; counts as they are here."""
    own = result.stats
    assert stats["stopReason"] == own.stop_reason
    assert stats["promptTokensCount"] == own.prompt_tokens_count
    assert stats["predictedTokensCount"] == own.predicted_tokens_count
    assert stats["totalTokensCount"] == own.total_tokens_count
    assert stats["numGpuLayers"] == own.num_gpu_layers
    assert 0 < stats["timeToFirstTokenSec"] < 300
    assert 0 < stats["tokensPerSecond"] < 1e5


def test_a_completion_is_that_of_this_process(
    peer: Peer, key: str, result: lm.PredictionResult
) -> None:
    told = peer("complete", identifier=key, prompt=PROMPT, config=CONFIG)
    assert told["content"] == result.content
    assert_stats_are_true(told["stats"], result)
    (truth,) = lms("ps", "--host", peer.host)
    assert_told_truly(told["modelInfo"], truth)
    assert told["loadConfig"]["contextLength"] == truth["contextLength"]
    assert told["predictionConfig"]["temperature"] == 0
    assert told["predictionConfig"]["maxTokens"] == CONFIG["maxTokens"]


def test_the_stream_is_that_of_this_process(
    peer: Peer, key: str, here: lm.LLM, result: lm.PredictionResult
) -> None:
    told = peer("stream", identifier=key, prompt=PROMPT, config=CONFIG)
    assert told["seen"] == [fragment["content"] for fragment in told["fragments"]]
    assert "".join(told["seen"]) == told["content"] == result.content
    own = [fragment.content for fragment in here.complete_stream(PROMPT, config=CONFIG)]
    assert told["seen"] == own
    for fragment in told["fragments"]:
        assert fragment["content"]
        assert (fragment["reasoningType"], fragment["containsDrafted"]) == ("none", False)
    counts = [fragment["tokensCount"] for fragment in told["fragments"]]
    assert sum(counts) == result.stats.predicted_tokens_count
    assert_stats_are_true(told["stats"], result)


def test_callbacks_come_in_order(peer: Peer, key: str) -> None:
    told = peer("complete", identifier=key, prompt=LONG_PROMPT, config=CONFIG)
    shares = told["progress"]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares == sorted(set(shares))
    assert len(shares) > 2  # the prompt is longer than what is read at once
    count = len(told["fragments"])
    expected = ["progress"] * len(shares) + ["first"] + ["fragments"] * count + ["messages"]
    assert told["events"] == expected
    (message,) = told["messages"]
    assert message["content"] == [{"type": "text", "text": told["content"]}]


def test_stop_strings(peer: Peer, key: str, here: lm.LLM, result: lm.PredictionResult) -> None:
    stop = result.content[10:14]
    config: lm.LlmPredictionConfigDict = {**CONFIG, "stopStrings": [stop]}
    told = peer("complete", identifier=key, prompt=PROMPT, config=config)
    own = here.complete(PROMPT, config=config)
    assert told["content"] == own.content
    assert stop not in told["content"]
    assert told["stats"]["stopReason"] == own.stats.stop_reason == "stopStringFound"
    assert told["predictionConfig"]["stopStrings"] == [stop]


@pytest.mark.parametrize("count", [1, 5])
def test_maximum_of_tokens(peer: Peer, key: str, count: int) -> None:
    config = {"temperature": 0, "maxTokens": count}
    stats = peer("complete", identifier=key, prompt=PROMPT, config=config)["stats"]
    assert stats["stopReason"] == "maxPredictedTokensReached"
    assert stats["predictedTokensCount"] == count


def test_options_that_are_off(peer: Peer, key: str, here: lm.LLM) -> None:
    config: Any = {
        **CONFIG,
        "topPSampling": False,
        "minPSampling": False,
        "repeatPenalty": False,
        "topKSampling": 20,
    }
    told = peer("complete", identifier=key, prompt=PROMPT, config=config)
    assert told["content"] == here.complete(PROMPT, config=config).content
    assert "repeatPenalty" not in told["predictionConfig"]
    assert told["predictionConfig"]["topKSampling"] == 20


def test_no_limit_of_tokens_is_the_end_of_the_context(peer: Peer, key: str) -> None:
    peer("load", key=key, identifier="small", config={"contextLength": 64})
    config = {"temperature": 0, "maxTokens": -1, "contextOverflowPolicy": "stopAtLimit"}
    stats = peer("complete", identifier="small", prompt=PROMPT, config=config)["stats"]
    peer("unload", identifier="small")
    assert stats["stopReason"] == "contextLengthReached"
    assert stats["totalTokensCount"] in (64, 65)  # the last one needs no place


def test_cancelling_keeps_what_was_seen(peer: Peer, key: str, result: lm.PredictionResult) -> None:
    told = peer("stream", identifier=key, prompt=PROMPT, cancel_after=3, config={"temperature": 0})
    assert told["stats"]["stopReason"] == "userStopped"
    assert told["content"] == "".join(told["seen"])
    assert len(told["seen"]) == 3
    assert result.content.startswith(told["content"])
    assert lms("ps", "--host", peer.host)[0]["identifier"] == key


def test_leaving_early_does_no_harm(peer: Peer, key: str, result: lm.PredictionResult) -> None:
    told = peer("leave_early", identifier=key, prompt=PROMPT, config=CONFIG)
    assert told == result.content


def test_unloading_ends_a_prediction(peer: Peer, key: str) -> None:
    peer("load", key=key, identifier="leaving", config={"contextLength": 2048})
    told = peer(
        "stream", identifier="leaving", prompt=PROMPT, unload_after=3, config={"temperature": 0}
    )
    assert told["stats"]["stopReason"] == "modelUnloaded"
    assert len(told["seen"]) >= 3
    assert peer("loaded") == [key]


def test_sixteen_at_once(peer: Peer, key: str, here: lm.LLM) -> None:
    # Beside others a computation's last bits differ, so each has a continuation beyond doubt.
    prompts = [" ".join([str(number)] * 12) for number in range(16)]
    config: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 8, "repeatPenalty": False}
    told = peer("at_once", identifier=key, prompts=prompts, config=config)
    assert told == [here.complete(prompt, config=config).content for prompt in prompts]


def test_two_clients(peer: Peer, key: str, result: lm.PredictionResult) -> None:
    told = peer("two_clients", identifier=key, prompt=PROMPT, config=CONFIG)
    assert told == [result.content] * 2


def test_the_asynchronous_client(
    peer: Peer, key: str, here: lm.LLM, result: lm.PredictionResult
) -> None:
    told = peer("asynchronous", key=key, prompt=PROMPT, cancel_after=2, config=CONFIG)
    assert told["identifier"] == key
    assert told["info"] == peer("info", identifier=key)
    assert told["content"] == "".join(told["seen"]) == result.content
    assert told["together"] == [result.content] * 2
    assert told["tokens"] == here.tokenize(PROMPT)
    assert told["stopReason"] == "userStopped"
    assert_stats_are_true(told["stats"], result)
    assert (told["progress"][0], told["progress"][-1]) == (0.0, 1.0)
    assert (told["downloaded"], told["imageBytes"]) == (1, 8)


def test_an_answer_is_that_of_this_process(peer: Peer, key: str, here: lm.LLM) -> None:
    chat = lm.Chat("You answer in one sentence.")
    chat.add_user_message("What is the capital of France?")
    history = chat._history.to_dict()
    told = peer("respond", identifier=key, history=history, config=CONFIG)
    own = here.respond(chat, config=CONFIG)
    assert told["content"] == own.content
    assert_stats_are_true(told["stats"], own)
    (message,) = told["messages"]
    assert message["content"] == [{"type": "text", "text": own.content}]
    assert peer("template", identifier=key, history=history) == here.apply_prompt_template(chat)
