"""Sources/CLlama/build-llama.sh, with sources of its own and tools that build nothing."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import LONGEST_SECONDS

CLLAMA = Path(__file__).resolve().parents[2] / "Sources" / "CLlama"
CHANGES = (
    *("build-llama.cmake", "build-jinja.cmake"),
    *("VisibleCells.hpp", "Q4_1.hpp", "F16.hpp", "Gelu.h"),
)
STUB = Path(__file__).parent / "stub_build_tool.py"
SOURCES = {
    "SDIST": (
        "vendor/llama.cpp",
        [
            *("LICENSE", "licenses/LICENSE-x", "models/templates/a.jinja", "vendor/x/LICENSE"),
            *("include/llama.h", "ggml/include/ggml.h", "common/common.h"),
            *("tools/mtmd/mtmd.h", "tools/mtmd/mtmd-helper.h", "vendor/nlohmann/json.hpp"),
        ],
    ),
    "WEBP": (
        "vendor/stable-diffusion.cpp/thirdparty/libwebp",
        ["COPYING", "PATENTS", "src/webp/decode.h", "src/webp/types.h"],
    ),
}


def sdist(stem: str, folder: str, names: list[str]) -> bytes:
    """A release with empty files."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(f"{stem}/{folder}/{name}"))
    return file.getvalue()


class Build:
    """The script in a directory of its own, where small sources are pinned and downloaded."""

    def __init__(self, directory: Path) -> None:
        self.cache = directory / "cache"
        self.log = directory / "log"
        self.script = directory / "build-llama.sh"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(LONGEST_SECONDS)
        tools = directory / "bin"
        for made in (tools, self.cache / "downloads"):
            made.mkdir(parents=True)
        for name in ("fetch.py", *CHANGES):
            shutil.copy(CLLAMA / name, directory)
        text = (CLLAMA / "build-llama.sh").read_text(encoding="utf-8")
        for source, (folder, names) in SOURCES.items():
            file = self.value(text, "SDIST" if source == "SDIST" else "WEBP_SDIST")
            file = file.replace("$VERSION", self.value(text, "VERSION"))
            file = file.replace("$WEBP_VERSION", self.value(text, "WEBP_VERSION"))
            content = sdist(file.removesuffix(".tar.gz"), folder, names)
            (self.cache / "downloads" / file).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            text = re.sub(rf"(?m)^{source}_SHA256=.*$", f"{source}_SHA256={digest}", text)
            text = re.sub(rf"(?m)^{source}_BYTES=.*$", f"{source}_BYTES={len(content)}", text)
        self.script.write_text(text, encoding="utf-8")
        for name in ("cmake", "ninja"):
            (tools / name).write_text(f"#!{sys.executable}\n" + STUB.read_text(encoding="utf-8"))
            (tools / name).chmod(0o755)
        self.environment = {
            "HOME": str(directory),
            "PATH": f"{tools}:{os.environ['PATH']}",
            "LMSTUDIO_CACHE_DIR": str(self.cache),
            "PIP_INDEX_URL": "http://127.0.0.1:9/",  # nothing is to be downloaded
            "STUB_LOG": str(self.log),
            "STUB_PORT": str(self.listener.getsockname()[1]),
        }

    @staticmethod
    def value(text: str, name: str) -> str:
        (value,) = re.findall(rf'(?m)^{name}="?([^"\n]*)"?$', text)
        return str(value)

    def start(self, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", str(self.script)],
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def pause(self, tool: str) -> tuple[subprocess.Popen[str], socket.socket]:
        """Start it, up to where a tool runs that waits for a byte."""
        process = self.start(STUB_PAUSE=tool)
        return process, self.listener.accept()[0]

    def prefix(self, **variables: str) -> Path:
        """Run it to the end."""
        with self.start(**variables) as process:
            printed, said = process.communicate(timeout=LONGEST_SECONDS)
        assert process.returncode == 0, said
        return Path(printed.removesuffix("\n"))

    def runs(self) -> list[dict[str, Any]]:
        """What the tools were called with."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def names(self) -> list[str]:
        """What is in the cache, beside what was downloaded."""
        others = {"downloads", "build.lock"}
        return sorted({path.name for path in self.cache.iterdir()} - others)


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    build = Build(tmp_path)
    yield build
    build.listener.close()


def assert_is_built(build: Build, prefix: Path) -> None:
    assert build.names() == [prefix.name]
    assert prefix.parent == build.cache
    package = (prefix / "lib" / "pkgconfig" / "lmstudio-llama.pc").read_text()
    assert "-lwebpdecoder -lllama-common -lggml -lpthread" in package
    for name in ("VERSION", "bin/llama-server", "include/common/common.h", "lib/libggml.a"):
        assert (prefix / name).is_file()


def test_it_builds_once(build: Build) -> None:
    prefix = build.prefix()
    assert_is_built(build, prefix)
    assert build.prefix() == prefix
    assert [run["name"] for run in build.runs()] == ["cmake", "ninja"]


def test_more_arguments_are_cmakes(build: Build) -> None:
    plain = build.prefix()
    prefix = build.prefix(LMSTUDIO_LLAMA_CMAKE_ARGS="-DGGML_CUDA=ON -DGGML_NATIVE=OFF")
    assert prefix != plain
    assert build.names() == sorted([plain.name, prefix.name])
    first, second = (run["arguments"] for run in build.runs() if run["name"] == "cmake")
    assert second[-2:] == ["-DGGML_CUDA=ON", "-DGGML_NATIVE=OFF"]
    assert "-DGGML_CUDA=ON" not in first


@pytest.mark.parametrize("tool", ["cmake", "ninja"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_build_that_is_stopped_is_taken_up_again(
    build: Build, tool: str, number: signal.Signals
) -> None:
    process, paused = build.pause(tool)
    with process, paused:
        process.send_signal(number)
        printed, said = process.communicate(timeout=LONGEST_SECONDS)
        assert paused.recv(1) == b""  # the tool has ended too
    assert (process.returncode, printed) == (128 + number, "")
    assert said.splitlines()[-1].endswith("stopped; the next run takes up the work where it was")
    (work,) = build.names()
    assert work.startswith("work-")
    assert_is_built(build, build.prefix())
    last = [run for run in build.runs() if run["name"] == tool][-1]
    assert last["runs"] == 2  # in the same directory


def test_a_killed_builds_compiler_is_waited_for(build: Build) -> None:
    killed, paused = build.pause("ninja")
    with killed, paused:
        killed.kill()
        killed.wait(LONGEST_SECONDS)
        with build.start() as process:
            assert process.stderr is not None
            assert "another build is running" in process.stderr.readline()
            paused.send(b"!")
            printed, said = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 0, said
    assert_is_built(build, Path(printed.removesuffix("\n")))


def test_two_first_builds_at_once_build_once(build: Build) -> None:
    first, paused = build.pause("ninja")
    with first, paused, build.start() as second:
        assert second.stderr is not None
        assert "another build is running" in second.stderr.readline()
        paused.send(b"!")
        printed = {process.communicate(timeout=LONGEST_SECONDS)[0] for process in (first, second)}
    assert (first.returncode, second.returncode) == (0, 0)
    (prefix,) = printed
    assert_is_built(build, Path(prefix.removesuffix("\n")))
    assert [run["name"] for run in build.runs()] == ["cmake", "ninja"]
