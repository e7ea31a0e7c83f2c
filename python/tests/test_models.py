"""Clients and models: finding, loading, asking, unloading."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import LONGEST_SECONDS

import lmstudio as lm
from lmstudio import _core


@pytest.fixture
def instance(client: lm.Client, key: str) -> Iterator[lm.LLM]:
    """An instance of its own."""
    instance = client.llm.load_new_instance(key, "mine", config={"contextLength": 512})
    yield instance
    if instance in client.llm.list_loaded():
        instance.unload()


def test_a_client_says_where_it_is(local_client: lm.Client, model_store: str) -> None:
    assert local_client.api_host == f"local:{model_store}"
    with lm.Client(f"local:{model_store}") as other:
        assert other.api_host == local_client.api_host


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "localhost:1234"),
        ("http://127.0.0.1:1", "127.0.0.1:1"),
        ("wss://example.org/x", "wss://example.org:1234/x"),
    ],
)
def test_a_server_that_is_named_is_not_contacted(host: str, address: str) -> None:
    assert lm.Client(host).api_host == address


def test_bad_addresses_and_tokens_are_refused() -> None:
    bad: Any = 5
    with pytest.raises(lm.LMStudioValueError, match="api_host"):
        lm.Client(bad)
    with pytest.raises(lm.LMStudioValueError, match="NUL"):
        lm.Client("local:\0")
    with pytest.raises(lm.LMStudioValueError, match="api_token"):
        lm.Client(api_token=bad)
    for use in (
        lambda token: lm.Client("local:", api_token=token),
        lambda token: lm.configure_default_client("local:", token),
    ):
        with pytest.raises(lm.LMStudioValueError, match="api_token holds a NUL") as caught:
            use("sk-lm-secret\0")
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("ca_file", [5, b"/x", object(), "\ud800", "a\0b"])
def test_what_is_no_path_of_authorities_is_refused(ca_file: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="ca_file"):
        lm.Client("localhost", ca_file=ca_file)


def test_a_closed_client_refuses_everything(key: str) -> None:
    with lm.Client() as client:
        llm = client.llm.model(key)
        stream = llm.complete_stream("My name is")
    client.close()
    calls: list[Callable[[], object]] = [
        lambda: client.llm.model(key),
        lambda: client.llm.list_loaded(),
        lambda: client.list_downloaded_models(),
        lambda: llm.complete("My name is"),
        lambda: lm.LLM(key, client.llm),
        client.__enter__,
    ]
    for call in calls:
        with pytest.raises(lm.LMStudioRuntimeError):
            call()
    with pytest.raises((lm.LMStudioRuntimeError, lm.LMStudioCancelledError)):
        stream.wait_for_result()


def test_lists_what_is_on_disk(client: lm.Client, key: str) -> None:
    (model,) = client.list_downloaded_models()
    assert isinstance(model, lm.DownloadedLlm)
    assert (model.type, model.model_key, model.info.model_key) == ("llm", key, key)
    assert model.path == model.info.path
    assert model.path.endswith(".gguf")
    assert model.info.size_bytes > 0
    assert model.info.architecture == "llama"
    assert model.info.max_context_length == 8192
    assert repr(model).startswith(f"DownloadedLlm(model_key='{key}', display_name=")
    assert client.llm.list_downloaded() == client.list_downloaded_models("llm") == [model]
    assert client.system.list_downloaded_models() == [model]
    assert client.list_downloaded_models("embedding") == []


def test_unknown_kinds_of_model_are_refused(client: lm.Client) -> None:
    with pytest.raises(lm.LMStudioValueError, match="'vision'"):
        client.list_downloaded_models("vision")
    with pytest.raises(lm.LMStudioValueError, match="'vision'"):
        client.list_loaded_models("vision")


def test_model_takes_what_is_loaded(client: lm.Client, llm: lm.LLM, key: str) -> None:
    assert client.llm.model(key) == llm
    assert client.llm.model() in client.llm.list_loaded()
    assert client.list_downloaded_models()[0].model() == llm  # type: ignore[attr-defined]
    assert hash(client.llm.model(key)) == hash(llm)
    assert lm.LLM(key, client.llm) == llm != key
    assert repr(llm) == f"LLM(identifier='{key}')"


def test_handles_of_different_clients_differ(llm: lm.LLM, key: str) -> None:
    with lm.Client() as other:
        assert other.llm.model(key) != llm


def test_load_progress_rises_to_one(client: lm.Client, key: str) -> None:
    shares: list[float] = []
    client.llm.load_new_instance(key, "progress", on_load_progress=shares.append).unload()
    assert shares == sorted(set(shares))
    assert shares[-1] == 1.0


def test_exceptions_in_on_load_progress_are_logged(
    client: lm.Client, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: float) -> None:
        raise ValueError("boom")

    with caplog.at_level(logging.ERROR, logger="lmstudio"):
        client.llm.load_new_instance(key, "progress", on_load_progress=fail).unload()
    assert "on_load_progress" in caplog.text
    assert "ValueError: boom" in caplog.text


def test_progress_of_a_loaded_model_is_one(client: lm.Client, llm: lm.LLM, key: str) -> None:
    shares: list[float] = []
    assert client.llm.model(key, on_load_progress=shares.append) == llm
    assert shares == [1.0]


def test_an_interrupt_in_load_progress_stops_the_load(client: lm.Client, key: str) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.llm.load_new_instance(key, "interrupted", on_load_progress=interrupt)
    assert "interrupted" not in [model.identifier for model in client.llm.list_loaded()]


def test_instances_have_names(client: lm.Client, llm: lm.LLM, instance: lm.LLM, key: str) -> None:
    assert instance.identifier == "mine"
    second = client.llm.load_new_instance(key)
    assert second.identifier == f"{key}:2"
    loaded = client.list_loaded_models()
    assert all(model in loaded for model in (llm, instance, second))
    assert client.llm.list_loaded() == client.list_loaded_models("llm") == loaded
    assert client.list_loaded_models("embedding") == []
    second.unload()
    assert second not in client.list_loaded_models()


def test_load_config_applies(instance: lm.LLM, key: str) -> None:
    assert instance.get_context_length() == 512
    assert instance.get_load_config().context_length == 512
    info = instance.get_info()
    assert isinstance(info, lm.LlmInstanceInfo)
    assert (info.identifier, info.model_key, info.context_length) == ("mine", key, 512)
    assert info.instance_reference
    assert info.type == "llm"


def test_unloaded_models_are_not_found(client: lm.Client, instance: lm.LLM) -> None:
    instance.unload()
    calls: list[Callable[[], object]] = [
        instance.unload,
        instance.get_info,
        instance.get_load_config,
        instance.get_context_length,
        lambda: instance.tokenize("text"),
        lambda: instance.complete("My name is"),
        lambda: client.llm.unload("mine"),
    ]
    for call in calls:
        with pytest.raises(lm.LMStudioModelNotFoundError, match="mine"):
            call()


def test_unload_by_name(client: lm.Client, instance: lm.LLM) -> None:
    client.llm.unload("mine")
    assert instance not in client.llm.list_loaded()


def test_a_stream_that_cannot_start_frees_its_handle(instance: lm.LLM) -> None:
    stream = instance.complete_stream("My name is")
    instance.unload()
    before = _core.live_handle_count()
    with pytest.raises(lm.LMStudioModelNotFoundError, match="mine"):
        list(stream)
    assert _core.live_handle_count() < before
    with pytest.raises(lm.LMStudioModelNotFoundError, match="mine"):
        stream.result()


def test_unloading_ends_what_is_running(instance: lm.LLM) -> None:
    stream = instance.complete_stream("1 2 3 4 5 6", config={"temperature": 0})
    for count, _fragment in enumerate(stream):
        if count == 1:
            instance.unload()
    assert stream.result().stats.stop_reason == "modelUnloaded"


def test_unloading_in_another_thread_ends_what_is_running(instance: lm.LLM) -> None:
    stream = instance.complete_stream("1 2 3 4 5 6", config={"temperature": 0})
    fragments = iter(stream)
    next(fragments)
    thread = threading.Thread(target=instance.unload)
    thread.start()
    for _fragment in fragments:
        pass
    thread.join()
    assert stream.result().stats.stop_reason == "modelUnloaded"


def test_unknown_models_are_not_found(client: lm.Client, key: str) -> None:
    with pytest.raises(lm.LMStudioModelNotFoundError, match=key):
        client.llm.model("no-such-model")
    with pytest.raises(lm.LMStudioModelNotFoundError, match=key):
        client.llm.load_new_instance("no-such-model")


@pytest.mark.parametrize("model_key", [5, b"key", "\ud800", "a\0b"])
def test_bad_keys_are_refused(client: lm.Client, model_key: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="model_key"):
        client.llm.model(model_key)


@pytest.mark.parametrize("identifier", [5, None, ""])
def test_bad_identifiers_are_refused(client: lm.Client, identifier: Any) -> None:
    with pytest.raises(lm.LMStudioValueError):
        lm.LLM(identifier, client.llm)


def test_handles_are_of_the_part_that_has_such_models(client: lm.Client, key: str) -> None:
    strangers: list[Any] = [None, 5, client, client.files, client.embedding]
    for stranger in strangers:
        with pytest.raises(lm.LMStudioValueError, match=r"client\.llm"):
            lm.LLM(key, stranger)
    other: Any = client.llm
    with pytest.raises(lm.LMStudioValueError, match=r"client\.embedding"):
        lm.EmbeddingModel(key, other)


@pytest.mark.parametrize("ttl", [0, 0.0009, -1, "60", float("nan"), float("inf"), True, 1 << 80])
def test_bad_times_to_live_are_refused(client: lm.Client, key: str, ttl: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="ttl"):
        client.llm.model(key, ttl=ttl)


@pytest.mark.parametrize("ttl", [None, 60, 3600])
def test_times_to_live_are_taken(client: lm.Client, key: str, ttl: int | None) -> None:
    assert client.llm.model(key, ttl=ttl).identifier


def test_load_callback_must_be_callable(client: lm.Client, key: str) -> None:
    bad: Any = 5
    with pytest.raises(lm.LMStudioValueError, match="on_load_progress"):
        client.llm.model(key, on_load_progress=bad)


def test_more_texts_than_a_server_takes_at_once_are_tokenized(llm: lm.LLM) -> None:
    texts = [f"text {number}" for number in range(1500)]
    tokens = llm.tokenize(texts, timeout=LONGEST_SECONDS)
    assert len(tokens) == len(texts)
    assert tokens[::100] == [llm.tokenize(text) for text in texts[::100]]


def test_tokenizes(llm: lm.LLM) -> None:
    tokens = llm.tokenize("My name is")
    assert all(type(token) is int for token in tokens)
    assert len(tokens) == llm.count_tokens("My name is") > 0
    assert llm.tokenize(["My name is", "My name is"]) == [tokens, tokens]
    assert llm.tokenize(text for text in ["My name is"]) == [tokens]
    long = "word " * 5000
    assert len(llm.tokenize(long)) == llm.count_tokens(long) > 5000


@pytest.mark.parametrize("text", [5, None, [5], b"x", {"x": 1}, "\ud800"])
def test_only_text_is_tokenized(llm: lm.LLM, text: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="input"):
        llm.tokenize(text)


def test_text_may_hold_anything(llm: lm.LLM) -> None:
    for text in ("a\0b", "J\u00f6rg", "\U0001f600", "\u6771\u4eac"):
        assert llm.complete(text, config={"maxTokens": 1}).stats.predicted_tokens_count == 1
        assert llm.count_tokens(text) > 0


DEFAULT_CLIENT = """\
import lmstudio as lm

lm.configure_default_client("local:" + {store!r})
client = lm.get_default_client()
assert lm.get_default_client() is client
assert client.api_host == "local:" + {store!r}
for call in (lm.configure_default_client, lm.get_default_client):
    try:
        call("local:")
    except lm.LMStudioClientError as error:
        assert "already created" in str(error)
    else:
        raise SystemExit("not refused")
assert lm.list_loaded_models() == []
shares = []
llm = lm.llm(config={{"contextLength": 256}}, on_load_progress=shares.append)
assert shares[-1] == 1.0
assert lm.list_loaded_models() == [llm] == client.llm.list_loaded()
assert lm.llm() == lm.llm(llm.identifier, ttl=None) == llm
assert lm.list_downloaded_models() == client.list_downloaded_models()
client.close()
assert lm.get_default_client() is not client
assert lm.list_loaded_models() == []
"""


def test_the_usual_store(run: Callable[..., str], model_store: str, tmp_path: Path) -> None:
    (tmp_path / ".lmstudio").mkdir()
    (tmp_path / ".lmstudio" / "models").symlink_to(model_store)
    code = """
import os, sys
os.environ["HOME"] = sys.argv[1]
del os.environ["LMSTUDIO_MODELS_DIR"]
import lmstudio as lm
with lm.Client("local:") as client:
    print(client.api_host, len(client.list_downloaded_models()) > 0)
"""
    assert run(code, str(tmp_path)) == f"local:{tmp_path}/.lmstudio/models True\n"


def test_the_modules_own_client(run: Callable[..., str], model_store: str) -> None:
    run(DEFAULT_CLIENT.format(store=model_store))


BAD_HOSTS = """\
import lmstudio as lm

def refused(call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except lm.LMStudioValueError as error:
        return str(error)

for bad in (5, b"local:", "\\ud800", "a\\0b"):
    assert "api_host" in refused(lm.configure_default_client, bad)
    assert "api_token" in refused(lm.configure_default_client, "local:", bad)
    assert "api_host" in refused(lm.get_default_client, bad)
assert "port" in refused(lm.get_default_client, "a:b")
assert lm.get_default_client().api_host.startswith("local:")  # of LMSTUDIO_HOST, as before
"""


def test_the_modules_own_client_keeps_no_host_that_is_none(run: Callable[..., str]) -> None:
    run(BAD_HOSTS)


CONFIGURED = """\
import os, warnings
import lmstudio as lm

warnings.simplefilter("ignore", DeprecationWarning)  # of forks with threads, since 3.12
lm.configure_default_client("local:")
child = os.fork()
if child == 0:
    print(lm.list_loaded_models(), flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
lm.configure_default_client("a:b")
try:
    lm.get_default_client()
except lm.LMStudioValueError as error:
    assert "port" in str(error)
lm.configure_default_client("local:")
assert lm.list_loaded_models() == []
"""


def test_who_only_says_where_may_fork_and_say_it_again(run: Callable[..., str]) -> None:
    assert run(CONFIGURED) == "[]\n"


def test_a_failure_among_several_texts_tells_which(client: lm.Client, llm: lm.LLM) -> None:
    texts: Any = ["one", 2]
    with pytest.raises(lm.LMStudioValueError, match=r"input\[1\].*int"):
        llm.tokenize(texts)
    with pytest.raises(lm.LMStudioModelNotFoundError, match=r"input\[0\]"):
        lm.LLM("no-such-model", client.llm).tokenize(["one", "two"])


def test_info_by_anything_that_tells_the_model(client: lm.Client, llm: lm.LLM) -> None:
    info = llm.get_info()
    name = llm.identifier
    query = {"identifier": name}
    specifiers: list[Any] = [
        name,
        lm.ModelQuery(identifier=name),
        query,
        {"type": "query", "query": query},
        {"type": "query", "query": lm.ModelQuery(identifier=name)},
        {"type": "instanceReference", "instanceReference": info.instance_reference},
        {"type": "instanceReference", "instance_reference": info.instance_reference},
        *(cls.from_dict(data) for cls, data in specifier_records(name, info)),
    ]
    for specifier in specifiers:
        assert client.llm.get_model_info(specifier) == info


def specifier_records(name: str, info: lm.LlmInstanceInfo) -> list[tuple[Any, dict[str, Any]]]:
    by_query, by_reference = lm.ModelSpecifier.__args__
    return [
        (by_query, {"query": {"identifier": name}}),
        (by_reference, {"instanceReference": info.instance_reference}),
    ]


def test_info_of_what_is_not_there(client: lm.Client) -> None:
    for specifier in ("no-such-model", lm.ModelQuery(identifier="no-such-model")):
        with pytest.raises(lm.LMStudioModelNotFoundError):
            client.llm.get_model_info(specifier)
    faulty: list[Any] = [5, None, [], {"type": "else"}, {"type": "query"}]
    for specifier in faulty:
        with pytest.raises(lm.LMStudioValueError):
            client.llm.get_model_info(specifier)


def test_a_misspelt_query_is_warned_of(client: lm.Client, llm: lm.LLM) -> None:
    with pytest.warns(lm.LMStudioUnknownOptionWarning, match="identifier"):
        client.llm.get_model_info({"identifer": llm.identifier})
