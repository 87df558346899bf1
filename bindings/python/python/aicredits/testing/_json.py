"""Requests of the emulator as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, SupportsIndex

from .._native import Timestamp


def members_of(**members: Any) -> dict[str, Any]:
    """The arguments that are not ``None``."""
    return {name: value for name, value in members.items() if value is not None}


def encode(request: Mapping[str, Any]) -> str:
    """The JSON of a request."""
    return json.dumps(request, default=_value, allow_nan=False)


def _value(value: object) -> Any:
    """The JSON of a value that Python's encoder does not know."""
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("an instant must be an aware datetime: this one has no time zone")
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, Timestamp):
        return str(value)
    if isinstance(value, timedelta):
        return value // timedelta(milliseconds=1)
    if isinstance(value, SupportsIndex):
        return value.__index__()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    # Its value is not shown: it may be a key.
    raise TypeError(f"an action accepts no {type(value).__name__}")
