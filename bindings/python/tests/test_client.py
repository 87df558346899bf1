from __future__ import annotations

import gc
import importlib
import logging
import multiprocessing
import os
import pickle
import signal
import socket
import threading
import time
import traceback
import weakref
from datetime import timedelta
from typing import Any, Iterator

import aicredits
import pytest
from aicredits import AiCreditsError, Client
from aicredits.testing import Emulator
from conftest import PATIENCE, Replies, Serve, connects_to, eventually, held, ok

HEAD = b"HTTP/1.1 "
BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"


def stream() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{"
    while True:
        yield b" "
        time.sleep(0.001)


PAUSE = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 15\r\nContent-Length: 0\r\n\r\n"


def test_an_error_tells_all_that_is_known_and_never_the_key(emulator: Emulator) -> None:
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


def test_what_a_server_says_is_data(serve: Serve) -> None:
    body = '{"message":"no","details":{"validationError":{"fieldViolations":[{"field":"a","description":"b"}]}}}'
    head = f"HTTP/1.1 429 Slow Down\r\nRetry-After: {10**17}\r\nContent-Length: {len(body)}\r\n\r\n"
    server = serve(lambda _: (head + body).encode())
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


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("api_key", {"api_key": "IST.a\0b"}),
        ("api_key", {"api_key": "x", "authorization": "x"}),
        ("account_id", {"account_id": "a\nb"}),
        ("scope", {"credential_scope": True}),
        ("base_url", {"base_url": "ftp://wix.example"}),
        ("timeout", {"timeout": -1}),
        ("timeout", {"timeout": float("nan")}),
        ("timeout", {"timeout": timedelta(days=2)}),
        ("timeout", {"timeout": 10**400}),
        ("max_reply_bytes", {"max_reply_bytes": 0}),
        ("max_retries", {"max_retries": -1}),
        ("max_concurrency", {"max_concurrency": 0}),
        ("ca_file", {"ca_file": "/nowhere"}),
        ("ca_pem", {"ca_pem": ""}),
        ("proxy", {"proxy": "socks5://proxy.example"}),
        ("name", {"name": "two\nlines"}),
    ],
)
def test_a_wrong_setting_is_refused_by_name(emulator: Emulator, name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(aicredits.InvalidArgumentError, match=f"^{name} "):
        emulator.client(**settings)


@pytest.mark.parametrize(
    "name", ["api_key", "authorization", "account_id", "site_id", "base_url", "ca_file", "ca_pem", "proxy", "name"]
)
def test_a_text_that_is_not_unicode_is_refused_without_showing_it(emulator: Emulator, name: str) -> None:
    settings: dict[str, Any] = {name: "canary\ud800"}
    with pytest.raises(aicredits.InvalidArgumentError, match=f"^{name} ") as caught:
        emulator.client(**settings)
    shown = traceback.format_exception(type(caught.value), caught.value, None)
    assert "canary" not in "".join(shown) and caught.value.__context__ is None


@pytest.mark.parametrize(
    "name", ["timeout", "max_reply_bytes", "max_retries", "max_concurrency", "api_key", "ca_file", "ca_pem", "credential_supplier"]
)
def test_a_setting_of_another_type_is_refused_by_name(emulator: Emulator, name: str) -> None:
    settings: dict[str, Any] = {name: [7]}
    with pytest.raises(TypeError, match=name):
        emulator.client(**settings)


NUMBERS = ["timeout", "max_reply_bytes", "max_retries", "max_concurrency"]
FLAGS = ["allow_insecure_http", "proxy_from_env", "credential_scope", "from_env"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [True, False])
def test_a_bool_is_no_number(emulator: Emulator, name: str, value: bool) -> None:
    with pytest.raises(TypeError, match=f"^{name} is to be a.*, not: bool$"):
        emulator.client(**{name: value})
    if name == "timeout":
        with emulator.client() as client, pytest.raises(TypeError, match="^timeout "):
            client.get_balance(timeout=value)


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", [0, 1, "", "no", "true", b"x", [], 1.0])
def test_a_number_or_a_text_is_no_bool(emulator: Emulator, name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"^{name} is to be a bool, not: {type(value).__name__}$"):
        emulator.client(**{name: value})
    with pytest.raises(TypeError, match=f"^{name} is to be a bool"):
        aicredits.AsyncClient(api_key="IST.key", site_id="s", **{name: value})
    if name == "credential_scope":
        with emulator.client() as client, pytest.raises(TypeError, match="^credential_scope "):
            client.get_balance(credential_scope=value)


def test_a_client_that_has_no_scope_asks_for_the_one_of_each_call(serve: Serve) -> None:
    server = serve(lambda _: ok())
    with Client(api_key="IST.key", scope=aicredits.PER_CALL, base_url=server.url) as client:
        assert client.scope is None
        calls: list[dict[str, Any]] = [{}, {"site_id": None}, {"account_id": None}, {"account_id": None, "site_id": None}]
        for call in calls:
            with pytest.raises(aicredits.InvalidArgumentError, match="^scope ") as caught:
                client.get_balance(**call)
            assert caught.value.scope is None and not server.requests
        assert client.get_balance(site_id="s").scope == aicredits.Scope(None, "s")
        assert client.get_balance(account_id="a", site_id=None).scope == aicredits.Scope("a", None)
        with pytest.raises(aicredits.InvalidArgumentError, match="^scope "):
            client.get_balance(credential_scope=True)
    assert len(server.requests) == 2


@pytest.mark.parametrize("named", [{"account_id": "a"}, {"site_id": "s"}, {"credential_scope": True}])
def test_a_scope_beside_per_call_is_refused(named: dict[str, Any]) -> None:
    with pytest.raises(aicredits.InvalidArgumentError, match="^scope is not clear"):
        Client(authorization="x", scope=aicredits.PER_CALL, **named)


@pytest.mark.parametrize("scope", ["PER_CALL", 1, True, aicredits.Scope("a", None)])
def test_a_scope_is_per_call_or_none(scope: Any) -> None:
    with pytest.raises(TypeError, match="^scope is to be PER_CALL, not: "):
        Client(api_key="IST.key", scope=scope)


def test_per_call_is_one_value(environment: Emulator) -> None:
    assert repr(aicredits.PER_CALL) == "aicredits.PER_CALL"
    assert pickle.loads(pickle.dumps(aicredits.PER_CALL)) is aicredits.PER_CALL
    # It replaces the scope of the environment.
    with Client.from_env(scope=aicredits.PER_CALL) as client:
        assert client.scope is None


def test_without_per_call_none_counts_as_left_out(serve: Serve) -> None:
    server = serve(lambda _: ok())
    with Client(api_key="IST.key", account_id="a", base_url=server.url) as client:
        assert client.get_balance(site_id=None).scope == aicredits.Scope("a", None)


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"account_id": "a"}, "account_id='a', timeout=35.0"),
        ({"site_id": "s", "timeout": 0.25}, "site_id='s', timeout=0.25"),
        ({"account_id": "a", "site_id": "s", "name": "it's"}, "account_id='a', site_id='s', timeout=35.0, name='it's'"),
        ({"credential_scope": True}, "credential_scope=True, timeout=35.0"),
        ({"scope": aicredits.PER_CALL}, "scope=aicredits.PER_CALL, timeout=35.0"),
    ],
)
def test_a_client_shows_itself_without_its_credential(settings: dict[str, Any], shown: str) -> None:
    proxy = "http://user:canary@127.0.0.1:1"
    for credential in ("canary-value", "Bearer canary"):
        with Client(authorization=credential, proxy=proxy, **settings) as client:
            assert repr(client) == str(client) == f"aicredits.Client({shown})"
        client = aicredits.AsyncClient(authorization=credential, **settings)  # type: ignore[assignment]
        assert repr(client) == f"aicredits.AsyncClient({shown})"


def test_an_error_says_whether_an_equal_call_may_succeed(serve: Serve) -> None:
    for status, is_transient in [(503, True), (429, True), (501, False), (403, False), (404, False)]:
        server = serve(lambda _, status=status: b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status)  # type: ignore[misc]
        with Client(api_key="IST.key", site_id="s", base_url=server.url, max_retries=0) as client:
            with pytest.raises(AiCreditsError) as caught:
                client.get_balance()
        assert caught.value.is_transient is is_transient
        assert pickle.loads(pickle.dumps(caught.value)).is_transient is is_transient


def test_what_reading_a_setting_raises_is_raised(emulator: Emulator) -> None:
    class Pressed:
        def __float__(self) -> float:
            raise KeyboardInterrupt

        __index__ = __float__

    for name in ("timeout", "max_retries"):
        with pytest.raises(KeyboardInterrupt):
            emulator.client(**{name: Pressed()})


def test_settings_are_keywords_and_told(emulator: Emulator) -> None:
    with pytest.raises(TypeError):
        Client("IST.key", "account")  # type: ignore[misc]
    with emulator.client(timeout=timedelta(seconds=3), max_concurrency=2) as client:
        assert (client.timeout, client.max_concurrency) == (timedelta(seconds=3), 2)
        with pytest.raises(aicredits.InvalidArgumentError, match="^timeout "):
            client.get_balance(timeout=0)


def test_a_call_may_have_its_own_scope(serve: Serve) -> None:
    server = serve(lambda _: ok())
    with Client(authorization="Bearer canary", credential_scope=True, base_url=server.url) as client:
        for scope, sent in [
            ({"account_id": "a"}, b"wix-account-id: a\r\n"),
            ({"site_id": "s"}, b"wix-site-id: s\r\n"),
            ({"account_id": "a", "site_id": "s"}, b"wix-account-id: a\r\nwix-site-id: s\r\n"),
        ]:
            balance = client.get_balance(**scope)  # type: ignore[arg-type]
            assert balance.scope == aicredits.Scope(scope.get("account_id"), scope.get("site_id"))
            assert sent in server.requests[-1]
        assert client.get_balance().scope == aicredits.Scope(None, None)
    assert server.connections == 1


def test_a_supplier_is_asked_and_its_failure_told(emulator: Emulator) -> None:
    settings: dict[str, Any] = {"account_id": emulator.account_id, "base_url": emulator.url}
    with Client(credential_supplier=lambda: emulator.api_key, **settings) as client:
        assert client.get_balance().available == 1050

    def broken() -> str:
        raise RuntimeError("the vault is shut")

    with Client(credential_supplier=broken, **settings) as client:
        with pytest.raises(aicredits.UnauthorizedError, match="the vault is shut"):
            client.get_balance()
    with pytest.raises(TypeError):
        Client(credential_supplier=7, **settings)  # type: ignore[arg-type]


class Service:
    """Whose client leads back to it."""

    def __init__(self, emulator: Emulator) -> None:
        self.key = emulator.api_key
        self.client = emulator.client(credential_supplier=self.token)

    def token(self) -> str:
        return self.key


def test_a_supplier_that_leads_back_to_the_client_is_collected(emulator: Emulator) -> None:
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


def test_closing_lets_the_supplier_go(emulator: Emulator) -> None:
    service = Service(emulator)
    service.client.close()
    gc.disable()
    try:
        forgotten = weakref.ref(service)
        del service
        assert forgotten() is None
    finally:
        gc.enable()


def test_the_emulator_ends_though_a_forked_child_holds_its_input() -> None:
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
        assert emulator._process.returncode is not None
    finally:
        os.close(child)
        os.waitpid(pid, 0)


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


def test_a_closed_client_says_so(serve: Serve) -> None:
    server = serve(lambda _: HEAD)
    client = Client(api_key="IST.key", site_id="s", base_url=server.url)
    raised: list[BaseException] = []

    def call() -> None:
        try:
            client.get_balance()
        except AiCreditsError as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    server.wait_until(lambda it: len(it.requests) == 1)
    client.close()
    thread.join(PATIENCE)
    with pytest.raises(aicredits.ClosedError):
        client.get_balance()
    assert [type(error) for error in raised] == [aicredits.ClosedError]


def test_other_threads_run_meanwhile(serve: Serve) -> None:
    gate = threading.Event()
    server = serve(lambda _: (gate.wait(PATIENCE), ok())[1])
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:
        thread = threading.Thread(target=client.get_balance)
        thread.start()
        server.wait_until(lambda it: len(it.requests) == 1)
        # This thread runs Python while that one waits.
        gate.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


PHASES = pytest.mark.parametrize(
    "reply",
    [lambda _: HEAD, lambda _: BODY, lambda _: stream(), lambda _: PAUSE],
    ids=["head", "body", "stream", "pause"],
)


@PHASES
def test_ctrl_c_ends_a_call(serve: Serve, reply: Replies) -> None:
    server = serve(reply)
    with Client(api_key="IST.key", site_id="s", base_url=server.url) as client:

        def press() -> None:
            server.wait_until(lambda it: len(it.requests) == 1)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press).start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            client.get_balance()
        # The call's own time is 35 s, and the pause is 15 s.
        assert time.monotonic() - begun < 10
    server.wait_until(lambda it: it.ended == it.connections)


def test_ctrl_c_ends_a_call_that_connects(deaf: str) -> None:
    before = held()
    with Client(api_key="IST.key", site_id="s", base_url=deaf) as client:

        def press() -> None:
            eventually(lambda: connects_to(deaf))
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press).start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            client.get_balance()
        assert time.monotonic() - begun < 10
    del client
    eventually(lambda: held()[0] <= before[0] and not connects_to(deaf))


def test_a_prefork_server_shares_a_client(serve: Serve) -> None:
    server = serve(lambda _: ok('{"topUpCredits":{"balance":3}}'))
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
    # A connection a process, kept.
    assert server.connections == 4 and len(server.requests) == 62


def _works_here(client: Client, results: Any) -> None:
    results.put(client.get_balance().available)


def _works_with(url: str, results: Any) -> None:
    with Client(api_key="IST.key", site_id="s", base_url=url) as client:
        results.put(client.get_balance().available)


def test_it_works_on_both_sides_of_a_fork(serve: Serve) -> None:
    server = serve(lambda _: ok('{"topUpCredits":{"balance":3}}'))
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
def test_it_works_in_new_processes(serve: Serve, method: str) -> None:
    server = serve(lambda _: ok('{"topUpCredits":{"balance":3}}'))
    context = multiprocessing.get_context(method)
    results: Any = context.Queue()
    worker = context.Process(target=_works_with, args=(server.url, results))
    worker.start()
    assert results.get(timeout=PATIENCE) == 3
    worker.join(PATIENCE)
    assert worker.exitcode == 0


def test_a_second_interpreter_is_refused() -> None:
    # Its name since Python 3.13, and the one before.
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


@pytest.mark.parametrize("what", ["calls", "clients"])
def test_rounds_leave_nothing_behind(emulator: Emulator, what: str) -> None:
    logging.getLogger("aicredits").setLevel(logging.CRITICAL)

    def call(client: Client) -> None:
        client.get_balance().credit_balance_breakdown
        try:
            client.get_balance(site_id="unknown")
        except aicredits.NotFoundError:
            pass

    def rounds() -> tuple[int, tuple[int, int]]:
        with emulator.client() as shared:
            for _ in range(10_000):
                if what == "calls":
                    call(shared)
                else:
                    key = emulator.api_key
                    settings: dict[str, Any] = {"account_id": emulator.account_id, "base_url": emulator.url}
                    with Client(credential_supplier=lambda: key, **settings) as client:
                        call(client)
        gc.collect()
        return _resident_kib(), held()

    before, things = rounds()
    after, more_things = rounds()
    print(f"{what}: 10,000 rounds after as many: {after - before} KiB")
    assert after - before < 1024 and more_things == things
    logging.getLogger("aicredits").setLevel(logging.NOTSET)
