"""Callbacks that people pass in."""

from __future__ import annotations

from ._errors import LMStudioValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeAlias

    P = ParamSpec("P")
    CountedCallback: TypeAlias = Callable[[float, int, int, int], object]


class PromptProgress(float):
    """The share of a prompt that is processed, 0.0 to 1.0, and the tokens behind it.

    Attributes:
        cached_tokens_count: Tokens that were in the cache beforehand; None: the server tells none.
        processed_tokens_count: Tokens processed until now, without those; None likewise.
        total_tokens_count: Tokens of the whole prompt, 1 or more; None likewise.
    """

    __slots__ = ("cached_tokens_count", "processed_tokens_count", "total_tokens_count")

    cached_tokens_count: int | None
    processed_tokens_count: int | None
    total_tokens_count: int | None


def counted(callback: Callable[[PromptProgress], object] | None) -> CountedCallback | None:
    """What the core calls with a share and the counts behind it, for a caller's callback."""
    if callback is None:
        return None

    def call(share: float, cached: int, processed: int, total: int) -> None:
        progress = PromptProgress(share)
        progress.cached_tokens_count = cached if total else None
        progress.processed_tokens_count = processed if total else None
        progress.total_tokens_count = total or None
        callback(progress)

    return call


def checked(callback: Callable[P, object] | None, name: str) -> Callable[P, object] | None:
    """The callback as it is.

    Raises:
        LMStudioValueError: If it can neither be called nor is None.
    """
    if callback is not None and not callable(callback):
        raise LMStudioValueError(f"{name} must be callable, not {type(callback).__name__}.")
    return callback


def guarded(callback: Callable[P, object] | None, name: str) -> Callable[P, None] | None:
    """The callback with its exceptions logged, so that they do not stop the work.

    KeyboardInterrupt, SystemExit and the like go through.

    Raises:
        LMStudioValueError: If it can neither be called nor is None.
    """
    function = checked(callback, name)
    if function is None:
        return None

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except Exception:
            from logging import getLogger

            getLogger("lmstudio").exception("The callback %s raised an exception", name)

    return call


def progress_callback(
    on_progress: Callable[P, object] | None,
    on_prompt_processing_progress: Callable[P, object] | None,
) -> Callable[P, None] | None:
    """The one of both names that is given, guarded.

    Raises:
        LMStudioValueError: If both are, or it cannot be called.
    """
    if on_progress is not None and on_prompt_processing_progress is not None:
        raise LMStudioValueError(
            "on_progress is another name for on_prompt_processing_progress: give one of them."
        )
    return guarded(on_progress, "on_progress") or guarded(
        on_prompt_processing_progress, "on_prompt_processing_progress"
    )
