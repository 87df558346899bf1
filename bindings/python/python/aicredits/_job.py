"""One call of the client for asyncio."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import threading
import time
from collections.abc import Awaitable
from typing import Callable, Optional, Union

from ._errors import TimeoutError
from ._native import Balance, Cancel, Client, Scope, shown_duration

CURRENT = threading.local()
"""The job of a thread, which the provider's call belongs to."""


class Job:
    """One call, from its await to its end."""

    def __init__(self, client: Client, scope: Optional[Scope], timeout: float) -> None:
        self.client = client
        self.scope = scope
        self.timeout = timeout
        self.started = time.monotonic()
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        # The provider's, as if it were called by whoever awaits.
        self.context = contextvars.copy_context()
        # Whoever has it decides what becomes of the job: the thread that begins it, or who takes it back.
        self.claim = threading.Lock()
        self.balance: Optional[Balance] = None
        self.error: Optional[BaseException] = None
        self.cancel: Optional[Cancel] = None
        # Whether the provider runs, and what it runs as if it is a coroutine.
        self.is_providing = False
        self.provided: Optional[concurrent.futures.Future[str]] = None
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
        # The calls of one gather() end at one moment, and so do those that they waited for. A call that would have its
        # turn only at that moment has had none.
        if self.timeout - waited <= min(0.05, self.timeout / 20) and self.timeout > 0:
            self.error = self._too_late()
        else:
            try:
                CURRENT.job = self
                asked = (self.scope, self.timeout, self.cancel, waited)
                self.balance = self.context.run(self.client._get_balance, *asked)
            except BaseException as error:
                # The traceback would hold this frame, and that the error: descriptors would wait for the collector.
                self.error = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
            finally:
                # Or the thread would keep the job, and so the client.
                del CURRENT.job
        try:
            self.loop.call_soon_threadsafe(self._finish)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            pass

    def provide(self, provider: Callable[[], Union[str, Awaitable[str]]]) -> str:
        """Asks the provider, in this job's thread. An async one runs in the loop of the call."""
        self.is_providing = True
        try:
            given = provider()
            if not inspect.isawaitable(given):
                return given
            coroutine = _await(given)
            try:
                self.provided = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
            except RuntimeError:
                # The loop is closed.
                coroutine.close()
                raise
            if self.has_given_up:
                self.provided.cancel()
            return self.provided.result()
        finally:
            self.is_providing = False
            self.provided = None

    def _too_late(self) -> TimeoutError:
        # The library's own words, for the same reason.
        places = f"waiting for one of {self.client.max_concurrency} places (max_concurrency)"
        return self._timeout(f"timed out after {shown_duration(self.timeout)}, all of it {places}")

    def _timeout(self, told: str) -> TimeoutError:
        return TimeoutError(f"{told}{named(self.scope)}", scope=self.scope, is_transient=True)

    def expire(self) -> None:
        """Its time is up: while it waits for a thread, or while the provider runs. Otherwise the library ends it."""
        if self.done.done():
            return
        if self.claimed():
            self.error = self._too_late()
            self._finish()
        elif self.is_providing:
            self.ended = self._timeout(
                f"timed out after {shown_duration(self.timeout)}; time ran out while credential_provider ran"
            )
            self.give_up()
            self._finish()
        else:
            # It comes back now, unless the library asks the provider at this moment.
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
        self.end_provider()
        return True

    def end_provider(self) -> None:
        """Ends an async provider. Nothing ends one that blocks."""
        self.has_given_up = True
        provided = self.provided
        if provided is not None:
            provided.cancel()

    async def come_back(self, grace: float) -> None:
        """Waits for a call that was ended, for so many seconds."""
        if self.error is not None or self.balance is not None:
            return
        back = self.done = self.loop.create_future()
        until = time.monotonic() + grace
        while not back.done() and (left := until - time.monotonic()) > 0:
            try:
                await asyncio.wait({back}, timeout=left)
            except asyncio.CancelledError:
                # Cancelled once more: it comes back all the same.
                continue


def named(scope: Optional[Scope]) -> str:
    """A scope, as it stands at the end of messages."""
    return "" if scope is None else f" ({scope})"


async def _await(given: Awaitable[str]) -> str:
    return await given
