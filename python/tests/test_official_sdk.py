"""The published ``lmstudio`` package, 1.5.0 and 1.6.0b1, against our server.

Each version has a server of its own, with the model loaded; what it says is compared with the same
model in this process.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from patience import LONGEST_SECONDS
from peer import Peer, PeerError
from wire_server import WireServer, program

import lmstudio as lm

PROMPT = "My name is"
TOKEN = "sk-lm-abcdefgh:abcdefghijklmnopqrst"
OTHER_TOKEN = "sk-lm-abcdefgh:tsrqponmlkjihgfedcba"


def lms(*arguments: str) -> Any:
    """What the command line tool writes as JSON."""
    done = subprocess.run(
        [program(), *arguments, "--json"], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def assert_told_truly(told: dict[str, Any], truth: dict[str, Any]) -> None:
    """Everything that the package knows of the object is there and as it is."""
    assert told == {name: truth[name] for name in told}
    known = {
        *("type", "modelKey", "format", "displayName", "path", "sizeBytes", "maxContextLength"),
        *("vision", "trainedForToolUse", "paramsString", "architecture"),
    }
    assert known <= told.keys()


# Models


def test_the_model_that_is_loaded_is_found(peer: Peer, key: str) -> None:
    assert peer("model") == {"identifier": key, "progress": []}
    assert peer("model", key=key) == {"identifier": key, "progress": [1.0]}
    assert peer("loaded") == [key]


def test_models_on_disk(peer: Peer) -> None:
    (model,) = peer("downloaded")
    (truth,) = lms("ls", "--host", peer.host)
    assert_told_truly(model, truth)
    assert lms("ls", "--host", "local:") == [truth]


def test_a_model_on_disk_can_be_got(peer: Peer, key: str) -> None:
    assert peer("model_of_a_downloaded_one") == key


def test_a_loaded_model_tells_the_truth(peer: Peer, key: str, here: lm.LLM) -> None:
    info = peer("info", identifier=key)
    (truth,) = lms("ps", "--host", peer.host)
    assert_told_truly(info, truth)
    assert {"identifier", "instanceReference", "contextLength"} <= info.keys()
    own = here.get_info()
    assert (info["sizeBytes"], info["path"], info["contextLength"], info["architecture"]) == (
        own.size_bytes,
        own.path,
        own.context_length,
        own.architecture,
    )
    assert peer("context_length", identifier=key) == here.get_context_length()
    assert peer("load_config", identifier=key)["contextLength"] == here.get_context_length()


def test_a_second_instance_has_its_own_settings(peer: Peer, key: str) -> None:
    loaded = peer("load", key=key, identifier="second", config={"contextLength": 512}, ttl=90)
    assert loaded["identifier"] == "second"
    shares = loaded["progress"]
    assert shares == sorted(set(shares))
    assert (shares[0] >= 0, shares[-1]) == (True, 1.0)
    assert peer("loaded") == [key, "second"]
    assert peer("context_length", identifier="second") == 512
    assert peer("load_config", identifier="second")["contextLength"] == 512
    told = {model["identifier"]: model for model in lms("ps", "--host", peer.host)}
    assert (told["second"]["ttlMs"], told[key]["ttlMs"]) == (90_000, None)
    with pytest.raises(PeerError, match='"second" already exists') as raised:
        peer("load", key=key, identifier="second")
    assert raised.value.type == "LMStudioServerError"
    peer("unload_by_handle", identifier="second")
    assert peer("loaded") == [key]


def test_an_instance_without_a_name_is_given_one(peer: Peer, key: str) -> None:
    name = peer("load", key=key, ttl=None, config={"contextLength": 256})["identifier"]
    assert name.startswith(key)
    assert name != key
    told = {model["identifier"]: model for model in lms("ps", "--host", peer.host)}
    assert told[name]["ttlMs"] is None
    peer("unload", identifier=name)


def test_loading_on_demand_tells_progress(peer: Peer, key: str) -> None:
    peer("unload", identifier=key)
    with pytest.raises(PeerError, match="no models are currently loaded"):
        peer("model")
    shares = peer("model", key=key)["progress"]
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares == sorted(set(shares))
    told = {model["identifier"]: model for model in lms("ps", "--host", peer.host)}
    assert told[key]["ttlMs"] == 3_600_000


def test_an_idle_instance_is_unloaded(peer: Peer, key: str) -> None:
    peer("load", key=key, identifier="brief", config={"contextLength": 256}, ttl=1)
    deadline = time.monotonic() + LONGEST_SECONDS
    while peer("is_loaded", identifier="brief"):
        assert time.monotonic() < deadline
    with pytest.raises(PeerError):
        peer("info", identifier="brief")


def test_tokens_are_those_of_this_process(peer: Peer, key: str, here: lm.LLM) -> None:
    for text in ("", "My name is", "naïve 🙂 text\n\n\ttoo"):
        told = peer("tokens", identifier=key, text=text)
        assert told == {"tokens": here.tokenize(text), "count": here.count_tokens(text)}
    assert peer("tokens_of_each", identifier=key, texts=["a", "b c"]) == [
        here.tokenize("a"),
        here.tokenize("b c"),
    ]


# The rest


@pytest.mark.parametrize("case", ["model", "load"])
def test_an_unknown_model(peer: Peer, case: str) -> None:
    with pytest.raises(PeerError, match='no model "no-such-model"') as raised:
        peer(case, key="no-such-model")
    older = peer.version == "1.5.0"
    expected = "LMStudioServerError" if older else "LMStudioModelNotFoundError"
    assert raised.value.type == expected
    assert "generic.pathNotFound" in raised.value.text


@pytest.mark.parametrize(
    ("case", "arguments"),
    [
        ("info", {}),
        ("load_config", {}),
        ("tokens", {"text": "x"}),
        ("complete", {"prompt": PROMPT}),
    ],
)
def test_an_unknown_identifier(peer: Peer, key: str, case: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(PeerError, match="no-such-one") as raised:
        peer(case, identifier="no-such-one", **arguments)
    assert raised.value.type == "LMStudioModelNotFoundError"
    assert key in raised.value.text  # what is loaded is named


def test_nothing_to_unload(peer: Peer) -> None:
    with pytest.raises(PeerError, match=r"generic\.identifierNotFound") as raised:
        peer("unload", identifier="no-such-one")
    assert raised.value.type == "LMStudioServerError"


def test_an_unknown_preset(peer: Peer, key: str) -> None:
    with pytest.raises(PeerError, match='no preset "mine"') as raised:
        peer("complete", identifier=key, prompt=PROMPT, preset="mine")
    assert raised.value.type == "LMStudioPresetNotFoundError"


@pytest.mark.parametrize(
    ("case", "arguments", "text"),
    [
        ("embedding_model", {"key": "smollm2-135m-instruct"}, "is a language model"),
        ("embedding_model", {"key": "no-such-model"}, "no model"),
        ("embed", {"identifier": "smollm2-135m-instruct", "text": "Hello"}, "of type llm"),
        ("search", {"term": "smol"}, "not supported by this server"),
    ],
)
def test_what_is_not_there_yet_says_so(
    peer: Peer, case: str, arguments: dict[str, str], text: str
) -> None:
    with pytest.raises(PeerError, match=text) as raised:
        peer(case, **arguments)
    assert "LMStudioServerError" in raised.value.types


@pytest.mark.parametrize("size", [9, 64_000_000])
def test_an_image_is_taken(peer: Peer, size: int) -> None:
    image = peer("prepare_image", name=f"image of {size}.png", size=size)
    assert (image["sizeBytes"], image["fileType"]) == (size, "image")
    assert image["name"] == f"image of {size}.png"
    assert image["identifier"].startswith("local:")


def test_tokens_let_in(peer: Peer, tmp_path: Path, model_store: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(TOKEN + "\n")
    with WireServer("--api-token-file", str(file), models=model_store) as server:
        with pytest.raises(PeerError) as raised:
            peer("as_guest", host=server.host)
        if peer.version == "1.5.0":  # it knows no tokens, and stumbles over being refused
            assert raised.value.type == "ValueError"
            return
        assert raised.value.type == "LMStudioServerError"
        assert "Invalid API token" in raised.value.text
        assert peer("with_token", host=server.host, token=TOKEN) == 1
        with pytest.raises(PeerError, match="Invalid API token"):
            peer("with_token", host=server.host, token=OTHER_TOKEN)
