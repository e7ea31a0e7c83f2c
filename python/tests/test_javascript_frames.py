"""The frames of the TypeScript SDK, of its tree and its releases 1.5.0 and 1.0.1.

Sent by a WebSocket client that is not ours; every answer is checked as strictly as the SDK does.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import pytest
from javascript_client import EMPTY, JavaScriptClient, ServerError, identity
from strict_js_frames import ABSENT
from wire_server import WireServer, program

import lmstudio as lm

pytestmark = pytest.mark.skipif(program() is None, reason="the command line tool is not built")

PROMPT = "My name is"
TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
LIMITED = [
    {"key": "llm.prediction.maxPredictedTokens", "value": {"checked": True, "value": 10}},
    {"key": "llm.prediction.temperature", "value": 0},
    {"key": "llm.prediction.stopStrings", "value": []},
]
ENDLESS = LIMITED[1:]
JINJA_OF_1_0_1 = {
    "bosToken": "",
    "eosToken": "",
    "inputConfig": {"messagesConfig": {"contentConfig": {"type": "string"}}, "useTools": False},
    "template": TEMPLATE,
}
GPU_OF_1_5_0 = {
    "key": "load.gpuSplitConfig",
    "value": {"strategy": "evenly", "disabledGpus": [], "priority": [], "customRatio": []},
}


@pytest.fixture(scope="module")
def host(model_store: str) -> Iterator[str]:
    """A server without a model loaded."""
    with WireServer(models=model_store) as server:
        yield server.host


@pytest.fixture
def js(host: str) -> Iterator[JavaScriptClient]:
    """A client of the models, which leaves none of its own."""
    with JavaScriptClient(host, "llm") as js:
        yield js
        for model in js.call("listLoaded"):
            js.call("unloadModel", {"identifier": model["identifier"], "deviceIdentifier": None})
        js.fence()


@pytest.fixture
def model(js: JavaScriptClient, key: str) -> dict[str, Any]:
    """The model, as ``llm.model(key)`` gets it."""
    messages = js.run("getOrLoad", {"identifier": key, "loadConfigStack": EMPTY})
    info: dict[str, Any] = messages[-1]["info"]
    return info


@pytest.fixture(scope="module")
def content(here: lm.LLM) -> str:
    """What the model in this process makes of the prompt."""
    return here.complete(PROMPT, config={"temperature": 0, "maxTokens": 10}).content


def stack(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"layers": [{"layerName": "apiOverride", "config": {"fields": fields}}]}


def reference(model: dict[str, Any]) -> dict[str, str]:
    """How a handle names its model."""
    return {"type": "instanceReference", "instanceReference": model["instanceReference"]}


def raw(model: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    """What the tree sends for ``complete()``."""
    return {
        "modelSpecifier": reference(model),
        "rawPrompt": PROMPT,
        "predictionConfigStack": stack(fields),
    }


def released(model: dict[str, Any], jinja: dict[str, Any]) -> dict[str, Any]:
    """What the releases send for it."""
    template = {"type": "jinja", "jinjaPromptTemplate": jinja, "stopStrings": []}
    fields = [{"key": "llm.prediction.promptTemplate", "value": template}]
    layer = {"layerName": "completeModeFormatting", "config": {"fields": fields}}
    content = [{"type": "text", "text": PROMPT}]
    return {
        "modelSpecifier": reference(model),
        "history": {"messages": [{"role": "user", "content": content}]},
        "predictionConfigStack": {"layers": [*stack(LIMITED)["layers"], layer]},
    }


def text(messages: list[dict[str, Any]]) -> str:
    return "".join(each["fragment"]["content"] for each in messages if each["type"] == "fragment")


# Connecting


def test_compression_is_declined(js: JavaScriptClient) -> None:
    assert js.socket.request is not None
    assert js.socket.response is not None
    assert "permessage-deflate" in js.socket.request.headers["Sec-WebSocket-Extensions"]
    assert "Sec-WebSocket-Extensions" not in js.socket.response.headers
    assert js.socket.protocol.extensions == []


def test_the_greeting(host: str) -> None:
    connection = http.client.HTTPConnection(host, timeout=60)
    headers = {"accept": "*/*", "sec-fetch-mode": "cors", "user-agent": "node"}
    connection.request("GET", "/lmstudio-greeting", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b'{"lmstudio":true}')
    connection.request("GET", "/nope", headers=headers)
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("prefix", ["guest:", ""])
def test_an_identity_is_let_in_again(host: str, prefix: str) -> None:
    who = identity(prefix)
    for _ in range(3):
        with (
            JavaScriptClient(host, "llm", who) as js,
            JavaScriptClient(host, "system", who) as system,
        ):
            assert js.call("listLoaded") == []
            assert system.call("version")["version"]


# Models


def test_the_documents_snippet(js: JavaScriptClient, key: str, content: str) -> None:
    js.run("getOrLoad", {"identifier": key, "loadConfigStack": EMPTY})
    anything = {"type": "query", "query": {}}
    model = js.call("getModelInfo", {"specifier": anything, "throwIfNotFound": True})
    messages = js.run("completeRawText", raw(model, LIMITED))
    js.fence()
    assert text(messages) == content
    types = [message["type"] for message in messages]
    first, last = types.index("fragment"), len(types) - 1
    assert set(types[:first]) == {"promptProcessingProgress"}
    assert set(types[first:last]) == {"fragment"}
    assert types[last] == "success"
    shares = [message["progress"] for message in messages[:first]]
    assert (shares[-1], shares) == (1, sorted(shares))


def test_no_model_is_an_error(js: JavaScriptClient) -> None:
    anything = {"type": "query", "query": {}}
    with pytest.raises(ServerError) as raised:
        js.call("getModelInfo", {"specifier": anything, "throwIfNotFound": True})
    assert raised.value.code == "generic.noModelMatchingQuery"
    assert js.call("getModelInfo", {"specifier": anything, "throwIfNotFound": False}) is ABSENT


@pytest.mark.parametrize("fields", [[], [GPU_OF_1_5_0]], ids=["tree", "1.5.0"])
def test_loading(js: JavaScriptClient, key: str, fields: list[dict[str, Any]]) -> None:
    request = {"identifier": key, "loadConfigStack": stack(fields)}
    first = js.run("getOrLoad", request)
    assert first[0]["type"] == "startLoading"
    assert {message["type"] for message in first[1:-1]} == {"loadProgress"}
    assert first[-1]["type"] == "loadSuccess"
    assert first[-1]["info"]["ttlMs"] is None
    again = js.run("getOrLoad", request)
    assert [message["type"] for message in again] == ["alreadyLoaded"]
    assert again[0]["info"]["instanceReference"] == first[-1]["info"]["instanceReference"]
    js.fence()


def test_a_new_instance(js: JavaScriptClient, key: str) -> None:
    request = {
        "modelKey": key,
        "identifier": "mine",
        "ttlMs": 5000,
        "deviceIdentifier": None,
        "loadConfigStack": stack([{"key": "llm.load.contextLength", "value": 256}]),
    }
    messages = js.run("loadModel", request)
    assert messages[0]["type"] == "resolved"
    info = messages[-1]["info"]
    assert (info["identifier"], info["contextLength"], info["ttlMs"]) == ("mine", 256, 5000)
    config = js.call("getLoadConfig", {"specifier": reference(info)})
    assert {"key": "llm.load.contextLength", "value": 256} in config["fields"]
    with pytest.raises(ServerError, match="already exists"):
        js.run("loadModel", request)
    js.fence()


def test_an_abandoned_load_is_cancelled(js: JavaScriptClient, key: str) -> None:
    number = js.open("getOrLoad", {"identifier": key, "loadConfigStack": EMPTY})
    js.cancel(number)
    try:
        js.messages(number)
    except ServerError as error:
        assert "cancel" in str(error)
        assert js.call("listLoaded") == []
    js.fence()


def test_an_unknown_model(js: JavaScriptClient) -> None:
    for endpoint, name in (("getOrLoad", "identifier"), ("loadModel", "modelKey")):
        with pytest.raises(ServerError) as raised:
            js.run(endpoint, {name: "no-such-model", "loadConfigStack": EMPTY})
        assert raised.value.code == "generic.pathNotFound"
    js.fence()


def test_calls_about_a_model(js: JavaScriptClient, model: dict[str, Any], here: lm.LLM) -> None:
    specifier = {"specifier": reference(model)}
    not_thrown = {**specifier, "throwIfNotFound": False}
    assert js.call("getModelInfo", not_thrown)["identifier"] == model["identifier"]
    assert [each["identifier"] for each in js.call("listLoaded")] == [model["identifier"]]
    assert js.call("getBasePredictionConfig", specifier)["fields"]
    config = js.call("getLoadConfig", specifier)["fields"]
    assert {"key": "llm.load.contextLength", "value": model["contextLength"]} in config
    state = js.call("getInstanceProcessingState", {**specifier, "throwIfNotFound": True})
    assert state == {"status": "idle", "queued": 0}
    numbers = [js.start_call("tokenize", {**specifier, "inputString": each}) for each in "abc"]
    answers = {frame["callId"]: frame["result"] for frame in (js.receive() for _ in "abc")}
    assert [answers[each]["tokens"] for each in numbers] == [here.tokenize(each) for each in "abc"]
    count = js.call("countTokens", {**specifier, "inputString": PROMPT})
    assert count["tokenCount"] == here.count_tokens(PROMPT)


@pytest.mark.parametrize("device", [{}, {"deviceIdentifier": None}], ids=["1.5.0", "tree"])
def test_unloading(js: JavaScriptClient, model: dict[str, Any], device: dict[str, None]) -> None:
    assert js.call("unloadModel", {"identifier": model["identifier"], **device}) is ABSENT
    with pytest.raises(ServerError) as raised:
        js.call("countTokens", {"specifier": reference(model), "inputString": PROMPT})
    assert raised.value.code == "generic.specificModelUnloaded"
    with pytest.raises(ServerError) as raised:
        js.call("unloadModel", {"identifier": model["identifier"], **device})
    assert raised.value.code == "generic.identifierNotFound"
    with pytest.raises(ServerError) as raised:
        js.run("completeRawText", raw(model, LIMITED))
    assert raised.value.code == "generic.specificModelUnloaded"


# Predictions


@pytest.mark.parametrize(
    "jinja", [{"template": TEMPLATE}, JINJA_OF_1_0_1], ids=["1.5.0", "1.0.1"]
)
def test_completions_of_the_releases(
    js: JavaScriptClient, model: dict[str, Any], content: str, jinja: dict[str, Any]
) -> None:
    messages = js.run("predict", released(model, jinja))
    js.fence()
    assert text(messages) == content
    success = messages[-1]
    assert success["stats"]["stopReason"] == "maxPredictedTokensReached"
    assert success["modelInfo"]["instanceReference"] == model["instanceReference"]
    limit = {"checked": True, "value": 10}
    fields = {field["key"]: field["value"] for field in success["predictionConfig"]["fields"]}
    assert fields["llm.prediction.maxPredictedTokens"] == limit


def test_cancelling(js: JavaScriptClient, model: dict[str, Any]) -> None:
    number = js.open("completeRawText", raw(model, ENDLESS))

    def cancel_at_the_first(message: dict[str, Any]) -> None:
        if message["type"] == "fragment":
            js.cancel(number)

    messages = js.messages(number, cancel_at_the_first)
    js.fence()
    assert messages[-1]["stats"]["stopReason"] == "userStopped"
    assert text(messages)


def test_cancelled_before_it_began(js: JavaScriptClient, model: dict[str, Any]) -> None:
    number = js.open("completeRawText", raw(model, ENDLESS))
    js.cancel(number)
    assert js.messages(number)[-1]["stats"]["stopReason"] == "userStopped"
    js.fence()


def test_unloading_ends_a_prediction(js: JavaScriptClient, key: str) -> None:
    request = {"modelKey": key, "identifier": "leaving", "loadConfigStack": EMPTY}
    model = js.run("loadModel", request)[-1]["info"]
    number = js.open("completeRawText", raw(model, ENDLESS))
    unloading: list[int] = []

    def unload_at_the_first(message: dict[str, Any]) -> None:
        if message["type"] == "fragment" and not unloading:
            call = js.start_call("unloadModel", {"identifier": "leaving"})
            unloading.append(call)

    messages = js.messages(number, unload_at_the_first)
    assert messages[-1]["stats"]["stopReason"] == "modelUnloaded"
    js.fence()


def test_several_at_once(js: JavaScriptClient, model: dict[str, Any], content: str) -> None:
    numbers = [js.open("completeRawText", raw(model, LIMITED)) for _ in range(4)]
    texts = dict.fromkeys(numbers, "")
    while not js.closed >= set(numbers):
        received = js.receive()
        message = received.get("message", {})
        if message.get("type") == "fragment":
            texts[received["channelId"]] += message["fragment"]["content"]
    js.fence()
    assert list(texts.values()) == [content] * 4


@pytest.mark.parametrize("kind", ["channelUnknown", None], ids=["tree", "1.5.0"])
def test_replays_that_nobody_waits_for(
    js: JavaScriptClient, model: dict[str, Any], content: str, kind: str | None
) -> None:
    ghosts = [js.open("completeRawText", raw(model, ENDLESS)) for _ in range(2)]
    for ghost in ghosts:
        warning = f"Received channelSend for unknown channel, channelId = {ghost}"
        frame = {"type": "communicationWarning", "warning": warning}
        js.send({**frame, "kind": kind} if kind else frame)
    assert text(js.run("completeRawText", raw(model, LIMITED))) == content
    if kind:  # the server has stopped them, for nobody listens
        for ghost in ghosts:
            if ghost not in js.closed:
                assert js.messages(ghost)[-1]["stats"]["stopReason"] == "userStopped"
    for ghost in set(ghosts) - js.closed:
        js.cancel(ghost)
        js.messages(ghost)
    js.fence()


# Mistakes


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "noSuchFrame"},
        {"no": "type"},
        [],
        7,
        None,
        {"type": "rpcCall", "endpoint": "listLoaded", "callId": "1"},
        {"type": "channelSend", "channelId": 77, "message": {"type": "cancel"}},
        {"type": "channelAck", "channelId": 77, "ackId": 1},
    ],
    ids=repr,
)
def test_mistakes_do_not_end_the_connection(js: JavaScriptClient, frame: Any) -> None:
    js.send(frame)
    js.send({"type": "keepAlive"})
    while js.receive()["type"] != "keepAliveAck":
        pass
    assert js.call("listLoaded") == []


def test_an_unknown_endpoint_is_answered(js: JavaScriptClient) -> None:
    with pytest.raises(ServerError, match="noSuchThing"):
        js.call("noSuchThing")
    with pytest.raises(ServerError, match="estimateModelUsage"):
        js.call("estimateModelUsage", {"modelKey": "x", "loadConfigStack": EMPTY})
    js.fence()


def test_other_namespaces(host: str, key: str) -> None:
    with JavaScriptClient(host, "system") as js:
        (listed,) = js.call("listDownloadedModels")
        assert listed["modelKey"] == key
        assert js.call("listDownloadedModelVariants", {"modelKey": key}) == [listed]
        assert js.call("info")["isDaemon"] in (True, False)
        assert js.call("getExperimentFlags") == []
        assert js.call("notify", {"title": "t", "description": "d"}) is ABSENT
    with JavaScriptClient(host, "embedding") as js:
        assert js.call("listLoaded") == []
        with pytest.raises(ServerError):
            js.run("getOrLoad", {"identifier": key, "loadConfigStack": EMPTY})
    with JavaScriptClient(host, "files") as js:
        upload = js.call(
            "uploadFileBase64", {"name": "x.png", "contentBase64": "iVBORyBmYWtl"}
        )
        assert (upload["sizeBytes"], upload["fileType"]) == (9, "image")
        assert upload["identifier"].startswith("local:")
    for namespace in ("repository", "diagnostics", "plugins", "runtime"):
        with JavaScriptClient(host, namespace) as js:
            with pytest.raises(ServerError):
                js.call("noSuchThing")
            js.fence()
