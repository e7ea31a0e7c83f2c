"""Type information: the stub fits the extension, good programs pass, bad ones do not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from mypy import api

FOLDER = Path(__file__).parent / "typing"
CONFIG = str(Path(__file__).parents[1] / "pyproject.toml")


def errors_in(path: Path) -> dict[int, str]:
    """Line → error code."""
    output, problems, _ = api.run(
        ["--config-file", CONFIG, "--no-incremental", "--hide-error-context", str(path)]
    )
    assert problems == ""
    found = re.findall(rf"{re.escape(path.name)}:(\d+): error: .*\[([\w-]+)\]", output)
    return {int(line): code for line, code in found}


def test_the_stub_fits_the_extension() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "lmstudio._core", "--concise"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_good_programs_pass() -> None:
    assert errors_in(FOLDER / "accept.py") == {}


def test_bad_programs_do_not() -> None:
    path = FOLDER / "reject.py"
    expected = {
        number: line.split("# error: ")[1]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "# error: " in line
    }
    assert expected
    assert errors_in(path) == expected
