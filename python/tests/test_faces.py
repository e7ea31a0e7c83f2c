"""C, Swift and Python, in process and over the wire, give the same text."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import wire_server
from wire_server import WireServer

import lmstudio as lm

ROOT = Path(__file__).parents[2]
PROMPT = "Once upon a time"


@pytest.fixture(scope="module")
def expected(local_client: lm.Client) -> str:
    """What Python gets in process."""
    llm = local_client.llm.model()
    return str(llm.complete(PROMPT, config={"temperature": 0, "maxTokens": 24}))


@pytest.fixture(scope="module")
def c_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C example, built."""
    source = ROOT / "Tests" / "CABIHarness" / "examples" / "complete.c"
    return compiled(source, tmp_path_factory.mktemp("c") / "complete")


def compiled(source: Path, program: Path) -> Path:
    """A C program of one file, built with the library."""
    library = ROOT / ".build" / "lib"
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]
    link = [f"-L{library}", "-llmstudio", f"-Wl,-rpath,{library}"]
    subprocess.run(["cc", *flags, source, *link, "-o", program], check=True)
    return program


def printed(*command: object, host: str) -> str:
    """What a program prints when ``LMSTUDIO_HOST`` is that host."""
    return subprocess.run(
        [str(part) for part in command],
        env=os.environ | {"LMSTUDIO_HOST": host},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("where", ["local", "server"])
def test_c_gets_the_same_text(
    where: str, c_program: Path, server: WireServer, expected: str
) -> None:
    host = server.host if where == "server" else "local:"
    config = '{"temperature": 0, "maxTokens": 24}'
    assert printed(c_program, PROMPT, config, host=host) == expected + "\n"


@pytest.mark.parametrize("where", ["local", "server"])
def test_swift_gets_the_same_text(where: str, server: WireServer, expected: str) -> None:
    host = server.host if where == "server" else "local:"
    options = ("--temperature", "0", "--max-tokens", "24")
    text = printed(wire_server.program(), "complete", PROMPT, *options, host=host)
    assert text == expected + "\n"


def test_python_gets_the_same_text_from_a_server(server: WireServer, expected: str) -> None:
    with lm.Client(server.host) as client:
        stream = client.llm.model().complete_stream(
            PROMPT, config={"temperature": 0, "maxTokens": 24}
        )
        assert "".join(fragment.content for fragment in stream) == expected
        assert stream.result().content == expected
