"""What an account or a site has left of its Wix AI credits: a client of Wix's GetBalance API.

>>> import aicredits
>>> with aicredits.Client.from_env() as client:  # WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID
...     print(client.get_balance())

A :class:`Client` is made once, shared by as many threads as wish, and keeps its connections open;
:class:`AsyncClient` is the same for asyncio. A field that the reply lacks is ``None``, never 0. The
breakdown is a view of the same credits as the two pools, never to be added to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import (
    AiCreditsError,
    Attempt,
    BadRequestError,
    CancelledError,
    ClosedError,
    DecodeError,
    DeniedError,
    FieldViolation,
    ForbiddenError,
    InvalidArgumentError,
    NetworkError,
    NotFoundError,
    PanicError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    TimeoutError,
    TlsError,
    TooLargeError,
    UnauthorizedError,
    UnexpectedError,
)
from ._native import Balance, Client, CreditBalance, Credits, Scope, Timestamp, UsageRule
from ._period import FeaturePeriod

if TYPE_CHECKING:
    from ._async import AsyncClient

__version__ = "0.1.0"

__all__ = [
    "AiCreditsError",
    "AsyncClient",
    "Attempt",
    "BadRequestError",
    "Balance",
    "CancelledError",
    "Client",
    "ClosedError",
    "CreditBalance",
    "Credits",
    "DecodeError",
    "DeniedError",
    "FeaturePeriod",
    "FieldViolation",
    "ForbiddenError",
    "InvalidArgumentError",
    "NetworkError",
    "NotFoundError",
    "PanicError",
    "ProtocolError",
    "RateLimitedError",
    "Scope",
    "ServerError",
    "TimeoutError",
    "Timestamp",
    "TlsError",
    "TooLargeError",
    "UnauthorizedError",
    "UnexpectedError",
    "UsageRule",
]


def __getattr__(name: str) -> Any:
    # Loaded when it is asked for: who needs no asyncio does not wait for it.
    if name == "AsyncClient":
        from ._async import AsyncClient

        return AsyncClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
