"""The module ``types``, imported when an annotation is evaluated: that takes milliseconds, and no test needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import types as types
else:

    class _Types:
        def __getattr__(self, name):
            from importlib import import_module

            return getattr(import_module("aicredits.testing.types"), name)

    types = _Types()
