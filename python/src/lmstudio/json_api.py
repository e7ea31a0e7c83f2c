"""The published package's module of this name: its public names are those of ``lmstudio``."""

from lmstudio import *  # noqa: F403
