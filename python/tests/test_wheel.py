"""`make wheel` gives one wheel that needs nothing but CPython."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import lmstudio, pathlib
assert "site-packages" in lmstudio.__file__, lmstudio.__file__
print(lmstudio.llm().complete("My name is", config={"maxTokens": 4}).stats.predicted_tokens_count)
"""


def test_the_wheel_works_without_compiler_swift_or_packages(tmp_path: Path) -> None:
    made = subprocess.run(
        ["make", "-C", str(ROOT), "wheel", f"WHEELS={tmp_path}", f"PYTHON={sys.executable}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert re.fullmatch(r"lmstudio-[\d.]+-cp310-abi3-\w+\.whl", wheel.name)
    licenses = zipfile.ZipFile(wheel).read("lmstudio/LICENSES.txt").decode()
    for name in ("llama.cpp", "libwebp", "swift-nio-ssl"):
        assert f"==== {name} ====" in licenses

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
