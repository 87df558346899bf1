"""A test of a program that spends credits, against the emulator: check, reserve, act, commit; on 428 it stops.

Run it with pytest. The fixture `aicredits_emulator` comes with the package.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import aicredits
import pytest
from aicredits.testing import PAID_ACTION_PATH, Emulator


def paid_action(emulator: Emulator, cost: int) -> int:
    """The program's call of the vendor. It returns the HTTP status of the reply."""
    headers = {
        "Authorization": emulator.api_key,
        "wix-account-id": emulator.account_id,
        "Content-Type": "application/json",
    }
    body = json.dumps({"cost": cost}).encode()
    request = urllib.request.Request(emulator.url + PAID_ACTION_PATH, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def run(gate: aicredits.Gate, emulator: Emulator, cost: int, wanted: int) -> int:
    """The program: as many of the wanted actions as the credits allow."""
    done = 0
    for _ in range(wanted):
        try:
            with gate.reserve(cost) as reservation:
                status = paid_action(emulator, cost)
                if status == 428:
                    # The credits are used up. That is final: the gate denies every further action.
                    reservation.report_exhausted()
                elif status != 200:
                    raise RuntimeError(f"unknown whether the action ran: {status}")
                else:
                    done += 1
        except aicredits.DeniedError:
            break
    return done


def statuses(emulator: Emulator) -> list[int | None]:
    return [request["status"] for request in emulator.journal(route="paid_action")["requests"]]


@pytest.mark.aicredits(scenario="example")
def test_it_stops_when_the_credits_are_used_up(
    aicredits_emulator: Emulator, aicredits_client: aicredits.Client
) -> None:
    balance = aicredits_client.get_balance()
    assert balance.can_afford(50)
    spendable = balance.spendable
    assert spendable is not None
    with aicredits_client.gate() as gate:
        assert run(gate, aicredits_emulator, 50, 50) == spendable // 50
    # The ledger has really charged them.
    assert aicredits_client.get_balance().spendable == spendable % 50
    aicredits_emulator.assert_good_client()


def test_a_refusal_is_final(aicredits_emulator: Emulator, aicredits_client: aicredits.Client) -> None:
    with aicredits_client.gate() as gate:
        gate.refresh()
        # Another program spends all credits. The gate's reading is a minute old at most, so it does not know yet.
        aicredits_emulator.spend(1050)
        assert run(gate, aicredits_emulator, 5, 10) == 0
    assert statuses(aicredits_emulator) == [428]
    aicredits_emulator.assert_good_client()


def test_a_retry_succeeds(aicredits_emulator: Emulator, aicredits_client: aicredits.Client) -> None:
    aicredits_emulator.fault({"status": 503}, times=2)
    assert aicredits_client.get_balance().available == 1050
    assert aicredits_emulator.journal()["total"] == 3
    aicredits_emulator.assert_good_client()


def test_next_month_brings_new_credits(aicredits_emulator: Emulator, aicredits_client: aicredits.Client) -> None:
    aicredits_emulator.spend(1000)
    assert not aicredits_client.get_balance().can_afford(100)
    aicredits_emulator.clock(now="2026-07-01T00:00:00Z")
    assert aicredits_client.get_balance().can_afford(100)


@pytest.fixture
def gate(aicredits_client: aicredits.Client) -> Iterator[aicredits.Gate]:
    """A gate counts real time, which the emulator's clock does not move. So both times are 0."""
    with aicredits_client.gate(min_interval=0, visibility_delay=0) as gate:
        yield gate


def test_a_gate_grants_the_credits_of_the_next_month(aicredits_emulator: Emulator, gate: aicredits.Gate) -> None:
    assert run(gate, aicredits_emulator, 50, 50) == 21
    aicredits_emulator.clock(now="2026-07-02T00:00:00Z")
    assert run(gate, aicredits_emulator, 50, 50) == 20
    aicredits_emulator.assert_good_client()


def test_a_refusal_is_final_until_a_reading_shows_more(aicredits_emulator: Emulator, gate: aicredits.Gate) -> None:
    gate.refresh()
    # Another program spends all credits, and the gate's reading is from before.
    aicredits_emulator.spend(1050)
    assert run(gate, aicredits_emulator, 5, 10) == 0
    assert statuses(aicredits_emulator) == [428]
    aicredits_emulator.clock(now="2026-07-02T00:00:00Z")
    # No reading has shown the new credits yet.
    with pytest.raises(aicredits.DeniedError):
        gate.reserve(5)
    gate.refresh()
    assert run(gate, aicredits_emulator, 5, 10) == 10
    aicredits_emulator.assert_good_client()


@pytest.mark.aicredits(scenario="late-charge")
def test_a_late_charge_is_not_granted_twice(aicredits_emulator: Emulator, aicredits_client: aicredits.Client) -> None:
    # By default a gate counts a commit for a minute, and in this scenario a charge shows after a minute.
    with aicredits_client.gate(min_interval=0) as gate:
        assert run(gate, aicredits_emulator, 50, 50) == 21
    assert statuses(aicredits_emulator) == [200] * 21


@pytest.mark.aicredits(scenario="late-charge")
def test_without_the_delay_a_late_charge_is_granted_again(aicredits_emulator: Emulator, gate: aicredits.Gate) -> None:
    assert run(gate, aicredits_emulator, 50, 22) == 21
    assert statuses(aicredits_emulator) == [200] * 21 + [428]
    aicredits_emulator.assert_good_client()
