"""The client for asyncio: blocking calls in a thread pool."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
import weakref
from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Callable, NoReturn, Optional, TypeVar, Union, cast

from . import _async_call
from ._async_call import CURRENT, AsyncCall
from ._async_fleet import AsyncFleet, Context
from ._async_gate import AsyncGate
from ._native import Balance, Client, QueuedCall, Scope, Target, fleet_context
from ._settings import AsyncSettings, FleetSettings, GateSettings, Settings, Unpack
from ._threads import Threads

_Result = TypeVar("_Result")

_OPEN: weakref.WeakSet[AsyncClient]


class AsyncClient:
    """The client for asyncio. Make one and keep it: it has a connection pool. Event loops may share it.

    Its settings are those of :class:`Client`. Calls run in a thread pool of at most ``max_concurrency`` threads.
    Threads start as they are needed, and :meth:`aclose` joins them.

    The threads also call the ``credential_provider``, with the context variables of the task that awaits the call.
    The provider may be an ``async def`` function: then it runs in the event loop of the call, and is cancelled with
    the call. A call ends at its timeout even if its provider still runs. The thread of a provider that blocks ends
    when the provider returns.
    """

    def __init__(self, **settings: Unpack[AsyncSettings]) -> None:
        provider = settings.get("credential_provider")
        if callable(provider):
            # The function has no reference to the client, so that a forgotten client can be collected.
            settings["credential_provider"] = lambda: (fleet_context() or CURRENT.call).provide(provider)
        self._client = Client(**cast(Settings, settings))
        self._threads = Threads(self._client.max_concurrency)
        _OPEN.add(self)

    @classmethod
    def from_env(cls, **settings: Unpack[AsyncSettings]) -> AsyncClient:
        """A client from WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL, and from these settings."""
        settings["from_env"] = True
        return cls(**settings)

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
        waits until the call has returned, and raises asyncio's CancelledError. If the call still waits for a thread,
        it never starts. If a credential provider blocks, cancelling waits at most 5 s.

        :meth:`Client.get_balance` has a parameter ``cancel``. This method has none: cancel the task instead.
        """
        call = self._client._queued_call(
            account_id=account_id, site_id=site_id, credential_scope=credential_scope, timeout=timeout
        )
        return await self._run(call, self._client._get_balance)

    def get_balances(
        self,
        targets: Iterable[Union[Target, Mapping[str, Optional[str]]]],
        *,
        clients: Optional[Mapping[str, AsyncClient]] = None,
        **settings: Unpack[FleetSettings],
    ) -> AsyncFleet:
        """Reads the balances of many targets: use ``async for``. Call it in an event loop. It does not block.

        >>> async for outcome in client.get_balances(aicredits.Target(site_id=id) for id in sites):
        ...     print(outcome.target.site_id, outcome.error or outcome.balance)

        The targets and the settings are those of :meth:`Client.get_balances`. It needs no thread for a target. There is
        no ``cancel``: call :meth:`AsyncFleet.aclose`, or leave its ``async with`` block.
        """
        context = Context(self._client)
        named = None if clients is None else {name: client._client for name, client in clients.items()}
        return AsyncFleet(self._client._get_balances(targets, {**settings, "clients": named}, context), context)

    def gate(self, **settings: Unpack[GateSettings]) -> AsyncGate:
        """A gate for the credits of the client's scope. Its settings are those of :meth:`Client.gate`.

        It grants actions that cost credits, so that tasks which run at once do not spend the same credits twice.
        """
        return AsyncGate(self, self._client.gate(**settings))

    async def _run(self, native: QueuedCall, operation: Callable[[QueuedCall], _Result]) -> _Result:
        """Runs a blocking operation of the native client in the thread pool."""
        call = AsyncCall(self._client, native, operation)
        if not self._threads_of_this_process().submit(call):
            call.fail_in_queue()
        return await call.wait()

    def _threads_of_this_process(self) -> Threads:
        if self._threads.pid != os.getpid():
            # A forked child has none of its parent's threads.
            self._threads = Threads(self._client.max_concurrency)
        return self._threads

    def _close(self) -> list[threading.Thread]:
        threads = self._threads_of_this_process()
        # First the client, so that a call which finds the pool closed finds the client closed too.
        self._client.close()
        threads.close()
        # These calls fail when their provider returns, because the client is closed.
        for call in list(threads.running):
            call.cancel_provider()
        return threads.threads

    async def aclose(self) -> None:
        """Ends the calls that run or wait, closes the connections, and joins the threads.

        If a credential provider blocks, ``aclose`` waits at most 5 s, and then returns without joining the threads.
        """
        threads = self._close()
        try:
            await asyncio.wait_for(self._threads.ended(), _async_call._GRACE)
        except asyncio.TimeoutError:
            pass
        else:
            # The threads have nothing left to do, so joining does not block.
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
        """How many calls may be in flight at once."""
        return self._client.max_concurrency

    @property
    def scope(self) -> Optional[Scope]:
        """The scope of calls that name none; ``None`` with ``scope=PER_CALL``."""
        return self._client.scope

    def __repr__(self) -> str:
        # _settings() leaves out the credential.
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
    # No thread may be in the library while the interpreter is finalized.
    threads = [thread for client in list(_OPEN) if client._threads.pid == os.getpid() for thread in client._close()]
    until = time.monotonic() + _async_call._GRACE
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
