"""The frames of the TypeScript SDK: connections, models, mistakes.

Sent by a WebSocket client that is not ours; every answer is checked as strictly as the SDK does.
"""

from __future__ import annotations

import http.client
from typing import Any

import pytest
from javascript_client import EMPTY, JavaScriptClient, ServerError, identity, raw, reference, stack
from patience import LONGEST_SECONDS
from strict_js_frames import ABSENT
from wire_server import WireServer

import lmstudio as lm

PROMPT = "My name is"
GPU_OF_1_5_0 = {
    "key": "load.gpuSplitConfig",
    "value": {"strategy": "evenly", "disabledGpus": [], "priority": [], "customRatio": []},
}


# Connecting


def test_compression_is_declined(js: JavaScriptClient) -> None:
    assert js.socket.request is not None
    assert js.socket.response is not None
    assert "permessage-deflate" in js.socket.request.headers["Sec-WebSocket-Extensions"]
    assert "Sec-WebSocket-Extensions" not in js.socket.response.headers
    assert js.socket.protocol.extensions == []


def test_the_greeting(bare_server: WireServer) -> None:
    connection = http.client.HTTPConnection(bare_server.host, timeout=LONGEST_SECONDS)
    headers = {"accept": "*/*", "sec-fetch-mode": "cors", "user-agent": "node"}
    connection.request("GET", "/lmstudio-greeting", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b'{"lmstudio":true}')
    connection.request("GET", "/nope", headers=headers)
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("prefix", ["guest:", ""])
def test_an_identity_is_let_in_again(bare_server: WireServer, prefix: str) -> None:
    who = identity(prefix)
    for _ in range(3):
        with (
            JavaScriptClient(bare_server.host, "llm", who) as js,
            JavaScriptClient(bare_server.host, "system", who) as system,
        ):
            assert js.call("listLoaded") == []
            assert system.call("version")["version"]


# Models


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


def test_calls_about_a_model(js: JavaScriptClient, js_model: dict[str, Any], here: lm.LLM) -> None:
    specifier = {"specifier": reference(js_model)}
    not_thrown = {**specifier, "throwIfNotFound": False}
    assert js.call("getModelInfo", not_thrown)["identifier"] == js_model["identifier"]
    assert [each["identifier"] for each in js.call("listLoaded")] == [js_model["identifier"]]
    assert js.call("getBasePredictionConfig", specifier)["fields"]
    config = js.call("getLoadConfig", specifier)["fields"]
    assert {"key": "llm.load.contextLength", "value": js_model["contextLength"]} in config
    state = js.call("getInstanceProcessingState", {**specifier, "throwIfNotFound": True})
    assert state == {"status": "idle", "queued": 0}
    numbers = [js.start_call("tokenize", {**specifier, "inputString": each}) for each in "abc"]
    answers = {frame["callId"]: frame["result"] for frame in (js.receive() for _ in "abc")}
    assert [answers[each]["tokens"] for each in numbers] == [here.tokenize(each) for each in "abc"]
    count = js.call("countTokens", {**specifier, "inputString": PROMPT})
    assert count["tokenCount"] == here.count_tokens(PROMPT)


@pytest.mark.parametrize("device", [{}, {"deviceIdentifier": None}], ids=["1.5.0", "tree"])
def test_unloading(js: JavaScriptClient, js_model: dict[str, Any], device: dict[str, None]) -> None:
    assert js.call("unloadModel", {"identifier": js_model["identifier"], **device}) is ABSENT
    with pytest.raises(ServerError) as raised:
        js.call("countTokens", {"specifier": reference(js_model), "inputString": PROMPT})
    assert raised.value.code == "generic.specificModelUnloaded"
    with pytest.raises(ServerError) as raised:
        js.call("unloadModel", {"identifier": js_model["identifier"], **device})
    assert raised.value.code == "generic.identifierNotFound"
    with pytest.raises(ServerError) as raised:
        js.run("completeRawText", raw(js_model, PROMPT, []))
    assert raised.value.code == "generic.specificModelUnloaded"


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
    js.fence()


def test_a_load_is_estimated(js: JavaScriptClient, key: str) -> None:
    usage = js.call("estimateModelUsage", {"modelKey": key, "loadConfigStack": EMPTY})
    memory = usage["memory"]
    assert memory["confidence"] == "high"
    assert memory["totalBytes"] == memory["modelBytes"] + memory["contextBytes"] > 90_000_000
    assert usage["passesGuardrails"] in (True, False)
    assert js.call("listLoaded") == []
    with pytest.raises(ServerError, match="nothing-like-this"):
        js.call("estimateModelUsage", {"modelKey": "nothing-like-this", "loadConfigStack": EMPTY})


def test_other_namespaces(bare_server: WireServer, key: str) -> None:
    with JavaScriptClient(bare_server.host, "system") as js:
        (listed,) = js.call("listDownloadedModels")
        assert listed["modelKey"] == key
        assert js.call("listDownloadedModelVariants", {"modelKey": key}) == [listed]
        assert js.call("info")["isDaemon"] in (True, False)
        assert js.call("getExperimentFlags") == []
        assert js.call("notify", {"title": "t", "description": "d"}) is ABSENT
    with JavaScriptClient(bare_server.host, "embedding") as js:
        assert js.call("listLoaded") == []
        with pytest.raises(ServerError):
            js.run("getOrLoad", {"identifier": key, "loadConfigStack": EMPTY})
    with JavaScriptClient(bare_server.host, "files") as js:
        upload = js.call("uploadFileBase64", {"name": "x.png", "contentBase64": "iVBORyBmYWtl"})
        assert (upload["sizeBytes"], upload["fileType"]) == (9, "image")
        assert upload["identifier"].startswith("local:")
    for namespace in ("repository", "diagnostics", "plugins", "runtime"):
        with JavaScriptClient(bare_server.host, namespace) as js:
            with pytest.raises(ServerError):
                js.call("noSuchThing")
            js.fence()
