"""How long calls may take, and be silent."""

from __future__ import annotations

from ._errors import LMStudioValueError
from ._nesting import shown

_CLIENTS = -1
_NONE = 2**63 - 1
_LONGEST = 2**40

_sync_api_timeout: float | None = 60.0


def set_sync_api_timeout(timeout: float | None) -> None:
    """Say how long servers may be silent where a call names no ``idle_timeout``.

    Models in this process may be silent as long as they like.

    Args:
        timeout: Seconds, more than 0; None: any time. Until this is called: 60.

    Raises:
        LMStudioValueError: If it is something else.
    """
    global _sync_api_timeout
    _milliseconds(timeout, "timeout")
    _sync_api_timeout = timeout


def get_sync_api_timeout() -> float | None:
    """What ``set_sync_api_timeout()`` was last given; 60.0 before, None: any time."""
    return _sync_api_timeout


def limits(timeout: object, idle_timeout: object, *, is_local: bool) -> tuple[int, int]:
    """Both timeouts of a call in milliseconds, as the library takes them.

    Args:
        timeout: Seconds from the start to the end; None: any time.
        idle_timeout: Seconds of silence; None: the default.
        is_local: Whether the models run in this process.

    Raises:
        LMStudioValueError: If one is neither a number of seconds, more than 0, nor None.
    """
    total = _CLIENTS if timeout is None else _milliseconds(timeout, "timeout")
    if idle_timeout is not None:
        return total, _milliseconds(idle_timeout, "idle_timeout")
    return total, _CLIENTS if is_local else _milliseconds(_sync_api_timeout, "timeout")


def _milliseconds(seconds: object, name: str) -> int:
    if seconds is None:
        return _NONE
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        raise LMStudioValueError(
            f"{name} must be a number of seconds, more than 0, or None: {shown(seconds)}"
        )
    return max(1, int(seconds * 1000)) if seconds < _LONGEST else _NONE
