"""Models that guess ahead: in this process, on a server, and from the published package."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import gguf
import peer as peers
import pytest
from conftest import KEY
from peer import Peer, PeerError
from wire_server import WireServer

import lmstudio as lm

TWIN, DREAMER, STRANGER = "twin", "dreamer", "gemma-3-270m"
PROMPT = "1, 2, 3, 4, 5, 6, 7, 8,"
# Guesses are checked several at once, which rounds otherwise: the continuation is beyond doubt.
PLAIN: lm.LlmPredictionConfigDict = {
    "temperature": 0,
    "maxTokens": 24,
    "repeatPenalty": False,
    "cpuThreads": 1,
}
LOAD: lm.LlmLoadModelConfigDict = {"contextLength": 512}
OTHER_VOCABULARY = f'"{STRANGER}" cannot guess for "{KEY}": their vocabularies differ'


def drafted(draft: str) -> lm.LlmPredictionConfigDict:
    return {**PLAIN, "draftModel": draft}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, model_store: str) -> str:
    """A store with the starter model, its twin, one that guesses wrong, and one of other words."""
    store = tmp_path_factory.mktemp("drafting-models")
    (store / "HuggingFaceTB").symlink_to(f"{model_store}/HuggingFaceTB")
    (store / "ggml-org").symlink_to(Path(os.environ["LMSTUDIO_TEST_GEMMA"]).parents[1])
    for key in (TWIN, DREAMER):
        path = store / "acme" / key / f"{key}.gguf"
        path.parent.mkdir(parents=True)
        shutil.copyfile(os.environ["LMSTUDIO_TEST_STARTER"], path)
    for tensor in gguf.GGUFReader(path, "r+").tensors:
        if "ffn_down" in tensor.name:
            tensor.data[:] = 0
    return str(store)


def test_the_text_is_that_of_the_model_alone(visitor: lm.Client) -> None:
    llm = visitor.llm.model(KEY, config=LOAD)
    plain = llm.complete(PROMPT, config=PLAIN)
    assert plain.stats.used_draft_model_key is None
    stream = llm.complete_stream(PROMPT, config=drafted(TWIN))
    fragments = list(stream)
    result = stream.result()
    assert "".join(map(str, fragments)) == result.content == plain.content
    assert any(fragment.contains_drafted for fragment in fragments)
    assert sum(fragment.tokens_count for fragment in fragments) == 24
    stats = result.stats
    assert stats.stop_reason == plain.stats.stop_reason
    assert stats.used_draft_model_key == TWIN
    assert stats.total_draft_tokens_count == stats.accepted_draft_tokens_count
    assert 10 < (stats.accepted_draft_tokens_count or 0) < 24
    assert (stats.rejected_draft_tokens_count, stats.ignored_draft_tokens_count) == (0, 0)


def test_wrong_guesses_do_no_harm(visitor: lm.Client) -> None:
    llm = visitor.llm.model(KEY, config=LOAD)
    config = drafted(DREAMER)
    config["speculativeDecodingNumDraftTokensExact"] = 2
    result = llm.complete(PROMPT, config=config)
    assert result.content == llm.complete(PROMPT, config=PLAIN).content
    stats = result.stats
    assert stats.used_draft_model_key == DREAMER
    assert (stats.rejected_draft_tokens_count or 0) > 0
    parts = (
        stats.accepted_draft_tokens_count,
        stats.rejected_draft_tokens_count,
        stats.ignored_draft_tokens_count,
    )
    assert stats.total_draft_tokens_count == sum(part or 0 for part in parts)


def test_a_model_is_loaded_with_its_draft_model(visitor: lm.Client) -> None:
    config: lm.LlmLoadModelConfigDict = {**LOAD, "speculativeDraftSimple": True}
    config["speculativeDraftModel"] = TWIN
    llm = visitor.llm.model(KEY, config=config)
    assert {model.identifier for model in visitor.llm.list_loaded()} == {KEY, TWIN}
    assert llm.get_load_config().speculative_draft_model == TWIN
    assert llm.complete(PROMPT, config=PLAIN).stats.used_draft_model_key == TWIN


def test_another_vocabulary_is_refused(visitor: lm.Client) -> None:
    llm = visitor.llm.model(KEY, config=LOAD)
    with pytest.raises(lm.LMStudioError, match=OTHER_VOCABULARY):
        llm.complete(PROMPT, config=drafted(STRANGER))
    assert llm.complete(PROMPT, config=PLAIN).content


def test_a_draft_model_that_is_not_there(visitor: lm.Client) -> None:
    llm = visitor.llm.model(KEY, config=LOAD)
    with pytest.raises(lm.LMStudioModelNotFoundError, match="nobody"):
        llm.complete(PROMPT, config=drafted("nobody"))


def test_unloading_the_draft_model_ends_its_guesses_only(visitor: lm.Client) -> None:
    llm = visitor.llm.model(KEY, config=LOAD)
    config = drafted(TWIN)
    config["maxTokens"] = 100
    config["speculativeDecodingNumDraftTokensExact"] = 1
    stream = llm.complete_stream(PROMPT, config=config)
    fragments = iter(stream)
    while not next(fragments).contains_drafted:
        pass
    visitor.llm.unload(TWIN)
    for _fragment in fragments:
        pass
    result = stream.result()
    assert result.stats.stop_reason in ("maxPredictedTokensReached", "eosFound")
    plain = llm.complete(PROMPT, config=PLAIN).content
    assert result.content.startswith(plain)
    assert visitor.llm.list_loaded() == [llm]


@pytest.mark.parametrize("environment", peers.environments(), ids=peers.name)
def test_the_published_package_has_its_tokens_guessed(
    environment: str, store_server: WireServer
) -> None:
    with Peer(environment, store_server.host) as peer:
        peer("model", key=KEY, config=LOAD)
        plain = peer("complete", identifier=KEY, prompt=PROMPT, config=PLAIN)
        told = peer("stream", identifier=KEY, prompt=PROMPT, config=drafted(TWIN))
        assert told["content"] == "".join(told["seen"]) == plain["content"]
        assert any(fragment["containsDrafted"] for fragment in told["fragments"])
        stats = told["stats"]
        assert stats["usedDraftModelKey"] == TWIN
        assert stats["totalDraftTokensCount"] == stats["acceptedDraftTokensCount"] > 10
        assert told["predictionConfig"]["draftModel"] == TWIN
        with pytest.raises(PeerError, match=OTHER_VOCABULARY):
            peer("complete", identifier=KEY, prompt=PROMPT, config=drafted(STRANGER))
        peer("unload", identifier=TWIN)
        peer("unload", identifier=KEY)
