"""The threads that make the blocking calls of an AsyncClient."""

from __future__ import annotations

import asyncio
import os
import threading
from queue import SimpleQueue
from typing import Any, Callable, Optional

from ._async_call import AsyncCall
from ._errors import UnexpectedError


class Threads:
    """A thread pool in one process, with a queue. Threads start as they are needed, and end at :meth:`close`.

    It holds no reference to the client, so that a forgotten client can be collected.
    """

    def __init__(self, limit: int) -> None:
        self.pid = os.getpid()
        self.limit = limit
        self.lock = threading.Lock()
        # None ends a thread.
        self.queue: SimpleQueue[Optional[AsyncCall[Any]]] = SimpleQueue()
        self.threads: list[threading.Thread] = []
        # How many calls are queued or running.
        self.pending = 0
        self.is_closing = False
        # The calls that have a thread. Adding and discarding are atomic.
        self.running: set[AsyncCall[Any]] = set()
        # How many threads have not ended, and the functions that the last one calls.
        self.alive = 0
        self.on_end: list[Callable[[], object]] = []

    def submit(self, call: AsyncCall[Any]) -> bool:
        """Queues a call; false if the pool is closed."""
        with self.lock:
            if self.is_closing:
                return False
            if self.pending >= len(self.threads) < self.limit:
                self._start(call)
            self.pending += 1
            self.queue.put(call)
        return True

    def _start(self, call: AsyncCall[Any]) -> None:
        # A daemon thread does not keep the interpreter alive if nobody closes the client: atexit ends it.
        thread = threading.Thread(target=self._work, name="aicredits", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # If another thread exists, the call waits for it.
            if not self.threads:
                scope = call.native.scope
                where = "" if scope is None else f" ({scope})"
                raise UnexpectedError(f"no thread for the call: {error}{where}", scope=scope) from error
        else:
            self.threads.append(thread)
            self.alive += 1

    def _work(self) -> None:
        while call := self.queue.get():
            self.running.add(call)
            call.run()
            self.running.discard(call)
            # The variable would keep the call until the next one.
            del call
            with self.lock:
                self.pending -= 1
        with self.lock:
            self.alive -= 1
            on_end = self.on_end if self.alive == 0 else []
        for function in on_end:
            function()

    async def ended(self) -> None:
        """Waits until the last thread has ended. Call :meth:`close` before."""
        loop, last = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            try:
                loop.call_soon_threadsafe(last.set)
            except RuntimeError:
                # The loop is closed, so nothing waits in it.
                pass

        with self.lock:
            if self.alive == 0:
                return
            self.on_end.append(wake)
        await last.wait()

    def close(self) -> None:
        """Refuses further calls, and ends each thread after the calls that are queued."""
        with self.lock:
            if not self.is_closing:
                self.is_closing = True
                for _ in self.threads:
                    self.queue.put(None)
