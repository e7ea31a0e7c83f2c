"""Callbacks that people pass in."""

from __future__ import annotations

from ._errors import LMStudioValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec

    P = ParamSpec("P")


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
