"""The examples, as they stand: what `make demo` shows, and the two others."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from patience import LONGEST_SECONDS

EXAMPLES = Path(__file__).parents[1] / "examples"
PROMPT = "1, 2, 3, 4, 5, 6,"

pytestmark = pytest.mark.usefixtures("on_each_host")


def command(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(EXAMPLES / name), *arguments]


def finished(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """An example, run to its end."""
    return subprocess.run(
        command(name, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=LONGEST_SECONDS,
    )


def test_the_demo_shows_text_progress_and_figures(key: str) -> None:
    done = finished("demo.py")
    assert (done.returncode, done.stderr) == (0, "")
    title = "\n\nThe whole at once, with the prompt's progress:\n\n"
    streamed, _, rest = done.stdout.rpartition(title)
    head, _, text = streamed.partition("\n\nMy name is")
    assert head == f"{key}, streamed:"
    assert text.strip()
    shares, _, after = rest.partition("My name is")
    steps = [float(line.removesuffix("% complete")) for line in shares.splitlines()]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, 100)
    text, _, table = after.rpartition("\n\n")
    assert text.strip()
    rows = {line[:20].strip(): line[21:] for line in table.splitlines()}
    assert list(rows) == [
        *("model", "context", "temperature", "stop reason"),
        *("prompt", "predicted", "time to first token", "speed"),
    ]
    assert rows["model"].startswith(f"{key} (llama, ")
    assert rows["stop reason"] in ("eosFound", "maxPredictedTokensReached")
    units = {"predicted": "tokens", "time to first token": "s", "speed": "tokens/s"}
    for name, unit in units.items():
        value, told = rows[name].split()
        assert (float(value) > 0, told) == (True, unit)


def test_a_text_is_completed_and_its_speed_told() -> None:
    done = finished("complete.py", PROMPT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    lines = done.stderr.splitlines()
    assert lines[0] == "prompt 0%"
    assert lines[-2] == "prompt 100%"
    assert re.fullmatch(r".+: \d+ tokens, \d+\.\d tokens/s, ended by \w+", lines[-1])


def test_a_text_is_streamed_to_its_end() -> None:
    done = finished("stream.py", PROMPT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(PROMPT)
    assert re.search(r". \[(eosFound|maxPredictedTokensReached)\]\n$", done.stdout, re.DOTALL)


def test_ctrl_c_stops_the_stream() -> None:
    with subprocess.Popen(
        command("stream.py", PROMPT), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.read(len(PROMPT) + 1).startswith(PROMPT)
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate(timeout=LONGEST_SECONDS)
    assert (program.returncode, errors) == (0, "")
    assert output.endswith(" [stopped]\n")
