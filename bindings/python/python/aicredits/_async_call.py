"""One call of the client for asyncio: a blocking operation in a thread, awaited in an event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import threading
import time
from collections.abc import Awaitable
from typing import Any, Callable, Generic, Optional, TypeVar, Union

from ._errors import AiCreditsError
from ._native import Client, QueuedCall

CURRENT = threading.local()
"""The ``call`` that this thread makes, for the credential provider."""

PROVIDES_FOR: contextvars.ContextVar[Optional[Client]] = contextvars.ContextVar("PROVIDES_FOR", default=None)
"""The client whose credential provider runs. Its gates would wait for the provider, which would wait for them."""

_GRACE = 5.0
"""The seconds to wait for a cancelled call. It returns at once, unless its credential provider blocks."""

_Result = TypeVar("_Result")


class AsyncCall(Generic[_Result]):
    """One call, from its await to its end. ``operation`` is a blocking method of the native client."""

    def __init__(self, client: Client, native: QueuedCall, operation: Callable[[QueuedCall], _Result]) -> None:
        self.client = client
        self.native = native
        self.operation = operation
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        # A provider sees the context variables of the task that awaits the call.
        self.context = contextvars.copy_context()
        # Taken once: by the thread that starts the call, or by the loop that gives the call up before.
        self.claim = threading.Lock()
        self.has_returned = False
        self.result: Optional[_Result] = None
        self.error: Optional[BaseException] = None
        # Whether the provider runs, and its future if it is a coroutine.
        self.is_providing = False
        self.provided: Optional[concurrent.futures.Future[str]] = None
        self.has_given_up = False
        # Ends the await before the operation has returned. The thread sets `error` later, and nothing reads it.
        self.timeout_error: Optional[AiCreditsError] = None
        self.timer: Optional[asyncio.TimerHandle] = None

    async def wait(self) -> _Result:
        """Waits for the operation in this loop: to its result, to its timeout, or until the task is cancelled."""
        if self.native.timeout > 0:
            self.timer = self.loop.call_later(self.native.timeout, self._expire)
        try:
            await self.done
        except asyncio.CancelledError:
            if self._give_up():
                await self._wait_for_return()
            raise
        except GeneratorExit:
            # The loop has ended, or the coroutine was closed: it cannot wait.
            self._give_up()
            raise
        finally:
            if self.timer is not None:
                self.timer.cancel()
        error = self.timeout_error or self.error
        if error is not None:
            try:
                raise error
            finally:
                # The traceback of the error holds this frame, which must not hold the error.
                self.timeout_error = self.error = error = None
        return self.result  # type: ignore[return-value]

    def run(self) -> None:
        """Makes the call in this thread, unless the loop has given it up."""
        if not self._claim():
            return
        CURRENT.call = self
        try:
            self._operate()
        finally:
            # The thread would keep the call, and so the client.
            del CURRENT.call
        try:
            self.loop.call_soon_threadsafe(self._finish)
        except RuntimeError:
            # The loop is closed, so nothing waits in it.
            pass

    def fail_in_queue(self) -> None:
        """Ends a call without a thread, at once. The library says why: it timed out, or the client is closed."""
        self.native.expire()
        self._operate()
        self._finish()

    def provide(self, provider: Callable[[], Union[str, Awaitable[str]]]) -> str:
        """Calls the credential provider in this thread. An async provider runs in the loop of the call."""
        self.is_providing = True
        try:
            # In the context of this call, which an async provider's task copies.
            self.provided = start_provider(provider, self.client, self.loop)
            if self.has_given_up:
                self.provided.cancel()
            return self.provided.result()
        finally:
            self.is_providing = False
            self.provided = None

    def cancel_provider(self) -> None:
        """Cancels an async provider. A provider that blocks cannot be interrupted."""
        self.has_given_up = True
        provided = self.provided
        if provided is not None:
            provided.cancel()

    def _claim(self) -> bool:
        return self.claim.acquire(blocking=False)

    def _operate(self) -> None:
        try:
            self.result = self.context.run(self.operation, self.native)
        except BaseException as error:
            # Its traceback would hold this frame, and the frame the error: a cycle that keeps descriptors open.
            self.error = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
        finally:
            self.has_returned = True

    def _expire(self) -> None:
        if self.done.done():
            return
        if self._claim():
            self.fail_in_queue()
        elif self.is_providing:
            self.timeout_error = self.client._credential_timeout(self.native)
            self._give_up()
            self._finish()
        else:
            # The library ends the call now, unless it calls the provider at this moment.
            self.timer = self.loop.call_later(0.05, self._expire)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _give_up(self) -> bool:
        """Ends the call. False if the call has not started: then it never starts."""
        if self._claim():
            return False
        self.native.cancel()
        self.cancel_provider()
        return True

    async def _wait_for_return(self) -> None:
        """Waits until the operation has returned, at most for the grace period."""
        if self.has_returned:
            return
        returned = self.done = self.loop.create_future()
        until = time.monotonic() + _GRACE
        while not returned.done() and (left := until - time.monotonic()) > 0:
            try:
                await asyncio.wait({returned}, timeout=left)
            except asyncio.CancelledError:
                # The task is cancelled again. The call is ending already.
                continue


def start_provider(
    provider: Callable[[], Union[str, Awaitable[str]]], client: Client, loop: asyncio.AbstractEventLoop
) -> concurrent.futures.Future[str]:
    """Calls the credential provider of the client in this thread. An async provider runs in the loop."""
    PROVIDES_FOR.set(client)
    given = provider()
    if not inspect.isawaitable(given):
        provided: concurrent.futures.Future[str] = concurrent.futures.Future()
        provided.set_result(given)
        return provided
    coroutine = _await(given)
    try:
        return asyncio.run_coroutine_threadsafe(coroutine, loop)
    except RuntimeError:
        # The loop is closed.
        coroutine.close()
        raise


async def _await(given: Awaitable[Any]) -> Any:
    return await given
