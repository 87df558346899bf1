"""The exceptions: one base, and a class a kind, the same kinds as in every language."""

from __future__ import annotations

import builtins

from ._native import Attempt, FieldViolation, Scope

# By this name type checkers know it. typing has one too, and loading that takes as long as an interpreter to start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as _datetime
    import typing as _typing
else:

    class _Later:
        """A module that is loaded when an attribute of it is used: by programs that evaluate the annotations below."""

        def __init__(self, name):
            self._name = name

        def __getattr__(self, attribute):
            return getattr(__import__(self._name), attribute)

    _datetime, _typing = _Later("datetime"), _Later("typing")


class AiCreditsError(Exception):
    """Why something failed. ``str(error)`` is the whole story in one line, with server text escaped; never a key."""

    kind: str = "UNEXPECTED"
    """Who must act, by the name that every language has for it."""

    http_status: _typing.Optional[int]
    """The HTTP status; ``None`` where no reply came."""
    code: _typing.Optional[str]
    """Wix's own code, such as ``"PERMISSION_DENIED"``. Server text, as are the next."""
    description: _typing.Optional[str]
    """What the server says of the failure."""
    field_violations: tuple[FieldViolation, ...]
    """Which fields of the request the server refused, and why."""
    scope: _typing.Optional[Scope]
    """The scope that was asked for; ``None`` where no call was made."""
    request_id: _typing.Optional[str]
    """The server's id of the request, to quote when asking Wix about it."""
    retry_after: _typing.Optional[_datetime.timedelta]
    """How long the server asks to wait before the next call."""
    attempts: tuple[Attempt, ...]
    """What was tried, in order."""
    is_transient: bool = False
    """Whether an equal call may succeed later. Errors that were pickled by an earlier version say no."""

    def __init__(
        self,
        message: str = "",
        *,
        http_status: _typing.Optional[int] = None,
        code: _typing.Optional[str] = None,
        description: _typing.Optional[str] = None,
        field_violations: tuple[FieldViolation, ...] = (),
        scope: _typing.Optional[Scope] = None,
        request_id: _typing.Optional[str] = None,
        retry_after: _typing.Optional[_datetime.timedelta] = None,
        attempts: tuple[Attempt, ...] = (),
        is_transient: bool = False,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.code = code
        self.description = description
        self.field_violations = field_violations
        self.scope = scope
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts = attempts
        self.is_transient = is_transient

    @property
    def message(self) -> str:
        """The whole story in one line."""
        return str(self)


class InvalidArgumentError(AiCreditsError, ValueError):
    """A setting or an argument is wrong; the message names it."""

    kind = "INVALID_ARGUMENT"


class UnauthorizedError(AiCreditsError):
    """HTTP 401: the key is missing, wrong or revoked. Or the provider failed: its exception is the ``__cause__``."""

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

# Tracebacks, documentation and pickles name a class as programs do. Pickles that name this module can still be read.
for _class in (AiCreditsError, *_CLASSES.values()):
    _class.__module__ = "aicredits"


def of_kind(kind: str, fields: dict[str, _typing.Any]) -> AiCreditsError:
    """The exception for an error of the native module."""
    return _CLASSES.get(kind.upper(), UnexpectedError)(**fields)
