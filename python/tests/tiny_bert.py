"""A BERT of random weights: as a GGUF file, and as numpy computes it.

Its words are letters and digits one by one, so that the reference needs no tokenizer to speak of.
"""

from __future__ import annotations

from math import erf
from pathlib import Path
from typing import Any

import gguf
import numpy as np

WIDTH, HEADS, LAYERS, FEED_FORWARD, CONTEXT = 64, 4, 3, 128, 128
EPSILON = 1e-12
UNKNOWN, BEGINNING, END = 100, 101, 102
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class TinyBert:
    """The model; the same weights each time."""

    def __init__(self) -> None:
        random = np.random.default_rng(7)

        def matrix(*shape: int, base: float = 0.0) -> Any:
            return (base + 0.2 * random.standard_normal(shape)).astype(np.float32)

        special = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
        self.vocabulary = [special.get(number, f"[unused{number}]") for number in range(104)]
        self.vocabulary += ["\u2581" + letter for letter in LETTERS] + list(LETTERS)
        self.weights = {
            "token_embd.weight": matrix(len(self.vocabulary), WIDTH),
            "position_embd.weight": matrix(CONTEXT, WIDTH),
            "token_types.weight": matrix(2, WIDTH),
        }
        norms = ["token_embd_norm"]
        linear = []
        for layer in range(LAYERS):
            name = f"blk.{layer}"
            norms += [f"{name}.attn_output_norm", f"{name}.layer_output_norm"]
            linear += [(f"{name}.attn_{part}", WIDTH, WIDTH) for part in ("q", "k", "v", "output")]
            linear += [(f"{name}.ffn_up", FEED_FORWARD, WIDTH)]
            linear += [(f"{name}.ffn_down", WIDTH, FEED_FORWARD)]
        for norm in norms:
            self.weights[f"{norm}.weight"] = matrix(WIDTH, base=1.0)
            self.weights[f"{norm}.bias"] = matrix(WIDTH)
        for name, rows, columns in linear:
            self.weights[f"{name}.weight"] = matrix(rows, columns)
            self.weights[f"{name}.bias"] = matrix(rows)

    def write(self, path: Path, pooling: gguf.PoolingType = gguf.PoolingType.MEAN) -> None:
        """Write it as llama.cpp's converter writes BERT models."""
        writer = gguf.GGUFWriter(path, "bert")
        writer.add_type("model")
        writer.add_file_type(gguf.LlamaFileType.ALL_F32)
        writer.add_context_length(CONTEXT)
        writer.add_embedding_length(WIDTH)
        writer.add_block_count(LAYERS)
        writer.add_feed_forward_length(FEED_FORWARD)
        writer.add_head_count(HEADS)
        writer.add_layer_norm_eps(EPSILON)
        writer.add_causal_attention(False)  # noqa: FBT003  # gguf's own way
        writer.add_pooling_type(pooling)
        writer.add_tokenizer_model("bert")
        writer.add_tokenizer_pre("default")
        writer.add_token_list(self.vocabulary)
        types = [gguf.TokenType.CONTROL] * 104 + [gguf.TokenType.NORMAL] * 2 * len(LETTERS)
        writer.add_token_types(types)
        writer.add_token_type_count(2)
        writer.add_unk_token_id(UNKNOWN)
        writer.add_bos_token_id(BEGINNING)
        writer.add_sep_token_id(END)
        writer.add_pad_token_id(0)
        for name, weights in self.weights.items():
            writer.add_tensor(name, weights)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text of letters, digits and spaces."""
        tokens = [BEGINNING]
        for word in text.lower().split():
            begin = 104 + LETTERS.index(word[0])
            tokens += [begin, *(104 + len(LETTERS) + LETTERS.index(letter) for letter in word[1:])]
        return [*tokens, END]

    def embed(self, text: str) -> Any:
        """The average of what becomes of the tokens, made to length 1."""
        weights = self.weights
        tokens = self.tokens(text)
        state = weights["token_embd.weight"][tokens].astype(np.float64)
        state += weights["position_embd.weight"][: len(tokens)] + weights["token_types.weight"][0]
        state = self.norm(state, "token_embd_norm")
        for layer in range(LAYERS):
            name = f"blk.{layer}"
            seen = self.linear(self.attention(state, name), f"{name}.attn_output")
            state = self.norm(state + seen, f"{name}.attn_output_norm")
            raised = self.linear(state, f"{name}.ffn_up")
            raised *= 0.5 * (1 + np.vectorize(erf)(raised / np.sqrt(2)))
            state = self.norm(
                state + self.linear(raised, f"{name}.ffn_down"), f"{name}.layer_output_norm"
            )
        vector = state.mean(axis=0)
        return vector / np.linalg.norm(vector)

    def attention(self, state: Any, name: str) -> Any:
        """Each token's mixture of all tokens' values."""
        q, k, v = (
            self.linear(state, f"{name}.attn_{part}").reshape(len(state), HEADS, -1)
            for part in ("q", "k", "v")
        )
        scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(WIDTH // HEADS)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.einsum("hij,jhd->ihd", shares, v).reshape(len(state), WIDTH)

    def linear(self, state: Any, name: str) -> Any:
        """A linear layer."""
        return state @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, state: Any, name: str) -> Any:
        """Each token's numbers, normalised."""
        state = state - state.mean(axis=-1, keepdims=True)
        state = state / np.sqrt((state**2).mean(axis=-1, keepdims=True) + EPSILON)
        return state * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
