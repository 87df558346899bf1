"""Reserves of asyncio that end early: what a cancelled task leaves behind."""

from __future__ import annotations

import asyncio
import random
import threading
import time

import aicredits
import pytest
from aicredits import AsyncClient, DenialReason, DeniedError
from conftest import PATIENCE, Serve, SiteWith, credits
from test_async import run, until
from test_async_gate import Held, client_of, threads


def test_a_cancelled_reader_is_followed_by_a_waiter(serve: Serve) -> None:
    held = Held(serve, 100)

    async def main() -> None:
        async with client_of(held.server) as client:
            gate = client.gate(min_interval=0)
            reader = asyncio.create_task(gate.reserve(1))
            await held.is_asked()
            waiters = [asyncio.create_task(gate.reserve(1)) for _ in range(20)]
            await asyncio.sleep(0)
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            await held.is_asked(2)
            held.release()
            for reservation in await asyncio.gather(*waiters):
                assert reservation.commit()
            state = gate.state()
            assert (state.granted, state.reserved, state.used) == (20, 0, 20)
        assert held.server.requests == 2

    run(main())


def test_a_cancelled_waiter_leaves_nothing(serve: Serve) -> None:
    held = Held(serve, 100)

    async def main() -> None:
        async with client_of(held.server) as client:
            gate = client.gate()
            reader = asyncio.create_task(gate.reserve(1))
            await held.is_asked()
            waiters = [asyncio.create_task(gate.reserve(10)) for _ in range(20)]
            await asyncio.sleep(0)
            for waiter in waiters:
                waiter.cancel()
            assert await asyncio.wait(waiters, timeout=PATIENCE) == (set(waiters), set())
            assert all(waiter.cancelled() for waiter in waiters)
            held.release()
            assert (await reader).commit()
            assert (gate.state().granted, gate.state().reserved, gate.state().estimate) == (1, 0, 99)

    run(main())


@pytest.mark.parametrize("seed", range(5))
def test_tasks_that_are_cancelled_at_any_moment_lose_nothing(serve: Serve, seed: int) -> None:
    chance = random.Random(seed)
    server = serve(*([chance.random() / 200, credits(10_000)] for _ in range(400)))

    async def main() -> None:
        async with client_of(server) as client:
            gate = client.gate(min_interval=0, max_age=0.1, read_timeout=PATIENCE)
            finished = 0

            async def spend() -> None:
                nonlocal finished
                async with gate.reserve(1) as reservation:
                    assert reservation.commit()
                finished += 1

            tasks = [asyncio.create_task(spend()) for _ in range(200)]
            for task in chance.sample(tasks, 150):
                await asyncio.sleep(chance.random() / 2000)
                task.cancel()
            await asyncio.wait(tasks, timeout=PATIENCE)
            assert all(task.cancelled() or task.exception() is None for task in tasks)
            state = gate.state()
            assert finished == state.granted == state.used >= 50 and state.reserved == 0
            # A later reserve is not blocked by anything that was left.
            assert (await gate.reserve(1)).commit()
        assert threads() == 0

    run(main())


def test_a_closed_coroutine_gives_its_request_up(serve: Serve) -> None:
    held = Held(serve, 100)

    async def main() -> None:
        async with client_of(held.server) as client:
            gate = client.gate(min_interval=0)
            reader = gate.reserve(1)
            reader.send(None)
            await held.is_asked()
            waiter = asyncio.create_task(gate.reserve(1))
            await asyncio.sleep(0)
            reader.close()
            held.release()
            assert (await waiter).commit() and gate.state().granted == 1

    run(main())


def test_a_timeout_is_a_denial(serve: Serve) -> None:
    held = Held(serve, 100)

    async def main() -> None:
        async with client_of(held.server) as client:
            gate = client.gate()
            begun = time.monotonic()
            answers = await asyncio.gather(*(gate.reserve(1, timeout=0.2) for _ in range(3)), return_exceptions=True)
            assert time.monotonic() - begun < PATIENCE / 2
            for answer in answers:
                assert isinstance(answer, DeniedError) and answer.reason is DenialReason.UNAVAILABLE
            for timeout in (0, -1):
                with pytest.raises(aicredits.InvalidArgumentError, match="^timeout "):
                    await gate.reserve(1, timeout=timeout)
            held.release()

    run(main())


def test_a_provider_that_blocks_does_not_hold_a_reserve(site_with: SiteWith) -> None:
    let_go = threading.Event()
    server = site_with(100)

    def provide() -> str:
        let_go.wait(PATIENCE)
        return "IST.key"

    async def main() -> None:
        async with AsyncClient(credential_provider=provide, site_id="s", base_url=server.url) as client:
            gate = client.gate()
            begun = time.monotonic()
            with pytest.raises(DeniedError) as raised:
                await gate.reserve(1, timeout=0.3)
            assert time.monotonic() - begun < PATIENCE / 2
            assert raised.value.reason is DenialReason.UNAVAILABLE
            let_go.set()

    run(main())


def test_a_reader_whose_provider_blocks_is_followed_by_a_waiter(site_with: SiteWith) -> None:
    let_go = threading.Event()
    provided: list[int] = []
    server = site_with(100)

    def provide() -> str:
        provided.append(1)
        if len(provided) == 1:
            let_go.wait(PATIENCE)
        return "IST.key"

    async def main() -> None:
        async with AsyncClient(credential_provider=provide, site_id="s", base_url=server.url) as client:
            gate = client.gate(min_interval=0, read_timeout=PATIENCE)
            reader = asyncio.create_task(gate.reserve(1, timeout=0.3))
            await until(lambda: len(provided) == 1)
            begun = time.monotonic()
            try:
                # Its own time is far longer than the reader's.
                assert (await gate.reserve(1)).commit()
                assert time.monotonic() - begun < PATIENCE / 2 and len(provided) == 2
                answer = (await asyncio.gather(reader, return_exceptions=True))[0]
                # The waiter's reading may arrive before the reader's last step, and then decides it.
                assert isinstance(answer, (DeniedError, aicredits.Reservation))
            finally:
                let_go.set()

    run(main())


def test_closing_the_client_ends_those_who_wait(serve: Serve) -> None:
    held = Held(serve, 100)

    async def main() -> None:
        client = client_of(held.server)
        gate = client.gate()
        tasks = [asyncio.create_task(gate.reserve(1)) for _ in range(5)]
        await held.is_asked()
        await client.aclose()
        # The server's thread must not end during a later test that counts threads.
        held.release()
        for task in tasks:
            with pytest.raises(aicredits.ClosedError):
                await task
        with pytest.raises(aicredits.ClosedError):
            await gate.reserve(1)

    run(main())


def test_a_loop_that_ended_is_not_woken(serve: Serve) -> None:
    held = Held(serve, 100)
    client = client_of(held.server)
    gate = client.gate()
    reader: list[bool] = []

    def read() -> None:
        async def main() -> None:
            reader.append((await gate.reserve(1)).commit())

        run(main())

    thread = threading.Thread(target=read)
    thread.start()
    assert held.server.wait_for_requests(1, PATIENCE)
    loop = asyncio.new_event_loop()
    waiter = loop.create_task(gate.reserve(1))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    held.release()
    thread.join(PATIENCE)
    assert reader == [True] and gate.state().granted == 1
    # Python would report that the loop was closed too early.
    waiter._log_destroy_pending = False  # type: ignore[attr-defined]
    run(client.aclose())
