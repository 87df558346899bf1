from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Callable, Protocol, Union

import pytest
from aicredits import Client, Gate
from aicredits._tools import Script
from aicredits.testing import Emulator

PATIENCE = 20.0
"""The limit, in seconds, of a wait that must end long before."""


# A shell starts background jobs with SIGINT ignored, and Python then keeps it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def fresh() -> Iterator[Emulator]:
    """The example, for one test alone."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    monkeypatch.setenv("WIX_API_KEY", emulator.api_key)
    monkeypatch.setenv("WIX_ACCOUNT_ID", emulator.account_id)
    monkeypatch.setenv("AICREDITS_BASE_URL", emulator.url)
    return emulator


def ok(body: str = "{}") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def credits(count: int) -> bytes:
    """A reply with this many credits."""
    return ok(json.dumps({"topUpCredits": {"balance": count, "cap": 1000}}))


Reply = Union[bytes, Sequence[Union[bytes, float]]]
"""The bytes of a reply, or pieces of them with pauses, in seconds."""


class Serve(Protocol):
    def __call__(self, *replies: Reply, held: bool = False) -> Script: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers of raw replies, for what the emulator does not do.

    The n-th request gets the n-th reply, and every later one the last. The connection is kept, even in the middle of a
    reply. Replies that are ``held`` wait for ``release()``.
    """
    with ExitStack() as running:

        def start(*replies: Reply, held: bool = False) -> Script:
            script = Script([[reply] if isinstance(reply, bytes) else reply for reply in replies], held=held)
            running.callback(script.close)
            return script

        yield start


SiteWith = Callable[[int], Emulator]


@pytest.fixture
def site_with() -> Iterator[SiteWith]:
    """Starts emulators: the key ``IST.key`` has access to the site ``s``, which has this many credits."""
    with ExitStack() as running:

        def start(count: int) -> Emulator:
            rules = [{"period": "NO_PERIOD", "balance": count, "cap": 1000}]
            account = {
                "account": "a",
                "sites": [{"site": "s"}],
                "allocations": [{"allocation": "top-up", "site": "s", "rules": rules}],
            }
            key = {"name": "key", "secret": "IST.key", "sites": ["s"]}
            return running.enter_context(Emulator({"version": 1, "accounts": [account], "keys": [key]}))

        yield start


class HasUrl(Protocol):
    @property
    def url(self) -> str: ...


def client_of(server: HasUrl, **settings: Any) -> Client:
    return Client(**{"api_key": "IST.key", "site_id": "s", "base_url": server.url, "max_retries": 0, **settings})


@pytest.fixture
def gate(site_with: SiteWith) -> Iterator[Gate]:
    """A gate for 100 credits."""
    with client_of(site_with(100)) as client, client.gate() as gate:
        yield gate


@pytest.fixture
def unreachable() -> Iterator[str]:
    """The URL of a server that never accepts a connection: its backlog is full. The emulator accepts every one."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting: list[socket.socket] = []
        try:
            while True:
                waiting.append(socket.create_connection(listener.getsockname(), timeout=0.2))
        except socket.timeout:
            pass
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for connection in waiting:
            connection.close()


def post(emulator: Emulator, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    """The status and the JSON of the reply to a request with the emulator's key and account."""
    sent = {
        "Authorization": emulator.api_key,
        "wix-account-id": emulator.account_id,
        "Content-Type": "application/json",
        **headers,
    }
    request = urllib.request.Request(emulator.url + path, json.dumps(body).encode(), sent, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def connects_to(url: str) -> bool:
    """Whether a connection attempt to that server is in progress."""
    to = f":{int(url.rsplit(':')[-1]):04X} 02 "
    with open("/proc/net/tcp") as connections:
        return any(to in connection for connection in connections)


def eventually(holds: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < PATIENCE, "the condition never became true"
        time.sleep(0.005)


def held() -> tuple[int, int]:
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
