"""What predicted tokens tell of themselves."""

from __future__ import annotations

from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class TokenCandidate(Struct):
    """A token that could have been predicted.

    Attributes:
        id: Its number in the model's vocabulary.
        text: Its text; bytes that are only a part of a character are U+FFFD.
        log_prob: Natural logarithm of its probability; None where it has none.
    """

    id: int
    text: str
    log_prob: float | None = None


class PredictedToken(Struct, nested={"candidates": TokenCandidate}):
    """A token that was predicted, and how likely the model held it to be.

    Attributes:
        id: Its number in the model's vocabulary.
        text: Its text; bytes that are only a part of a character are U+FFFD.
        log_prob: Natural logarithm of its probability, before penalties, temperature and the like.
        candidates: The likeliest tokens at its place, likeliest first.
    """

    id: int
    text: str
    log_prob: float | None = None
    candidates: Sequence[TokenCandidate] = ()
