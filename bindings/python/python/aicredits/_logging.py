"""The library's records, handed to :mod:`logging` as the logger ``aicredits``."""

from __future__ import annotations

import logging

from . import _native

_LOGGER = logging.getLogger("aicredits")
_LOGGER.addHandler(logging.NullHandler())
_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}


def _record(level: int, message: str) -> None:
    _LOGGER.log(_LEVELS[level], "%s", message)


def hand_over() -> None:
    """Hands over what the logger is enabled for at this moment, so that no record is made for nobody."""
    enabled = [level for level, number in _LEVELS.items() if _LOGGER.isEnabledFor(number)]
    _native.set_log(max(enabled, default=0), _record)
