"""Many balances for asyncio."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Callable, NoReturn, Optional, Union

from ._async_call import start_provider
from ._native import Client, Fleet, Outcome, Progress


class Context:
    """Calls credential providers in the threads of a fleet. It has no reference to the fleet."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.loop = asyncio.get_running_loop()
        # A provider sees the context variables of the task that starts the fleet.
        self.context = contextvars.copy_context()
        # The async providers that run. Adding and discarding are atomic.
        self.provided: set[concurrent.futures.Future[str]] = set()
        self.has_ended = False

    def provide(self, provider: Callable[[], Union[str, Awaitable[str]]]) -> str:
        """Calls the credential provider in this thread. An async provider runs in the loop of the fleet."""
        # Several threads may not be in one context.
        provided = self.context.copy().run(start_provider, provider, self.client, self.loop)
        self.provided.add(provided)
        try:
            if self.has_ended:
                provided.cancel()
            return provided.result()
        finally:
            self.provided.discard(provided)

    def end(self) -> None:
        """Cancels the async providers. The threads of the fleet would wait for them."""
        self.has_ended = True
        for provided in list(self.provided):
            provided.cancel()


class AsyncFleet:
    """Reads the balances of many targets. :meth:`AsyncClient.get_balances` makes one: use ``async for``.

    Each target has exactly one outcome, in order of completion. It belongs to the event loop that made it, and needs no
    thread for a target: its threads are as many as the calls that may be in flight.

    It ends by itself after the last outcome. To leave it earlier, use ``async with`` or :meth:`aclose`.
    """

    def __init__(self, fleet: Fleet, context: Context) -> None:
        self._fleet = fleet
        self._context = context

    def __aiter__(self) -> AsyncFleet:
        return self

    async def __anext__(self) -> Outcome:
        loop = self._context.loop
        # The loop has its turn, also while outcomes come faster than they are read. Not after an outcome was read: a
        # task that is cancelled then would lose it.
        await asyncio.sleep(0)
        while True:
            due = asyncio.Event()

            def wake(due: asyncio.Event = due) -> None:
                try:
                    loop.call_soon_threadsafe(due.set)
                except RuntimeError:
                    # The loop is closed, so nothing waits in it.
                    pass

            outcome = self._fleet._poll(wake)
            if outcome is None:
                raise StopAsyncIteration
            if outcome is not False:
                return outcome
            await due.wait()

    def progress(self) -> Progress:
        """How far it has come. It never blocks."""
        return self._fleet.progress()

    async def aclose(self) -> None:
        """Cancels what is in flight, and waits for the end of the threads. It may be called again."""
        self._end()
        # Joining may take a moment, in which the loop goes on.
        await asyncio.to_thread(self._fleet.close)

    async def __aenter__(self) -> AsyncFleet:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.aclose()

    def __len__(self) -> int:
        return len(self._fleet)

    def __repr__(self) -> str:
        return repr(self._fleet).replace("Fleet", "AsyncFleet", 1)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a fleet cannot be pickled or copied: it has threads and connections of this process")

    def __del__(self) -> None:
        context: Any = getattr(self, "_context", None)
        if context is not None:
            self._end()

    def _end(self) -> None:
        self._fleet._stop()
        self._context.end()
