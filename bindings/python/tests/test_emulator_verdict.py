"""The verdict on a client, from Python: ours is a good one, and a client that is not is reported with its requests."""

from __future__ import annotations

import asyncio
import threading
import typing
from typing import Any

import pytest
from aicredits import AsyncClient, DenialReason, DeniedError
from aicredits.testing import PAID_ACTION_PATH, Emulator, EmulatorError, types
from conftest import PATIENCE, post


def paid(emulator: Emulator, cost: int, **headers: str) -> int:
    """The status of a paid action."""
    return post(emulator, PAID_ACTION_PATH, {"cost": cost}, **headers)[0]


def test_the_whole_path_of_an_action(fresh: Emulator) -> None:
    """Check, reserve, act, commit; on 428 the gate denies."""
    with fresh.client() as client, client.gate() as gate:
        assert client.get_balance().can_afford(500)
        statuses = []
        with pytest.raises(DeniedError) as raised:
            while True:
                with gate.reserve(500) as reservation:
                    statuses.append(paid(fresh, 500))
                    if statuses[-1] == 428:
                        reservation.report_exhausted()
                    if len(statuses) == 1:
                        # Another program spends. The gate learns it from the refusal.
                        fresh.spend(400)
        assert statuses == [200, 428] and raised.value.reason is DenialReason.EXHAUSTED
        assert client.get_balance().available == 150
    actions = fresh.journal(route="paid_action")["requests"]
    assert [action["status"] for action in actions] == [200, 428]
    fresh.assert_good_client()


def test_a_bad_client_is_reported(fresh: Emulator) -> None:
    for _ in range(2):
        assert post(fresh, PAID_ACTION_PATH, {"cost": 5000})[0] == 428
        assert post(fresh, PAID_ACTION_PATH, {"cost": 5}, **{"wix-account-id": "nobody"})[0] == 404
        assert post(fresh, PAID_ACTION_PATH, {"cost": 5}, **{"wix-account-id": "nobody"})[0] == 404
        fresh.mark()
    verdict = fresh.verdict()
    assert not verdict["good"] and verdict["complete"]
    assert set(verdict["findings"][0]) == set(typing.get_type_hints(types.Finding))
    assert "retried_final" in {finding["rule"] for finding in verdict["findings"]}
    with pytest.raises(AssertionError) as raised:
        fresh.assert_good_client()
    text = str(raised.value)
    assert "retried_final" in text and "mark()" in text and fresh.api_key not in text
    assert raised.traceback[-1].frame.code.name == "assert_good_client"
    # The counter-case.
    fresh.assert_good_client(allow={finding["rule"] for finding in verdict["findings"]})


def test_a_rule_can_be_required(fresh: Emulator) -> None:
    with fresh.client() as client:
        for _ in range(3):
            client.get_balance()
    fresh.assert_good_client()
    fresh.assert_good_client(max_per_minute=3, single_flight=True, shared_pause=True, max_attempts=1, keep_alive=1)
    with pytest.raises(AssertionError, match="max_per_minute"):
        fresh.assert_good_client(max_per_minute=2)
    assert fresh.verdict(require={"max_per_minute": 2})["findings"][0]["rule"] == "max_per_minute"
    with pytest.raises(EmulatorError) as raised:
        fresh.assert_good_client(max_per_hour=2)  # type: ignore[call-arg]
    assert raised.value.pointer == "/require/max_per_hour"


def test_the_names_of_the_rules_are_the_emulator_s(fresh: Emulator) -> None:
    rules: Any = typing.get_args(types.VerdictRule)
    assert fresh.verdict(allow=rules)["good"]
    for name in typing.get_type_hints(types.Require):
        assert name in rules
    with pytest.raises(EmulatorError) as raised:
        fresh.verdict(allow=["nothing"])  # type: ignore[list-item]
    assert raised.value.status == 400 and all(f"`{rule}`" in raised.value.message for rule in rules)


def test_asyncio_reads_and_reserves(fresh: Emulator) -> None:
    async def main() -> None:
        async with AsyncClient(**fresh.settings(max_concurrency=4)) as client:
            balances = await asyncio.gather(*(client.get_balance() for _ in range(20)))
            assert {balance.available for balance in balances} == {1050}
            async with client.gate().reserve(5):
                assert await asyncio.get_running_loop().run_in_executor(None, paid, fresh, 5) == 200
            fresh.fault({"status": 503}, times=2)
            assert (await client.get_balance()).available == 1045

    asyncio.run(asyncio.wait_for(main(), 3 * PATIENCE))
    fresh.assert_good_client()
    assert fresh.journal(route="balance")["total"] >= 23


def test_a_late_charge_shows_in_time(fresh: Emulator) -> None:
    fresh.reset({**fresh.state(), "shown_after_ms": 60_000})
    assert paid(fresh, 50) == 200
    with fresh.client() as client:
        assert client.get_balance().available == 1050
        fresh.clock(advance_ms=60_000)
        assert client.get_balance().available == 1000


def test_single_flight_holds_for_a_gate_of_many_threads(fresh: Emulator) -> None:
    fresh.fault({"delay_ms": 50}, times=None)
    with fresh.client() as client, client.gate() as gate:
        threads = [threading.Thread(target=lambda: gate.reserve(1).commit()) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    fresh.assert_good_client(single_flight=True)
    assert fresh.journal()["total"] < 20


def test_the_same_key_again_spends_once(fresh: Emulator) -> None:
    first = post(fresh, PAID_ACTION_PATH, {"cost": 5, "idempotency_key": "k1"})
    again = post(fresh, PAID_ACTION_PATH, {"cost": 5, "idempotency_key": "k1"})
    assert first[0] == again[0] == 200 and first[1]["repeated"] is False and again[1] == {**first[1], "repeated": True}
    with fresh.client() as client:
        assert client.get_balance().available == 1045
