"""A llama of random weights that sees, as two GGUF files, and pictures for it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import gguf
import numpy as np

WIDTH, HEADS, LAYERS, FEED_FORWARD, CONTEXT = 32, 4, 2, 64, 4096
SIDE, PATCH = 32, 8
VECTORS = (SIDE // PATCH) ** 2  # that each picture becomes
CONTROL = ["<unk>", "<s>", "</s>"]


class Weights:
    """Random numbers, the same each time."""

    def __init__(self, writer: gguf.GGUFWriter, seed: int) -> None:
        self.writer = writer
        self.random = np.random.default_rng(seed)

    def add(self, name: str, *shape: int, base: float = 0.0, scale: float = 0.2) -> None:
        """Add a tensor; its rows come first in the shape."""
        numbers = base + scale * self.random.standard_normal(shape)
        self.writer.add_tensor(name, numbers.astype(np.float32))

    def linear(self, name: str, rows: int, columns: int) -> None:
        """Add a layer with a bias."""
        self.add(f"{name}.weight", rows, columns)
        self.add(f"{name}.bias", rows)

    def norm(self, name: str) -> None:
        """Add a normalisation."""
        self.add(f"{name}.weight", WIDTH, base=1.0)
        self.add(f"{name}.bias", WIDTH)


def write(directory: Path, name: str = "Tiny-Seer") -> None:
    """Write the model and, beside it, what lets it see."""
    directory.mkdir(parents=True)
    write_model(directory / f"{name}.gguf")
    write_projector(directory / f"mmproj-{name}.gguf")


def write_model(path: Path, template: str = "") -> None:
    """Write the model, whose tokens are bytes and letters, with a chat template if there is one."""
    letters = ["\u2581", *(chr(number) for number in range(33, 127))]
    tokens = [*CONTROL, *(f"<0x{number:02X}>" for number in range(256)), *letters]
    types = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2
    types += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(letters)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("model")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    if template:
        writer.add_chat_template(template)
    weights = Weights(writer, 7)
    weights.add("token_embd.weight", len(tokens), WIDTH, scale=1.0)
    weights.add("output.weight", len(tokens), WIDTH, scale=0.5)
    weights.add("output_norm.weight", WIDTH, base=1.0)
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "output"):
            weights.add(f"blk.{layer}.attn_{part}.weight", WIDTH, WIDTH)
        for part in ("attn", "ffn"):
            weights.add(f"blk.{layer}.{part}_norm.weight", WIDTH, base=1.0)
        weights.add(f"blk.{layer}.ffn_gate.weight", FEED_FORWARD, WIDTH)
        weights.add(f"blk.{layer}.ffn_up.weight", FEED_FORWARD, WIDTH)
        weights.add(f"blk.{layer}.ffn_down.weight", WIDTH, FEED_FORWARD)
    finish(writer)


def write_projector(path: Path) -> None:
    """Write what makes vectors of a picture, as LLaVA does."""
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_type("mmproj")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_bool("clip.has_vision_encoder", True)  # noqa: FBT003  # gguf's own way
    writer.add_string("clip.projector_type", "mlp")
    writer.add_bool("clip.use_gelu", True)  # noqa: FBT003  # gguf's own way
    numbers = {
        "image_size": SIDE,
        "patch_size": PATCH,
        "embedding_length": WIDTH,
        "feed_forward_length": FEED_FORWARD,
        "block_count": LAYERS,
        "projection_dim": WIDTH,
        "attention.head_count": HEADS,
    }
    for name, number in numbers.items():
        writer.add_uint32(f"clip.vision.{name}", number)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    writer.add_array("clip.vision.image_mean", [0.5] * 3)
    writer.add_array("clip.vision.image_std", [0.5] * 3)
    weights = Weights(writer, 9)
    weights.add("v.patch_embd.weight", WIDTH, 3, PATCH, PATCH)
    weights.add("v.position_embd.weight", VECTORS, WIDTH)
    for layer in range(LAYERS):
        name = f"v.blk.{layer}"
        for part in ("q", "k", "v", "out"):
            weights.linear(f"{name}.attn_{part}", WIDTH, WIDTH)
        weights.norm(f"{name}.ln1")
        weights.norm(f"{name}.ln2")
        weights.linear(f"{name}.ffn_up", FEED_FORWARD, WIDTH)
        weights.linear(f"{name}.ffn_down", WIDTH, FEED_FORWARD)
    weights.norm("v.post_ln")
    weights.linear("mm.0", WIDTH, WIDTH)
    weights.linear("mm.2", WIDTH, WIDTH)
    finish(writer)


def finish(writer: gguf.GGUFWriter) -> None:
    """Write the file."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def png(seed: int, width: int = 40, height: int = 30) -> bytes:
    """A picture of smooth colours that depend on a number."""
    row, column, colour = np.ogrid[:height, :width, :3]
    pixels: Any = (row * 7 * seed + column * (5 + seed) + colour * 60 * seed) % 256
    lines = np.zeros((height, width * 3 + 1), np.uint8)
    lines[:, 1:] = pixels.reshape(height, -1)
    return b"".join(
        [
            header(width, height),
            chunk(b"IDAT", zlib.compress(lines.tobytes())),
            chunk(b"IEND", b""),
        ]
    )


def header(width: int, height: int) -> bytes:
    """The beginning of a PNG file."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file."""
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def jpeg() -> bytes:
    """A grey picture of 8 by 8 pixels, whose codes are one bit long."""
    codes = bytes([1] + [0] * 16)
    segments = [
        (0xDB, bytes([0] + [1] * 64)),
        (0xC0, bytes([8, 0, 8, 0, 8, 1, 1, 0x11, 0])),
        (0xC4, b"\x00" + codes),
        (0xC4, b"\x10" + codes),
        (0xDA, bytes([1, 1, 0, 0, 63, 0])),
    ]
    parts = [struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data for kind, data in segments]
    return b"\xff\xd8" + b"".join(parts) + b"\x3f\xff\xd9"
