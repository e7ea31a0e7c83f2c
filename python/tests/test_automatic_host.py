"""What is chosen when no host is named, in Python, C and Swift, and by the published package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import peer as peers
import pytest
import wire_server
from test_faces import compiled

ALONE = Path(__file__).parent / "alone.py"

# Where LM Studio's own SDKs look, and the port that people know.
PORTS = [41343, 52993, 16141, 39414, 22931, 1234]
FIRST, LAST = PORTS[0], PORTS[-1]

OPENED = (
    "import lmstudio as lm\n"
    "with lm.Client() as client:\n"
    "    print(client.api_host, len(client.list_downloaded_models()))\n"
)
ASKED = (
    "print(lm.get_default_client().api_host, len(lm.list_downloaded_models()))\n"
    "print(lm.Client.find_default_local_api_host())\n"
)
PYTHON = [sys.executable, "-c", OPENED + ASKED]

C = """\
#include <lmstudio.h>
#include <stdio.h>

int main(void) {
    lms_client *client = NULL;
    lms_text models = LMS_NO_TEXT;
    if (lms_client_open(NULL, &client, NULL) != LMS_OK) return 1;
    if (lms_client_call(client, "system", "listDownloadedModels", LMS_NO_TEXT, NULL, &models, NULL)
        != LMS_OK) return 1;
    lms_text address = lms_client_address(client);
    printf("%.*s\\n%d\\n", (int)address.length, address.data, models.length > 2);
    lms_text_free(&models);
    lms_client_free(client);
    return 0;
}
"""


@pytest.fixture(scope="module")
def c_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C program, built."""
    source = tmp_path_factory.mktemp("c") / "address.c"
    source.write_text(C)
    return compiled(source, source.with_suffix(""))


def alone(
    command: list[str],
    *,
    server: int | None,
    sdk_port: bool = False,
    silent: tuple[int, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a command where only these ports are listened at."""
    listening = ["--server", str(server)] if server else []
    if sdk_port:
        listening.append("--sdk-port")
    for port in silent:
        listening += ["--silent", str(port)]
    return subprocess.run(
        [sys.executable, str(ALONE), *listening, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What a command printed that ended well."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize("port", PORTS)
def test_a_server_on_a_default_port_is_chosen(port: int) -> None:
    chosen = f"127.0.0.1:{port} 1"
    assert lines(alone(PYTHON, server=port)) == [chosen, chosen, f"127.0.0.1:{port}"]


def test_this_process_is_chosen_where_no_server_is(model_store: str) -> None:
    chosen = f"local:{model_store} 1"
    assert lines(alone(PYTHON, server=None)) == [chosen, chosen, "None"]


def test_silent_ports_are_passed_over(model_store: str) -> None:
    chosen = f"127.0.0.1:{LAST} 1"
    done = alone(PYTHON, server=LAST, silent=tuple(PORTS[:-1]))
    assert lines(done) == [chosen, chosen, f"127.0.0.1:{LAST}"]
    chosen = f"local:{model_store} 1"
    assert lines(alone(PYTHON, server=None, silent=(FIRST,))) == [chosen, chosen, "None"]


SILENT = pytest.mark.parametrize("silent", [(), (FIRST,)], ids=["alone", "one port silent"])


@SILENT
def test_c_chooses_the_same(c_program: Path, model_store: str, silent: tuple[int, ...]) -> None:
    command = [str(c_program)]
    done = alone(command, server=LAST, silent=silent)
    assert lines(done) == [f"ws://127.0.0.1:{LAST}", "1"]
    done = alone(command, server=None, silent=silent)
    assert lines(done) == [f"local:{model_store}", "1"]


@SILENT
def test_swift_chooses_the_same(silent: tuple[int, ...]) -> None:
    command = [wire_server.program(), "unload", "--all"]  # which is for servers only
    assert lines(alone(command, server=LAST, silent=silent)) == []
    done = alone(command, server=None, silent=silent)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no server" in done.stderr


@pytest.mark.parametrize("environment", peers.environments(), ids=peers.name)
def test_the_published_package_finds_a_server(environment: str) -> None:
    command = [f"{environment}/bin/python", "-I", "-c", OPENED]
    done = alone(command, server=LAST, sdk_port=True)
    assert lines(done) == [f"127.0.0.1:{FIRST} 1"]
