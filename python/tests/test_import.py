"""What `import lmstudio` costs, and its version."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import lmstudio as lm

HEADER = Path(__file__).parents[2] / "include" / "lmstudio" / "version.h"


def test_imports_nothing_but_itself(run: Callable[..., str]) -> None:
    output = run(
        "import sys\nbefore = set(sys.modules)\nimport lmstudio\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    others = {name for name in output.split() if name.partition(".")[0] != "lmstudio"}
    assert others <= {"__future__", "atexit"}


HEAVY = (
    "asyncio",
    "collections",
    "dataclasses",
    "difflib",
    "enum",
    "functools",
    "http",
    "inspect",
    "json",
    "lmstudio._chat",
    "lmstudio._history",
    "lmstudio._types",
    "logging",
    "msgspec",
    "re",
    "socket",
    "ssl",
    "threading",
    "typing",
    "warnings",
)


def test_loads_nothing_heavy(run: Callable[..., str]) -> None:
    report = f"print(*(name for name in {HEAVY} if name in sys.modules))\n"
    assert run("import sys, lmstudio\n" + report) == run("import sys\n" + report)


def test_the_version_is_the_headers() -> None:
    found = re.search(r'LMS_VERSION_STRING "(.+)"', HEADER.read_text())
    assert found is not None
    assert lm.__version__ == found[1] == metadata.version("lmstudio")


def test_the_extension_lies_beside_the_library() -> None:
    folder = Path(lm.__file__).parent
    assert list(folder.glob("_core.abi3.*"))
    assert list(folder.glob("liblmstudio.*"))
