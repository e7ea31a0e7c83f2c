"""Every handle is freed, and memory comes back."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest

import lmstudio as lm
from lmstudio import _core

ROUNDS = 1000


@pytest.fixture(autouse=True)
def every_handle_is_freed(llm: lm.LLM) -> Iterator[None]:
    del llm
    gc.collect()
    before = _core.live_handle_count()
    yield
    gc.collect()
    assert _core.live_handle_count() <= before  # a test that failed may hold some a while


def test_clients() -> None:
    for _ in range(ROUNDS):
        lm.Client()


def test_models(client: lm.Client, key: str) -> None:
    for _ in range(ROUNDS):
        lm.LLM(key, client.llm)


def test_loads(client: lm.Client, key: str) -> None:
    for _ in range(ROUNDS):
        client.llm.model(key)


def test_predictions_never_started(client: lm.Client, key: str) -> None:
    llm = client.llm.model(key)
    for _ in range(ROUNDS):
        llm.complete_stream("My name is")


def test_answers_never_started(client: lm.Client, key: str) -> None:
    llm = client.llm.model(key)
    chat = lm.Chat("You answer in one word.")
    for _ in range(ROUNDS):
        llm.respond_stream(chat.copy(), on_message=chat.append)


def test_predictions_left_early(client: lm.Client, key: str) -> None:
    llm = client.llm.model(key)
    for _ in range(ROUNDS // 10):
        for _fragment in llm.complete_stream("My name is"):
            break


def test_predictions_run_to_the_end(client: lm.Client, key: str) -> None:
    llm = client.llm.model(key)
    for _ in range(ROUNDS // 10):
        llm.complete("My name is", config={"maxTokens": 1})


def test_errors(client: lm.Client) -> None:
    for _ in range(ROUNDS):
        with pytest.raises(lm.LMStudioValueError):
            lm.LLM("", client.llm)


def test_json_and_tokens(client: lm.Client, key: str) -> None:
    llm = client.llm.model(key)
    for _ in range(ROUNDS):
        llm.get_info(), llm.get_load_config(), llm.tokenize("My name is"), client.llm.list_loaded()


UNLOADS = """\
import lmstudio as lm

client = lm.Client()
key = client.list_downloaded_models()[0].model_key
left = 0
for round in range(10):
    llm = client.llm.load_new_instance(key, config={"contextLength": 512})
    llm.complete("My name is", config={"maxTokens": 2})
    llm.unload()
    with open("/proc/self/maps") as file:
        left += ".gguf" in file.read()
print(left)
"""


def test_the_weights_are_gone_when_unload_returns(run: Callable[..., str]) -> None:
    assert int(run(UNLOADS)) == 0


# The C library keeps freed memory for later; handing it back first leaves what is really held.
RELOADS = """\
import ctypes, resource
import lmstudio as lm

def resident():
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()

client = lm.Client()
key = client.list_downloaded_models()[0].model_key
for round in range(1, 51):
    llm = client.llm.load_new_instance(key, config={"contextLength": 512})
    llm.complete("My name is", config={"maxTokens": 2})
    llm.unload()
    if round == 10:
        early = resident()
print(resident() - early)
"""


def test_reloading_does_not_grow(run: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    # glibc gives threads that meet at a heap's lock another heap, and keeps each for later.
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")
    assert int(run(RELOADS)) < 8 * 1024 * 1024
