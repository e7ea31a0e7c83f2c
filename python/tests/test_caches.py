"""Saved caches, and processes that take them over."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lmstudio as lm

STORY = " ".join(f"In the year {1000 + n} the king had {20 + n} horses." for n in range(20))

LATER = """\
import sys
import lmstudio as lm

llm = lm.llm(config={"contextLength": 1024})
loaded = llm.load_cache(sys.argv[1]) if sys.argv[1] else 0
result = llm.complete(sys.argv[2] + " In the year", config={"temperature": 0, "maxTokens": 8})
print(loaded, result.stats.cached_tokens_count)
print(repr(result.content))
"""


@pytest.fixture(scope="module")
def here(local_client: lm.Client, key: str) -> Iterator[lm.LLM]:
    """The model in this process, with the options it has in another."""
    config: lm.LlmLoadModelConfigDict = {"contextLength": 1024}
    llm = local_client.llm.load_new_instance(key, "here for caches", config=config)
    yield llm
    llm.unload()


def test_another_process_goes_on(here: lm.LLM, run: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "story.cache"
    count = here.save_cache(STORY, path)
    assert count == here.count_tokens(STORY)
    counts, text = run(LATER, str(path), STORY).splitlines()
    assert counts == f"{count} {count}"
    alone = run(LATER, "", STORY).splitlines()
    assert alone == ["0 0", text]


def test_a_chat_is_saved(here: lm.LLM, tmp_path: Path) -> None:
    chat = lm.Chat(STORY)
    chat.add_user_message("Hello")
    count = here.save_cache(chat, tmp_path / "chat", config={"temperature": 0})
    assert here.load_cache(str(tmp_path / "chat")) == count > 0
    assert here.respond(chat, config={"maxTokens": 1}).stats.cached_tokens_count == count - 1


def test_useless_files_are_warned_of(
    here: lm.LLM, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "junk").write_bytes(b"LMSCACHE" + bytes(100))
    for name in ("junk", "missing"):
        with caplog.at_level(logging.WARNING, logger="lmstudio"):
            assert here.load_cache(tmp_path / name) == 0
        assert [str(tmp_path / name) in record.message for record in caplog.records] == [True]
        caplog.clear()


def test_what_cannot_be_written_is_refused(here: lm.LLM, tmp_path: Path) -> None:
    with pytest.raises(lm.LMStudioValueError, match="cannot write"):
        here.save_cache("hello", tmp_path / "no" / "directory")
    with pytest.raises(lm.LMStudioValueError):
        here.save_cache("", tmp_path / "empty")
    with pytest.raises(lm.LMStudioValueError):
        here.save_cache("x", "nul\0")


@pytest.mark.parametrize("path", [5, None, b"x", object(), "\ud800"])
def test_what_is_no_path_is_refused(here: lm.LLM, path: Any) -> None:
    with pytest.raises(lm.LMStudioValueError, match="path"):
        here.save_cache("hello", path)
    with pytest.raises(lm.LMStudioValueError, match="path"):
        here.load_cache(path)


@pytest.mark.parametrize("prompt_or_chat", ["hello", lm.Chat("hello")], ids=["prompt", "chat"])
def test_options_are_looked_at(here: lm.LLM, tmp_path: Path, prompt_or_chat: Any) -> None:
    bad: list[Any] = [5, {"temperature": -5}, {"rawTools": 5}, {"seed": object()}]
    for config, named in zip(bad, ("config", "temperature", "rawTools", "seed"), strict=True):
        with pytest.raises(lm.LMStudioValueError, match=named):
            here.save_cache(prompt_or_chat, tmp_path / "file", config=config)
    assert not (tmp_path / "file").exists()
    misspelt: Any = {"temprature": 0, "nope": 1}
    with pytest.warns(lm.LMStudioUnknownOptionWarning) as caught:
        assert here.save_cache(prompt_or_chat, tmp_path / "file", config=misspelt) > 0
    assert [warning.filename for warning in caught] == [__file__, __file__]


def test_a_server_says_that_it_cannot(server: object, key: str, tmp_path: Path) -> None:
    with lm.Client(server.host) as client:  # type: ignore[attr-defined]
        llm = client.llm.model(key)
        with pytest.raises(lm.LMStudioClientError, match="protocol has no call"):
            llm.save_cache("hello", tmp_path / "x")
        with pytest.raises(lm.LMStudioClientError, match="protocol has no call"):
            llm.load_cache(tmp_path / "x")


def test_a_link_stays_one_and_a_device_is_none_to_replace(here: lm.LLM, tmp_path: Path) -> None:
    file, link = tmp_path / "story.cache", tmp_path / "link"
    file.write_bytes(b"old")
    link.symlink_to(file)
    here.save_cache(STORY, link)
    assert link.is_symlink()
    assert here.load_cache(link) == here.load_cache(file) > 0
    device = tmp_path / "pipe"
    os.mkfifo(device)
    with pytest.raises(lm.LMStudioValueError, match="is no regular file"):
        here.save_cache(STORY, device)
    assert device.is_fifo()
