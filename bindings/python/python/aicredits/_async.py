"""The client for asyncio: the blocking calls on threads of its own, started as they are needed."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
import weakref
from datetime import timedelta
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Callable, NoReturn, Optional, Union, cast

from ._errors import ClosedError, UnexpectedError
from ._job import CURRENT, Job, named
from ._native import Balance, Client, Scope
from ._settings import AsyncSettings, Settings, Unpack

_GRACE = 5.0
"""How long a call that was ended is waited for, in seconds. It is back at once, unless its provider hangs."""


class _Threads:
    """The threads of a client in one process. They hold no reference to the client, so that it can be collected."""

    def __init__(self, most: int) -> None:
        self.pid = os.getpid()
        self.most = most
        self.lock = threading.Lock()
        # None sends a thread home.
        self.queue: SimpleQueue[Optional[Job]] = SimpleQueue()
        self.threads: list[threading.Thread] = []
        # Queued or under way.
        self.jobs = 0
        self.closing = False
        # Those under way. Adding and discarding need no lock.
        self.running: set[Job] = set()
        # How many have not come to their end, and who waits for the last.
        self.alive = 0
        self.awaited: list[Callable[[], object]] = []

    def submit(self, job: Job) -> None:
        with self.lock:
            if self.closing:
                raise ClosedError(f"the client is closed{named(job.scope)}", scope=job.scope)
            if self.jobs >= len(self.threads) < self.most:
                self._start(job)
            self.jobs += 1
            self.queue.put(job)

    def _start(self, job: Job) -> None:
        # A daemon, so that a client which nobody closed does not keep the interpreter: atexit ends it.
        thread = threading.Thread(target=self._work, name="aicredits", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # Those that there are come to it.
            if not self.threads:
                raise UnexpectedError(f"no thread for the call: {error}{named(job.scope)}", scope=job.scope) from error
        else:
            self.threads.append(thread)
            self.alive += 1

    def _work(self) -> None:
        while job := self.queue.get():
            self.running.add(job)
            job.run()
            self.running.discard(job)
            # Or it would live until the next.
            del job
            with self.lock:
                self.jobs -= 1
        with self.lock:
            self.alive -= 1
            awaited = self.awaited if self.alive == 0 else []
        for done in awaited:
            done()

    async def gone(self) -> None:
        """Waits until the last has come to its end."""
        loop, last = asyncio.get_running_loop(), asyncio.Event()

        def done() -> None:
            try:
                loop.call_soon_threadsafe(last.set)
            except RuntimeError:
                # The loop is closed: nobody waits any more.
                pass

        with self.lock:
            if self.alive == 0:
                return
            self.awaited.append(done)
        await last.wait()

    def close(self) -> None:
        with self.lock:
            if not self.closing:
                self.closing = True
                # Behind the jobs that wait, which find the client closed.
                for _ in self.threads:
                    self.queue.put(None)


_OPEN: weakref.WeakSet[AsyncClient]


class AsyncClient:
    """Asks Wix what is left, for asyncio. Made once and used for long, in one event loop or in several.

    Its settings are those of :class:`Client`. Calls run on threads of its own, at most ``max_concurrency``, started as
    they are needed and joined by :meth:`aclose`.

    A ``credential_provider`` is called there too, with the context variables of the task that awaits the call. It may
    be an ``async def`` function, which runs in the loop of the call and is cancelled with it. A call ends in time while
    its provider runs; the thread of a provider that blocks ends when the provider does.
    """

    def __init__(self, **settings: Unpack[AsyncSettings]) -> None:
        provider = settings.get("credential_provider")
        if callable(provider):
            # A function of this module, so that it does not keep the client.
            settings["credential_provider"] = lambda: CURRENT.job.provide(provider)
        self._client = Client(**cast(Settings, settings))
        self._threads = _Threads(self._client.max_concurrency)
        _OPEN.add(self)

    @classmethod
    def from_env(cls, **settings: Unpack[AsyncSettings]) -> AsyncClient:
        """A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL, and from these settings."""
        settings["from_env"] = True
        return cls(**settings)

    def _of_this_process(self) -> _Threads:
        if self._threads.pid != os.getpid():
            # A forked child has none of its parent's threads.
            self._threads = _Threads(self._client.max_concurrency)
        return self._threads

    def _close(self) -> list[threading.Thread]:
        threads = self._of_this_process()
        threads.close()
        self._client.close()
        # Each job that still asks its provider finds the client closed afterwards.
        for job in list(threads.running):
            job.end_provider()
        return threads.threads

    async def get_balance(
        self,
        *,
        account_id: Optional[str] = None,
        site_id: Optional[str] = None,
        credential_scope: Optional[bool] = None,
        timeout: Optional[Union[float, timedelta]] = None,
    ) -> Balance:
        """The current AI credit balance, of the client's scope or of the call's own.

        An id that is ``None`` counts as left out.

        The timeout counts from the await, so it includes the wait for a thread. Cancelling the task ends the call,
        waits until the call has returned, and raises asyncio's CancelledError. A call that still waits for a thread
        never starts. If a credential provider blocks, cancelling waits at most 5 s.
        """
        scope, seconds = self._client._asked(
            account_id=account_id, site_id=site_id, credential_scope=credential_scope, timeout=timeout
        )
        job = Job(self._client, scope, seconds)
        self._of_this_process().submit(job)
        if seconds > 0:
            job.timer = job.loop.call_later(seconds, job.expire)
        try:
            await job.done
        except asyncio.CancelledError:
            if job.give_up():
                await job.come_back(_GRACE)
            raise
        except GeneratorExit:
            # The loop is gone, or the coroutine was closed: it can wait no more.
            job.give_up()
            raise
        finally:
            if job.timer is not None:
                job.timer.cancel()
        if job.ended is not None:
            raise job.ended
        if job.error is not None:
            try:
                raise job.error
            finally:
                # The error's traceback holds this frame, which would hold the error.
                job.error = None
        assert job.balance is not None
        return job.balance

    async def aclose(self) -> None:
        """Ends the calls that run and those that wait, closes the connections, and joins the threads.

        A thread whose provider hangs is left to it after 5 s.
        """
        threads = self._close()
        try:
            await asyncio.wait_for(self._threads.gone(), _GRACE)
        except asyncio.TimeoutError:
            pass
        else:
            # They are at their last lines.
            for thread in threads:
                thread.join()
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

    @property
    def timeout(self) -> timedelta:
        """The total time of a call that does not set its own."""
        return self._client.timeout

    @property
    def max_concurrency(self) -> int:
        """How many calls run at once."""
        return self._client.max_concurrency

    @property
    def scope(self) -> Optional[Scope]:
        """The scope that calls ask for unless they name their own; ``None`` with ``scope=PER_CALL``."""
        return self._client.scope

    def __repr__(self) -> str:
        # It never shows the credential.
        return f"aicredits.AsyncClient({self._client._settings()})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an AsyncClient cannot be pickled or copied: it holds a key, connections and threads")

    def __del__(self) -> None:
        threads: Any = getattr(self, "_threads", None)
        if threads is not None and threads.pid == os.getpid():
            self._close()


_OPEN = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    # No thread may be within the library while the interpreter is taken down.
    threads = [thread for client in list(_OPEN) if client._threads.pid == os.getpid() for thread in client._close()]
    until = time.monotonic() + _GRACE
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
