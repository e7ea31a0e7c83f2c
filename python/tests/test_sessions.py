"""The parts of a client, as the published package has them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from patience import LONGEST_SECONDS

import lmstudio as lm


def test_every_part_knows_its_client(client: lm.Client) -> None:
    for session in (client.llm, client.embedding, client.system, client.files):
        assert session.client is client
        assert session.connected
        session.connect()
        with session as entered:
            assert entered is session
        session.disconnect()
        session.close()
        assert session.connected


def test_endpoints_are_called_by_name(client: lm.Client, llm: lm.LLM) -> None:
    listed = client.llm.remote_call("listLoaded", None, "RPC", timeout=LONGEST_SECONDS)
    assert llm.identifier in [model["identifier"] for model in listed]
    query = {"specifier": {"type": "query", "query": {"identifier": llm.identifier}}}
    parameter = {**query, "inputString": "My name is"}
    assert client.llm.remote_call("tokenize", parameter)["tokens"] == llm.tokenize("My name is")
    assert client.embedding.remote_call("listLoaded") == []
    assert "version" in client.system.remote_call("version")
    with pytest.raises(lm.LMStudioError, match="nope"):
        client.system.remote_call("nope")


@pytest.mark.parametrize("endpoint", [5, None, b"listLoaded", "\ud800", "a\0b"])
def test_what_is_no_name_of_an_endpoint_is_refused(client: lm.Client, endpoint: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="endpoint"):
        client.llm.remote_call(endpoint, None)


@pytest.mark.parametrize("params", [5, b"x", "{}", [], object()])
def test_what_is_no_parameter_is_refused(client: lm.Client, params: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="params must be a dict"):
        client.llm.remote_call("listLoaded", params)


def test_parameters_that_json_cannot_say_are_refused(client: lm.Client, llm: lm.LLM) -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    for bad in (object(), math.nan, deep):
        with pytest.raises(lm.LMStudioValueError, match="listLoaded is called with"):
            client.llm.remote_call("listLoaded", {"a": bad})
        query: Any = {"identifier": {"a": bad}}
        with pytest.raises(lm.LMStudioValueError, match="getModelInfo is called with"):
            client.llm.get_model_info(query)
        with pytest.raises(lm.LMStudioValueError, match="applyPromptTemplate is called with"):
            llm.apply_prompt_template("Hi", {"toolDefinitions": [{"a": bad}]})


def test_parts_of_a_closed_client_are_not_connected() -> None:
    client = lm.Client("local:")
    llm = client.llm
    client.close()
    assert not llm.connected
    with pytest.raises(lm.LMStudioRuntimeError, match="closed"):
        llm.connect()


def test_a_part_does_not_keep_its_client() -> None:
    llm = lm.Client("local:").llm
    assert not llm.connected
    with pytest.raises(lm.LMStudioRuntimeError, match="keep it"):
        llm.remote_call("listLoaded")


def test_a_server_that_is_not_there_cannot_be_connected() -> None:
    client = lm.Client("127.0.0.1:9")
    with pytest.raises(lm.LMStudioClientError, match="not reachable"):
        client.llm.connect()
