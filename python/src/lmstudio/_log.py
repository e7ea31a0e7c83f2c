"""What the engine in this process says, as records of the logger ``lmstudio.engine``.

Which of them are kept is found out where a load begins; records are made of them where it ends, and
where models are unloaded or listed. Nobody can want them who has not imported ``logging``; it is
not imported for them, as it takes longer than all of this package.
"""

from __future__ import annotations

import sys

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger

# By LMS_LOG_ constant of log.h; llama.cpp's most talkative lines are below DEBUG.
_LEVELS = {1: 40, 2: 30, 3: 10, 4: 5}


def listen() -> None:
    """Have the lines kept that the logger would take."""
    if "logging" in sys.modules:
        takes = _logger().isEnabledFor
        wanted = (level for level, number in _LEVELS.items() if takes(number))
        _core.log_keep(max(wanted, default=0))


def pass_on() -> None:
    """Make records of the lines that were kept."""
    while "logging" in sys.modules and (kept := _core.log_next()) is not None:
        level, line = kept
        _logger().log(_LEVELS[level], "%s", line)


def _logger() -> Logger:
    from logging import NullHandler, getLogger

    logger = getLogger("lmstudio.engine")
    if not logger.handlers:
        # Without one, warnings of those who have set up no logging would go to standard error.
        logger.addHandler(NullHandler())
    return logger
