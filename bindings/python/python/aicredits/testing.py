"""An emulator of the API for tests: runs the command ``aicredits emulator`` during a ``with`` block."""

from __future__ import annotations

import os
import shutil
import subprocess
from types import TracebackType
from typing import Any, Optional

from ._native import Client

_SAID = ("WIX_API_KEY", "WIX_ACCOUNT_ID", "AICREDITS_BASE_URL")


class Emulator:
    """Serves the example account of Wix's documentation on a free port of this machine.

    >>> with Emulator() as emulator, emulator.client() as client:
    ...     assert client.get_balance().available == 1050

    :param command: the command ``aicredits``. Default: the value of AICREDITS_COMMAND, or the one on the PATH.
    """

    url: str
    api_key: str
    account_id: str

    def __init__(self, command: Optional[str] = None) -> None:
        found = command or os.environ.get("AICREDITS_COMMAND") or shutil.which("aicredits")
        if found is None:
            raise FileNotFoundError(
                "there is no command aicredits: cargo install --locked --path crates/aicredits-cli brings it, "
                "or AICREDITS_COMMAND names it"
            )
        self._process = subprocess.Popen(
            [found, "emulator", "--with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        said: dict[str, str] = {}
        for line in self._process.stdout:
            name, _, value = line.strip().partition("=")
            if name in _SAID:
                said[name] = value
            if len(said) == len(_SAID):
                break
        else:
            self.close()
            raise RuntimeError(f"{found} emulator did not say how to reach it")
        self.api_key, self.account_id, self.url = (said[name] for name in _SAID)

    def client(self, **settings: Any) -> Client:
        """A client of the emulator. A credential or a scope in ``settings`` replaces the one of the example."""
        if not settings.keys() & {"api_key", "authorization", "credential_provider"}:
            settings["api_key"] = self.api_key
        if not settings.keys() & {"account_id", "site_id", "credential_scope", "scope"}:
            settings["account_id"] = self.account_id
        return Client(**{"base_url": self.url, **settings})

    def close(self) -> None:
        """Stops the emulator."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        # The command ends with its input. A forked child may hold the input open.
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()
