from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Awaitable, Callable

import aicredits
import pytest
from aicredits import AsyncClient
from aicredits.testing import Emulator
from conftest import PATIENCE, Replies, Serve, Server, connects_to, eventually, held, ok
from test_client import HEAD, PHASES


def run(main: Awaitable[Any]) -> Any:
    async def within() -> Any:
        return await asyncio.wait_for(main, 3 * PATIENCE)

    return asyncio.run(within())


def client_of(server: Server, **settings: Any) -> AsyncClient:
    return AsyncClient(api_key="IST.key", site_id="s", base_url=server.url, **settings)


async def until(holds: Callable[[], bool]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, eventually, holds)


def test_a_thousand_sites_at_once(serve: Serve) -> None:
    server = serve(lambda _: ok('{"topUpCredits":{"balance":3}}'))
    before = held()

    async def main() -> None:
        async with client_of(server) as client:
            sites = [f"site-{number}" for number in range(1000)]
            balances = await asyncio.gather(*(client.get_balance(site_id=site) for site in sites))
            assert [balance.scope.site_id for balance in balances] == sites
            assert len([thread for thread in threading.enumerate() if thread.name == "aicredits"]) <= 64

    run(main())
    assert len(server.requests) == 1000 and server.connections <= 64
    assert not [thread for thread in threading.enumerate() if thread.name == "aicredits"]
    server.wait_until(lambda it: it.ended == it.connections)
    eventually(lambda: held()[0] <= before[0])


def test_errors_are_raised(emulator: Emulator) -> None:
    async def main() -> None:
        async with AsyncClient(api_key="IST.wrong", account_id="a", base_url=emulator.url) as client:
            with pytest.raises(aicredits.UnauthorizedError):
                await client.get_balance()
            with pytest.raises(aicredits.InvalidArgumentError, match="^timeout "):
                await client.get_balance(timeout=-1)
        with pytest.raises(aicredits.ClosedError):
            await client.get_balance()

    run(main())


@PHASES
def test_a_cancelled_task_ends_its_call(serve: Serve, reply: Replies) -> None:
    server = serve(reply)
    before = held()

    async def main() -> None:
        client = client_of(server)
        task = asyncio.create_task(client.get_balance())
        await until(lambda: len(server.requests) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The call has come back: its thread waits for the next.
        await until(lambda: client._threads.jobs == 0)
        await client.aclose()

    run(main())
    server.wait_until(lambda it: it.ended == it.connections)
    eventually(lambda: held()[0] <= before[0])


def test_a_cancelled_task_that_connects_ends_its_call(deaf: str) -> None:
    before = held()

    async def main() -> None:
        async with AsyncClient(api_key="IST.key", site_id="s", base_url=deaf) as client:
            task = asyncio.create_task(client.get_balance())
            await until(lambda: connects_to(deaf))
            begun = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - begun < 10

    run(main())
    assert not [thread for thread in threading.enumerate() if thread.name == "aicredits"]
    eventually(lambda: held()[0] <= before[0] and not connects_to(deaf))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.run() takes Ctrl-C since Python 3.11")
def test_ctrl_c_ends_the_loop_and_the_call(serve: Serve) -> None:
    server = serve(lambda _: HEAD)

    def press() -> None:
        server.wait_until(lambda it: len(it.requests) == 1)
        os.kill(os.getpid(), signal.SIGINT)

    async def main() -> None:
        async with client_of(server) as client:
            await client.get_balance()

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    server.wait_until(lambda it: it.ended == it.connections)
    assert not [thread for thread in threading.enumerate() if thread.name == "aicredits"]


def test_a_queued_call_that_is_cancelled_never_starts(serve: Serve) -> None:
    gate = threading.Event()
    server = serve(lambda _: (gate.wait(PATIENCE), ok())[1])

    async def main() -> None:
        async with client_of(server, max_concurrency=1) as client:
            first = asyncio.create_task(client.get_balance())
            await until(lambda: len(server.requests) == 1)
            queued = asyncio.create_task(client.get_balance())
            await asyncio.sleep(0)
            queued.cancel()
            with pytest.raises(asyncio.CancelledError):
                await queued
            late = asyncio.create_task(client.get_balance(timeout=0.05))
            await asyncio.sleep(0.1)
            gate.set()
            await first
            with pytest.raises(aicredits.TimeoutError):
                await late

    run(main())
    assert len(server.requests) == 1


def test_closing_ends_what_runs_and_what_waits(serve: Serve) -> None:
    server = serve(lambda _: HEAD)

    async def main() -> None:
        client = client_of(server, max_concurrency=1)
        tasks = [asyncio.create_task(client.get_balance()) for _ in range(3)]
        await until(lambda: len(server.requests) == 1)
        await client.aclose()
        for task in tasks:
            with pytest.raises(aicredits.ClosedError):
                await task

    run(main())


def test_one_client_serves_several_loops(serve: Serve) -> None:
    server = serve(lambda _: ok())
    client = client_of(server)
    for _ in range(3):
        run(client.get_balance())
    run(client.aclose())
    assert server.connections == 1


def test_a_forked_child_has_threads_of_its_own(serve: Serve) -> None:
    server = serve(lambda _: ok())
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
    server = serve(lambda _: HEAD)
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
