"""Reserves that wait: cancelling, Ctrl-C, threads, processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from datetime import timedelta

import aicredits
import pytest
from aicredits import DenialReason, DeniedError, Gate
from conftest import PATIENCE, Serve, SiteWith, client_of, credits, eventually, held

MUTE = b"HTTP/1.1 200 OK\r\n"


def test_a_waiting_reserve_is_cancelled(serve: Serve) -> None:
    server = serve(MUTE)
    with client_of(server) as client, client.gate() as gate:
        cancels = [aicredits.Cancel() for _ in range(3)]
        ended: list[BaseException] = []

        def reserve(cancel: aicredits.Cancel) -> None:
            try:
                gate.reserve(1, cancel=cancel)
            except aicredits.AiCreditsError as error:
                ended.append(error)

        threads = [threading.Thread(target=reserve, args=(cancel,)) for cancel in cancels]
        for thread in threads:
            thread.start()
        assert server.wait_for_requests(1, PATIENCE)
        for cancel in cancels:
            cancel.cancel()
        for thread in threads:
            thread.join(PATIENCE)
        assert [type(error) for error in ended] == [aicredits.CancelledError] * 3
        assert gate.state().reserved == 0 and gate.state().granted == 0


@pytest.mark.parametrize("reads", [True, False])
def test_ctrl_c_ends_a_waiting_reserve(serve: Serve, reads: bool) -> None:
    server = serve(MUTE)
    with client_of(server) as client, client.gate(read_timeout=PATIENCE) as gate:
        cancel, is_entering = aicredits.Cancel(), threading.Event()

        def reserve() -> None:
            with pytest.raises(aicredits.CancelledError):
                gate.reserve(1, cancel=cancel)

        def press() -> None:
            is_entering.wait(PATIENCE)
            assert server.wait_for_requests(1, PATIENCE)
            os.kill(os.getpid(), signal.SIGINT)

        reader = threading.Thread(target=reserve)
        if not reads:
            # Then the main thread waits for the reading of another one.
            reader.start()
            assert server.wait_for_requests(1, PATIENCE)
        threading.Thread(target=press).start()
        with pytest.raises(KeyboardInterrupt):
            is_entering.set()
            gate.reserve(1)
        cancel.cancel()
        if not reads:
            reader.join(PATIENCE)
        assert gate.state().granted == 0 and gate.state().reserved == 0


def test_a_timeout_is_a_denial(serve: Serve) -> None:
    server = serve(MUTE)
    with client_of(server) as client, client.gate(read_timeout=PATIENCE) as gate:
        begun = time.monotonic()
        with pytest.raises(DeniedError) as raised:
            gate.reserve(1, timeout=0.2)
        assert time.monotonic() - begun < PATIENCE / 2
    assert raised.value.reason is DenialReason.UNAVAILABLE
    assert isinstance(raised.value.__cause__, TimeoutError)


def test_64_threads_spend_every_credit_once(site_with: SiteWith) -> None:
    server = site_with(100)
    granted: list[int] = []
    with client_of(server) as client, client.gate(max_age=timedelta(hours=1)) as gate:
        start = threading.Barrier(64)

        def spend() -> None:
            start.wait()
            while True:
                try:
                    with gate.reserve_now(3):
                        granted.append(3)
                except DeniedError:
                    return

        gate.refresh()
        threads = [threading.Thread(target=spend) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        state = gate.state()
        assert sum(granted) == 99 and state.estimate == 1 and state.reserved == 0
        assert state.granted == 33 and state.denied == 64


def test_64_threads_share_one_reading(serve: Serve) -> None:
    server = serve(credits(1000), held=True)
    before = held()

    def reserve(gate: Gate) -> None:
        gate.reserve(1).commit()

    with client_of(server) as client, client.gate() as gate:
        threads = [threading.Thread(target=reserve, args=(gate,)) for _ in range(64)]
        for thread in threads:
            thread.start()
        assert server.wait_for_requests(1, PATIENCE)
        server.release()
        for thread in threads:
            thread.join(PATIENCE)
        assert server.requests == 1 and gate.state().granted == 64 and gate.state().estimate == 936
    # A client keeps its descriptor to be closed by.
    del client, gate
    assert server.wait_until_closed(PATIENCE)
    eventually(lambda: held()[0] <= before[0])


def test_a_forked_child_has_its_own_gate(gate: Gate) -> None:
    reservation = gate.reserve(30)
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()

    def child() -> None:
        # Its gate starts empty, and reads by itself.
        gate.reserve(20).commit()
        state = gate.state()
        results.put((state.reserved, state.estimate, state.granted))

    process = context.Process(target=child)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == 0
    assert results.get() == (0, 80, 1)
    assert gate.state().reserved == 30 and reservation.commit() and gate.state().estimate == 70


def test_spawned_processes_get_no_gate(gate: Gate) -> None:
    context = multiprocessing.get_context("spawn")
    with pytest.raises(TypeError, match="a gate cannot be pickled"):
        context.Process(target=print, args=(gate,)).start()
