from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable
from typing import Any, Callable

import aicredits
import pytest
from aicredits import AsyncClient
from aicredits.testing import Emulator
from conftest import PATIENCE, HasUrl, Reply, Serve, SiteWith, connects_to, eventually, held, ok
from test_client import HEAD, PHASES


def run(main: Awaitable[Any]) -> Any:
    async def within() -> Any:
        return await asyncio.wait_for(main, 3 * PATIENCE)

    return asyncio.run(within())


def client_of(server: HasUrl, **settings: Any) -> AsyncClient:
    return AsyncClient(api_key="IST.key", site_id="s", base_url=server.url, **settings)


async def until(holds: Callable[[], bool]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, eventually, holds)


def test_a_thousand_sites_at_once(serve: Serve) -> None:
    server = serve(ok('{"topUpCredits":{"balance":3}}'))
    before = held()

    async def main() -> None:
        async with client_of(server) as client:
            sites = [f"site-{number}" for number in range(1000)]
            balances = await asyncio.gather(*(client.get_balance(site_id=site) for site in sites))
            assert [balance.scope.site_id for balance in balances] == sites
            assert len([thread for thread in threading.enumerate() if thread.name == "aicredits"]) <= 64

    run(main())
    assert server.requests == 1000 and server.connections <= 64
    assert not [thread for thread in threading.enumerate() if thread.name == "aicredits"]
    assert server.wait_until_closed(PATIENCE)
    eventually(lambda: held()[0] <= before[0])


def test_errors_are_raised(emulator: Emulator) -> None:
    async def main() -> None:
        async with AsyncClient(api_key="IST.wrong", account_id="a", base_url=emulator.url) as client:
            with pytest.raises(aicredits.UnauthorizedError):
                await client.get_balance()
            with pytest.raises(aicredits.InvalidArgumentError, match="^timeout "):
                await client.get_balance(timeout=-1)
            with pytest.raises(aicredits.InvalidArgumentError, match="^scope "):
                await client.get_balance(site_id="s", credential_scope=True)
            with pytest.raises(TypeError, match="^timeout must be a number of seconds or a timedelta, not str"):
                await client.get_balance(timeout="1")  # type: ignore[arg-type]
        with pytest.raises(aicredits.ClosedError):
            await client.get_balance()

    run(main())


@PHASES
def test_a_cancelled_task_ends_its_call(serve: Serve, reply: Reply) -> None:
    server = serve(reply)
    before = held()

    async def main() -> None:
        client = client_of(server)
        task = asyncio.create_task(client.get_balance())
        await until(lambda: server.requests == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The call has returned, and its thread waits for the next one.
        await until(lambda: client._threads.pending == 0)
        await client.aclose()

    run(main())
    assert server.wait_until_closed(PATIENCE)
    eventually(lambda: held()[0] <= before[0])


def test_a_cancelled_task_that_connects_ends_its_call(unreachable: str) -> None:
    before = held()

    async def main() -> None:
        async with AsyncClient(api_key="IST.key", site_id="s", base_url=unreachable) as client:
            task = asyncio.create_task(client.get_balance())
            await until(lambda: connects_to(unreachable))
            begun = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - begun < 10

    run(main())
    assert not [thread for thread in threading.enumerate() if thread.name == "aicredits"]
    eventually(lambda: held()[0] <= before[0] and not connects_to(unreachable))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.run() takes Ctrl-C since Python 3.11")
def test_ctrl_c_ends_the_loop_and_the_call(serve: Serve) -> None:
    server = serve(HEAD)

    def press() -> None:
        assert server.wait_for_requests(1, PATIENCE)
        os.kill(os.getpid(), signal.SIGINT)

    async def main() -> None:
        async with client_of(server) as client:
            await client.get_balance()

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert server.wait_until_closed(PATIENCE)
    assert not [thread for thread in threading.enumerate() if thread.name == "aicredits"]


def test_a_queued_call_that_is_cancelled_never_starts(serve: Serve) -> None:
    server = serve(ok(), held=True)

    async def main() -> None:
        async with client_of(server, max_concurrency=1) as client:
            first = asyncio.create_task(client.get_balance())
            await until(lambda: server.requests == 1)
            queued = asyncio.create_task(client.get_balance())
            await asyncio.sleep(0)
            queued.cancel()
            with pytest.raises(asyncio.CancelledError):
                await queued
            # It times out in the queue, while the first call runs.
            with pytest.raises(aicredits.TimeoutError, match=r"^timed out after 50 ms, all of it .* \(site s\)$"):
                await client.get_balance(timeout=0.05)
            # It times out and is cancelled at the same time.
            both = asyncio.create_task(client.get_balance(timeout=0.05))
            asyncio.get_running_loop().call_later(0.05, both.cancel)
            with pytest.raises((aicredits.TimeoutError, asyncio.CancelledError)):
                await both
            server.release()
            await first
            assert (await client.get_balance()).available == 0

    run(main())
    assert server.requests == 2


@pytest.mark.parametrize(("places", "calls"), [(1, 40), (4, 40), (1, 2)])
def test_calls_that_time_out_in_the_queue_have_one_message(serve: Serve, places: int, calls: int) -> None:
    server = serve(HEAD)

    async def main() -> list[BaseException]:
        async with client_of(server, max_concurrency=places) as client:
            running = [asyncio.create_task(client.get_balance(timeout=PATIENCE)) for _ in range(places)]
            await until(lambda: server.requests == places)
            errors = await asyncio.gather(
                *(client.get_balance(timeout=0.7) for _ in range(calls)), return_exceptions=True
            )
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            return errors

    waited = f"timed out after 700 ms, all of it waiting for one of {places} places (max_concurrency) (site s)"
    assert [str(error) for error in run(main())] == [waited] * calls
    assert server.requests == places


def test_calls_that_end_together_name_the_timeout_that_was_set(serve: Serve) -> None:
    server = serve(HEAD)

    async def main() -> list[BaseException]:
        async with client_of(server, max_concurrency=2, timeout=1.5) as client:
            return await asyncio.gather(*(client.get_balance() for _ in range(40)), return_exceptions=True)

    for error in run(main()):
        assert type(error) is aicredits.TimeoutError and " 1.5 s" in str(error)


def test_the_wait_for_a_thread_counts_towards_the_timeout(serve: Serve) -> None:
    server = serve(ok(), HEAD, held=True)

    async def main() -> None:
        async with client_of(server, max_concurrency=1) as client:
            first = asyncio.create_task(client.get_balance())
            await until(lambda: server.requests == 1)
            second = asyncio.create_task(client.get_balance(timeout=2))
            asyncio.get_running_loop().call_later(0.5, server.release)
            await first
            told = r"^timed out after 2 s, \d+ ms of it waiting for one of 1 places.*; no whole reply from "
            with pytest.raises(aicredits.TimeoutError, match=told):
                await second

    run(main())


def test_queued_calls_hold_no_descriptor(serve: Serve) -> None:
    server = serve(HEAD)

    async def main() -> None:
        async with client_of(server, max_concurrency=1) as client:
            first = asyncio.create_task(client.get_balance())
            await until(lambda: server.requests == 1)
            before = held()[0]
            tasks = [asyncio.create_task(client.get_balance()) for _ in range(300)]
            await asyncio.sleep(0)
            assert held()[0] - before < 10
        await asyncio.gather(first, *tasks, return_exceptions=True)

    run(main())


def test_closing_needs_no_executor_of_the_loop(site_with: SiteWith) -> None:
    emulator = site_with(0)

    async def main() -> None:
        async with client_of(emulator) as client:
            await client.get_balance()
            await asyncio.get_running_loop().shutdown_default_executor()
        assert not [thread for thread in threading.enumerate() if thread.name == "aicredits"]
        await client.aclose()

    run(main())


def test_a_closed_coroutine_ends_its_call(serve: Serve) -> None:
    server = serve(HEAD)

    async def main() -> None:
        async with client_of(server) as client:
            call = client.get_balance()
            call.send(None)
            await until(lambda: server.requests == 1)
            call.close()
            await until(lambda: server.wait_until_closed(0) and client._threads.pending == 0)

    run(main())


def test_a_call_without_a_scope_is_refused(site_with: SiteWith) -> None:
    emulator = site_with(0)

    async def main() -> None:
        async with AsyncClient(api_key="IST.key", scope=aicredits.PER_CALL, base_url=emulator.url) as client:
            assert client.scope is None
            for call in ({}, {"site_id": None}):
                with pytest.raises(aicredits.InvalidArgumentError, match="^scope "):
                    await client.get_balance(**call)
            assert (await client.get_balance(site_id="s")).scope == aicredits.Scope(None, "s")

    run(main())
    assert emulator.journal()["total"] == 1


def test_a_thread_that_cannot_start_is_an_error(site_with: SiteWith, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = site_with(0)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        async with client_of(emulator) as client:
            with monkeypatch.context() as patch:
                patch.setattr(threading.Thread, "start", refuse)
                with pytest.raises(aicredits.UnexpectedError, match="can't start new thread .site s."):
                    await client.get_balance()
            assert (await client.get_balance()).available == 0
            # An existing thread makes the calls of the threads that cannot start.
            with monkeypatch.context() as patch:
                patch.setattr(threading.Thread, "start", refuse)
                await asyncio.gather(*(client.get_balance() for _ in range(5)))

    run(main())


def test_closing_ends_running_and_queued_calls(serve: Serve) -> None:
    server = serve(HEAD)

    async def main() -> None:
        client = client_of(server, max_concurrency=1)
        tasks = [asyncio.create_task(client.get_balance()) for _ in range(3)]
        await until(lambda: server.requests == 1)
        await client.aclose()
        for task in tasks:
            with pytest.raises(aicredits.ClosedError):
                await task

    run(main())


def test_one_client_serves_several_loops(serve: Serve) -> None:
    server = serve(ok())
    client = client_of(server)
    for _ in range(3):
        run(client.get_balance())
    run(client.aclose())
    assert server.connections == 1


def test_a_forked_child_starts_new_threads(serve: Serve) -> None:
    server = serve(ok())
    client = client_of(server)
    run(client.get_balance())
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            run(client.get_balance())
            run(client.aclose())
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    run(client.get_balance())
    run(client.aclose())
    assert server.connections == 2


def test_the_interpreter_ends_while_a_call_runs(serve: Serve) -> None:
    server = serve(HEAD)
    code = (
        "import asyncio, sys, aicredits\n"
        "client = aicredits.AsyncClient(api_key='IST.key', site_id='s', base_url=sys.argv[1])\n"
        "async def main():\n"
        "    asyncio.ensure_future(client.get_balance())\n"
        "    await asyncio.sleep(0.3)\n"
        "loop = asyncio.new_event_loop()\n"
        "loop.run_until_complete(main())\n"
        "sys.exit(7)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, server.url], capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 7, ran.stderr
