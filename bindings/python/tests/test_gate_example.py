"""The program of the guide, which README.md shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from aicredits.testing import Emulator

GATE = Path(__file__).parents[3] / "examples/gate.py"


def ran(*arguments: str) -> tuple[int, list[str], str]:
    program = subprocess.run([sys.executable, str(GATE), *arguments], capture_output=True, text=True, timeout=60)
    return program.returncode, program.stdout.splitlines(), program.stderr


def test_actions_run_until_the_credits_are_used_up(environment: Emulator) -> None:
    status, said, failed = ran("500", "200", "200", "200")
    assert said == ["affordable: 500 of 1050 spendable credits", "fit: 2", "200", "200"]
    assert status == 1 and failed.startswith("denied: 450 short: ")


def test_a_refusal_of_the_vendor_is_final(environment: Emulator) -> None:
    status, said, failed = ran("5", "200", "428", "200")
    assert said[2:] == ["200", "428"] and status == 1 and failed.startswith("denied: ")


@pytest.mark.parametrize(("reply", "left"), [("200", 1045), ("403", 1050)])
def test_an_action_that_did_not_run_costs_nothing(environment: Emulator, reply: str, left: int) -> None:
    status, said, failed = ran("5", reply)
    assert (status, said[-1], failed) == (0, f"{left} grantable, 0 reserved", "")


def test_an_action_that_may_have_run_is_not_committed(environment: Emulator) -> None:
    status, said, failed = ran("5", "504")
    assert status == 1 and failed == "gate: unknown whether the action ran: 504\n"
    assert said == ["affordable: 5 of 1050 spendable credits", "fit: 1"]


def test_an_error_ends_the_program(environment: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIX_API_KEY", "IST.wrong")
    status, said, failed = ran("5", "200")
    assert status == 1 and said == [] and failed.startswith("gate: ")
