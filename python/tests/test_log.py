"""What the engine in this process says, as records of a logger."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

import lmstudio as lm
from lmstudio import _core

ENGINE = "lmstudio.engine"


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    yield
    _core.log_keep(0)


def records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == ENGINE]


def test_loading_is_logged(
    local_client: lm.Client, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger=ENGINE):
        local_client.llm.load_new_instance(key, "logged").unload()
    said = records(caplog)
    assert any("general.architecture" in record.getMessage() for record in said)
    assert {record.levelno for record in said} <= {logging.DEBUG, logging.WARNING, logging.ERROR}
    assert not any(record.getMessage().endswith("\n") for record in said)
    assert _core.log_next() is None


def test_what_nobody_wants_is_not_kept(
    local_client: lm.Client, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL, logger=ENGINE):
        local_client.llm.load_new_instance(key, "silent").unload()
    assert records(caplog) == []
    assert _core.log_next() is None


def test_the_oldest_lines_go(local_client: lm.Client, key: str) -> None:
    _core.log_keep(4)
    client = local_client.llm._client
    for _ in range(20):
        load = client.load(
            model_key=key,
            identifier="talkative",
            config="",
            ttl_ms=-1,
            new_instance=True,
            verify=False,
            is_embedding=False,
            timeout_ms=-1,
            idle_timeout_ms=-1,
        )
        list(load)
        # Past the session, which would make records of the lines.
        client.begin("llm", "unloadModel", '{"identifier": "talkative"}', -1, -1).wait()
    lines = 0
    while _core.log_next() is not None:
        lines += 1
    assert lines == 1000


def test_a_cancelled_prompt_is_no_fault(
    local_client: lm.Client, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    prompt = " ".join(f"word{number % 97}" for number in range(1500))
    with caplog.at_level(logging.DEBUG, logger=ENGINE):
        llm = local_client.llm.load_new_instance(key, "stopped", config={"contextLength": 8192})
        caplog.clear()
        # Somewhen it is stopped in the middle of a computation.
        for turn in range(100):
            stream = llm.complete_stream(f"{turn} {prompt}")
            stop = threading.Timer(0.1 * (turn + 1), stream.cancel)
            stop.start()
            stream.wait_for_result()
            stop.join()
            local_client.list_loaded_models()
            if any("failed to decode" in record.getMessage() for record in records(caplog)):
                break
        else:
            raise AssertionError("no computation was ever stopped")
        assert not any(record.levelno > logging.DEBUG for record in records(caplog))
        llm.unload()


@pytest.mark.parametrize("level", [-1, 5, 2**40])
def test_levels_are_checked(level: int) -> None:
    with pytest.raises((lm.LMStudioValueError, OverflowError)):
        _core.log_keep(level)


def test_nothing_is_shown_to_those_who_set_up_no_logging(run: Callable[..., str], key: str) -> None:
    code = """
import logging, sys
import lmstudio as lm
with lm.Client("local:") as client:
    client.llm.load_new_instance(sys.argv[1], "silent").unload()
    handlers = logging.getLogger("lmstudio.engine").handlers
    print(type(handlers[0]).__name__, logging.getLogger("lmstudio.engine").isEnabledFor(30))
"""
    assert run(code, key) == "NullHandler True\n"
