"""The credit gate for asyncio: reserving, sharing, and who reads."""

from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import threading
import warnings
from typing import Any

import aicredits
import pytest
from aicredits import AsyncClient, AsyncGate, DenialReason, DeniedError
from conftest import PATIENCE, HasUrl, Serve, SiteWith, credits, eventually
from test_async import run, until


def client_of(server: HasUrl, **settings: Any) -> AsyncClient:
    return AsyncClient(**{"api_key": "IST.key", "site_id": "s", "base_url": server.url, "max_retries": 0, **settings})


class Held:
    """A server that holds its replies back until `release`, and then sends this many credits."""

    def __init__(self, serve: Serve, count: int) -> None:
        self.server = serve(credits(count), held=True)

    async def is_asked(self, times: int = 1) -> None:
        await until(lambda: self.server.requests == times)

    def release(self) -> None:
        self.server.release()


def threads() -> int:
    return len([thread for thread in threading.enumerate() if thread.name == "aicredits"])


def test_a_reservation_is_awaited_or_entered(site_with: SiteWith) -> None:
    async def main() -> None:
        async with client_of(site_with(100)) as client:
            gate = client.gate(headroom=10)
            assert gate.scope == aicredits.Scope(None, "s") and gate.balance is None
            assert repr(gate) == "<aicredits.AsyncGate site s>"
            reservation = await gate.reserve(5, label="x")
            assert reservation.commit() and reservation.label == "x"
            with await gate.reserve(5) as reservation:
                pass
            async with gate.reserve(5, reservation_ttl=60) as reservation:
                assert reservation.cost == 5 and gate.state().reserved == 5
            assert not reservation.is_open and gate.state().used == 15
            async with gate.reserve_up_to(30, 50) as reservation:
                assert reservation.count == 2 and reservation.release()
            assert gate.state().grantable == 75
            with gate.reserve_now(75):
                pass
            with pytest.raises(DeniedError) as raised:
                async with gate.reserve(1):
                    pytest.fail("it was denied")
            assert raised.value.reason is DenialReason.INSUFFICIENT
            assert (await gate.refresh(timeout=PATIENCE / 10)).available == 100
            assert gate.balance is not None and gate.balance.available == 100

    run(main())


def test_an_exception_in_the_block_leaves_it_unresolved(site_with: SiteWith) -> None:
    async def main() -> None:
        async with client_of(site_with(100)) as client:
            gate = client.gate()
            with pytest.raises(LookupError):
                async with gate.reserve(5) as reservation:
                    raise LookupError
            assert not reservation.is_open and gate.state().used == 0 and gate.state().estimate == 95

            async def act() -> None:
                async with gate.reserve(5):
                    await asyncio.sleep(PATIENCE)

            task = asyncio.create_task(act())
            await until(lambda: gate.state().reserved == 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # It may have been charged.
            assert gate.state().reserved == 0 and gate.state().used == 0 and gate.state().estimate == 90

    run(main())


def test_a_reserve_is_a_coroutine_for_asyncio(site_with: SiteWith) -> None:
    async def main() -> None:
        async with client_of(site_with(100)) as client:
            gate = client.gate()
            first = asyncio.create_task(gate.reserve(1))
            second = asyncio.ensure_future(gate.reserve(1))
            third = asyncio.wait_for(gate.reserve(1), PATIENCE)
            for reservation in await asyncio.gather(first, second, third, gate.reserve(1)):
                assert reservation.commit()
            assert gate.state().used == 4
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                gate.reserve(1)
                gc.collect()
            assert [warning.category for warning in caught] == [RuntimeWarning]

    run(main())


def test_200_tasks_share_one_reading_and_one_thread(serve: Serve) -> None:
    held = Held(serve, 1000)

    async def main() -> None:
        async with client_of(held.server) as client:
            gate = client.gate()

            async def spend() -> None:
                async with gate.reserve(2):
                    await asyncio.sleep(0)

            tasks = [asyncio.create_task(spend()) for _ in range(200)]
            # Every task has taken its first step before the loop sees the request.
            await held.is_asked()
            assert threads() == 1
            held.release()
            await asyncio.gather(*tasks)
            state = gate.state()
            assert (state.granted, state.used, state.reserved, state.estimate) == (200, 400, 0, 600)
        assert held.server.requests == 1

    run(main())


def test_200_tasks_spend_every_credit_once(site_with: SiteWith) -> None:
    async def main() -> None:
        async with client_of(site_with(100)) as client:
            gate = client.gate(max_age=3600, min_interval=3600)

            async def spend() -> int:
                try:
                    async with gate.reserve(3):
                        await asyncio.sleep(0)
                        return 3
                except DeniedError:
                    return 0

            assert sum(await asyncio.gather(*(spend() for _ in range(200)))) == 99
            assert gate.state().estimate == 1 and gate.state().reserved == 0

    run(main())


def test_an_async_provider_must_not_use_a_gate_of_its_client(site_with: SiteWith) -> None:
    emulator = site_with(100)
    gates: list[AsyncGate] = []

    async def provide() -> str:
        await gates[0].reserve(1)
        return "IST.key"

    async def main() -> None:
        async with AsyncClient(credential_provider=provide, site_id="s", base_url=emulator.url) as client:
            gates.append(client.gate())
            with pytest.raises(DeniedError) as raised:
                await gates[0].reserve(1)
            cause = raised.value.__cause__
            assert cause is not None and isinstance(cause.__cause__, aicredits.InvalidArgumentError)

    run(main())
    assert not emulator.journal()["total"]


def test_an_async_provider_serves_a_gate(serve: Serve) -> None:
    server = serve(credits(100))

    async def provide() -> str:
        await asyncio.sleep(0)
        return "IST.key"

    async def main() -> None:
        async with AsyncClient(credential_provider=provide, site_id="s", base_url=server.url) as client:
            for reservation in await asyncio.gather(*(client.gate(site_id=str(n)).reserve(1) for n in range(10))):
                assert reservation.commit()

    run(main())


def test_loops_share_a_gate(serve: Serve) -> None:
    held = Held(serve, 1000)
    client = client_of(held.server)
    gate = client.gate()
    finished: list[int] = []

    def work() -> None:
        async def spend() -> None:
            async with gate.reserve(1):
                await asyncio.sleep(0)

        async def main() -> None:
            await asyncio.gather(*(spend() for _ in range(50)))

        run(main())
        finished.append(50)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    assert held.server.wait_for_requests(1, PATIENCE)
    held.release()
    for worker in workers:
        worker.join(PATIENCE)
    assert finished == [50] * 4 and held.server.requests == 1
    assert (gate.state().granted, gate.state().used, gate.state().reserved) == (200, 200, 0)
    run(client.aclose())


def test_sub_gates_and_limits(site_with: SiteWith) -> None:
    async def main() -> None:
        async with client_of(site_with(100)) as client:
            with client.gate(limit=50) as gate:
                visitor = gate.sub_gate(10)
                async with visitor.reserve(10):
                    assert gate.state().reserved == 10
                with pytest.raises(DeniedError) as raised:
                    await visitor.reserve(1)
                assert raised.value.reason is DenialReason.LIMIT
                visitor.set_limit(11)
                assert (await visitor.reserve(1)).commit()
                gate.report_exhausted()
                with pytest.raises(DeniedError) as raised:
                    await visitor.reserve(1)
                for copies in (copy.copy, pickle.dumps):
                    with pytest.raises(TypeError, match="a gate cannot be pickled or copied"):
                        copies(gate)
            with pytest.raises(aicredits.ClosedError):
                await gate.reserve(1)

    run(main())


def test_a_wrong_cost_is_refused(site_with: SiteWith) -> None:
    async def main() -> None:
        async with client_of(site_with(100)) as client:
            gate = client.gate()
            for cost in (0.5, True, -1, None):
                with pytest.raises(aicredits.InvalidArgumentError, match="^cost must be a whole number"):
                    await gate.reserve(cost)  # type: ignore[arg-type]
            with pytest.raises(aicredits.InvalidArgumentError, match="^wanted must be a whole number"):
                await gate.reserve_up_to(1, 0.5)  # type: ignore[arg-type]

    run(main())
    eventually(lambda: threads() == 0)
