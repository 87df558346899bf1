"""`aicredits.testing.Emulator` in its process: its end, threads, `fork`, signals, keys."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import timedelta

import aicredits
import pytest
from aicredits.testing import Emulator, EmulatorError
from conftest import PATIENCE, eventually, held


def test_close_ends_it(fresh: Emulator) -> None:
    before = held()
    emulator = Emulator()
    with emulator.client() as client:
        client.get_balance()
    emulator.close()
    emulator.close()
    del client
    eventually(lambda: held() == before)
    with pytest.raises(RuntimeError, match="closed"):
        emulator.state()
    with pytest.raises(OSError):
        urllib.request.urlopen(emulator.url, timeout=PATIENCE)
    assert emulator.api_key == fresh.api_key and emulator.url in repr(emulator)


def test_close_ends_a_wait_of_another_thread() -> None:
    emulator = Emulator()
    raised: list[BaseException] = []

    def wait() -> None:
        started.set()
        try:
            emulator.wait(1, timeout_ms=600_000)
        except RuntimeError as error:
            raised.append(error)

    started = threading.Event()
    waiting = threading.Thread(target=wait)
    waiting.start()
    assert started.wait(PATIENCE)
    emulator.close()
    waiting.join(PATIENCE)
    assert not waiting.is_alive() and "closed" in str(raised[0])


def test_ctrl_c_ends_a_wait() -> None:
    program = (
        "import signal\n"
        "from aicredits.testing import Emulator\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "with Emulator() as emulator:\n"
        "    print('ready', flush=True)\n"
        "    emulator.wait(1, timeout_ms=600_000)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stdout.readline() == "ready\n"
        running.send_signal(2)
        _, failed = running.communicate(timeout=PATIENCE)
    assert failed.splitlines()[-1] == "KeyboardInterrupt"


def test_a_forked_child_may_only_close(fresh: Emulator) -> None:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            try:
                fresh.state()
            except RuntimeError as error:
                fresh.close()
                # A new one is the child's own.
                with Emulator() as own, own.client() as client:
                    status = 0 if "fork" in str(error) and client.get_balance().available == 1050 else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    with fresh.client() as client:
        assert client.get_balance().available == 1050
    fresh.close()


def test_the_parent_s_emulator_ends_while_a_child_lives() -> None:
    """A child has copies of its descriptors. They must not keep it alive."""
    emulator = Emulator()
    parent, child = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(child)
        os.read(parent, 1)
        os._exit(0)
    os.close(parent)
    try:
        emulator.close()
        with pytest.raises(OSError):
            urllib.request.urlopen(emulator.url, timeout=PATIENCE)
    finally:
        os.close(child)
        os.waitpid(pid, 0)


def test_it_is_neither_pickled_nor_copied(fresh: Emulator) -> None:
    for copies in (copy.copy, copy.deepcopy, pickle.dumps):
        for thing in (fresh, fresh._emulator):
            with pytest.raises(TypeError, match="cannot be pickled or copied"):
                copies(thing)


def test_a_key_is_found_nowhere(fresh: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    canary = "IST.canary-5f3a9c21-used-against-it"
    fresh.key("canary", secret=canary, accounts=[fresh.account_id])
    with caplog.at_level("DEBUG"):
        with fresh.client(api_key=canary) as client:
            assert client.get_balance().available == 1050
        with fresh.client(api_key=canary + "-wrong") as client, pytest.raises(aicredits.AiCreditsError) as raised:
            client.get_balance()
    with pytest.raises(EmulatorError) as refused:
        fresh.key("canary", secret=canary, accounts=["nobody"])
    shown = [repr(fresh), str(fresh), repr(fresh._emulator), repr(vars(fresh)), caplog.text, str(raised.value)]
    shown += [json.dumps(fresh.journal()), json.dumps(fresh.verdict()), repr(refused.value), str(refused.value)]
    for text in shown:
        assert "canary-5f3a" not in text and fresh.api_key not in text, text[:100]
    # The counter-case: this text would have shown it.
    assert canary in json.dumps(fresh.state())


def test_ten_emulators_in_ten_threads() -> None:
    def one(number: int) -> None:
        try:
            with Emulator() as emulator, emulator.client() as client:
                together.wait(PATIENCE)
                for spent in range(1, 21):
                    emulator.spend(number)
                    assert client.get_balance().available == 1050 - number * spent
                emulator.clock(advance_ms=timedelta(days=number))
                assert emulator.journal()["total"] == 20
                emulator.assert_good_client()
        except BaseException as error:
            failed.append(error)
            together.abort()

    failed: list[BaseException] = []
    together = threading.Barrier(10)
    threads = [threading.Thread(target=one, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * PATIENCE)
    assert not failed


def test_threads_share_one(fresh: Emulator) -> None:
    def spend() -> None:
        for _ in range(50):
            fresh.spend(1)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    with fresh.client() as client:
        assert client.get_balance().available == 1050 - 400


def test_importing_the_package_loads_none_of_it() -> None:
    program = "import sys, aicredits; print([name for name in sys.modules if 'tools' in name or 'testing' in name])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert ran.stdout == "[]\n"


def test_starting_and_ending_leaves_nothing_behind() -> None:
    def rounds() -> None:
        for _ in range(20):
            with Emulator() as emulator, emulator.client() as client:
                client.get_balance()

    rounds()
    before = held()
    begun = time.monotonic()
    rounds()
    print(f"20 emulators with a call each: {time.monotonic() - begun:.3f} s")
    eventually(lambda: held() == before)
