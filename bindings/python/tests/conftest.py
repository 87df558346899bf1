from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any, Callable, Union

import pytest
from aicredits import Client, Gate
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


Replies = Callable[[int], Union[bytes, Iterable[bytes]]]


class Server:
    """Sends ``reply(n)``, whole or in pieces, as the raw reply to the n-th request, from 0. Keeps the connection."""

    def __init__(self, reply: Replies) -> None:
        self.reply = reply
        self.requests: list[bytes] = []
        self.connections = 0
        self.ended = 0
        self.changed = threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=2000)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.changed:
                self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        held = b""
        with connection:
            try:
                while data := connection.recv(65536):
                    held += data
                    if held.endswith(b"\r\n\r\n{}"):
                        with self.changed:
                            number = len(self.requests)
                            self.requests.append(held)
                            self.changed.notify_all()
                        held = b""
                        reply = self.reply(number)
                        for piece in [reply] if isinstance(reply, bytes) else reply:
                            connection.sendall(piece)
            except OSError:
                pass
        with self.changed:
            self.ended += 1
            self.changed.notify_all()

    def wait_until(self, holds: Callable[[Server], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: holds(self), PATIENCE), "the condition never became true"

    def close(self) -> None:
        self.listener.close()


Serve = Callable[[Replies], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(reply: Replies) -> Server:
        servers.append(Server(reply))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def client_of(server: Server, **settings: Any) -> Client:
    return Client(**{"api_key": "IST.key", "site_id": "s", "base_url": server.url, "max_retries": 0, **settings})


@pytest.fixture
def gate(serve: Serve) -> Iterator[Gate]:
    """A gate for 100 credits."""
    with client_of(serve(lambda _: credits(100))) as client, client.gate() as gate:
        yield gate


@pytest.fixture
def unreachable() -> Iterator[str]:
    """The URL of a server that never accepts a connection: its backlog is full."""
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
