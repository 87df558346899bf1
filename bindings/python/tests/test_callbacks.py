"""Exceptions of callbacks during a call: of a provider, of a log handler, of a signal handler."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any, Callable, Optional

import aicredits
import pytest
from aicredits import AsyncClient, Client
from aicredits.testing import Emulator
from conftest import Serve


class Stop(BaseException):
    pass


def raise_stop() -> None:
    raise Stop("it is over")


@pytest.fixture
def raises_stop_at_sigterm() -> Iterator[None]:
    def handler(_: int, __: Optional[FrameType]) -> None:
        raise_stop()

    before = signal.signal(signal.SIGTERM, handler)
    yield
    signal.signal(signal.SIGTERM, before)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


ENDS = pytest.mark.parametrize(
    ("act", "raised"), [(press, KeyboardInterrupt), (terminate, Stop), (raise_stop, Stop)], ids=["int", "term", "raise"]
)


@ENDS
def test_an_exception_of_a_provider_ends_the_call(
    emulator: Emulator, raises_stop_at_sigterm: None, act: Callable[[], None], raised: type[BaseException]
) -> None:
    def provider() -> str:
        act()
        return emulator.api_key

    with emulator.client(credential_provider=provider) as client:
        with pytest.raises(raised) as caught:
            client.get_balance()
    assert caught.value.__cause__ is None


@ENDS
def test_an_exception_of_a_log_handler_ends_the_call(
    emulator: Emulator, raises_stop_at_sigterm: None, act: Callable[[], None], raised: type[BaseException]
) -> None:
    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            # Only once, as a user presses Ctrl-C once.
            logger.removeHandler(self)
            act()

    logger = logging.getLogger("aicredits")
    with emulator.client() as client:
        logger.setLevel(logging.DEBUG)
        try:
            handler = Handler()
            logger.addHandler(handler)
            with pytest.raises(raised):
                client.get_balance()
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
        # Other calls are not affected.
        assert client.get_balance().available == 1050


def test_the_exception_of_a_provider_is_the_cause(emulator: Emulator) -> None:
    def broken() -> str:
        return {}["vault"]  # type: ignore[no-any-return]

    with emulator.client(credential_provider=broken) as client:
        with pytest.raises(aicredits.UnauthorizedError, match="failed: KeyError: 'vault' ") as caught:
            client.get_balance()
    cause = caught.value.__cause__
    assert type(cause) is KeyError and cause.__traceback__ is not None
    assert cause.__traceback__.tb_frame.f_code.co_name == "broken"


def test_ctrl_c_while_an_exception_is_formatted_is_not_lost(emulator: Emulator) -> None:
    class Slow(Exception):
        def __str__(self) -> str:
            press()
            return "slow"

    def broken() -> str:
        raise Slow

    with emulator.client(credential_provider=broken) as client, pytest.raises(KeyboardInterrupt):
        client.get_balance()


@pytest.mark.parametrize(
    ("given", "told"),
    [(7, "it returned int, not str"), (None, "it returned NoneType, not str"), ("canary\udcff", "not valid Unicode")],
)
def test_a_provider_must_return_a_str(emulator: Emulator, given: Any, told: str) -> None:
    with emulator.client(credential_provider=lambda: given) as client:
        with pytest.raises(aicredits.UnauthorizedError, match=told) as caught:
            client.get_balance()
    assert caught.value.__cause__ is None and "canary" not in str(caught.value)


@pytest.mark.filterwarnings("error")
def test_the_blocking_client_refuses_an_async_provider(emulator: Emulator) -> None:
    async def provider() -> str:
        return emulator.api_key

    with emulator.client(credential_provider=provider) as client:
        with pytest.raises(aicredits.UnauthorizedError, match="an async function, which only AsyncClient takes"):
            client.get_balance()
    gc.collect()


def test_a_provider_may_call_another_client(emulator: Emulator) -> None:
    def nested() -> str:
        with pytest.raises(aicredits.UnauthorizedError) as caught:
            wrong.get_balance()
        assert type(caught.value.__cause__) is OSError
        return emulator.api_key

    def broken() -> str:
        raise OSError("no token")

    with Client(credential_provider=broken, site_id="s", base_url=emulator.url) as wrong:
        with emulator.client(credential_provider=nested) as client:
            assert client.get_balance().available == 1050


class Cancelled(asyncio.CancelledError):
    pass


@pytest.mark.parametrize("raised", [Cancelled, GeneratorExit])
def test_a_cancelled_error_of_a_provider_is_a_failure(emulator: Emulator, raised: type[BaseException]) -> None:
    def provider() -> str:
        raise raised

    async def main() -> None:
        settings: dict[str, Any] = {"account_id": emulator.account_id, "base_url": emulator.url}
        async with AsyncClient(credential_provider=provider, **settings) as client:
            with pytest.raises(aicredits.UnauthorizedError) as caught:
                await client.get_balance()
            assert type(caught.value.__cause__) is raised

    asyncio.run(main())
    with emulator.client(credential_provider=provider) as client:
        with pytest.raises(aicredits.UnauthorizedError) as caught:
            client.get_balance()
    assert type(caught.value.__cause__) is raised


def test_a_log_handler_ends_a_call_of_asyncio_too(serve: Serve) -> None:
    server = serve(b"HTTP/1.1 ")

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise_stop()

    async def main() -> None:
        logger, handler = logging.getLogger("aicredits"), Handler()
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
        try:
            client = AsyncClient(api_key="IST.key", site_id="s", base_url=server.url)
            with pytest.raises(Stop):
                await client.get_balance()
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
        await client.aclose()

    begun = time.monotonic()
    asyncio.run(main())
    # The timeout of the call is 35 s.
    assert time.monotonic() - begun < 20


def test_an_exception_of_a_provider_in_asyncio(emulator: Emulator) -> None:
    def broken() -> str:
        raise RuntimeError("the vault is shut")

    async def main() -> None:
        settings: dict[str, Any] = {"account_id": emulator.account_id, "base_url": emulator.url}
        async with AsyncClient(credential_provider=broken, **settings) as client:
            with pytest.raises(aicredits.UnauthorizedError) as caught:
                await client.get_balance()
            assert str(caught.value.__cause__) == "the vault is shut"
        async with AsyncClient(credential_provider=raise_stop, **settings) as client:  # type: ignore[arg-type]
            with pytest.raises(Stop) as ended:
                await client.get_balance()
            assert "raise_stop" in [entry.name for entry in ended.traceback]

    asyncio.run(main())
