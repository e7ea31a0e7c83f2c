"""Images in chats: in this process, on a server, and from the published package."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peer as peers
import pytest
import tiny_vision
from conftest import KEY
from peer import Peer, PeerError
from PIL import Image
from wire_server import WireServer

import lmstudio as lm

SEER = "tiny-seer"
CONFIG: lm.LlmPredictionConfigDict = {"temperature": 0, "maxTokens": 12}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, model_store: str) -> str:
    """A store with the model that sees, and the starter model, which does not."""
    store = tmp_path_factory.mktemp("vision-models")
    tiny_vision.write(store / "acme" / "Tiny-Seer-GGUF")
    (store / "HuggingFaceTB").symlink_to(f"{model_store}/HuggingFaceTB")
    return str(store)


def chat(client: lm.Client, *images: bytes, text: str = "What is this?") -> lm.Chat:
    """A chat of a text and images."""
    chat = lm.Chat()
    chat.add_user_message(text, images=[client.prepare_image(image) for image in images])
    return chat


def test_vision_is_told_of(visitor: lm.Client) -> None:
    infos = [model.info for model in visitor.list_downloaded_models("llm")]
    vision = {info.model_key: info.vision for info in infos if isinstance(info, lm.LlmInfo)}
    assert vision == {SEER: True, KEY: False}
    assert visitor.llm.model(SEER).get_info().vision


def test_an_answer_depends_on_the_image(visitor: lm.Client) -> None:
    llm = visitor.llm.model(SEER)
    one, other = tiny_vision.png(1), tiny_vision.png(3)
    answers = [
        llm.respond(chat(visitor, *images), config=CONFIG).content
        for images in ([one], [one], [other], [one, other], [other, one], [])
    ]
    assert answers[0] == answers[1]
    assert len(set(answers)) == 5


def test_an_image_counts_as_tokens(visitor: lm.Client) -> None:
    llm = visitor.llm.model(SEER)
    image = tiny_vision.png(1)
    counts = [
        llm.respond(chat(visitor, *[image] * number), config=CONFIG).stats.prompt_tokens_count or 0
        for number in (1, 2, 3)
    ]
    assert counts[1] - counts[0] == counts[2] - counts[1] == tiny_vision.VECTORS


def test_an_image_in_a_second_turn(visitor: lm.Client) -> None:
    llm = visitor.llm.model(SEER)
    answers = []
    for seed in (3, 4):
        talk = chat(visitor, tiny_vision.png(1))
        llm.respond(talk, config=CONFIG, on_message=talk.append)
        image = visitor.prepare_image(tiny_vision.png(seed))
        talk.add_user_message("And this?", images=[image])
        answers.append(llm.respond(talk, config=CONFIG).content)
    assert answers[0] != answers[1]


def test_other_formats(visitor: lm.Client) -> None:
    llm = visitor.llm.model(SEER)
    assert llm.respond(chat(visitor, tiny_vision.jpeg()), config=CONFIG).content


def written(image: Image.Image, form: str, **options: Any) -> bytes:
    """A picture as a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def picture(seed: int = 1) -> Image.Image:
    """A picture that is transparent at the top and opaque at the bottom."""
    image = Image.open(io.BytesIO(tiny_vision.png(seed))).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def same(visitor: lm.Client, one: bytes, other: bytes) -> bool:
    """Whether a model sees the same in two files."""
    llm = visitor.llm.model(SEER)
    results = [llm.respond(chat(visitor, file), config=CONFIG) for file in (one, other)]
    counts = {result.stats.prompt_tokens_count for result in results}
    return len({result.content for result in results}) == len(counts) == 1


WEBPS: list[dict[str, Any]] = [
    {"lossless": True, "exact": True},
    {"quality": 60},
    {"lossless": True, "exact": True, "save_all": True, "append_images": [picture(3)]},
    {"quality": 60, "save_all": True, "append_images": [picture(3)]},
]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("options", WEBPS, ids=["lossless", "lossy", "moving", "lossy, moving"])
def test_a_webp_shows_what_others_decode(
    options: dict[str, Any], mode: str, visitor: lm.Client
) -> None:
    image = picture().convert(mode)
    webp = written(image, "WEBP", **options)
    decoded = Image.open(io.BytesIO(webp))
    assert decoded.n_frames == (2 if "save_all" in options else 1)
    assert same(visitor, webp, written(decoded, "PNG"))
    if "lossless" in options:
        assert same(visitor, webp, written(image, "PNG"))


def test_a_first_picture_that_is_a_part(visitor: lm.Client) -> None:
    image = picture().convert("RGB")
    part = written(image, "WEBP", lossless=True)[12:]
    place = [number.to_bytes(3, "little") for number in (6 // 2, 4 // 2, 39, 29, 100)]
    size = [number.to_bytes(3, "little") for number in (59, 49)]
    whole = b"WEBP" + b"".join(
        name + struct.pack("<I", len(content)) + content
        for name, content in {
            b"VP8X": bytes([2, 0, 0, 0]) + b"".join(size),
            b"ANIM": bytes(6),
            b"ANMF": b"".join(place) + bytes([0]) + part,
        }.items()
    )
    webp = b"RIFF" + struct.pack("<I", len(whole)) + whole
    expected = Image.new("RGB", (60, 50))
    expected.paste(image, (6, 4))
    assert same(visitor, webp, written(expected, "PNG"))


def test_the_text_of_a_template_shows_where_images_stand(visitor: lm.Client) -> None:
    llm = visitor.llm.model(SEER)
    text = llm.apply_prompt_template(chat(visitor, tiny_vision.png(1)))
    assert "What is this?[image]" in text


def test_a_model_that_does_not_see(visitor: lm.Client) -> None:
    llm = visitor.llm.model(KEY)
    with pytest.raises((lm.LMStudioClientError, lm.LMStudioServerError), match="no vision"):
        llm.respond(chat(visitor, tiny_vision.png(1)), config=CONFIG)


PLAIN = [written(picture().convert("RGB"), form) for form in ("JPEG", "GIF", "BMP")]
BROKEN = [
    (tiny_vision.png(1)[:60], "decoded"),
    (tiny_vision.header(50_000, 1), "50000 . 1 pixels"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "damaged"),
    (written(picture(), "WEBP")[:-9], "ends in the middle"),
    *((file[: len(file) // 2], "ends in the middle") for file in PLAIN),
    *((file[: len(file) * 99 // 100], "ends in the middle") for file in PLAIN),
    (bytes(255 - x if at > 650 and at % 7 == 0 else x for at, x in enumerate(PLAIN[0])), "damaged"),
]


@pytest.mark.parametrize(("content", "reason"), BROKEN)
def test_what_is_no_image(content: bytes, reason: str, visitor: lm.Client) -> None:
    llm = visitor.llm.model(SEER)
    with pytest.raises((lm.LMStudioValueError, lm.LMStudioServerError), match=reason):
        llm.respond(chat(visitor, content), config=CONFIG)
    assert llm.respond(chat(visitor, tiny_vision.png(1)), config=CONFIG).content


def test_files_belong_to_their_client(visitor: lm.Client) -> None:
    with lm.Client(visitor.api_host) as other:
        talk = chat(other, tiny_vision.png(1))
        with pytest.raises((lm.LMStudioValueError, lm.LMStudioServerError), match="hand it over"):
            visitor.llm.model(SEER).respond(talk, config=CONFIG)


def test_files_have_room_for_so_much(store: str) -> None:
    with lm.Client(f"local:{store}") as client:
        for _ in range(4):
            client.prepare_image(bytes(60_000_000))
        with pytest.raises(lm.LMStudioValueError, match="no room"):
            client.prepare_image(bytes(60_000_000))
    with lm.Client(f"local:{store}") as client:
        client.prepare_image(bytes(60_000_000))


@pytest.fixture(scope="module", params=peers.environments(), ids=peers.name)
def vision_peer(request: pytest.FixtureRequest, store: str) -> Iterator[Peer]:
    """One version of the published package, at a server with the model loaded."""
    with WireServer("--load", SEER, "--load", KEY, models=store) as server:
        with Peer(request.param, server.host) as peer:
            yield peer
        server.close()
        assert server.process.returncode == 0


def test_the_published_package_sends_images(vision_peer: Peer, store: str, tmp_path: Path) -> None:
    paths = []
    for seed in (1, 3):
        paths.append(tmp_path / f"{seed}.png")
        paths[-1].write_bytes(tiny_vision.png(seed))
    told = [
        vision_peer("look", identifier=SEER, paths=[str(path)], config=CONFIG) for path in paths
    ]
    with lm.Client(f"local:{store}") as client:
        llm = client.llm.model(SEER)
        ours = [
            llm.respond(chat(client, path.read_bytes()), config=CONFIG).content for path in paths
        ]
        llm.unload()
    assert told == ours
    assert told[0] != told[1]
    with pytest.raises(PeerError, match="no vision"):
        vision_peer("look", identifier=KEY, paths=[str(paths[0])], config=CONFIG)
