"""Exceptions and warnings.

The tree; names in brackets are the built-in exceptions mixed in::

    LMStudioError
    ├── LMStudioServerError                  the server, or the engine in this process, failed
    │   ├── LMStudioChannelClosedError       ... closed the channel before the result
    │   ├── LMStudioEngineError              ... ran out of memory, met a damaged model file, ...
    │   ├── LMStudioModelNotFoundError       ... has no model of that name
    │   ├── LMStudioPredictionError          ... gave up in the middle of a prediction
    │   └── LMStudioPresetNotFoundError      ... has no preset of that name
    ├── LMStudioClientError                  a problem on this side
    │   ├── LMStudioCancelledError           closed before it was finished
    │   ├── LMStudioUnknownMessageWarning    [UserWarning] a message that this version cannot read
    │   └── LMStudioWebsocketError           no connection, or a lost one
    ├── LMStudioOSError                      [OSError] a local file could not be read
    │   └── LMStudioFileNotFoundError        [FileNotFoundError] ... because it is not there
    ├── LMStudioRuntimeError                 [RuntimeError] not possible at this moment
    ├── LMStudioTimeoutError                 [TimeoutError] a timeout passed
    ├── LMStudioUnknownOptionWarning         [UserWarning] an option name that nothing knows
    └── LMStudioValueError                   [ValueError] an argument that was refused
"""

from __future__ import annotations

from lmstudio import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._server_error import SerializedLMSExtendedError


class LMStudioError(Exception):
    """Root of every exception that this package raises itself."""


class LMStudioOSError(OSError, LMStudioError):
    """A local file could not be read."""


class LMStudioFileNotFoundError(LMStudioOSError, FileNotFoundError):
    """There is no such local file."""


class LMStudioRuntimeError(RuntimeError, LMStudioError):
    """The call is not possible at this moment: not started, finished, closed, forked."""


class LMStudioValueError(ValueError, LMStudioError):
    """An argument was refused; nothing was done."""


# What the published package raises for data that does not fit, by its name there.
ValidationError = LMStudioValueError


class LMStudioTimeoutError(LMStudioError, TimeoutError):
    """A timeout passed; the work was stopped, on a server too."""


class LMStudioServerError(LMStudioError):
    """The server, or the engine in this process, answered with an error.

    Attributes:
        server_error: The details a server sent, or None.
    """

    server_error: SerializedLMSExtendedError | None
    _raw_error: dict[str, object] | None

    def __init__(self, message: str, details: Mapping[str, object] | None = None) -> None:
        """Make an error from a message.

        Args:
            message: What failed.
            details: The error object of a server; its text is appended to the message.
        """
        self.server_error = self._raw_error = None
        if details is not None:
            from ._server_error import format_details, parse_details

            self._raw_error = {key: value for key, value in details.items() if key != "stack"}
            self.server_error = parse_details(self._raw_error)
            message = f"{message}: {format_details(self.server_error)}"
        super().__init__(message)

    @staticmethod
    def from_details(message: str, details: Mapping[str, object]) -> LMStudioServerError:
        """Make the error whose class fits the display code in a server's details.

        Args:
            message: What failed.
            details: The error object of the server.
        """
        display = details.get("displayData")
        code = display.get("code") if isinstance(display, dict) else None
        return _CLASSES_BY_DISPLAY_CODE.get(code, LMStudioServerError)(message, details)


class LMStudioModelNotFoundError(LMStudioServerError):
    """No model has that name; the message lists those there are."""


class LMStudioPresetNotFoundError(LMStudioServerError):
    """No preset has that name."""


class LMStudioChannelClosedError(LMStudioServerError):
    """The server closed the channel before it sent the result."""


class LMStudioPredictionError(LMStudioServerError):
    """The server gave up in the middle of a prediction."""


class LMStudioEngineError(LMStudioServerError):
    """The engine failed: out of memory, a damaged model file, a failed computation."""


class LMStudioClientError(LMStudioError):
    """A problem on this side of the connection, or something this version cannot do."""


class LMStudioWebsocketError(LMStudioClientError):
    """There is no connection to the server, or it was lost."""


class LMStudioCancelledError(LMStudioClientError):
    """The work was ended before its result was there, without ``cancel()``."""


class LMStudioUnknownMessageWarning(LMStudioClientError, UserWarning):  # noqa: N818
    """A server sent a message that this version cannot read."""


class LMStudioUnknownOptionWarning(LMStudioError, UserWarning):  # noqa: N818
    """A config holds a name that nothing knows, most likely a misspelt one."""


_CLASSES_BY_DISPLAY_CODE: dict[object, type[LMStudioServerError]] = {
    "generic.noModelMatchingQuery": LMStudioModelNotFoundError,
    "generic.pathNotFound": LMStudioModelNotFoundError,
    "generic.presetNotFound": LMStudioPresetNotFoundError,
}

# The numbers are the LMS_ERROR_... of lmstudio/error.h.
CLASSES_BY_STATUS: dict[int, type[Exception]] = {
    -1: LMStudioValueError,
    -2: LMStudioRuntimeError,
    -3: LMStudioWebsocketError,
    -4: LMStudioServerError,
    -5: LMStudioModelNotFoundError,
    -6: LMStudioPresetNotFoundError,
    -7: LMStudioTimeoutError,
    -8: LMStudioCancelledError,
    -9: LMStudioEngineError,
    -10: LMStudioClientError,
    -11: LMStudioPredictionError,
    -99: LMStudioClientError,
}


def _of_server(status: int, message: str, details: str) -> Exception:
    """The exception for a failure that a server told of, with ``server_error`` filled in."""
    from json import loads

    cls = CLASSES_BY_STATUS.get(status, LMStudioServerError)
    parsed = loads(details)
    if not issubclass(cls, LMStudioServerError) or not isinstance(parsed, dict):
        return cls(message)
    # The details say the title again, and more.
    title = str(parsed.get("rootTitle") or parsed.get("title") or "Unknown error")
    what = message.partition(title)[0].rstrip(": ")
    if cls is LMStudioServerError:
        return LMStudioServerError.from_details(what or "Server error", parsed)
    return cls(what or "Server error", parsed)


for _value in list(globals().values()):
    if isinstance(_value, type) and issubclass(_value, LMStudioError):
        _value.__module__ = "lmstudio"  # tracebacks name what people import

_core.set_error_classes(CLASSES_BY_STATUS)
_core.set_error_factory(_of_server)
