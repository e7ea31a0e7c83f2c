"""Uploading images: what can be one, its name, and what is refused."""

from __future__ import annotations

import array
import io
import mmap
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from peer import Peer
from wire_server import WireServer

import lmstudio as lm

PNG = b"\x89PNG\r\n\x1a\n fake"


@pytest.fixture(scope="module")
def remote(server: WireServer) -> Iterator[lm.Client]:
    with lm.Client(server.host) as client:
        yield client


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    return path


def check(handle: lm.FileHandle, name: str | None = None) -> None:
    assert (handle.size_bytes, handle.file_type, handle.type) == (len(PNG), "image", "file")
    assert handle.identifier.startswith("local:")
    if name is None:
        uuid.UUID(handle.name)
    else:
        assert handle.name == name


def test_paths(remote: lm.Client, picture: Path) -> None:
    check(remote.prepare_image(str(picture)), "picture.png")
    check(remote.files.prepare_image(picture), "picture.png")
    check(remote.prepare_image(picture, "other.png"), "other.png")
    check(remote.prepare_image(picture, ""), "picture.png")


def test_open_files(remote: lm.Client, picture: Path) -> None:
    with picture.open("rb") as file:
        check(remote.prepare_image(file), "picture.png")
    check(remote.prepare_image(io.BytesIO(PNG)))
    with open(os.open(picture, os.O_RDONLY), "rb") as file:
        check(remote.prepare_image(file))


def test_buffers(remote: lm.Client, picture: Path) -> None:
    for buffer in (PNG, bytearray(PNG), memoryview(PNG), array.array("b", PNG)):
        check(remote.prepare_image(buffer))
    doubled = bytes(byte for pair in zip(PNG, PNG, strict=True) for byte in pair)
    check(remote.prepare_image(memoryview(doubled)[::2]))
    with picture.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        check(remote.prepare_image(memory))


def test_large_files(remote: lm.Client) -> None:
    assert remote.prepare_image(PNG + bytes(8_000_000)).size_bytes == len(PNG) + 8_000_000


def test_a_handle_is_a_part_of_a_message(remote: lm.Client, picture: Path) -> None:
    image = remote.prepare_image(picture)
    message = lm.Chat().add_user_message("What is this?", images=[image])
    assert message.content == [lm.TextData(text="What is this?"), image]


def test_the_modules_own_client_takes_files(server: WireServer, run: Any, picture: Path) -> None:
    output = run(
        "import sys\n"
        "import lmstudio as lm\n"
        "lm.configure_default_client(sys.argv[1])\n"
        "print(lm.prepare_image(sys.argv[2]).name)\n",
        server.host,
        str(picture),
    )
    assert output == "picture.png\n"


def test_missing_files(client: lm.Client, tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", str(tmp_path / "none.png")):
        with pytest.raises(lm.LMStudioOSError, match=r"none\.png") as raised:
            client.prepare_image(path)
        assert isinstance(raised.value, FileNotFoundError)
        assert raised.value.__cause__ is not None


def test_unreadable_files(client: lm.Client, tmp_path: Path) -> None:
    with pytest.raises(lm.LMStudioOSError, match="directory") as raised:
        client.prepare_image(tmp_path)
    assert not isinstance(raised.value, FileNotFoundError)
    with (tmp_path / "written").open("wb") as file, pytest.raises(lm.LMStudioOSError, match="read"):
        client.prepare_image(file)


@pytest.mark.parametrize("src", [5, None, object(), ["x.png"], "a\0b", io.StringIO("text")])
def test_what_is_no_file(client: lm.Client, src: Any) -> None:
    with pytest.raises(lm.LMStudioValueError):
        client.prepare_image(src)


def test_an_empty_file(client: lm.Client, remote: lm.Client, tmp_path: Path) -> None:
    path = tmp_path / "none.png"
    path.touch()
    for each in (client, remote):
        for src in (b"", io.BytesIO(), path):
            with pytest.raises(lm.LMStudioValueError, match="is empty"):
                each.prepare_image(src)


def test_a_file_that_is_closed(client: lm.Client, picture: Path) -> None:
    with picture.open("rb") as file:
        pass
    with pytest.raises(lm.LMStudioValueError, match="closed"):
        client.prepare_image(file)


def test_what_is_no_name(client: lm.Client) -> None:
    name: Any = 5
    with pytest.raises(lm.LMStudioValueError, match="name"):
        client.prepare_image(PNG, name)


def test_a_name_with_a_directory(remote: lm.Client) -> None:
    with pytest.raises(lm.LMStudioServerError, match="directory"):
        remote.prepare_image(PNG, "../x.png")


def test_a_timeout_is_checked(client: lm.Client) -> None:
    with pytest.raises(lm.LMStudioValueError, match="timeout"):
        client.prepare_image(PNG, timeout=0)


def test_this_process_takes_files(local_client: lm.Client, picture: Path) -> None:
    check(local_client.prepare_image(picture), "picture.png")
    with pytest.raises(lm.LMStudioValueError, match="directory"):
        local_client.prepare_image(PNG, "../x.png")


# What both packages are given, as JSON, and the kind of exception of the published one.
REFUSED = [
    ("/no/such/file.png", "LMStudioOSError"),
    ("/", "LMStudioOSError"),
    (5, "LMStudioValueError"),
    (None, "LMStudioValueError"),
    ([1], "LMStudioValueError"),
]


@pytest.mark.parametrize(("src", "kind"), REFUSED)
def test_refuses_what_the_published_package_refuses(
    src: Any, kind: str, peer: Peer, remote: lm.Client
) -> None:
    with pytest.raises(Exception, match=kind):
        peer("image_of", src=src)
    with pytest.raises(getattr(lm, kind)):
        remote.prepare_image(src)


def test_files_of_both_packages_are_the_same(peer: Peer, picture: Path) -> None:
    theirs = peer("image_of", src=str(picture))
    with lm.Client(peer.host) as client:
        ours = client.prepare_image(str(picture)).to_dict()
    assert {**theirs, "identifier": ""} == {**ours, "identifier": ""}
