"""The credit gate for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from datetime import timedelta
from types import TracebackType
from typing import Any, Callable, NoReturn, Optional, SupportsIndex, TypeVar, Union

import aicredits

from ._async_call import PROVIDES_FOR
from ._errors import InvalidArgumentError
from ._errors import TimeoutError as AiCreditsTimeoutError
from ._native import Balance, Gate, GateRequest, GateState, Reservation, Scope

_Time = Union[float, timedelta]
_Outcome = TypeVar("_Outcome", Reservation, Balance)


class Reserving(Coroutine[Any, Any, Reservation]):
    """A reserve of an :class:`AsyncGate`: await it, or use it in ``async with``."""

    def __init__(self, coroutine: Coroutine[Any, Any, Reservation]) -> None:
        self._coroutine = coroutine
        self._reservation: Optional[Reservation] = None

    def __await__(self) -> Generator[Any, Any, Reservation]:
        return self._coroutine.__await__()

    def send(self, value: Any) -> Any:
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()

    async def __aenter__(self) -> Reservation:
        self._reservation = await self._coroutine
        return self._reservation

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        reservation, self._reservation = self._reservation, None
        if reservation is not None:
            reservation.__exit__(kind, error, traceback)


class AsyncGate:
    """A credit gate for asyncio. :meth:`AsyncClient.gate` makes one. Share it: event loops and threads may.

    >>> gate = client.gate(headroom=10)
    >>> async with gate.reserve(5, label="alt texts") as reservation:
    ...     await act()

    The reservation is committed at the end of the block. An exception, and the cancellation of the task, leave it
    unresolved, unless the block has ended it. ``reservation = await gate.reserve(5)`` works too.

    Only the task that makes a reading uses a thread of the client. The others wait in the event loop.
    """

    def __init__(self, client: aicredits.AsyncClient, gate: Gate) -> None:
        self._client = client
        self._gate = gate

    def reserve(
        self,
        cost: SupportsIndex,
        *,
        label: Optional[str] = None,
        reservation_ttl: Optional[_Time] = None,
        timeout: Optional[_Time] = None,
    ) -> Reserving:
        """As :meth:`Gate.reserve`. Cancelling the task ends it, and then nothing is reserved."""
        return Reserving(
            self._ask(Reservation, lambda wake: self._gate._reserve(wake, cost, label, reservation_ttl, timeout))
        )

    def reserve_up_to(
        self,
        unit_cost: SupportsIndex,
        wanted: SupportsIndex,
        *,
        label: Optional[str] = None,
        reservation_ttl: Optional[_Time] = None,
        timeout: Optional[_Time] = None,
    ) -> Reserving:
        """As :meth:`Gate.reserve_up_to`."""
        return Reserving(
            self._ask(
                Reservation,
                lambda wake: self._gate._reserve_up_to(wake, unit_cost, wanted, label, reservation_ttl, timeout),
            )
        )

    def reserve_now(
        self, cost: SupportsIndex, *, label: Optional[str] = None, reservation_ttl: Optional[_Time] = None
    ) -> Reservation:
        """As :meth:`Gate.reserve_now`. It is no coroutine: it neither waits nor reads."""
        return self._gate.reserve_now(cost, label=label, reservation_ttl=reservation_ttl)

    async def refresh(self, *, timeout: Optional[_Time] = None) -> Balance:
        """As :meth:`Gate.refresh`."""
        return await self._ask(Balance, lambda wake: self._gate._refresh(wake, timeout))

    def report_exhausted(self) -> None:
        """As :meth:`Gate.report_exhausted`."""
        self._gate.report_exhausted()

    def sub_gate(self, limit: SupportsIndex) -> AsyncGate:
        """As :meth:`Gate.sub_gate`."""
        return AsyncGate(self._client, self._gate.sub_gate(limit))

    def set_limit(self, limit: SupportsIndex) -> None:
        """As :meth:`Gate.set_limit`."""
        self._gate.set_limit(limit)

    def state(self) -> GateState:
        """The figures of this moment."""
        return self._gate.state()

    @property
    def balance(self) -> Optional[Balance]:
        """The latest reading of the balance; ``None`` before the first one."""
        return self._gate.balance

    @property
    def scope(self) -> Scope:
        """The account or site whose credits the gate grants."""
        return self._gate.scope

    def close(self) -> None:
        """As :meth:`Gate.close`."""
        self._gate.close()

    def __enter__(self) -> AsyncGate:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    async def _ask(self, outcome: type[_Outcome], start: Callable[[Callable[[], None]], GateRequest]) -> _Outcome:
        """Takes the steps of a request, and waits between them.

        There is no await between the last step, which may grant, and the return: a cancelled task has no reservation.
        """
        if PROVIDES_FOR.get() is self._client._client:
            raise InvalidArgumentError("the credential provider of a client must not use a gate of that client")
        waker = _Waker()
        request = start(waker)
        try:
            while True:
                waker.woken.clear()
                step = request.step()
                if isinstance(step, outcome):
                    return step
                if step == "WAIT":
                    await waker.wait(request)
                    continue
                call = request.queued_call()
                if call is None:
                    request.expire()
                    continue
                try:
                    await self._client._run(call, request.read)
                except AiCreditsTimeoutError:
                    # The credential provider still blocks in the thread, and the request with it. Another request,
                    # whose time is over, says what the gate decides now.
                    request.close()
                    request = start(waker)
                    request.expire()
        finally:
            request.close()

    def __repr__(self) -> str:
        return repr(self._gate).replace("Gate", "AsyncGate", 1)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a gate cannot be pickled or copied: it counts the spending of this process only")


class _Waker:
    """Wakes a task that waits for the reading of another one."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.woken = asyncio.Event()

    def __call__(self) -> None:
        """Any thread may call it, at any time."""
        try:
            self.loop.call_soon_threadsafe(self.woken.set)
        except RuntimeError:
            # The loop is closed, so nothing waits in it.
            pass

    async def wait(self, request: GateRequest) -> None:
        """Waits until another step is due.

        That is at a wake, when the reader is past its deadline, and when the time of the request is over.
        """

        def end() -> None:
            if request.remaining == 0:
                request.expire()
            self.woken.set()

        timer = self.loop.call_later(request.patience, end)
        try:
            await self.woken.wait()
        finally:
            timer.cancel()
