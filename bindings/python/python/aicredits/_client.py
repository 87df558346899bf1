"""The blocking client, and the settings that both clients have."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Callable, NoReturn, Optional, Union

from . import _native
from ._errors import InvalidArgumentError
from ._native import Balance, Scope

if TYPE_CHECKING:
    from types import TracebackType

Seconds = Union[float, int, timedelta]
"""A time: a number of seconds, or a timedelta."""


def seconds(time: Optional[Seconds]) -> Optional[float]:
    return time.total_seconds() if isinstance(time, timedelta) else None if time is None else float(time)


def scope_of(account_id: Optional[str], site_id: Optional[str], credential_scope: bool) -> Optional[Scope]:
    """The scope that is named; ``None`` where none is."""
    if account_id is None and site_id is None:
        return Scope(None, None) if credential_scope else None
    if credential_scope:
        raise InvalidArgumentError("scope is not clear: credential_scope sends no id, and an id is named")
    return Scope(account_id, site_id)


class Settings:
    """What a client of either kind is made of and has: the part that is the same."""

    _native: _native.Client

    def __init__(
        self,
        *,
        api_key: Optional[str] = None,
        authorization: Optional[str] = None,
        credential_supplier: Optional[Callable[[], str]] = None,
        account_id: Optional[str] = None,
        site_id: Optional[str] = None,
        credential_scope: bool = False,
        base_url: Optional[str] = None,
        allow_insecure_http: bool = False,
        timeout: Optional[Seconds] = None,
        max_reply_bytes: Optional[int] = None,
        max_retries: Optional[int] = None,
        max_concurrency: Optional[int] = None,
        ca_file: Optional[Union[str, os.PathLike[str]]] = None,
        ca_pem: Optional[Union[str, bytes]] = None,
        proxy: Optional[str] = None,
        proxy_from_env: bool = False,
        name: Optional[str] = None,
        from_env: bool = False,
    ) -> None:
        """Checks the settings, and opens no connection. Raises :class:`InvalidArgumentError`, which names the setting.

        :param api_key: the API key, sent as it stands. Or one of the next two.
        :param authorization: the whole value of the Authorization header, for another credential.
        :param credential_supplier: a function that gives that value, for credentials that expire: asked once a call, on
            its thread, inside its timeout, and once more after HTTP 401. It must not make a call of the same client.
        :param account_id: ask for all credits of this account. With ``site_id``, both are sent.
        :param site_id: ask for the credits and the subscription of this site.
        :param credential_scope: send no id; only with ``authorization`` or ``credential_supplier``.
        :param base_url: another server than Wix's: https, or http to a loopback address.
        :param allow_insecure_http: let the base URL be http to any host, for all to read the key.
        :param timeout: the total time of a call: 35 s unless set; more than 0 and at most a day.
        :param max_reply_bytes: the most bytes of a reply that are read: 8 MiB unless set.
        :param max_retries: how often a failed call is tried again: 2 unless set; at most 10, and 0 for never.
        :param max_concurrency: how many calls run at once: 64 unless set; others wait their turn.
        :param ca_file: trust the certificate authorities in this PEM file, and no others.
        :param ca_pem: the same from the file's text.
        :param proxy: reach the server through this HTTP proxy: ``http://user:password@proxy.example:3128``.
        :param proxy_from_env: read the proxy from the environment.
        :param name: what log records call this client.
        :param from_env: read WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL for whatever is not set.
        """
        credentials = (api_key, authorization, credential_supplier)
        if sum(credential is not None for credential in credentials) > 1:
            raise InvalidArgumentError(
                "api_key is not clear: name one of api_key, authorization and credential_supplier"
            )
        settings: list[tuple[str, Any]] = [
            ("api_key", api_key),
            ("authorization", authorization),
            ("credential_supplier", credential_supplier),
            ("scope", scope_of(account_id, site_id, credential_scope)),
            ("base_url", base_url),
            ("allow_insecure_http", allow_insecure_http or None),
            ("timeout", seconds(timeout)),
            ("max_reply_bytes", max_reply_bytes),
            ("max_retries", max_retries),
            ("max_concurrency", max_concurrency),
            ("ca_file", ca_file),
            ("ca_pem", ca_pem.encode() if isinstance(ca_pem, str) else ca_pem),
            ("proxy", proxy),
            ("proxy_from_env", proxy_from_env or None),
            ("name", name),
            ("from_env", from_env or None),
        ]
        self._native = _native.Client([(name, value) for name, value in settings if value is not None])
        # Only where the program logs: importing logging takes its time.
        if "logging" in sys.modules:
            from ._logging import hand_over

            hand_over()

    @property
    def scope(self) -> Scope:
        """The scope that calls ask for unless they name their own."""
        return self._native.scope

    @property
    def timeout(self) -> timedelta:
        """The total time of a call that does not set its own."""
        return timedelta(seconds=self._native.timeout)

    @property
    def max_concurrency(self) -> int:
        """How many calls run at once."""
        return self._native.max_concurrency

    def __repr__(self) -> str:
        # It never shows the key.
        return repr(self._native).replace("Client", type(self).__name__, 1)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} cannot be pickled or copied: it holds a key and connections")


class Client(Settings):
    """Asks Wix what is left. Made once and used for long: it keeps its connections open between calls.

    Shared by as many threads as wish, and usable on both sides of a ``fork``.
    """

    @classmethod
    def from_env(cls, **settings: Any) -> Client:
        """A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL."""
        return cls(from_env=True, **settings)

    def get_balance(
        self,
        *,
        account_id: Optional[str] = None,
        site_id: Optional[str] = None,
        credential_scope: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> Balance:
        """The current AI credit balance, of the client's scope or of the call's own.

        Blocks, at most for the timeout, without the GIL. In the main thread, Ctrl-C ends it at once. Raises an
        :class:`AiCreditsError`, whose class tells the kind.
        """
        scope = scope_of(account_id, site_id, credential_scope)
        return self._native.get_balance(scope, seconds(timeout), None, True)

    def close(self) -> None:
        """Ends the calls that run, in every thread, and closes the connections. Later calls raise ClosedError."""
        self._native.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()
