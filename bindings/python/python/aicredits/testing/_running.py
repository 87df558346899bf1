"""An emulator without its actions: its start, its settings and its end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn, Optional, TypeVar, Union

from .. import _tools
from .._native import Client
from ._error import EmulatorError
from ._json import encode, members_of
from ._later import types

Self = TypeVar("Self", bound="Running")


class Running:
    """The base of :class:`aicredits.testing.Emulator`, which describes the parameters."""

    def __init__(
        self,
        scenario: Union[str, Mapping[str, Any]] = "example",
        *,
        host: Optional[str] = None,
        port: Optional[int] = None,
        tls: Optional[bool] = None,
        clock: Optional[types.ClockChange] = None,
        assumptions: Optional[types.Assumptions] = None,
        faults: Optional[Sequence[types.Fault]] = None,
        control_token: Optional[str] = None,
    ) -> None:
        __tracebackhide__ = True
        options = members_of(
            scenario=scenario,
            host=host,
            port=port,
            tls=tls,
            clock=clock,
            assumptions=assumptions,
            faults=faults,
            control_token=control_token,
        )
        started = _tools.Emulator.start(encode(options))
        if isinstance(started, tuple):
            raise EmulatorError._of(*started)
        self._emulator = started

    @property
    def url(self) -> str:
        """The base URL: ``http://127.0.0.1:41234``."""
        return self._emulator.url

    @property
    def api_key(self) -> str:
        """The first key with account-level access at the start; empty if there was none."""
        return self._emulator.api_key

    @property
    def site_key(self) -> str:
        """The first key with site-level access alone at the start; empty if there was none."""
        return self._emulator.site_key

    @property
    def account_id(self) -> str:
        """The first account at the start; empty if there was none."""
        return self._emulator.account_id

    @property
    def site_id(self) -> str:
        """The first site of the first account at the start; empty if there was none."""
        return self._emulator.site_id

    @property
    def ca_pem(self) -> Optional[str]:
        """The certificate authority of the emulator, for a client's ``ca_pem``; ``None`` without TLS."""
        return self._emulator.ca_pem

    def settings(self, **settings: Any) -> dict[str, Any]:
        """The keyword arguments of a client: ``AsyncClient(**emulator.settings())``.

        A credential, a scope or a base URL in ``settings`` replaces the emulator's own.
        """
        if not settings.keys() & {"api_key", "authorization", "credential_provider"}:
            settings["api_key"] = self.api_key
        if not settings.keys() & {"account_id", "site_id", "credential_scope", "scope"}:
            settings["account_id"] = self.account_id
        if self.ca_pem is not None and "ca_file" not in settings:
            settings.setdefault("ca_pem", self.ca_pem)
        return {"base_url": self.url, **settings}

    def client(self, **settings: Any) -> Client:
        """A client of the emulator: ``Client(**emulator.settings(**settings))``."""
        return Client(**self.settings(**settings))

    def environment(self) -> dict[str, str]:
        """The variables for a program that reads its settings from the environment.

        Remove WIX_SITE_ID from its environment: both ids are an error. With TLS the program also needs ``ca_pem``.
        """
        return {"WIX_API_KEY": self.api_key, "WIX_ACCOUNT_ID": self.account_id, "AICREDITS_BASE_URL": self.url}

    def control(self, action: str, request: str = "{}") -> tuple[int, str]:
        """Runs an action with JSON in and out: the status and the body of the reply, byte for byte as over HTTP.

        An error of the action is a reply too. Blocks for ``wait``, and for at most 1 s for ``journal`` and ``verdict``.
        """
        return self._emulator.control(action, request)

    def close(self) -> None:
        """Stops the server, and joins its threads. You can call it more than once."""
        self._emulator.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # A traceback shows it even if its start failed.
        return f"<aicredits.testing.Emulator{f' {self.url}' if hasattr(self, '_emulator') else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Emulator cannot be pickled or copied: its server belongs to this process")

    def _run(self, _action: str, **members: Any) -> Any:
        return self._send(_action, members_of(**members))

    def _send(self, action: str, request: dict[str, Any]) -> Any:
        return json.loads(self._text(action, request))

    def _text(self, action: str, request: dict[str, Any]) -> str:
        status, text = self._emulator.control(action, encode(request))
        if status != 200:
            raise EmulatorError._of(status, text)
        return text
