"""`make wheel` gives one wheel that needs nothing but CPython."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from abi3info import DATAS, FUNCTIONS
from abi3info.models import PyVersion, Symbol

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import lmstudio, pathlib
assert "site-packages" in lmstudio.__file__, lmstudio.__file__
print(lmstudio.llm().complete("My name is", config={"maxTokens": 4}).stats.predicted_tokens_count)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    made = subprocess.run(
        ["make", "-C", str(ROOT), "wheel", f"WHEELS={directory}", f"PYTHON={sys.executable}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (wheel,) = directory.glob("*.whl")
    return wheel


def test_it_is_for_every_cpython_from_3_10_on(wheel: Path, tmp_path: Path) -> None:
    assert re.fullmatch(r"lmstudio-[\d.]+-cp310-abi3-\w+\.whl", wheel.name)
    core = zipfile.ZipFile(wheel).extract("lmstudio/_core.abi3.so", tmp_path)
    listed = subprocess.run(
        ["nm", "-D", "--undefined-only", core], check=True, capture_output=True, text=True
    )
    names = [line.split()[-1] for line in listed.stdout.splitlines()]
    used = [Symbol(name) for name in names if name.startswith(("Py", "_Py"))]
    assert len(used) > 50
    stable = FUNCTIONS | DATAS
    assert [symbol for symbol in used if symbol not in stable] == []
    assert [symbol for symbol in used if stable[symbol].added > PyVersion(3, 10)] == []


def test_it_has_the_licences_of_what_is_in_it(wheel: Path) -> None:
    licenses = zipfile.ZipFile(wheel).read("lmstudio/LICENSES.txt").decode()
    for name in ("llama.cpp", "libwebp", "swift-nio-ssl"):
        assert f"==== {name} ====" in licenses


def test_it_works_without_compiler_swift_or_packages(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run([str(python), *install], check=True)
    # An environment without a path has neither a compiler nor Swift.
    environment = {"LMSTUDIO_MODELS_DIR": os.environ["LMSTUDIO_MODELS_DIR"], "PATH": "/nonexistent"}
    done = subprocess.run(
        [python, "-I", "-c", PROGRAM],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("4\n", "")
