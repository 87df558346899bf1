"""The client for asyncio: the blocking calls on threads of its own, started as they are needed."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Optional

from . import _native
from ._client import Seconds, Settings, scope_of, seconds
from ._errors import ClosedError, TimeoutError
from ._native import Balance, Scope

if TYPE_CHECKING:
    from types import TracebackType


class _Job:
    """One call, from its await to its end."""

    def __init__(self, scope: Optional[Scope], timeout: float) -> None:
        self.scope = scope
        self.timeout = timeout
        self.deadline = time.monotonic() + timeout
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.cancel = _native.Cancel()
        self.balance: Optional[Balance] = None
        self.error: Optional[BaseException] = None

    def run(self, client: _native.Client) -> None:
        try:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no reply within {self.timeout:g} s; time ran out before the call began", scope=self.scope)
            self.balance = client.get_balance(self.scope, left, self.cancel, False)
        except BaseException as error:
            # Its traceback would hold this frame, and that the error: descriptors would wait for the collector.
            self.error = error.with_traceback(None)
        try:
            self.loop.call_soon_threadsafe(self._finish)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            pass

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class _Threads:
    """The threads of a client, in one process."""

    def __init__(self, client: _native.Client, most: int) -> None:
        self.pid = os.getpid()
        self.client = client
        self.most = most
        self.condition = threading.Condition()
        self.queue: deque[_Job] = deque()
        self.threads: list[threading.Thread] = []
        self.idle = 0
        self.closing = False

    def submit(self, job: _Job) -> None:
        with self.condition:
            if self.closing:
                raise ClosedError("the client is closed", scope=job.scope)
            self.queue.append(job)
            if self.idle >= len(self.queue):
                self.condition.notify()
            elif len(self.threads) < self.most:
                # A daemon, so that a client which nobody closed does not keep the interpreter: atexit ends it.
                thread = threading.Thread(target=self._work, name="aicredits", daemon=True)
                self.threads.append(thread)
                thread.start()

    def withdraw(self, job: _Job) -> bool:
        """Takes a job back that no thread has begun."""
        with self.condition:
            try:
                self.queue.remove(job)
            except ValueError:
                return False
            return True

    def _work(self) -> None:
        while True:
            with self.condition:
                self.idle += 1
                self.condition.wait_for(lambda: self.queue or self.closing)
                self.idle -= 1
                if not self.queue:
                    return
                job = self.queue.popleft()
            job.run(self.client)
            del job

    def close(self) -> list[threading.Thread]:
        with self.condition:
            self.closing = True
            self.condition.notify_all()
        self.client.close()
        return self.threads


_OPEN: weakref.WeakSet[AsyncClient]


class AsyncClient(Settings):
    """Asks Wix what is left, for asyncio. Made once and used for long, in one event loop or in several.

    Calls run on threads of its own, at most ``max_concurrency``, started as they are needed and joined by :meth:`aclose`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._threads = _Threads(self._native, self.max_concurrency)
        _OPEN.add(self)

    __init__.__doc__ = Settings.__init__.__doc__

    @classmethod
    def from_env(cls, **settings: Any) -> AsyncClient:
        """A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL."""
        return cls(from_env=True, **settings)

    def _of_this_process(self) -> _Threads:
        if self._threads.pid != os.getpid():
            # A forked child has none of its parent's threads.
            self._threads = _Threads(self._native, self.max_concurrency)
        return self._threads

    async def get_balance(
        self,
        *,
        account_id: Optional[str] = None,
        site_id: Optional[str] = None,
        credential_scope: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> Balance:
        """The current AI credit balance, of the client's scope or of the call's own.

        Its time counts from the await, waiting for a thread included. Cancelling the task ends the call, waits for it to
        come back, and raises asyncio's CancelledError; a call that waits for a thread then never starts.
        """
        time = seconds(timeout)
        job = _Job(scope_of(account_id, site_id, credential_scope), self._native.timeout if time is None else time)
        threads = self._of_this_process()
        if time is not None and not time > 0:
            # The library says what is wrong with it.
            job.deadline = float("inf")
            return self._native.get_balance(job.scope, time, None, False)
        threads.submit(job)
        try:
            await job.done
        except asyncio.CancelledError:
            if not threads.withdraw(job):
                job.cancel.cancel()
                await self._come_back(job)
            raise
        if job.error is not None:
            try:
                raise job.error
            finally:
                # The error's traceback holds this frame, which would hold the error.
                job.error = None
        assert job.balance is not None
        return job.balance

    @staticmethod
    async def _come_back(job: _Job) -> None:
        if job.error is not None or job.balance is not None:
            return
        back = job.loop.create_future()
        job.done = back
        while not back.done():
            try:
                await asyncio.shield(back)
            except asyncio.CancelledError:
                # Cancelled once more: it comes back all the same, and soon.
                continue

    async def aclose(self) -> None:
        """Ends the calls that run and those that wait, closes the connections, and joins the threads."""
        threads = self._of_this_process()
        loop = asyncio.get_running_loop()
        for thread in threads.close():
            if thread.is_alive():
                await loop.run_in_executor(None, thread.join)
        _OPEN.discard(self)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        threads = getattr(self, "_threads", None)
        if threads is not None and threads.pid == os.getpid():
            threads.close()


_OPEN = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    # No thread may be within the library while the interpreter is taken down.
    for client in list(_OPEN):
        if client._threads.pid == os.getpid():
            for thread in client._threads.close():
                thread.join()
