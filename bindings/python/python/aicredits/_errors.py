"""The exceptions: one base, and a class a kind, the same kinds as in every language."""

from __future__ import annotations

import builtins

# By this name type checkers know it. typing has one too, and loading that takes as long as an interpreter to start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any, Optional

    from ._native import Attempt, FieldViolation, Scope


class AiCreditsError(Exception):
    """Why something failed. ``str(error)`` is the whole story in one line, with server text escaped; never a key."""

    kind: str = "UNEXPECTED"
    """Who must act, by the name that every language has for it."""

    http_status: Optional[int]
    """The HTTP status; ``None`` where no reply came."""
    code: Optional[str]
    """Wix's own code, such as ``"PERMISSION_DENIED"``. Server text, as are the next."""
    description: Optional[str]
    """What the server says of the failure."""
    field_violations: tuple[FieldViolation, ...]
    """Which fields of the request the server refused, and why."""
    scope: Optional[Scope]
    """The scope that was asked for; ``None`` where no call was made."""
    request_id: Optional[str]
    """The server's id of the request, to quote when asking Wix about it."""
    retry_after: Optional[timedelta]
    """How long the server asks to wait before the next call."""
    attempts: tuple[Attempt, ...]
    """What was tried, in order."""

    def __init__(self, message: str = "", **fields: Any) -> None:
        super().__init__(message)
        for name in ("http_status", "code", "description", "scope", "request_id", "retry_after"):
            setattr(self, name, fields.get(name))
        self.field_violations = fields.get("field_violations", ())
        self.attempts = fields.get("attempts", ())

    @property
    def message(self) -> str:
        """The whole story in one line."""
        return str(self)


class InvalidArgumentError(AiCreditsError, ValueError):
    """A setting or an argument is wrong; the message names it."""

    kind = "INVALID_ARGUMENT"


class UnauthorizedError(AiCreditsError):
    """HTTP 401: the key is missing, wrong or withdrawn. Or the supplier had none: what it raised is the ``__cause__``."""

    kind = "UNAUTHORIZED"


class ForbiddenError(AiCreditsError):
    """HTTP 403: the key lacks access to what was asked for."""

    kind = "FORBIDDEN"


class NotFoundError(AiCreditsError):
    """HTTP 404."""

    kind = "NOT_FOUND"


class BadRequestError(AiCreditsError):
    """Any other HTTP 4xx."""

    kind = "BAD_REQUEST"


class RateLimitedError(AiCreditsError):
    """HTTP 429: too many requests."""

    kind = "RATE_LIMITED"


class ServerError(AiCreditsError):
    """Any HTTP 5xx."""

    kind = "SERVER"


class NetworkError(AiCreditsError):
    """DNS, refused, unreachable, a proxy that refuses, or the connection was lost before the reply was whole."""

    kind = "NETWORK"


class TlsError(AiCreditsError):
    """A certificate or the TLS handshake."""

    kind = "TLS"


class ProtocolError(AiCreditsError):
    """What came is not the HTTP that was asked for."""

    kind = "PROTOCOL"


class DecodeError(AiCreditsError, ValueError):
    """A complete reply that is no balance; the message has the path of the field at fault."""

    kind = "DECODE"


class TooLargeError(AiCreditsError):
    """The reply's head or body is over its limit."""

    kind = "TOO_LARGE"


class TimeoutError(AiCreditsError, builtins.TimeoutError):
    """The call's time is up."""

    kind = "TIMEOUT"


class CancelledError(AiCreditsError):
    """The call was cancelled. asyncio's own is raised where a task was cancelled."""

    kind = "CANCELLED"


class ClosedError(AiCreditsError):
    """The client is closed."""

    kind = "CLOSED"


class DeniedError(AiCreditsError):
    """A credit gate refused."""

    kind = "DENIED"


class PanicError(AiCreditsError):
    """A bug in the library was caught."""

    kind = "PANIC"


class UnexpectedError(AiCreditsError):
    """Something that should not be able to happen. Please report it."""

    kind = "UNEXPECTED"


_CLASSES = {cls.kind.replace("_", ""): cls for cls in AiCreditsError.__subclasses__()}


def of_kind(kind: str, fields: dict[str, Any]) -> AiCreditsError:
    """The exception for an error of the native module."""
    return _CLASSES.get(kind.upper(), UnexpectedError)(**fields)
