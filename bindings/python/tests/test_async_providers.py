"""Blocking and async credential providers of the client for asyncio."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import aicredits
import pytest
from aicredits import AsyncClient
from aicredits._tools import Script
from conftest import PATIENCE, Serve, SiteWith, eventually, ok
from test_async import run, until


def authorizations(server: Script) -> set[str]:
    """The values that were sent to it."""
    return {value for headers in server.headers() for name, value in headers if name.lower() == "authorization"}


def test_a_provider_that_hangs_does_not_hold_the_loop(site_with: SiteWith, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aicredits._async_call._GRACE", 0.2)
    emulator = site_with(0)
    gate = threading.Event()

    def hangs() -> str:
        gate.wait(3 * PATIENCE)
        return "Bearer x"

    async def main() -> None:
        async with AsyncClient(credential_provider=hangs, site_id="s", base_url=emulator.url) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.get_balance(), 0.1)

    begun = time.monotonic()
    run(main())
    assert time.monotonic() - begun < PATIENCE
    gate.set()
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name == "aicredits"])
    assert not emulator.journal()["total"]


@pytest.mark.parametrize("asks", [1, 2])
def test_a_call_ends_in_time_while_its_provider_runs(serve: Serve, monkeypatch: pytest.MonkeyPatch, asks: int) -> None:
    """The provider hangs at the first request, or when it is asked again after HTTP 401."""
    monkeypatch.setattr("aicredits._async_call._GRACE", 0.2)
    server = serve(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    gate = threading.Event()
    asked: list[None] = []

    def hangs() -> str:
        asked.append(None)
        if len(asked) == asks:
            gate.wait(3 * PATIENCE)
        return "Bearer x"

    async def main() -> None:
        async with AsyncClient(credential_provider=hangs, site_id="s", base_url=server.url, timeout=0.5) as client:
            told = (
                r"^no whole reply from 127\.0\.0\.1:\d+ within 500 ms; "
                r"time ran out while the credential provider was asked \(site s\)$"
            )
            with pytest.raises(aicredits.TimeoutError, match=told) as caught:
                await client.get_balance()
            assert caught.value.is_transient and caught.value.scope == client.scope

    begun = time.monotonic()
    run(main())
    assert time.monotonic() - begun < PATIENCE
    gate.set()
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name == "aicredits"])
    # A request that was not sent in time is never sent.
    assert len(asked) == asks and server.requests == asks - 1


def test_an_async_provider_runs_in_the_loop_of_the_call(serve: Serve) -> None:
    server = serve(ok())
    token = contextvars.ContextVar("token", default="none")
    loops = set()

    async def provider() -> str:
        await asyncio.sleep(0)
        loops.add(asyncio.get_running_loop())
        return token.get()

    async def ask(client: AsyncClient, mine: str) -> None:
        token.set(mine)
        await client.get_balance()

    async def main() -> None:
        async with AsyncClient(credential_provider=provider, site_id="s", base_url=server.url) as client:
            await asyncio.gather(*(ask(client, f"Bearer {number}") for number in range(100)))
            assert loops == {asyncio.get_running_loop()}

    run(main())
    assert authorizations(server) == {f"Bearer {number}" for number in range(100)}


@pytest.mark.parametrize("how", ["timeout", "cancel", "close"])
def test_an_async_provider_ends_with_its_call(site_with: SiteWith, how: str) -> None:
    emulator = site_with(0)
    ended: list[type[BaseException]] = []

    async def main() -> None:
        began = asyncio.Event()

        async def hangs() -> str:
            began.set()
            try:
                await asyncio.sleep(3 * PATIENCE)
            except asyncio.CancelledError as error:
                ended.append(type(error))
                raise
            return "Bearer x"

        client = AsyncClient(
            credential_provider=hangs, site_id="s", base_url=emulator.url, timeout=0.3 if how == "timeout" else 60
        )
        task = asyncio.create_task(client.get_balance())
        await began.wait()
        if how == "cancel":
            task.cancel()
        if how == "close":
            await client.aclose()
        errors = {"timeout": aicredits.TimeoutError, "cancel": asyncio.CancelledError, "close": aicredits.ClosedError}
        with pytest.raises(errors[how]):
            await task
        await client.aclose()
        await until(lambda: bool(ended))

    begun = time.monotonic()
    run(main())
    assert time.monotonic() - begun < PATIENCE and ended == [asyncio.CancelledError] and not emulator.journal()["total"]
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name == "aicredits"])


def test_the_exception_of_an_async_provider_is_the_cause(site_with: SiteWith) -> None:
    emulator = site_with(0)

    async def broken() -> str:
        raise RuntimeError("the vault is shut")

    async def no_text() -> Any:
        return 7

    async def main() -> None:
        async with AsyncClient(credential_provider=broken, site_id="s", base_url=emulator.url) as client:
            with pytest.raises(aicredits.UnauthorizedError, match="the vault is shut") as caught:
                await client.get_balance()
            assert type(caught.value.__cause__) is RuntimeError
        async with AsyncClient(credential_provider=no_text, site_id="s", base_url=emulator.url) as client:
            with pytest.raises(aicredits.UnauthorizedError, match="it returned int, not str"):
                await client.get_balance()

    run(main())


def test_a_provider_has_the_context_of_the_awaiting_task(serve: Serve) -> None:
    server = serve(ok())
    token = contextvars.ContextVar("token", default="none")

    async def ask(client: AsyncClient, mine: str) -> None:
        token.set(mine)
        await client.get_balance()

    async def main() -> None:
        async with AsyncClient(credential_provider=token.get, site_id="s", base_url=server.url) as client:
            await asyncio.gather(*(ask(client, f"Bearer {number}") for number in range(20)))

    run(main())
    assert authorizations(server) == {f"Bearer {number}" for number in range(20)}


def test_a_client_in_a_cycle_with_its_provider_is_collected(serve: Serve) -> None:
    server = serve(ok())

    class Service:
        def __init__(self) -> None:
            self.client = AsyncClient(credential_provider=self.token, site_id="s", base_url=server.url)

        def token(self) -> str:
            return "Bearer x"

    service = Service()
    run(service.client.get_balance())
    forgotten = weakref.ref(service)
    del service

    def is_gone() -> bool:
        # Its thread has released the call.
        gc.collect()
        return forgotten() is None

    eventually(is_gone)
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name == "aicredits"])


def test_a_timeout_of_a_provider_leaves_no_cycle(site_with: SiteWith) -> None:
    emulator = site_with(0)
    released = threading.Event()

    def provider() -> str:
        released.wait(PATIENCE)
        return "Bearer x"

    async def main() -> weakref.ref[aicredits.AiCreditsError]:
        async with AsyncClient(
            credential_provider=provider, site_id="s", base_url=emulator.url, timeout=0.05
        ) as client:
            try:
                await client.get_balance()
            except aicredits.AiCreditsError as error:
                return weakref.ref(error)
            finally:
                released.set()
        raise AssertionError("the call did not time out")

    gc.collect()
    gc.disable()
    try:
        error = run(main())
        eventually(lambda: error() is None)
    finally:
        gc.enable()


def test_the_interpreter_ends_while_providers_run(site_with: SiteWith) -> None:
    emulator = site_with(0)
    code = (
        "import sys, threading, time, aicredits\n"
        "def provider():\n"
        "    while True:\n"
        "        time.sleep(0.0002)\n"
        "client = aicredits.Client(credential_provider=provider, site_id='s', base_url=sys.argv[1])\n"
        "for _ in range(4):\n"
        "    threading.Thread(target=client.get_balance, daemon=True).start()\n"
        "time.sleep(0.1)\n"
        "sys.exit(7)\n"
    )
    for _ in range(3):
        ran = subprocess.run(
            [sys.executable, "-c", code, emulator.url], capture_output=True, text=True, timeout=PATIENCE
        )
        assert ran.returncode == 7, ran.stderr
