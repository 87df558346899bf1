"""Each call reads the logger's level, so it may be set at any time."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Callable

import pytest
from aicredits.testing import Emulator
from conftest import SiteWith

LOGGER = logging.getLogger("aicredits")

PROGRAM = """
import sys, aicredits
{before}
client = aicredits.Client(api_key="IST.key", site_id="s", base_url=sys.argv[1], max_retries=0)
{after}
try:
    client.get_balance()
except aicredits.NetworkError:
    pass
"""


def said(before: str = "", after: str = "", url: str = "http://127.0.0.1:1") -> str:
    program = [sys.executable, "-c", PROGRAM.format(before=before, after=after), url]
    return subprocess.run(program, capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize("level", ["WARNING", "INFO", "DEBUG"])
def test_logging_may_be_set_up_after_the_client(site_with: SiteWith, level: str) -> None:
    setup = f"import logging; logging.basicConfig(level={level!r})"
    after = said(after=setup)
    assert "WARNING:aicredits:" in after and "ERROR:aicredits:" in after
    assert after.count("\n") == said(before=setup).count("\n")
    emulator = site_with(0)
    assert ("DEBUG:aicredits:" in said(after=setup, url=emulator.url)) == (level == "DEBUG")


def test_warnings_are_shown_without_any_setup() -> None:
    # logging has a last-resort handler for programs without a configuration. Importing logging is enough.
    assert said() == ""
    assert "aicredits" not in said(after="import logging")


@pytest.mark.parametrize(
    "settings",
    [
        lambda: LOGGER.setLevel(logging.CRITICAL),
        lambda: LOGGER.setLevel(logging.CRITICAL + 1),
        lambda: logging.disable(logging.CRITICAL),
        lambda: setattr(LOGGER, "disabled", True),
        lambda: LOGGER.addFilter(nothing),
    ],
    ids=["critical", "above", "disable", "disabled", "filter"],
)
def test_records_below_the_level_are_not_made(
    fresh: Emulator, caplog: pytest.LogCaptureFixture, settings: Callable[[], None]
) -> None:
    fresh.fault({"status": 404}, times=None)
    with fresh.client() as client:
        try:
            for level, seen in [(logging.DEBUG, {10, 40}), (logging.INFO, {40}), (logging.ERROR, {40}), (15, {40})]:
                LOGGER.setLevel(level)
                with pytest.raises(Exception, match="404"):
                    client.get_balance()
                assert {record.levelno for record in caplog.records} >= seen
                assert all(record.levelno >= level for record in caplog.records)
                caplog.clear()
            settings()
            with pytest.raises(Exception, match="404"):
                client.get_balance()
            assert not caplog.records
        finally:
            logging.disable(logging.NOTSET)
            LOGGER.disabled = False
            LOGGER.removeFilter(nothing)
            LOGGER.setLevel(logging.NOTSET)


def nothing(record: logging.LogRecord) -> bool:
    return False
