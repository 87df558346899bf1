"""The library's records, handed to :mod:`logging` as the logger ``aicredits``."""

from __future__ import annotations

import logging

_LOGGER = logging.getLogger("aicredits")
_LOGGER.addHandler(logging.NullHandler())
_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}


def hand_over(level: int, message: str) -> None:
    """Takes a record of the library."""
    _LOGGER.log(_LEVELS[level], "%s", message)


level = _LOGGER.getEffectiveLevel
"""The level from which on the logger takes records, looked at by each call."""
