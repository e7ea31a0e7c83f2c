"""What only a server can show: tokens, restarts, several clients."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from chatty_server import chatty
from wire_server import WireServer

import lmstudio as lm

TOKEN = "sk-lm-abcdefgh:abcdefghijklmnopqrst"


def test_every_form_of_address_reaches_it(server: WireServer) -> None:
    for form in ("{}", "ws://{}", "http://{}", "WS://{}/", "  {} "):
        host = form.format(server.host)
        assert lm.Client.is_valid_api_host(host)
        with lm.Client(host) as client:
            assert client.api_host == server.host


def test_the_environment_names_it(server: WireServer, run: Callable[..., str]) -> None:
    output = run(
        "import os, sys\n"
        "os.environ['LMSTUDIO_HOST'] = sys.argv[1]\n"
        "import lmstudio as lm\n"
        "print(lm.get_default_client().api_host, len(lm.list_downloaded_models()))\n",
        server.host,
    )
    assert output.split() == [server.host, "1"]


@pytest.mark.parametrize(
    "use",
    [
        lambda client, _: client.llm.list_loaded(),
        lambda client, key: client.llm.model(key),
        lambda client, key: lm.LLM(key, client.llm).complete("My", config={"maxTokens": 1}),
    ],
    ids=["call", "load", "prediction"],
)
def test_messages_of_unknown_kinds_are_warned_of_once(
    server: WireServer, key: str, use: Callable[[lm.Client, str], object]
) -> None:
    with lm.Client(server.host) as client:
        client.llm.model(key)
    with chatty(server.host) as host, closing(lm.Client(host)) as client:
        with pytest.warns(lm.LMStudioUnknownMessageWarning, match="news") as told:
            use(client, key)
            use(client, key)
        assert len(told) == 1
        assert told[0].filename == __file__


def test_models_stay_loaded_when_a_client_leaves(server: WireServer, key: str) -> None:
    with lm.Client(server.host) as client:
        client.llm.load_new_instance(key, "staying", config={"contextLength": 256})
    with lm.Client(server.host) as client:
        assert "staying" in [model.identifier for model in client.list_loaded_models()]
        client.llm.unload("staying")


def test_a_token_is_asked_for(tmp_path: Path, model_store: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(TOKEN + "\n")
    file.chmod(0o600)
    with WireServer("--api-token-file", str(file), models=model_store) as server:
        with lm.Client(server.host, TOKEN) as client:
            assert client.list_downloaded_models()
        with pytest.raises(lm.LMStudioServerError), lm.Client(server.host, api_token=""):
            pass


def test_a_bad_token_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(lm.LMStudioValueError, match="token"):
        lm.Client("127.0.0.1:1", api_token="secret")


def test_an_unknown_model_tells_what_the_server_says(server: WireServer) -> None:
    with lm.Client(server.host) as client:
        with pytest.raises(lm.LMStudioModelNotFoundError) as raised:
            client.llm.model("no-such-model")
        assert raised.value.server_error is not None
        with pytest.raises(lm.LMStudioModelNotFoundError):
            lm.LLM("no-such-model", client.llm).complete("My name is")


def test_a_preset_that_is_not_there(server: WireServer, key: str) -> None:
    with lm.Client(server.host) as client, pytest.raises(lm.LMStudioPresetNotFoundError):
        client.llm.model(key).complete("My name is", preset="mine")


def test_a_restarted_server_is_found_again(model_store: str, key: str) -> None:
    with WireServer(models=model_store) as first:
        client = lm.Client(first.host)
        stream = client.llm.model(key).complete_stream("1 2 3 4 5 6", config={"temperature": 0})
        with pytest.raises(lm.LMStudioWebsocketError):
            for count, _fragment in enumerate(stream):
                if count == 2:
                    first.kill()
        with pytest.raises(lm.LMStudioWebsocketError):
            client.list_loaded_models()
        with WireServer(models=model_store, port=first.port):
            assert client.list_loaded_models() == []
            llm = client.llm.model(key)
            assert llm.complete("My name is", config={"maxTokens": 2}).content
    client.close()


def test_the_text_is_the_one_of_this_process(server: WireServer, key: str) -> None:
    config: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 32}
    texts = []
    for host in ("local:", server.host):
        with lm.Client(host) as client:
            llm = client.llm.load_new_instance(key, config={"contextLength": 512})
            result = llm.complete("My name is", config=config)
            texts.append((result.content, result.stats.predicted_tokens_count))
            llm.unload()
    assert texts[0] == texts[1]
