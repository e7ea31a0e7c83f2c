"""BERT: as a GGUF file, and as numpy computes it."""

from __future__ import annotations

from math import erf
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EPSILON = 1e-12
PADDING, UNKNOWN, BEGINNING, END = 0, 100, 101, 102
LAYER_NORMS = ("attn_output_norm", "layer_output_norm")

_erf = np.vectorize(erf)


class Bert:
    """A model of given weights, which are called as in GGUF files."""

    def __init__(
        self, weights: dict[str, Any], vocabulary: list[str], *, heads: int, feed_forward: int
    ) -> None:
        self.weights = weights
        self.vocabulary = vocabulary
        self.heads = heads
        self.feed_forward = feed_forward
        self.context, self.width = weights["position_embd.weight"].shape
        self.layers = sum(name.endswith("attn_q.weight") for name in weights)

    def write(
        self,
        path: Path,
        pooling: gguf.PoolingType = gguf.PoolingType.MEAN,
        *,
        matrices: type = np.float32,
    ) -> None:
        """Write it as llama.cpp's converter writes BERT models.

        Args:
            path: The file.
            pooling: How the tokens' vectors become the text's.
            matrices: How precise the matrices are; the rest always is whole.
        """
        writer = gguf.GGUFWriter(path, "bert")
        writer.add_type("model")
        half = matrices is np.float16
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if half else gguf.LlamaFileType.ALL_F32)
        writer.add_context_length(self.context)
        writer.add_embedding_length(self.width)
        writer.add_block_count(self.layers)
        writer.add_feed_forward_length(self.feed_forward)
        writer.add_head_count(self.heads)
        writer.add_layer_norm_eps(EPSILON)
        writer.add_causal_attention(False)  # noqa: FBT003  # gguf's own way
        writer.add_pooling_type(pooling)
        writer.add_tokenizer_model("bert")
        writer.add_tokenizer_pre("default")
        writer.add_token_list([_stored(token) for token in self.vocabulary])
        kinds = (gguf.TokenType.NORMAL, gguf.TokenType.CONTROL)
        writer.add_token_types([kinds[_is_special(token)] for token in self.vocabulary])
        writer.add_token_type_count(2)
        writer.add_unk_token_id(UNKNOWN)
        writer.add_bos_token_id(BEGINNING)
        writer.add_sep_token_id(END)
        writer.add_pad_token_id(PADDING)
        for name, weights in self.weights.items():
            is_matrix = weights.ndim == 2 and name.startswith("blk.")
            writer.add_tensor(name, weights.astype(matrices) if is_matrix else weights)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    def vector(self, tokens: Sequence[int]) -> Any:
        """The average of what becomes of the tokens, made to length 1."""
        weights = self.weights
        state = weights["token_embd.weight"][list(tokens)].astype(np.float64)
        state += weights["position_embd.weight"][: len(tokens)] + weights["token_types.weight"][0]
        state = self._norm(state, "token_embd_norm")
        for layer in range(self.layers):
            name = f"blk.{layer}"
            seen = self._linear(self._attention(state, name), f"{name}.attn_output")
            state = self._norm(state + seen, f"{name}.attn_output_norm")
            raised = self._linear(state, f"{name}.ffn_up")
            raised *= 0.5 * (1 + _erf(raised / np.sqrt(2)))
            state = self._norm(
                state + self._linear(raised, f"{name}.ffn_down"), f"{name}.layer_output_norm"
            )
        vector = state.mean(axis=0)
        return vector / np.linalg.norm(vector)

    def _attention(self, state: Any, name: str) -> Any:
        """Each token's mixture of all tokens' values."""
        q, k, v = (
            self._linear(state, f"{name}.attn_{part}").reshape(len(state), self.heads, -1)
            for part in ("q", "k", "v")
        )
        scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(self.width // self.heads)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return np.einsum("hij,jhd->ihd", shares, v).reshape(len(state), self.width)

    def _linear(self, state: Any, name: str) -> Any:
        """A linear layer."""
        return state @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, state: Any, name: str) -> Any:
        """Each token's numbers, normalised."""
        state = state - state.mean(axis=-1, keepdims=True)
        state = state / np.sqrt((state**2).mean(axis=-1, keepdims=True) + EPSILON)
        return state * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def _is_special(token: str) -> bool:
    return token.startswith("[") and token.endswith("]") and len(token) > 2


def _stored(token: str) -> str:
    """A token as GGUF files have it: marked at a word's beginning, not in its middle."""
    if _is_special(token):
        return token
    return token.removeprefix("##") if token.startswith("##") else "\u2581" + token
