"""The balance and what it is made of: frozen objects, made from the native reading as they are asked for."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from . import _native

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


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
    def _missing_(cls, value: object) -> Optional[FeaturePeriod]:
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

    def __reduce_ex__(self, protocol: object) -> Any:
        return (FeaturePeriod, (self.value,))

    def __deepcopy__(self, memo: object) -> FeaturePeriod:
        return self


@dataclass(frozen=True, order=True)
class Timestamp:
    """An instant in UTC, exactly."""

    unix_seconds: int
    """Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it."""
    nanoseconds: int
    """Nanoseconds after them."""

    def to_datetime(self) -> datetime:
        """The same as an aware datetime, cut to microseconds."""
        return _EPOCH + timedelta(seconds=self.unix_seconds, microseconds=self.nanoseconds // 1000)

    def __str__(self) -> str:
        text = self.to_datetime().replace(microsecond=0, tzinfo=None).isoformat()
        fraction = f".{self.nanoseconds:09}".rstrip("0").rstrip(".")
        return f"{text}{fraction}Z"


@dataclass(frozen=True)
class Scope:
    """Whose credits were asked for. Without an id, the credential carried its own."""

    account_id: Optional[str]
    site_id: Optional[str]

    def __str__(self) -> str:
        ids = (("account", self.account_id), ("site", self.site_id))
        named = [f"{what} {_native.shown(id)}" for what, id in ids if id is not None]
        return " and ".join(named) or "the credential's own"


def _count(count: Optional[int]) -> str:
    return "unknown" if count is None else str(count)


@dataclass(frozen=True)
class Credits:
    """A pool of credits. A count that the reply lacks is ``None``, never 0."""

    balance: Optional[int]
    """Remaining credits currently available."""
    cap: Optional[int]
    """Maximum credits: per period in the recurring pool, altogether in the top-up pool. It may be 0."""

    def __str__(self) -> str:
        return f"{_count(self.balance)} of {_count(self.cap)}"


@dataclass(frozen=True)
class UsageRule:
    """A rule on the use of a source's credits. Several apply together, such as a daily limit within a month's."""

    period: Optional[FeaturePeriod]
    """How often the credits under this rule replenish."""
    balance: Optional[int]
    """Remaining credits available under this rule."""
    cap: Optional[int]
    """Maximum credits allowed under this rule per period. It may be 0."""
    reset_timestamp: Optional[Timestamp]
    """When this rule's balance resets to its cap, exactly."""

    @property
    def reset_date(self) -> Optional[datetime]:
        """When this rule's balance resets to its cap: aware, in UTC, cut to microseconds."""
        return None if self.reset_timestamp is None else self.reset_timestamp.to_datetime()

    def __str__(self) -> str:
        period = "unknown" if self.period is None else str(self.period)
        reset = "" if self.reset_timestamp is None else f", resets {self.reset_timestamp}"
        return f"{period}: {_count(self.balance)} of {_count(self.cap)}{reset}"


@dataclass(frozen=True)
class CreditBalance:
    """The credits of one source."""

    subscription_id: Optional[str]
    """GUID of the subscription that the allocation belongs to; ``None`` for credits without one. Server text."""
    usage_rules: tuple[UsageRule, ...]
    """The rules of its use, in the reply's order."""

    def __str__(self) -> str:
        id = self.subscription_id
        head = "no subscription" if id is None else f"subscription {_native.shown(id)}"
        return "".join([head, *(f"\n  {rule}" for rule in self.usage_rules)])


@dataclass(frozen=True)
class FieldViolation:
    """One field of the request that the server refused. All of it is server text."""

    field: str
    description: str
    violated_rule: Optional[str]


@dataclass(frozen=True)
class Attempt:
    """One attempt of a call that failed."""

    phase: str
    """How far it came: ``"CONNECT"``, ``"HEAD"``...; ``"REPLY"`` where the reply itself is the failure."""
    duration: timedelta
    """How long it took, pauses aside, cut to microseconds."""
    http_status: Optional[int]
    request_id: Optional[str]
    duration_ns: int
    """The same in nanoseconds."""


class Balance:
    """What an account or a site has left: one reading, which never changes. ``==`` and ``hash`` compare the figures.

    Shared by as many threads as wish. Made by ``get_balance()`` and :meth:`from_json`.
    """

    __slots__ = ("_breakdown", "_origin", "_reading")
    __match_args__ = ("periodic_credits", "top_up_credits", "credit_balance_breakdown")

    _reading: _native.Reading
    _breakdown: Optional[tuple[CreditBalance, ...]]
    _origin: tuple[Optional[Scope], Optional[str], Optional[Timestamp], Optional[Timestamp]]

    def __init__(self) -> None:
        raise TypeError("a Balance is made by get_balance() or Balance.from_json()")

    @classmethod
    def _of(cls, reading: _native.Reading) -> Balance:
        balance = object.__new__(cls)
        object.__setattr__(balance, "_reading", reading)
        object.__setattr__(balance, "_breakdown", None)
        object.__setattr__(balance, "_origin", None)
        return balance

    @classmethod
    def from_json(cls, json: str | bytes) -> Balance:
        """Reads a stored reply, as :meth:`json` gave it. Raises :class:`DecodeError`."""
        return cls._of(_native.Reading.from_json(json.encode() if isinstance(json, str) else bytes(json)))

    @classmethod
    def _restored(cls, json: str, origin: Any) -> Balance:
        balance = cls.from_json(json)
        object.__setattr__(balance, "_origin", origin)
        return balance

    @property
    def periodic_credits(self) -> Optional[Credits]:
        """Recurring credits, aggregated across all sources; ``None`` when the account has none."""
        counts = self._reading.periodic_credits()
        return None if counts is None else Credits(*counts)

    @property
    def top_up_credits(self) -> Optional[Credits]:
        """One-time top-up credits, aggregated across all purchases; ``None`` when there are none. They don't reset."""
        counts = self._reading.top_up_credits()
        return None if counts is None else Credits(*counts)

    @property
    def credit_balance_breakdown(self) -> tuple[CreditBalance, ...]:
        """The same credits by source, in the reply's order: a detailed view, never to be added to the pools."""
        if self._breakdown is None:
            breakdown = tuple(
                CreditBalance(
                    subscription_id,
                    tuple(
                        UsageRule(
                            None if period is None else FeaturePeriod(period),
                            balance,
                            cap,
                            None if reset is None else Timestamp(*reset),
                        )
                        for period, balance, cap, reset in rules
                    ),
                )
                for subscription_id, rules in self._reading.credit_balance_breakdown()
            )
            object.__setattr__(self, "_breakdown", breakdown)
        assert self._breakdown is not None
        return self._breakdown

    @property
    def available(self) -> Optional[int]:
        """The remaining credits of both pools; ``None`` when a pool is there but lacks its balance.

        It is what the account holds, not what can be spent now: rules of the breakdown may let less through.
        """
        return self._reading.available()

    def json(self) -> str:
        """The raw reply, so that nothing which Wix adds is lost."""
        return self._reading.json()

    def _told(self) -> tuple[Optional[Scope], Optional[str], Optional[Timestamp], Optional[Timestamp]]:
        if self._origin is None:
            ids, fetched, date = self._reading.scope(), self._reading.fetched_at(), self._reading.server_date()
            origin = (
                None if ids is None else Scope(*ids),
                self._reading.request_id(),
                None if fetched is None else Timestamp(*fetched),
                None if date is None else Timestamp(*date),
            )
            object.__setattr__(self, "_origin", origin)
        return self._origin

    @property
    def scope(self) -> Optional[Scope]:
        """The scope that was asked for; ``None`` for a reading that was not fetched."""
        return self._told()[0]

    @property
    def request_id(self) -> Optional[str]:
        """The server's id of the request, to quote when asking Wix about it. Server text."""
        return self._told()[1]

    @property
    def fetched_timestamp(self) -> Optional[Timestamp]:
        """When the reply had come in, by this machine's clock, exactly."""
        return self._told()[2]

    @property
    def fetched_at(self) -> Optional[datetime]:
        """The same: aware, in UTC, cut to microseconds."""
        fetched = self.fetched_timestamp
        return None if fetched is None else fetched.to_datetime()

    @property
    def server_timestamp(self) -> Optional[Timestamp]:
        """The server's clock at the reply, to the second."""
        return self._told()[3]

    @property
    def server_date(self) -> Optional[datetime]:
        """The same as an aware datetime in UTC."""
        date = self.server_timestamp
        return None if date is None else date.to_datetime()

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and values, for whatever wants those."""

        def pool(credits: Optional[Credits]) -> Optional[dict[str, Any]]:
            return None if credits is None else asdict(credits)

        return {
            "periodic_credits": pool(self.periodic_credits),
            "top_up_credits": pool(self.top_up_credits),
            "credit_balance_breakdown": [
                {
                    "subscription_id": source.subscription_id,
                    "usage_rules": [
                        {
                            "period": None if rule.period is None else rule.period.value,
                            "balance": rule.balance,
                            "cap": rule.cap,
                            "reset_date": rule.reset_date,
                        }
                        for rule in source.usage_rules
                    ],
                }
                for source in self.credit_balance_breakdown
            ],
        }

    def to_records(self) -> list[dict[str, Any]]:
        """One flat dict a rule, for a table: ``pandas.DataFrame(balance.to_records())``."""
        return [
            {"source": number, "subscription_id": source["subscription_id"], **rule}
            for number, source in enumerate(self.to_dict()["credit_balance_breakdown"])
            for rule in source["usage_rules"]
        ]

    def __str__(self) -> str:
        def pool(credits: Optional[Credits]) -> str:
            return "none" if credits is None else str(credits)

        lines = [f"recurring: {pool(self.periodic_credits)}", f"top-up: {pool(self.top_up_credits)}"]
        return "\n".join([*lines, *map(str, self.credit_balance_breakdown)])

    def __repr__(self) -> str:
        sources = len(self.credit_balance_breakdown)
        return (
            f"<Balance available={self.available} periodic_credits={self.periodic_credits!r} "
            f"top_up_credits={self.top_up_credits!r} sources={sources}>"
        )

    def _repr_html_(self) -> str:
        """For notebooks: the pools and the rules, with bars."""
        from ._html import table

        return table(self)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Balance never changes: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Balance never changes: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return self._reading.equals(other._reading) if isinstance(other, Balance) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._reading.hash())

    def __copy__(self) -> Balance:
        return self

    def __deepcopy__(self, memo: object) -> Balance:
        return self

    def __reduce__(self) -> Any:
        return (Balance._restored, (self.json(), self._told()))
