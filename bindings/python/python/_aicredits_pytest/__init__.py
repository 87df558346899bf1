"""The pytest plugin of aicredits: an emulator for a test, and a client of it.

pytest loads it in every run of an environment that has aicredits. So it imports nothing of aicredits before a test uses
one of its fixtures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from aicredits import Client
    from aicredits.testing import Emulator


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        'aicredits(scenario="example", **options): the arguments of aicredits.testing.Emulator, for the fixture '
        "aicredits_emulator",
    )


@pytest.fixture
def aicredits_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A running ``aicredits.testing.Emulator``, for this test alone.

    ``@pytest.mark.aicredits(scenario="example")`` on the test, its class or its module gives arguments. The closest
    mark counts. Call ``aicredits_emulator.assert_good_client()`` at the end of a test to judge the client.
    """
    from aicredits.testing import Emulator

    options: dict[str, object] = {}
    for mark in request.node.iter_markers("aicredits"):
        given = {**dict(zip(("scenario",), mark.args)), **mark.kwargs}
        options = {**given, **options}
    with Emulator(**options) as emulator:  # type: ignore[arg-type]
        yield emulator


@pytest.fixture
def aicredits_client(aicredits_emulator: Emulator) -> Iterator[Client]:
    """An ``aicredits.Client`` of the emulator: its API key and its first account."""
    with aicredits_emulator.client() as client:
        yield client
