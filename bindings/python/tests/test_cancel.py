"""Cancelling blocking calls from another thread."""

from __future__ import annotations

import asyncio
import copy
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aicredits
import pytest
from aicredits import AsyncClient, Cancel, Client
from aicredits.testing import Emulator
from conftest import PATIENCE, Reply, Serve, SiteWith, held, ok
from test_client import HEAD, PHASES


@PHASES
def test_another_thread_cancels_a_call_in_flight(serve: Serve, reply: Reply) -> None:
    server = serve(reply)
    cancel = Cancel()

    def cancel_later() -> None:
        assert server.wait_for_requests(1, PATIENCE)
        cancel.cancel()

    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:
        thread = threading.Thread(target=cancel_later)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(aicredits.CancelledError, match=r"cancelled .*\(site s\)") as caught:
            client.get_balance(cancel=cancel)
        # The client's timeout is 35 s.
        assert time.monotonic() - begun < PATIENCE
        thread.join()
    assert caught.value.scope == aicredits.Scope(None, "s") and not caught.value.is_transient


def test_one_cancel_ends_several_calls_and_no_other(serve: Serve) -> None:
    server = serve(HEAD, HEAD, ok())
    cancel = Cancel()
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client, ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(client.get_balance, cancel=cancel) for _ in range(2)]
        assert server.wait_for_requests(2, PATIENCE)
        assert client.get_balance(cancel=Cancel()).available == 0
        cancel.cancel()
        for call in calls:
            with pytest.raises(aicredits.CancelledError):
                call.result(PATIENCE)
        assert client.get_balance().available == 0


def test_a_cancelled_call_sends_nothing(site_with: SiteWith) -> None:
    emulator = site_with(0)
    cancel = Cancel()
    assert not cancel.is_cancelled and repr(cancel) == "<aicredits.Cancel>"
    cancel.cancel()
    cancel.cancel()
    assert cancel.is_cancelled and repr(cancel) == "<aicredits.Cancel cancelled>"
    with Client(api_key="IST.key", site_id="s", base_url=emulator.url) as client:
        for _ in range(2):
            with pytest.raises(aicredits.CancelledError):
                client.get_balance(cancel=cancel)
        assert not emulator.journal()["total"]
        assert client.get_balance(cancel=None).available == 0


def test_cancelling_after_the_end_changes_nothing(emulator: Emulator) -> None:
    cancel = Cancel()
    with emulator.client() as client:
        balance = client.get_balance(cancel=cancel)
        cancel.cancel()
        assert balance.available == 1050
        with pytest.raises(aicredits.CancelledError):
            client.get_balance(cancel=cancel)


def test_a_provider_may_cancel_its_call(site_with: SiteWith) -> None:
    emulator = site_with(0)
    cancel = Cancel()

    def provider() -> str:
        cancel.cancel()
        return "Bearer x"

    with Client(credential_provider=provider, site_id="s", base_url=emulator.url) as client:
        with pytest.raises(aicredits.CancelledError):
            client.get_balance(cancel=cancel)
    assert not emulator.journal()["total"]


def test_a_cancel_leaves_no_descriptor_behind() -> None:
    before = held()
    for _ in range(100):
        Cancel().cancel()
    assert held() == before


@pytest.mark.parametrize("given", [True, 1, "cancel", threading.Event()])
def test_something_else_is_refused_by_name(emulator: Emulator, given: Any) -> None:
    with emulator.client() as client:
        with pytest.raises(TypeError, match="^cancel must be a Cancel, not "):
            client.get_balance(cancel=given)


@pytest.mark.parametrize("attempt", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_cancel_is_never_copied(attempt: Any) -> None:
    with pytest.raises(TypeError, match="a Cancel cannot be pickled or copied: "):
        attempt(Cancel())


def test_asyncio_cancels_the_task_instead(emulator: Emulator) -> None:
    async def main() -> None:
        async with AsyncClient(api_key=emulator.api_key, account_id="a", base_url=emulator.url) as client:
            with pytest.raises(TypeError, match="cancel"):
                await client.get_balance(cancel=Cancel())  # type: ignore[call-arg]

    asyncio.run(main())
