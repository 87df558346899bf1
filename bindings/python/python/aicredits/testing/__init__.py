"""An emulator of the API for tests: a real HTTP server in this process, on a free port of this machine.

>>> from aicredits.testing import Emulator
>>> with Emulator("example") as emulator, emulator.client() as client:
...     balance = client.get_balance()
...     spent = emulator.spend(5)
...     emulator.assert_good_client()

pytest has one as the fixture ``aicredits_emulator``. ``import aicredits`` loads none of this.
"""

from __future__ import annotations

from .. import _tools
from ._emulator import Emulator
from ._error import EmulatorError

__all__ = ["ACTIONS", "PAID_ACTION_PATH", "SCENARIOS", "Emulator", "EmulatorError"]

ACTIONS: tuple[str, ...] = tuple(_tools.ACTIONS)
"""The names of the actions. :class:`Emulator` has a method for each."""

PAID_ACTION_PATH: str = _tools.PAID_ACTION_PATH
"""The path of the emulator's paid action, ``POST {"cost": 5}``. It charges credits, or refuses with 428."""

SCENARIOS: tuple[str, ...] = tuple(_tools.SCENARIOS)
"""The names of the scenarios that come with the emulator."""
