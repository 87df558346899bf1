from __future__ import annotations

import gc
import importlib
import json
import logging
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aicredits
import pytest
from aicredits import AiCreditsError, Client
from aicredits.testing import Emulator
from conftest import PATIENCE, Reply, Serve, SiteWith, connects_to, eventually, held, ok

HEAD = b"HTTP/1.1 "
BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"


STREAM = (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{", *[b" ", 0.001] * 40_000)
PAUSE = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 15\r\nContent-Length: 0\r\n\r\n"


def test_an_error_has_all_details_and_never_the_key(emulator: Emulator) -> None:
    with emulator.client(api_key="IST.canary-wrong") as client, pytest.raises(aicredits.UnauthorizedError) as caught:
        client.get_balance()
    error = caught.value
    assert isinstance(error, AiCreditsError) and error.kind == "UNAUTHORIZED" and error.http_status == 401
    assert error.request_id and error.scope == aicredits.Scope(emulator.account_id, None)
    assert [(attempt.phase, attempt.http_status) for attempt in error.attempts] == [("REPLY", 401)]
    assert error.attempts[0].duration_ns > 0 and error.message == str(error)
    assert error.attempts[0].duration // timedelta(microseconds=1) == error.attempts[0].duration_ns // 1000
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error) and str(back) == str(error) and back.attempts == error.attempts
    assert "canary" not in repr(vars(error)) + str(error) + repr(pickle.dumps(error))


def test_server_text_is_escaped(serve: Serve) -> None:
    body = '{"message":"no","details":{"validationError":{"fieldViolations":[{"field":"a","description":"b"}]}}}'
    head = f"HTTP/1.1 429 Slow Down\r\nRetry-After: {10**17}\r\nContent-Length: {len(body)}\r\n\r\n"
    server = serve((head + body).encode())
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:
        with pytest.raises(aicredits.RateLimitedError) as caught:
            client.get_balance()
    violation = aicredits.FieldViolation("a", "b")
    assert caught.value.field_violations == (violation,) and pickle.loads(pickle.dumps(violation)) == violation
    assert caught.value.retry_after is not None and caught.value.retry_after > timedelta(days=365_000)
    assert repr(violation) == "FieldViolation(field='a', description='b', violated_rule=None)"


def test_every_kind_has_a_class() -> None:
    kinds = {cls.kind for cls in AiCreditsError.__subclasses__()}
    assert len(kinds) == 18
    assert issubclass(aicredits.TimeoutError, TimeoutError) and issubclass(aicredits.InvalidArgumentError, ValueError)


def test_an_error_says_whether_a_retry_may_succeed(fresh: Emulator) -> None:
    for status, is_transient in [(503, True), (429, True), (501, False), (403, False), (404, False)]:
        fresh.fault({"status": status})
        with fresh.client(max_retries=0) as client:
            with pytest.raises(AiCreditsError) as caught:
                client.get_balance()
        assert caught.value.is_transient is is_transient
        assert pickle.loads(pickle.dumps(caught.value)).is_transient is is_transient


def test_a_provider_is_called_and_its_failure_reported(emulator: Emulator) -> None:
    settings: dict[str, Any] = {"account_id": emulator.account_id, "base_url": emulator.url}
    with Client(credential_provider=lambda: emulator.api_key, **settings) as client:
        assert client.get_balance().available == 1050

    def broken() -> str:
        raise RuntimeError("the vault is shut")

    with Client(credential_provider=broken, **settings) as client:
        with pytest.raises(aicredits.UnauthorizedError, match="the vault is shut"):
            client.get_balance()
    with pytest.raises(TypeError):
        Client(credential_provider=7, **settings)  # type: ignore[arg-type]


class Service:
    """An object in a reference cycle with its client."""

    def __init__(self, emulator: Emulator) -> None:
        self.key = emulator.api_key
        self.client = emulator.client(credential_provider=self.token)

    def token(self) -> str:
        return self.key


def test_a_provider_in_a_cycle_with_the_client_is_collected(emulator: Emulator) -> None:
    before = held()
    forgotten = []
    for _ in range(20):
        service = Service(emulator)
        service.client.get_balance()
        forgotten += [weakref.ref(service), weakref.ref(service.client)]
    del service
    gc.collect()
    assert [it() for it in forgotten] == [None] * 40
    eventually(lambda: held() <= before)


def test_closing_releases_the_provider(emulator: Emulator) -> None:
    service = Service(emulator)
    service.client.close()
    gc.disable()
    try:
        forgotten = weakref.ref(service)
        del service
        assert forgotten() is None
    finally:
        gc.enable()


def test_records_reach_logging(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="aicredits"):
        with emulator.client(name="billing") as client:
            client.get_balance()
            with pytest.raises(aicredits.NotFoundError):
                client.get_balance(site_id="no-such-site")
    levels = {record.levelno for record in caplog.records}
    assert {logging.DEBUG, logging.WARNING, logging.ERROR} <= levels
    assert all(record.message.startswith("billing: ") for record in caplog.records)
    assert emulator.api_key not in caplog.text


def test_a_closed_client_raises_closed_error(serve: Serve) -> None:
    server = serve(HEAD)
    client = Client(api_key="IST.key", site_id="s", base_url=server.url)
    raised: list[BaseException] = []

    def call() -> None:
        try:
            client.get_balance()
        except AiCreditsError as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert server.wait_for_requests(1, PATIENCE)
    client.close()
    thread.join(PATIENCE)
    with pytest.raises(aicredits.ClosedError):
        client.get_balance()
    assert [type(error) for error in raised] == [aicredits.ClosedError]


def test_other_threads_run_during_a_call(serve: Serve) -> None:
    server = serve(ok(), held=True)
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:
        thread = threading.Thread(target=client.get_balance)
        thread.start()
        assert server.wait_for_requests(1, PATIENCE)
        # This thread runs Python code while the other one waits.
        server.release()
        thread.join(PATIENCE)
        assert not thread.is_alive()


PHASES = pytest.mark.parametrize(
    "reply",
    [HEAD, BODY, STREAM, PAUSE],
    ids=["head", "body", "stream", "pause"],
)


@PHASES
def test_ctrl_c_ends_a_call(serve: Serve, reply: Reply) -> None:
    server = serve(reply)
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:

        def press() -> None:
            assert server.wait_for_requests(1, PATIENCE)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press).start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            client.get_balance()
        # The timeout of the call is 35 s, and the pause is 15 s.
        assert time.monotonic() - begun < 10
    assert server.wait_until_closed(PATIENCE)


def test_ctrl_c_ends_a_call_that_connects(unreachable: str) -> None:
    before = held()
    with Client(api_key="IST.key", site_id="s", base_url=unreachable) as client:

        def press() -> None:
            eventually(lambda: connects_to(unreachable))
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press).start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            client.get_balance()
        assert time.monotonic() - begun < 10
    del client
    eventually(lambda: held()[0] <= before[0] and not connects_to(unreachable))


def test_a_prefork_server_shares_a_client(serve: Serve) -> None:
    server = serve(ok('{"topUpCredits":{"balance":3}}'))
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:
        client.get_balance()
        workers = []
        for _ in range(3):
            worker = os.fork()
            if worker == 0:
                status = 1
                try:
                    for _ in range(20):
                        asked, _ = listener.accept()
                        with asked:
                            asked.sendall(str(client.get_balance().available).encode())
                    status = 0
                finally:
                    os._exit(status)
            workers.append(worker)
        listener.close()
        for _ in range(60):
            with socket.create_connection(address, PATIENCE) as asking:
                assert asking.recv(10) == b"3"
        for worker in workers:
            assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
        assert client.get_balance().available == 3
    # Each process keeps one connection.
    assert server.connections == 4 and server.requests == 62


def _works_here(client: Client, results: Any) -> None:
    results.put(client.get_balance().available)


def _works_with(url: str, results: Any) -> None:
    with Client(api_key="IST.key", site_id="s", base_url=url) as client:
        results.put(client.get_balance().available)


def test_a_client_works_in_both_processes_after_a_fork(serve: Serve) -> None:
    server = serve(ok('{"topUpCredits":{"balance":3}}'))
    context = multiprocessing.get_context("fork")
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:
        client.get_balance()
        results: Any = context.Queue()
        workers = [context.Process(target=_works_here, args=(client, results)) for _ in range(3)]
        for worker in workers:
            worker.start()
        assert [results.get(timeout=PATIENCE) for _ in workers] == [3, 3, 3]
        for worker in workers:
            worker.join(PATIENCE)
            assert worker.exitcode == 0
        assert client.get_balance().available == 3
    assert server.connections == 4


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_client_works_in_spawned_processes(site_with: SiteWith, method: str) -> None:
    emulator = site_with(3)
    context = multiprocessing.get_context(method)
    results: Any = context.Queue()
    worker = context.Process(target=_works_with, args=(emulator.url, results))
    worker.start()
    assert results.get(timeout=PATIENCE) == 3
    worker.join(PATIENCE)
    assert worker.exitcode == 0


def test_a_second_interpreter_is_refused() -> None:
    # The name of the module since Python 3.13, and the earlier one.
    interpreters: Any = None
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = interpreters or importlib.import_module(name)
        except ImportError:
            continue
    second = interpreters.create()
    parent, child = os.pipe()
    try:
        interpreters.run_string(
            second,
            "import os\n"
            "try:\n"
            "    import aicredits\n"
            "    told = 'imported'\n"
            "except ImportError as error:\n"
            "    told = str(error)\n"
            f"os.write({child}, told.encode())\n",
        )
        assert "subinterpreters" in os.read(parent, 1000).decode()
    finally:
        os.close(parent)
        os.close(child)
        interpreters.destroy(second)


def _resident_kib() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


@pytest.fixture
def elsewhere() -> Iterator[dict[str, str]]:
    """The settings for an emulator in another process: its journal is not in this one's memory."""
    program = (
        "import sys, json\n"
        "from aicredits.testing import Emulator\n"
        "with Emulator() as emulator:\n"
        "    print(json.dumps(emulator.settings()), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


@pytest.mark.parametrize("what", ["calls", "clients"])
def test_rounds_leave_nothing_behind(elsewhere: dict[str, str], what: str) -> None:
    logging.getLogger("aicredits").setLevel(logging.CRITICAL)

    def call(client: Client) -> None:
        assert client.get_balance().credit_balance_breakdown
        try:
            client.get_balance(site_id="unknown")
        except aicredits.NotFoundError:
            pass

    def rounds() -> tuple[int, tuple[int, int]]:
        settings: dict[str, Any] = dict(elsewhere)
        key = settings.pop("api_key")
        with Client(api_key=key, **settings) as shared:
            for _ in range(10_000):
                if what == "calls":
                    call(shared)
                else:
                    with Client(credential_provider=lambda key=key: key, **settings) as client:
                        call(client)
        gc.collect()
        return _resident_kib(), held()

    before, things = rounds()
    after, more_things = rounds()
    print(f"{what}: 10,000 rounds after as many: {after - before} KiB")
    assert after - before < 1024 and more_things == things
    logging.getLogger("aicredits").setLevel(logging.NOTSET)
