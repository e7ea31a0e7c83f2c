"""A BERT of random weights.

Its words are letters and digits one by one, so that the reference needs no tokenizer to speak of.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bert import BEGINNING, END, LAYER_NORMS, Bert

WIDTH, HEADS, LAYERS, FEED_FORWARD, CONTEXT = 64, 4, 3, 128, 128
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class TinyBert(Bert):
    """The model; the same weights each time."""

    def __init__(self) -> None:
        random = np.random.default_rng(7)

        def matrix(*shape: int, base: float = 0.0) -> Any:
            return (base + 0.2 * random.standard_normal(shape)).astype(np.float32)

        special = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
        vocabulary = [special.get(number, f"[unused{number}]") for number in range(104)]
        vocabulary += [*LETTERS, *("##" + letter for letter in LETTERS)]
        weights = {
            "token_embd.weight": matrix(len(vocabulary), WIDTH),
            "position_embd.weight": matrix(CONTEXT, WIDTH),
            "token_types.weight": matrix(2, WIDTH),
        }
        norms = ["token_embd_norm"]
        linear = []
        for layer in range(LAYERS):
            name = f"blk.{layer}"
            norms += [f"{name}.{norm}" for norm in LAYER_NORMS]
            linear += [(f"{name}.attn_{part}", WIDTH, WIDTH) for part in ("q", "k", "v", "output")]
            linear += [(f"{name}.ffn_up", FEED_FORWARD, WIDTH)]
            linear += [(f"{name}.ffn_down", WIDTH, FEED_FORWARD)]
        for norm in norms:
            weights[f"{norm}.weight"] = matrix(WIDTH, base=1.0)
            weights[f"{norm}.bias"] = matrix(WIDTH)
        for name, rows, columns in linear:
            weights[f"{name}.weight"] = matrix(rows, columns)
            weights[f"{name}.bias"] = matrix(rows)
        super().__init__(weights, vocabulary, heads=HEADS, feed_forward=FEED_FORWARD)

    def tokens(self, text: str) -> list[int]:
        """The tokens of a text of letters, digits and spaces."""
        tokens = [BEGINNING]
        for word in text.lower().split():
            begin = 104 + LETTERS.index(word[0])
            tokens += [begin, *(104 + len(LETTERS) + LETTERS.index(letter) for letter in word[1:])]
        return [*tokens, END]

    def embed(self, text: str) -> Any:
        """The vector of a text."""
        return self.vector(self.tokens(text))
