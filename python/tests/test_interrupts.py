"""Ctrl-C, the end of the process, forks, and two processes at once."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from conftest import Program
from patience import LONGEST_SECONDS

pytestmark = pytest.mark.usefixtures("on_each_host")

LOAD = """\
import os, sys, threading
import lmstudio as lm

llm = lm.llm(config={"contextLength": 4096})
"""

COUNT = 'llm.complete_stream("1 2 3 4 5 6", config={"temperature": 0})'

# After an interrupt: the stream knows why it ended, and the engine is free for the next one.
AFTERWARDS = """\
try:
    stream.result()
except (KeyboardInterrupt, lm.LMStudioCancelledError):  # in the wait, or in the loop's body
    print("result raises", flush=True)
print(llm.complete("My name is", config={"maxTokens": 2}).stats.predicted_tokens_count)
"""

INTERRUPTED_PROMPT = (
    LOAD
    + """\
fragments = []
stream = llm.complete_stream(
    "word " * 3500,
    on_progress=lambda share: print("progress", share, flush=True),
    on_prediction_fragment=fragments.append,
)
try:
    stream.wait_for_result()
except KeyboardInterrupt:
    print("interrupted", len(fragments), flush=True)
"""
    + AFTERWARDS
)

INTERRUPTED_DECODING = (
    LOAD
    + f"""\
stream = {COUNT}
try:
    for fragment in stream:
        print("fragment", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    + AFTERWARDS
)

INTERRUPTED_COMPLETION = (
    LOAD
    + """\
try:
    llm.complete("1 2 3 4 5 6", config={"temperature": 0},
                 on_first_token=lambda: print("fragment", flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(llm.complete("My name is", config={"maxTokens": 2}).stats.predicted_tokens_count)
"""
)


def wait_for(program: Program, word: str) -> None:
    assert program.stdout is not None
    for line in program.stdout:
        if line.startswith(word):
            return
    raise AssertionError(f"{word!r} never came: {program.communicate()[1]}")


def rest_of(program: Program) -> list[str]:
    output, errors = program.communicate(timeout=LONGEST_SECONDS)
    assert (program.returncode, errors) == (0, "")
    return output.splitlines()


def test_ctrl_c_while_the_prompt_is_processed(start: Callable[..., Program]) -> None:
    program = start(INTERRUPTED_PROMPT)
    wait_for(program, "progress 0.0")
    program.send_signal(signal.SIGINT)
    lines = [line for line in rest_of(program) if not line.startswith("progress")]
    assert lines == ["interrupted 0", "result raises", "2"]


def test_ctrl_c_while_text_is_generated(start: Callable[..., Program]) -> None:
    program = start(INTERRUPTED_DECODING)
    for _ in range(3):
        wait_for(program, "fragment")
    program.send_signal(signal.SIGINT)
    lines = [line for line in rest_of(program) if line != "fragment"]
    assert lines == ["interrupted", "result raises", "2"]


def test_ctrl_c_during_complete(start: Callable[..., Program]) -> None:
    program = start(INTERRUPTED_COMPLETION)
    wait_for(program, "fragment")
    program.send_signal(signal.SIGINT)
    assert rest_of(program) == ["interrupted", "2"]


def test_ctrl_c_during_a_load_leaves_a_usable_client(start: Callable[..., Program]) -> None:
    program = start(
        """\
import lmstudio as lm

try:
    while True:
        lm.get_default_client().llm.load_new_instance(
            lm.list_downloaded_models()[0].model_key,
            on_load_progress=lambda share: print("loading", flush=True),
        ).unload()
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(lm.llm().complete("My name is", config={"maxTokens": 2}).stats.predicted_tokens_count)
"""
    )
    wait_for(program, "loading")
    program.send_signal(signal.SIGINT)
    lines = [line for line in rest_of(program) if line != "loading"]
    assert lines == ["interrupted", "2"]


ENDINGS = {
    "falls off the end": (f"stream = {COUNT}\nnext(iter(stream))\n", 0),
    "keeps the iterator": (f"fragments = iter({COUNT})\nnext(fragments)\n", 0),
    "sys.exit": (f"for _ in {COUNT}:\n    sys.exit(3)\n", 3),
    "exit in a callback": (
        'llm.complete("My name is", on_first_token=lambda: sys.exit(4))\n',
        4,
    ),
    "only started": (f"stream = {COUNT}\nstream.start()\n", 0),
    "a daemon thread streams": (
        f"running = threading.Event()\nstream = {COUNT}\n"
        "def body():\n    for _ in stream:\n        running.set()\n"
        "threading.Thread(target=body, daemon=True).start()\nrunning.wait()\nsys.exit(5)\n",
        5,
    ),
    "a long prompt is read": (
        'stream = llm.complete_stream("word " * 2000000)\nstream.start()\n'
        'llm.complete("My name is", config={"maxTokens": 2})\n',
        0,
    ),
    "in a reference cycle": (
        f"class Node: pass\nnode = Node()\nnode.me = node\nnode.stream = iter({COUNT})\n"
        "next(node.stream)\ndel node\n",
        0,
    ),
    "an atexit handler completes": (
        "import atexit\n"
        'atexit.register(lambda: llm.complete("My name is", config={"maxTokens": 2}))\n',
        0,
    ),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_the_process_ends_in_mid_stream(start: Callable[..., Program], name: str) -> None:
    code, status = ENDINGS[name]
    program = start(LOAD + code)
    output, errors = program.communicate(timeout=LONGEST_SECONDS)
    assert (program.returncode, output, errors) == (status, "", "")


def test_a_forked_child_gets_an_error(run: Callable[..., str]) -> None:
    output = run(
        LOAD
        + """\
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # of forks with threads, since 3.12
child = os.fork()
if child == 0:
    for call in (lambda: llm.complete("My name is"), lm.Client, lm.llm):
        try:
            call()
        except lm.LMStudioRuntimeError:
            print("refused", flush=True)
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
print(llm.complete("My name is", config={"maxTokens": 2}).stats.predicted_tokens_count)
"""
    )
    assert output.splitlines() == ["refused", "refused", "refused", "2"]


def test_a_child_forked_before_there_is_a_client_gets_an_error_too(run: Callable[..., str]) -> None:
    output = run(
        """\
import os, warnings
import lmstudio as lm

warnings.simplefilter("ignore", DeprecationWarning)
print(lm.Client.is_valid_api_host("127.0.0.1:9"), flush=True)
child = os.fork()
if child == 0:
    try:
        lm.Client("127.0.0.1:9")
    except lm.LMStudioRuntimeError:
        print("refused", flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    )
    assert output.splitlines() == ["False", "refused"]


def test_a_child_does_not_wait_for_what_its_parents_threads_held(run: Callable[..., str]) -> None:
    output = run(
        """\
import os
import lmstudio as lm
from lmstudio import _default_client

_default_client._lock.acquire()
child = os.fork()
if child == 0:
    lm.configure_default_client("127.0.0.1:9")
    print("configured", flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    )
    assert output.splitlines() == ["configured"]


def test_two_processes_use_one_model_at_once(start: Callable[..., Program]) -> None:
    code = (
        LOAD
        + """\
print("ready", flush=True)
sys.stdin.readline()
print(repr(llm.complete("My name is", config={"temperature": 0, "maxTokens": 24}).content))
"""
    )
    programs = [start(code), start(code)]
    for program in programs:
        wait_for(program, "ready")
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    first, second = (rest_of(program) for program in programs)
    assert first == second != []


def test_other_signal_handlers_run_during_a_wait(start: Callable[..., Program]) -> None:
    program = start(
        LOAD
        + f"""\
import signal

stream = {COUNT}
signal.signal(signal.SIGUSR1, lambda *_: stream.cancel())
for fragment in stream:
    print("fragment", flush=True)
print(stream.result().stats.stop_reason)
"""
    )
    wait_for(program, "fragment")
    program.send_signal(signal.SIGUSR1)
    lines = [line for line in rest_of(program) if line != "fragment"]
    assert lines == ["userStopped"]
