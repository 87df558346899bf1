from __future__ import annotations

import os
import socket
import threading
import time
from typing import Callable, Iterator

import pytest
from aicredits.testing import Emulator

PATIENCE = 20.0
"""What a wait is given that must end long before."""


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
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


class Server:
    """Answers the n-th request, from 0, with ``reply(n)``, raw, and keeps the connection."""

    def __init__(self, reply: Callable[[int], bytes]) -> None:
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
                        connection.sendall(self.reply(number))
            except OSError:
                pass
        with self.changed:
            self.ended += 1
            self.changed.notify_all()

    def wait_until(self, holds: Callable[[Server], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: holds(self), PATIENCE), "it never came"

    def close(self) -> None:
        self.listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[int], bytes]], Server]]:
    servers: list[Server] = []

    def start(reply: Callable[[int], bytes]) -> Server:
        servers.append(Server(reply))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def eventually(holds: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < PATIENCE, "it never came"
        time.sleep(0.005)


def held() -> tuple[int, int]:
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
