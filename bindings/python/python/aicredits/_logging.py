"""Log records of the library, passed to :mod:`logging` with the logger ``aicredits``."""

from __future__ import annotations

import logging

_LOGGER = logging.getLogger("aicredits")
_LOGGER.addHandler(logging.NullHandler())
_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}


def hand_over(level: int, message: str) -> None:
    """Logs one record of the library."""
    _LOGGER.log(_LEVELS[level], "%s", message)


level = _LOGGER.getEffectiveLevel
"""Returns the lowest level that the logger accepts. Each call asks for it."""
