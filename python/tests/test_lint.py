"""Rules for the C sources that a compiler does not check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).parents[1] / "src" / "_core").glob("*.[ch]"))

BLOCKING = (
    "lms_call_wait",
    "lms_client_close",
    "lms_client_open",
    "lms_embeddings_wait",
    "lms_load_next",
    "lms_server_find",
    "lms_server_is_at",
)


def lines_without_the_gil(text: str) -> list[str]:
    """The lines between a release of the GIL and its return; they must come in pairs."""
    released: list[str] = []
    inside = False
    for line in text.splitlines():
        word = line.strip()
        if word == "Py_BEGIN_ALLOW_THREADS":
            assert not inside
            inside = True
        elif word == "Py_END_ALLOW_THREADS":
            assert inside
            inside = False
        elif inside:
            released.append(line)
        if line.startswith("}"):
            assert not inside
    return released


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_gil_is_released_and_retaken_in_pairs(path: Path) -> None:
    for line in lines_without_the_gil(path.read_text()):
        assert "Py" not in line, "no Python without the GIL"
        assert "return" not in line


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_calls_that_block_run_without_the_gil(path: Path) -> None:
    text = path.read_text()
    released = "\n".join(lines_without_the_gil(text))
    for name in BLOCKING:
        assert len(re.findall(rf"\b{name}\(", text)) == len(re.findall(rf"\b{name}\(", released))


def test_files_are_short() -> None:
    package = Path(__file__).parents[1] / "src" / "lmstudio"
    for path in [*SOURCES, *package.glob("*.py*")]:
        assert len(path.read_text().splitlines()) < 300, path.name
