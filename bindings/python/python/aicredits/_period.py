"""How often credits replenish."""

from __future__ import annotations

import enum

from . import _native


class FeaturePeriod(str, enum.Enum):
    """How often credits replenish. One that this version does not know keeps its text, and is equal to it."""

    NO_PERIOD = "NO_PERIOD"
    """One-time credits, which don't reset."""
    MILLISECOND = "MILLISECOND"
    SECOND = "SECOND"
    MINUTE = "MINUTE"
    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"

    @classmethod
    def _missing_(cls, value: object) -> object:
        if not isinstance(value, str):
            return None
        # Not kept: a server could spell as many as it likes.
        unknown = str.__new__(cls, value)
        unknown._name_ = "UNKNOWN"
        unknown._value_ = value
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether this version knows it."""
        return self._name_ != "UNKNOWN"

    def __str__(self) -> str:
        return _native.shown(self.value)

    def __repr__(self) -> str:
        return f"FeaturePeriod.{self._name_}" if self.is_known else f"FeaturePeriod({self.value!r})"

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __reduce_ex__(self, protocol: object) -> tuple[type[FeaturePeriod], tuple[str]]:
        return (FeaturePeriod, (self.value,))

    def __deepcopy__(self, memo: object) -> FeaturePeriod:
        return self
