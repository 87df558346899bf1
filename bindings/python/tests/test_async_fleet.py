"""Many balances, for asyncio: AsyncClient.get_balances."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Any

import aicredits
import pytest
from aicredits import AsyncClient, Target
from aicredits.testing import Emulator
from conftest import PATIENCE
from test_fleet import KEY, agency, native_threads, site, targets

__all__ = ["agency"]


def client_of(emulator: Emulator, **settings: Any) -> AsyncClient:
    return AsyncClient(**{"api_key": KEY, "base_url": emulator.url, "scope": aicredits.PER_CALL, **settings})


def run(coroutine: Any) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, PATIENCE))


def test_each_target_has_one_outcome_and_the_loop_goes_on(agency: Emulator) -> None:
    async def main() -> None:
        async with client_of(agency) as client:
            fleet = client.get_balances(targets(150))
            assert len(fleet) == 150
            turns, threads = 0, threading.active_count()

            async def tick() -> None:
                nonlocal turns
                while True:
                    await asyncio.sleep(0)
                    turns += 1

            ticking = asyncio.create_task(tick())
            outcomes = [outcome async for outcome in fleet]
            ticking.cancel()
            assert sorted(outcome.index for outcome in outcomes) == list(range(150))
            assert all(outcome.balance is not None for outcome in outcomes) and turns > 10
            assert fleet.progress().done == 150
            assert threading.active_count() == threads

    run(main())


def test_leaving_the_block_cancels_the_rest(agency: Emulator) -> None:
    async def main() -> None:
        async with client_of(agency) as client:
            async with client.get_balances(targets(30), rate=1) as fleet:
                async for _ in fleet:
                    break
            assert not any("aicredits-fleet" in name for name in native_threads())
            with pytest.raises(aicredits.ClosedError):
                await fleet.__anext__()
            assert repr(fleet) == "<aicredits.AsyncFleet closed>"

    run(main())


def test_a_cancelled_task_may_go_on_later(agency: Emulator) -> None:
    async def main() -> None:
        async with client_of(agency) as client:
            fleet = client.get_balances(targets(3), rate=1, timeout=1)
            assert (await fleet.__anext__()).balance is not None
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(fleet.__anext__(), 0.05)
            assert {type(outcome.error) async for outcome in fleet} == {aicredits.TimeoutError}

    run(main())


def test_an_async_provider_runs_in_the_loop_of_the_fleet(agency: Emulator) -> None:
    task_name: contextvars.ContextVar[str] = contextvars.ContextVar("task_name")
    seen = []

    async def provider() -> str:
        seen.append((threading.current_thread() is threading.main_thread(), task_name.get()))
        await asyncio.sleep(0)
        return KEY

    async def main() -> None:
        task_name.set("report")
        async with client_of(agency, api_key=None, credential_provider=provider) as client:
            assert [outcome.error async for outcome in client.get_balances(targets(5))] == [None] * 5
            assert seen == [(True, "report")] * 5
            # A call that is not of the fleet.
            assert (await client.get_balance(site_id=site(1))).available is not None

    run(main())


def test_a_provider_that_hangs_does_not_keep_the_fleet(agency: Emulator) -> None:
    async def main() -> None:
        asked = asyncio.Event()
        ended = asyncio.Event()

        async def provider() -> str:
            asked.set()
            try:
                await asyncio.sleep(3600)
            finally:
                ended.set()
            raise AssertionError("it was cancelled")

        async with client_of(agency, api_key=None, credential_provider=provider) as client:
            async with client.get_balances(targets(3)):
                await asked.wait()
            await ended.wait()

    run(main())


def test_clients_are_named(agency: Emulator) -> None:
    async def main() -> None:
        async with client_of(agency) as client, client_of(agency, api_key="IST.other-not-a-secret") as other:
            fleet = client.get_balances([Target(site(1)), Target(site(1), key="acme")], clients={"acme": other})
            kinds = {outcome.target.key: type(outcome.error) async for outcome in fleet}
            assert kinds == {None: type(None), "acme": aicredits.UnauthorizedError}

    run(main())
