"""The objects of the emulator's control protocol, in JSON: what its actions accept and return.

Counts are ``int``. In a reply an instant is a ``str`` such as "2026-07-01T00:00:00Z". An argument may also be an aware
datetime, and a time in milliseconds may be a timedelta.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Optional, TypedDict, Union

from .._native import Timestamp
from .._settings import Unpack as Unpack

Instant = Union[str, datetime, Timestamp]
"""A date as text (RFC 3339), an aware datetime, or a :class:`aicredits.Timestamp`."""

Milliseconds = Union[int, timedelta]
"""A number of milliseconds, or a timedelta."""

Route = Literal["balance", "paid_action"]

VerdictRule = Literal[
    "retried_final",
    "ignored_retry_after",
    "key_outside_header",
    "both_scope_headers",
    "continued_after_428",
    "single_flight",
    "max_per_minute",
    "shared_pause",
    "asked_once",
    "max_attempts",
    "keep_alive",
]


class Assumptions(TypedDict, total=False):
    """The emulator's choices where the API is not documented. The first value of each is the default."""

    no_scope: Literal["428", "401", "400", "empty_balance"]
    both_scopes: Literal["account_wins", "400"]
    empty_body: Literal["accepted", "400"]
    bearer: Literal["401", "accepted"]
    id_case: Literal["exact", "folded"]
    refused_key: Literal["401", "403"]
    unknown_id: Literal["404", "403"]
    no_access: Literal["403", "404"]
    aggregate: Literal["longest_period", "sum_of_rules"]
    site_spends_account: Literal["false", "true"]
    retry_after_on_429: Literal["false", "true"]


class ClockChange(TypedDict, total=False):
    """A change of the clock."""

    advance_ms: Milliseconds
    now: Instant
    mode: Literal["frozen", "running"]
    speed: int


class Clock(TypedDict):
    """The two times: the calendar (``now``), and the service time."""

    mode: Literal["frozen", "running"]
    now: str
    speed: int
    service_ms: int
    resets: int


class _Site(TypedDict):
    site: str


class Site(_Site, total=False):
    """A site of an account."""

    label: Optional[str]


class _GrantRule(TypedDict):
    period: str
    cap: int


class GrantRule(_GrantRule, total=False):
    """A rule of new credits.

    ``balance`` defaults to ``cap``. ``reset_date`` defaults to the next midnight, Monday, 1st or 1 January, in UTC.
    """

    balance: int
    reset_date: Instant


class FaultMatch(TypedDict, total=False):
    """The requests that a fault happens to. An absent member matches every request."""

    route: Route
    key: str
    account: str
    site: str
    skip: int


class FaultReply(TypedDict, total=False):
    """A faulty reply. Without ``status`` the real reply is made, then delayed, mangled and cut."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: str
    shape: Literal[
        "application_error",
        "validation_error",
        "system_error",
        "details_empty",
        "message_only",
        "error_code",
        "oauth",
        "html",
        "empty",
    ]
    retry_after_s: int
    retry_after_date_s: int
    delay_ms: Milliseconds
    drip_ms: Milliseconds
    cut_at: int
    end: Literal["close", "reset"]
    framing: Literal["length", "chunked", "close"]
    mangle: Sequence[
        Literal["truncate", "garble", "unknown_enum", "unknown_field", "numbers_as_text", "double_request_id"]
    ]
    probability: float
    seed: int


Connect = Literal["close", "reset", "mute"]


class Fault(TypedDict, total=False):
    """A fault. ``times`` is how many requests it happens to, and ``None`` until it is cleared."""

    fault: str
    times: Optional[int]
    match: FaultMatch
    reply: FaultReply
    connect: Connect
    probability: float
    seed: int


class Require(TypedDict, total=False):
    """Rules of the verdict that need to know what the client promises."""

    single_flight: bool
    max_per_minute: int
    shared_pause: bool
    asked_once: bool
    max_attempts: int
    keep_alive: int


class State(TypedDict):
    """Everything that an emulator knows. ``reset`` accepts it."""

    version: int
    about: Optional[str]
    url: Optional[str]
    ca_pem: Optional[str]
    clock: Clock
    shown_after_ms: int
    keys: list[dict[str, Any]]
    accounts: list[dict[str, Any]]
    assumptions: Assumptions
    limit: Optional[dict[str, Any]]
    faults: list[dict[str, Any]]
    requests: int


class AccountAdded(TypedDict):
    """The reply of ``account``."""

    account: str


class KeyAdded(TypedDict):
    """The reply of ``key``. ``secret`` is the value for ``Authorization``."""

    name: str
    secret: str


class Granted(TypedDict):
    """The reply of ``grant`` and ``top_up``: the name of the allocation."""

    allocation: str


class Drawn(TypedDict):
    """The credits that an allocation gave."""

    allocation: str
    amount: int


class Spent(TypedDict):
    """The reply of ``spend``. ``repeated``: it was spent earlier, with the same idempotency key."""

    transaction: str
    cost: int
    drawn: list[Drawn]
    repeated: bool


class FaultAdded(TypedDict):
    """The reply of ``fault``: its name."""

    fault: str


class Cleared(TypedDict):
    """The reply of ``clear_faults``: how many there were."""

    cleared: int


class AssumptionsReply(TypedDict):
    """The reply of ``assume``: all of them."""

    assumptions: Assumptions


class Request(TypedDict):
    """A request in the journal. No value of ``Authorization`` is in it."""

    n: int
    arrived_ms: int
    replied_ms: Optional[int]
    date: str
    connection: int
    on_connection: int
    method: str
    target: str
    version: str
    route: Optional[Route]
    key: Optional[str]
    account: Optional[str]
    site: Optional[str]
    headers: list[tuple[str, str]]
    body: str
    body_bytes: int
    status: Optional[int]
    request_id: Optional[str]
    fault: Optional[str]
    ended: Optional[Literal["complete", "cut", "gone"]]


class Journal(TypedDict):
    """The requests, the oldest first. ``dropped`` is how many the journal no longer has."""

    requests: list[Request]
    total: int
    dropped: int


class Finding(TypedDict):
    """The findings of a rule of the verdict."""

    rule: VerdictRule
    count: int
    requests: list[int]
    message: str
    evidence: list[str]


class Verdict(TypedDict):
    """The verdict on the client. ``complete`` is false if a finding may be missing."""

    good: bool
    complete: bool
    findings: list[Finding]


class Marked(TypedDict):
    """The reply of ``mark``: the number of requests so far."""

    n: int


class Waited(TypedDict):
    """The reply of ``wait``: whether so many requests came in time, and how many came."""

    reached: bool
    total: int
