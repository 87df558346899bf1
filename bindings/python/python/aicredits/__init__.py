"""What an account or a site has left of its Wix AI credits: a client of Wix's GetBalance API.

>>> import aicredits
>>> with aicredits.Client.from_env() as client:  # WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID
...     print(client.get_balance())

A :class:`Client` is made once, shared by as many threads as wish, and keeps its connections open;
:class:`AsyncClient` is the same for asyncio. A field that the reply lacks is ``None``, never 0. The
breakdown is a view of the same credits as the two pools, never to be added to them.
"""

from __future__ import annotations

from ._errors import (
    AiCreditsError,
    BadRequestError,
    ClosedError,
    DecodeError,
    DeniedError,
    ForbiddenError,
    InvalidArgumentError,
    NetworkError,
    NotFoundError,
    PanicError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    TlsError,
    TooLargeError,
    UnauthorizedError,
    UnexpectedError,
)
from ._errors import CancelledError as CancelledError
from ._errors import TimeoutError as TimeoutError
from ._native import (
    PER_CALL,
    Attempt,
    Balance,
    Cancel,
    Client,
    CreditBalance,
    Credits,
    FieldViolation,
    Scope,
    Timestamp,
    UsageRule,
)
from ._native import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async import AsyncClient
    from ._period import FeaturePeriod
else:
    # The annotations of the exceptions are evaluated among the names of this module.
    from ._errors import _datetime, _typing  # noqa: F401

# Without the two names that Python has too: ``import *`` would hide those.
__all__ = [
    "PER_CALL",
    "AiCreditsError",
    "AsyncClient",
    "Attempt",
    "BadRequestError",
    "Balance",
    "Cancel",
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
    "Timestamp",
    "TlsError",
    "TooLargeError",
    "UnauthorizedError",
    "UnexpectedError",
    "UsageRule",
]


def __getattr__(name: str) -> object:
    # Loaded when they are asked for: who needs no asyncio, or no enum, does not wait for it.
    if name == "AsyncClient":
        from ._async import AsyncClient

        globals()[name] = AsyncClient
    elif name == "FeaturePeriod":
        from ._period import FeaturePeriod

        globals()[name] = FeaturePeriod
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
