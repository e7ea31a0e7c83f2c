"""Completions in the frames of the TypeScript SDK's tree and of its releases 1.5.0 and 1.0.1."""

from __future__ import annotations

from typing import Any

import pytest
from javascript_client import EMPTY, JavaScriptClient, raw, reference, stack

import lmstudio as lm

PROMPT = "My name is"
TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
LIMITED: list[dict[str, Any]] = [
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


@pytest.fixture(scope="module")
def content(here: lm.LLM) -> str:
    """What the model in this process makes of the prompt."""
    return here.complete(PROMPT, config={"temperature": 0, "maxTokens": 10}).content


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


def test_the_documents_snippet(js: JavaScriptClient, key: str, content: str) -> None:
    js.run("getOrLoad", {"identifier": key, "loadConfigStack": EMPTY})
    anything = {"type": "query", "query": {}}
    model = js.call("getModelInfo", {"specifier": anything, "throwIfNotFound": True})
    messages = js.run("completeRawText", raw(model, PROMPT, LIMITED))
    js.fence()
    assert text(messages) == content
    types = [message["type"] for message in messages]
    first, last = types.index("fragment"), len(types) - 1
    assert set(types[:first]) == {"promptProcessingProgress"}
    assert set(types[first:last]) == {"fragment"}
    assert types[last] == "success"
    shares = [message["progress"] for message in messages[:first]]
    assert (shares[-1], shares) == (1, sorted(shares))


def test_thinking_in_a_completion_is_told_where_it_is_asked_for(
    js: JavaScriptClient, js_model: dict[str, Any], content: str
) -> None:
    marks = {"enabled": True, "startString": content[2:5], "endString": content[-4:-1]}
    option = {"key": "llm.prediction.reasoning.parsing", "value": marks}
    messages = js.run("completeRawText", raw(js_model, PROMPT, [*LIMITED, option]))
    assert text(messages) == content
    fragments = [each["fragment"] for each in messages if each["type"] == "fragment"]
    kinds = list(dict.fromkeys(fragment["reasoningType"] for fragment in fragments))
    assert kinds == ["none", "reasoningStartTag", "reasoning", "reasoningEndTag"]
    thinking = [each["content"] for each in fragments if each["reasoningType"] == "reasoning"]
    assert "".join(thinking) == content[5:-4]


@pytest.mark.parametrize("jinja", [{"template": TEMPLATE}, JINJA_OF_1_0_1], ids=["1.5.0", "1.0.1"])
def test_completions_of_the_releases(
    js: JavaScriptClient, js_model: dict[str, Any], content: str, jinja: dict[str, Any]
) -> None:
    messages = js.run("predict", released(js_model, jinja))
    js.fence()
    assert text(messages) == content
    success = messages[-1]
    assert success["stats"]["stopReason"] == "maxPredictedTokensReached"
    assert success["modelInfo"]["instanceReference"] == js_model["instanceReference"]
    limit = {"checked": True, "value": 10}
    fields = {field["key"]: field["value"] for field in success["predictionConfig"]["fields"]}
    assert fields["llm.prediction.maxPredictedTokens"] == limit


def test_cancelling(js: JavaScriptClient, js_model: dict[str, Any]) -> None:
    number = js.open("completeRawText", raw(js_model, PROMPT, ENDLESS))

    def cancel_at_the_first(message: dict[str, Any]) -> None:
        if message["type"] == "fragment":
            js.cancel(number)

    messages = js.messages(number, cancel_at_the_first)
    js.fence()
    assert messages[-1]["stats"]["stopReason"] == "userStopped"
    assert text(messages)


def test_cancelled_before_it_began(js: JavaScriptClient, js_model: dict[str, Any]) -> None:
    number = js.open("completeRawText", raw(js_model, PROMPT, ENDLESS))
    js.cancel(number)
    assert js.messages(number)[-1]["stats"]["stopReason"] == "userStopped"
    js.fence()


def test_unloading_ends_a_prediction(js: JavaScriptClient, key: str) -> None:
    request = {"modelKey": key, "identifier": "leaving", "loadConfigStack": EMPTY}
    model = js.run("loadModel", request)[-1]["info"]
    number = js.open("completeRawText", raw(model, PROMPT, ENDLESS))
    unloading: list[int] = []

    def unload_at_the_first(message: dict[str, Any]) -> None:
        if message["type"] == "fragment" and not unloading:
            call = js.start_call("unloadModel", {"identifier": "leaving"})
            unloading.append(call)

    messages = js.messages(number, unload_at_the_first)
    assert messages[-1]["stats"]["stopReason"] == "modelUnloaded"
    js.fence()


def test_several_at_once(js: JavaScriptClient, js_model: dict[str, Any], content: str) -> None:
    numbers = [js.open("completeRawText", raw(js_model, PROMPT, LIMITED)) for _ in range(4)]
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
    js: JavaScriptClient, js_model: dict[str, Any], content: str, kind: str | None
) -> None:
    ghosts = [js.open("completeRawText", raw(js_model, PROMPT, ENDLESS)) for _ in range(2)]
    for ghost in ghosts:
        warning = f"Received channelSend for unknown channel, channelId = {ghost}"
        frame = {"type": "communicationWarning", "warning": warning}
        js.send({**frame, "kind": kind} if kind else frame)
    assert text(js.run("completeRawText", raw(js_model, PROMPT, LIMITED))) == content
    if kind:  # the server has stopped them, for nobody listens
        for ghost in ghosts:
            if ghost not in js.closed:
                assert js.messages(ghost)[-1]["stats"]["stopReason"] == "userStopped"
    for ghost in set(ghosts) - js.closed:
        js.cancel(ghost)
        js.messages(ghost)
    js.fence()
