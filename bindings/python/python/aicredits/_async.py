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
from typing import TYPE_CHECKING, Any, NoReturn, Optional, Union

from ._errors import ClosedError, InvalidArgumentError, TimeoutError
from ._native import Balance, Cancel, Client, Scope

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Unpack

    from ._native import _Settings


class _Job:
    """One call, from its await to its end."""

    def __init__(self, scope: Optional[Scope], timeout: float) -> None:
        self.scope = scope
        self.timeout = timeout
        self.deadline = time.monotonic() + timeout
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.cancel = Cancel()
        # Whoever has it decides what becomes of the job: the thread that begins it, or who takes it back.
        self.claim = threading.Lock()
        self.balance: Optional[Balance] = None
        self.error: Optional[BaseException] = None

    def claimed(self) -> bool:
        return self.claim.acquire(blocking=False)

    def run(self, client: Client) -> None:
        if not self.claimed():
            return
        try:
            left = self.deadline - time.monotonic()
            if left <= 0 < self.timeout:
                raise TimeoutError(
                    f"no reply within {self.timeout:g} s; time ran out before the call began", scope=self.scope or client.scope
                )
            self.balance = client._get_balance(self.scope, left, self.cancel)
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

    def __init__(self, client: Client) -> None:
        self.pid = os.getpid()
        self.client = client
        self.most = client.max_concurrency
        self.lock = threading.Lock()
        # None sends a thread home.
        self.queue: SimpleQueue[Optional[_Job]] = SimpleQueue()
        self.threads: list[threading.Thread] = []
        # Queued or under way.
        self.jobs = 0
        self.closing = False

    def submit(self, job: _Job) -> None:
        with self.lock:
            if self.closing:
                scope = job.scope or self.client.scope
                raise ClosedError(f"the client is closed ({scope})", scope=scope)
            self.jobs += 1
            if self.jobs > len(self.threads) < self.most:
                # A daemon, so that a client which nobody closed does not keep the interpreter: atexit ends it.
                thread = threading.Thread(target=self._work, name="aicredits", daemon=True)
                thread.start()
                self.threads.append(thread)
            self.queue.put(job)

    def _work(self) -> None:
        while True:
            job = self.queue.get()
            if job is None:
                return
            job.run(self.client)
            # Or it would live until the next.
            del job
            with self.lock:
                self.jobs -= 1

    def close(self) -> list[threading.Thread]:
        with self.lock:
            if not self.closing:
                self.closing = True
                # Behind the jobs that wait, which find the client closed.
                for _ in self.threads:
                    self.queue.put(None)
        self.client.close()
        return self.threads


_OPEN: weakref.WeakSet[AsyncClient]


class AsyncClient:
    """Asks Wix what is left, for asyncio. Made once and used for long, in one event loop or in several.

    Its settings are those of :class:`Client`. Calls run on threads of its own, at most ``max_concurrency``, started as
    they are needed and joined by :meth:`aclose`.
    """

    def __init__(self, **settings: Unpack[_Settings]) -> None:
        self._client = Client(**settings)
        self._threads = _Threads(self._client)
        _OPEN.add(self)

    @classmethod
    def from_env(cls, **settings: Unpack[_Settings]) -> AsyncClient:
        """A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL; with other settings beside."""
        settings["from_env"] = True
        return cls(**settings)

    def _of_this_process(self) -> _Threads:
        if self._threads.pid != os.getpid():
            # A forked child has none of its parent's threads.
            self._threads = _Threads(self._client)
        return self._threads

    async def get_balance(
        self,
        *,
        account_id: Optional[str] = None,
        site_id: Optional[str] = None,
        credential_scope: bool = False,
        timeout: Optional[Union[float, timedelta]] = None,
    ) -> Balance:
        """The current AI credit balance, of the client's scope or of the call's own.

        Its time counts from the await, waiting for a thread included. Cancelling the task ends the call, waits for it to
        come back, and raises asyncio's CancelledError; a call that waits for a thread then never starts.
        """
        scope = None
        if account_id is not None or site_id is not None or credential_scope:
            if credential_scope and (account_id, site_id) != (None, None):
                raise InvalidArgumentError("scope is not clear: credential_scope sends no id, and an id is named")
            scope = Scope(account_id, site_id)
        if timeout is None:
            timeout = self._client.timeout
        job = _Job(scope, timeout.total_seconds() if isinstance(timeout, timedelta) else timeout)
        self._of_this_process().submit(job)
        try:
            await job.done
        except asyncio.CancelledError:
            if not job.claimed():
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

    @property
    def timeout(self) -> timedelta:
        """The total time of a call that does not set its own."""
        return self._client.timeout

    @property
    def max_concurrency(self) -> int:
        """How many calls run at once."""
        return self._client.max_concurrency

    @property
    def scope(self) -> Scope:
        """The scope that calls ask for unless they name their own."""
        return self._client.scope

    def __repr__(self) -> str:
        # It never shows the key.
        return f"Async{self._client!r}"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an AsyncClient cannot be pickled or copied: it holds a key, connections and threads")

    def __del__(self) -> None:
        threads: Any = getattr(self, "_threads", None)
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
