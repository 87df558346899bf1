"""The client for asyncio: the blocking calls on threads of its own, started as they are needed."""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextvars
import inspect
import os
import threading
import time
import weakref
from datetime import timedelta
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Awaitable, Callable, NoReturn, Optional, Union, cast

from ._errors import ClosedError, TimeoutError, UnexpectedError
from ._native import Balance, Cancel, Client, Scope
from ._settings import AsyncSettings, Settings, Unpack


_CURRENT = threading.local()
"""The job of a thread, which the supplier's call belongs to."""

_GRACE = 5.0
"""How long a call that was ended is waited for, in seconds. It is back at once, unless its supplier hangs."""


class _Job:
    """One call, from its await to its end."""

    def __init__(self, client: Client, scope: Optional[Scope], timeout: float) -> None:
        self.client = client
        self.scope = scope
        self.timeout = timeout
        self.started = time.monotonic()
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        # The supplier's, as if it were called by whoever awaits.
        self.context = contextvars.copy_context()
        # Whoever has it decides what becomes of the job: the thread that begins it, or who takes it back.
        self.claim = threading.Lock()
        self.balance: Optional[Balance] = None
        self.error: Optional[BaseException] = None
        self.cancel: Optional[Cancel] = None
        # Whether the supplier runs, and what it runs as if it is a coroutine.
        self.is_supplying = False
        self.supplied: Optional[concurrent.futures.Future[str]] = None
        self.has_given_up = False
        # Why the await ended before the call: its thread still sets `error`, for nobody.
        self.ended: Optional[TimeoutError] = None
        self.timer: Optional[asyncio.TimerHandle] = None

    def claimed(self) -> bool:
        return self.claim.acquire(blocking=False)

    def run(self) -> None:
        # It holds a descriptor, so those that wait have none.
        self.cancel = Cancel()
        if not self.claimed():
            return
        waited = time.monotonic() - self.started
        # What is left then would end it as it begins.
        if self.timeout - waited <= min(0.005, self.timeout / 100) and self.timeout > 0:
            self.error = self._too_late()
        else:
            try:
                _CURRENT.job = self
                asked = (self.scope, self.timeout, self.cancel, waited)
                self.balance = self.context.run(self.client._get_balance, *asked)
            except BaseException as error:
                # The traceback would hold this frame, and that the error: descriptors would wait for the collector.
                self.error = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
            finally:
                # Or the thread would keep the job, and so the client.
                del _CURRENT.job
        try:
            self.loop.call_soon_threadsafe(self._finish)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            pass

    def supply(self, supplier: Callable[[], Union[str, Awaitable[str]]]) -> str:
        """Asks the supplier, in this job's thread. An async one runs in the loop of the call."""
        self.is_supplying = True
        try:
            given = supplier()
            if not inspect.isawaitable(given):
                return given
            coroutine = _await(given)
            try:
                self.supplied = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
            except RuntimeError:
                # The loop is closed.
                coroutine.close()
                raise
            if self.has_given_up:
                self.supplied.cancel()
            return self.supplied.result()
        finally:
            self.is_supplying = False
            self.supplied = None

    def _too_late(self) -> TimeoutError:
        # The library's own words, for the same reason.
        places = f"waiting for one of {self.client.max_concurrency} places (max_concurrency)"
        return self._timeout(f"timed out after {_shown(self.timeout)}, all of it {places}")

    def _timeout(self, told: str) -> TimeoutError:
        return TimeoutError(f"{told}{_named(self.scope)}", scope=self.scope, is_transient=True)

    def expire(self) -> None:
        """Its time is up: while it waits for a thread, or while the supplier runs. Otherwise the library ends it."""
        if self.done.done():
            return
        if self.claimed():
            self.error = self._too_late()
            self._finish()
        elif self.is_supplying:
            self.ended = self._timeout(
                f"timed out after {_shown(self.timeout)}; time ran out while credential_supplier ran"
            )
            self.give_up()
            self._finish()
        else:
            # It comes back now, unless the library asks the supplier at this moment.
            self.timer = self.loop.call_later(0.05, self.expire)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def give_up(self) -> bool:
        """Whether it has begun, and now ends; otherwise it never begins."""
        if self.claimed():
            return False
        if self.cancel is not None:
            self.cancel.cancel()
        self.end_supplier()
        return True

    def end_supplier(self) -> None:
        """Ends an async supplier. Nothing ends one that blocks."""
        self.has_given_up = True
        supplied = self.supplied
        if supplied is not None:
            supplied.cancel()

    async def come_back(self) -> None:
        """Waits for a call that was ended."""
        if self.error is not None or self.balance is not None:
            return
        back = self.done = self.loop.create_future()
        until = time.monotonic() + _GRACE
        while not back.done() and (left := until - time.monotonic()) > 0:
            try:
                await asyncio.wait({back}, timeout=left)
            except asyncio.CancelledError:
                # Cancelled once more: it comes back all the same.
                continue


def _shown(seconds: float) -> str:
    """``2 s``, ``1.5 s``, ``700 ms``: as the library shows a timeout."""
    count, unit = (seconds, "s") if seconds >= 1 else (seconds * 1000, "ms")
    digits = f"{count:.3f}".rstrip("0").rstrip(".")
    return f"{digits} {unit}"


def _named(scope: Optional[Scope]) -> str:
    """A scope, as it stands at the end of messages."""
    return "" if scope is None else f" ({scope})"


async def _await(given: Awaitable[str]) -> str:
    return await given


class _Threads:
    """The threads of a client, in one process. They hold nothing that leads to the client, so that it can be forgotten."""

    def __init__(self, most: int) -> None:
        self.pid = os.getpid()
        self.most = most
        self.lock = threading.Lock()
        # None sends a thread home.
        self.queue: SimpleQueue[Optional[_Job]] = SimpleQueue()
        self.threads: list[threading.Thread] = []
        # Queued or under way.
        self.jobs = 0
        self.closing = False
        # Those under way. Adding and discarding need no lock.
        self.running: set[_Job] = set()
        # How many have not come to their end, and who waits for the last.
        self.alive = 0
        self.awaited: list[Callable[[], object]] = []

    def submit(self, job: _Job) -> None:
        with self.lock:
            if self.closing:
                raise ClosedError(f"the client is closed{_named(job.scope)}", scope=job.scope)
            if self.jobs >= len(self.threads) < self.most:
                self._start(job)
            self.jobs += 1
            self.queue.put(job)

    def _start(self, job: _Job) -> None:
        # A daemon, so that a client which nobody closed does not keep the interpreter: atexit ends it.
        thread = threading.Thread(target=self._work, name="aicredits", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # Those that there are come to it.
            if not self.threads:
                raise UnexpectedError(f"no thread for the call: {error}{_named(job.scope)}", scope=job.scope) from error
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

    A ``credential_supplier`` is called there too, with the context variables of the task that awaits the call. It may
    be an ``async def`` function, which runs in the loop of the call and is cancelled with it. A call ends in time while
    its supplier runs; the thread of a supplier that blocks ends when the supplier does.
    """

    def __init__(self, **settings: Unpack[AsyncSettings]) -> None:
        supplier = settings.get("credential_supplier")
        if callable(supplier):
            # A function of this module, so that it does not keep the client.
            settings["credential_supplier"] = lambda: _CURRENT.job.supply(supplier)
        self._client = Client(**cast(Settings, settings))
        self._threads = _Threads(self._client.max_concurrency)
        _OPEN.add(self)

    @classmethod
    def from_env(cls, **settings: Unpack[AsyncSettings]) -> AsyncClient:
        """A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL; with other settings beside."""
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
        # Each job that still asks its supplier finds the client closed afterwards.
        for job in list(threads.running):
            job.end_supplier()
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

        Its time counts from the await, waiting for a thread included. Cancelling the task ends the call, waits for it to
        come back, and raises asyncio's CancelledError; a call that waits for a thread then never starts. Where a supplier
        blocks, the wait is given up after 5 s.
        """
        scope, seconds = self._client._asked(
            account_id=account_id, site_id=site_id, credential_scope=credential_scope, timeout=timeout
        )
        job = _Job(self._client, scope, seconds)
        self._of_this_process().submit(job)
        if seconds > 0:
            job.timer = job.loop.call_later(seconds, job.expire)
        try:
            await job.done
        except asyncio.CancelledError:
            if job.give_up():
                await job.come_back()
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

        A thread whose supplier hangs is left to it after 5 s.
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
