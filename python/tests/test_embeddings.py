"""Embedding models: in this process and on a server, against a reference in numpy."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peer as peers
import pytest
from conftest import KEY, Program
from javascript_client import JavaScriptClient
from minilm import WHEEL, MiniLM
from patience import LONGEST_SECONDS
from peer import Peer, PeerError
from tiny_bert import CONTEXT, WIDTH, TinyBert
from wire_server import WireServer

import lmstudio as lm

BERT = "text-embedding-tiny-bert"
TEXTS = ["hello world", "a", "the quick brown fox jumps over the lazy dog", "", "42 7 1999"]


@pytest.fixture(scope="module")
def bert() -> TinyBert:
    """The model as numpy has it."""
    return TinyBert()


@pytest.fixture(scope="module")
def store(bert: TinyBert, tmp_path_factory: pytest.TempPathFactory, model_store: str) -> str:
    """A store with the model, and the starter model beside it."""
    store = tmp_path_factory.mktemp("embedding-models")
    directory = store / "acme" / "Tiny-Bert-GGUF"
    directory.mkdir(parents=True)
    bert.write(directory / "Tiny-Bert.gguf")
    (store / "HuggingFaceTB").symlink_to(f"{model_store}/HuggingFaceTB")
    return str(store)


def cosine(a: Any, b: Any) -> float:
    """The cosine of the angle between two vectors."""
    product = sum(x * y for x, y in zip(a, b, strict=True))
    return float(product / math.hypot(*a) / math.hypot(*b))


# Vectors


def test_vectors_are_those_of_the_reference(visitor: lm.Client, bert: TinyBert) -> None:
    model = visitor.embedding.model(BERT)
    texts = [*TEXTS, *(f"text number {number}" for number in range(95)), "a" * (CONTEXT - 2)]
    vectors = model.embed(texts)
    assert [len(vector) for vector in vectors] == [WIDTH] * len(texts)
    for text, vector in zip(texts, vectors, strict=True):
        assert model.tokenize(text) == bert.tokens(text)
        assert cosine(vector, bert.embed(text)) > 0.9999
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-6)
        assert all(type(number) is float for number in vector)


def test_a_real_models_vectors_are_those_of_the_reference() -> None:
    path = Path(os.environ["LMSTUDIO_TEST_EMBEDDING"])
    store = path.parents[2]
    reference = MiniLM(store / WHEEL)
    texts = [
        "The cat sits outside",
        "A man is playing guitar",
        "Na\u00efve caf\u00e9s, \u5317\u4eac and \u041c\u043e\u0441\u043a\u0432\u0430!",
        "don't re-tokenise: e-mail@example.com, 3.14 \u20ac \U0001f600 supercalifragilistic",
        "A long one. " * 60,
    ]
    with lm.Client(f"local:{store}") as client:
        model = client.embedding.model()
        vectors = model.embed(texts)
        assert [model.tokenize(text) for text in texts] == [*map(reference.tokens, texts)]
    for text, vector in zip(texts, vectors, strict=True):
        assert cosine(vector, reference.embed(text)) > 0.999


def test_one_text_has_one_vector_and_none_have_none(visitor: lm.Client) -> None:
    model = visitor.embedding.model(BERT)
    vector = model.embed("hello")
    assert len(vector) == WIDTH
    (same,) = model.embed(text for text in ["hello"])
    assert cosine(vector, same) > 0.99999
    assert model.embed([]) == []
    assert len(model.embed("")) == WIDTH


def test_a_thousand_texts_in_one_call(visitor: lm.Client) -> None:
    model = visitor.embedding.model(BERT)
    texts = [f"text number {number % 10}" for number in range(1000)]
    vectors = model.embed(texts)
    assert len(vectors) == 1000
    for number in range(1000):
        assert cosine(vectors[number], vectors[number % 10]) > 0.9999


def test_a_text_that_is_too_long_is_refused_with_both_numbers(visitor: lm.Client) -> None:
    model = visitor.embedding.model(BERT, config={"contextLength": 16})
    with pytest.raises(lm.LMStudioError, match=r"texts\[1\].*22 tokens.*context of 16"):
        model.embed(["short", "a" * 20])
    assert len(model.embed("short")) == WIDTH


@pytest.mark.parametrize("bad", [None, 7, [7], ["a", None], "\udcff", ["\udcff"]])
def test_what_is_no_text_is_refused(visitor: lm.Client, bad: Any) -> None:
    with pytest.raises(lm.LMStudioValueError):
        visitor.embedding.model(BERT).embed(bad)


# Models


def test_what_a_model_tells_of_itself(visitor: lm.Client) -> None:
    model = visitor.embedding.model(BERT, config=lm.EmbeddingLoadModelConfig(context_length=64))
    assert model.identifier == BERT
    info = model.get_info()
    assert isinstance(info, lm.EmbeddingModelInstanceInfo)
    assert (info.type, info.model_key, info.architecture) == ("embedding", BERT, "bert")
    assert (info.context_length, info.max_context_length) == (64, CONTEXT)
    assert model.get_context_length() == 64
    config = model.get_load_config()
    assert isinstance(config, lm.EmbeddingLoadModelConfig)
    assert config.context_length == 64
    assert model.count_tokens("ab c") == 5
    assert model.tokenize(["a", "b"]) == [model.tokenize("a"), model.tokenize("b")]


def test_loading_and_unloading(visitor: lm.Client) -> None:
    progress: list[float] = []
    first = visitor.embedding.model(on_load_progress=progress.append)
    assert progress[-1] == 1.0
    assert first == visitor.embedding.model()
    second = visitor.embedding.load_new_instance(BERT, "second")
    assert [model.identifier for model in visitor.embedding.list_loaded()] == [BERT, "second"]
    assert visitor.list_loaded_models("embedding") == [first, second]
    assert visitor.list_loaded_models("llm") == []
    second.unload()
    visitor.embedding.unload(BERT)
    assert visitor.list_loaded_models() == []
    with pytest.raises(lm.LMStudioModelNotFoundError):
        first.embed("hello")
    with pytest.raises(lm.LMStudioModelNotFoundError):
        first.unload()


def test_models_on_disk(visitor: lm.Client) -> None:
    (downloaded,) = visitor.embedding.list_downloaded()
    assert isinstance(downloaded, lm.DownloadedEmbeddingModel)
    assert isinstance(downloaded.info, lm.EmbeddingModelInfo)
    assert (downloaded.type, downloaded.model_key) == ("embedding", BERT)
    assert visitor.list_downloaded_models("embedding") == [downloaded]
    everything = visitor.list_downloaded_models()
    assert {model.model_key for model in everything} == {BERT, KEY}
    assert visitor.system.list_downloaded_models() == everything
    assert len(downloaded.model().embed("hello")) == WIDTH
    assert downloaded.load_new_instance().identifier == f"{BERT}:2"


def test_each_kind_is_refused_where_the_other_is_wanted(visitor: lm.Client) -> None:
    with pytest.raises(lm.LMStudioError, match="is a language model"):
        visitor.embedding.model(KEY)
    with pytest.raises(lm.LMStudioError, match="is an embedding model"):
        visitor.llm.model(BERT)
    visitor.embedding.model(BERT)
    with pytest.raises(lm.LMStudioError, match="is of type embedding, not llm"):
        lm.LLM(BERT, visitor.llm).complete("Hello")
    llm = visitor.llm.model(KEY, config={"contextLength": 256})
    with pytest.raises(lm.LMStudioError, match="is of type llm, not embedding"):
        lm.EmbeddingModel(llm.identifier, visitor.embedding).embed("Hello")


def test_the_modules_own_client(run: Callable[..., str], store: str) -> None:
    code = f"""
import os
os.environ["LMSTUDIO_HOST"] = "local:" + {store!r}
import lmstudio as lm
print(len(lm.embedding_model().embed("hello")), lm.embedding_model().identifier)
"""
    assert run(code) == f"{WIDTH} {BERT}\n"


# Interruption


def test_ctrl_c_ends_the_work(start: Callable[..., Program], visitor: lm.Client) -> None:
    code = f"""
import signal, sys, threading
import lmstudio as lm
model = lm.Client({visitor.api_host!r}).embedding.model()
def ready():
    while model._session._call(
        "embedding", "getInstanceProcessingState",
        {{"specifier": model._specifier, "throwIfNotFound": True}}, (-1, -1),
    )["status"] != "computingEmbedding":
        pass
    print("ready", flush=True)
threading.Thread(target=ready, daemon=True).start()
try:
    model.embed(["a" * 100] * 20_000)
except KeyboardInterrupt:
    print("interrupted", len(model.embed("hello")))
"""
    program = start(code)
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    program.send_signal(signal.SIGINT)
    output, errors = program.communicate(timeout=LONGEST_SECONDS)
    assert (program.returncode, output, errors) == (0, f"interrupted {WIDTH}\n", "")
    for model in visitor.embedding.list_loaded():  # a server's, where it would go on
        with JavaScriptClient(visitor.api_host, "embedding") as js:
            js.wait_until_idle({"type": "query", "query": {"identifier": model.identifier}})


def test_a_timeout_ends_the_work(visitor: lm.Client) -> None:
    model = visitor.embedding.model(BERT)
    with pytest.raises(lm.LMStudioTimeoutError):
        model.embed(["a" * 100] * 20_000, timeout=0.05)
    assert len(model.embed("hello")) == WIDTH


# The published package


@pytest.fixture(scope="module", params=peers.environments(), ids=peers.name)
def official(request: pytest.FixtureRequest, store_server: WireServer) -> Iterator[Peer]:
    """One version of it, at the server."""
    with Peer(request.param, store_server.host) as peer:
        yield peer


def test_the_published_package_gets_the_same_vectors(official: Peer, store: str) -> None:
    identifier = official("embedding_model", key=BERT)
    with lm.Client(f"local:{store}") as client:
        ours = [client.embedding.model(BERT).embed(text) for text in TEXTS]
    assert [official("embed", identifier=identifier, text=text) for text in TEXTS] == ours
    assert official("embed_each", identifier=identifier, texts=TEXTS) == ours
    assert official("embed_each", identifier=identifier, texts=[]) == []
    # Its asynchronous calls come at once and are computed together, which rounds otherwise.
    for vector, one in zip(
        official("embed_asynchronously", key=BERT, texts=TEXTS), ours, strict=True
    ):
        assert cosine(vector, one) > 0.99999
    official("embedding_unload", identifier=identifier)


def test_the_published_package_makes_all_its_calls(official: Peer, bert: TinyBert) -> None:
    told = official("embedding_model_of_all_calls", key=BERT, text="hello")
    assert told["identifier"] == BERT
    assert (told["loaded"], told["left"]) == ([BERT], [])
    assert told["tokens"] == bert.tokens("hello")
    assert told["count"] == len(bert.tokens("hello"))
    assert (told["context_length"], told["config"]["contextLength"]) == (32, 32)
    assert told["info"]["modelKey"] == told["downloaded"]["modelKey"] == BERT


def test_the_published_package_is_told_what_is_wrong(official: Peer) -> None:
    with pytest.raises(PeerError, match="is a language model"):
        official("embedding_model", key=KEY)
    with pytest.raises(PeerError, match=f"{BERT}.* is an embedding model"):
        official("model", key=BERT)
    identifier = official("embedding_model", key=BERT)
    with pytest.raises(PeerError, match=f"{CONTEXT + 2} tokens.*context of {CONTEXT}"):
        official("embed", identifier=identifier, text="a" * CONTEXT)
    with pytest.raises(PeerError, match="is of type embedding, not llm"):
        official("complete", identifier=identifier, prompt="Hello")
    official("embedding_unload", identifier=identifier)
