"""Reservations and denials of a gate. The rules are the core's: these tests check what Python passes and returns."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import aicredits
import numpy
import pytest
from aicredits import Client, DenialReason, DeniedError, Gate, OpenReservation
from aicredits.testing import Emulator
from conftest import PATIENCE, SiteWith, client_of, eventually


def test_a_reservation_is_committed_at_the_end_of_its_block(gate: Gate) -> None:
    with gate.reserve(30, label="alt texts") as reservation:
        assert (reservation.cost, reservation.count, reservation.unit_cost) == (30, 1, 30)
        assert reservation.label == "alt texts" and reservation.is_open
        assert repr(reservation) == "<aicredits.Reservation cost=30 label='alt texts' open>"
        state = gate.state()
        assert (state.grantable, state.estimate, state.spendable, state.reserved) == (70, 100, 100, 30)
        (opened,) = state.reservations
        assert (opened.label, opened.cost) == ("alt texts", 30) and timedelta(0) <= opened.age < timedelta(minutes=1)
        assert opened == opened and opened != OpenReservation and hash(opened) == hash(opened)
    assert not reservation.is_open and not reservation.commit()
    state = gate.state()
    assert (state.grantable, state.estimate, state.reserved, state.used) == (70, 70, 0, 30)
    assert (state.granted, state.denied, state.unchecked, state.would_be_denied) == (1, 0, 0, 0)
    assert state.limit is None and state.exhausted_since is None and state.reservations == ()
    assert state.age is not None and timedelta(0) <= state.age < timedelta(minutes=1)
    assert str(state) == "70 grantable, 0 reserved" and repr(state).startswith("GateState(grantable=70, estimate=70, ")


def test_an_exception_leaves_a_reservation_unresolved(gate: Gate) -> None:
    with pytest.raises(ZeroDivisionError):
        with gate.reserve(30) as reservation:
            raise ZeroDivisionError
    assert not reservation.is_open and not reservation.commit() and reservation.cost == 0
    state = gate.state()
    # It counts in the estimate, because it may have been charged, and not as used.
    assert (state.estimate, state.reserved, state.used) == (70, 0, 0)


@pytest.mark.parametrize("error", [None, ValueError()])
def test_a_block_that_ends_its_reservation_decides(gate: Gate, error: Any) -> None:
    def act(end: Callable[[aicredits.Reservation], bool]) -> None:
        try:
            with gate.reserve(30) as reservation:
                assert end(reservation)
                if error:
                    raise error
        except ValueError:
            pass

    act(lambda reservation: reservation.release())
    assert gate.state().estimate == 100 and gate.state().used == 0
    act(lambda reservation: reservation.commit_actual(10))
    assert gate.state().estimate == 90 and gate.state().used == 10
    act(lambda reservation: reservation.commit_actual(40))
    assert gate.state().estimate == 50 and gate.state().used == 50
    act(lambda reservation: reservation.report_exhausted())
    assert gate.state().estimate == 50 and gate.state().exhausted_since is not None


def test_a_part_is_committed_and_the_rest_stays(gate: Gate) -> None:
    with gate.reserve(30) as reservation:
        assert reservation.commit_part(numpy.int64(10)) and reservation.cost == 20 and reservation.is_open
        assert reservation.commit_part(5) and gate.state().reserved == 15
        assert reservation.release() and not reservation.release()
    assert gate.state().estimate == 85 and gate.state().reserved == 0


def test_the_first_end_counts(gate: Gate) -> None:
    reservation = gate.reserve(30)
    assert reservation.commit()
    for end in (reservation.commit, reservation.release, reservation.report_exhausted):
        assert end() is False
    assert reservation.commit_actual(1) is False and reservation.commit_part(1) is False
    assert gate.state().estimate == 70


def test_close_and_the_collector_leave_it_unresolved(gate: Gate) -> None:
    reservation = gate.reserve(10)
    reservation.close()
    reservation.close()
    assert not reservation.is_open and gate.state().reserved == 0 and gate.state().estimate == 90
    del reservation
    gate.reserve(10)
    gc.collect()
    assert gate.state().reserved == 0 and gate.state().estimate == 80


def test_a_generator_that_is_closed_leaves_it_unresolved(gate: Gate) -> None:
    def actions() -> Iterator[int]:
        with gate.reserve(30):
            yield 1
            yield 2

    running = actions()
    assert next(running) == 1 and gate.state().reserved == 30
    running.close()  # type: ignore[attr-defined]
    assert gate.state().reserved == 0 and gate.state().estimate == 70 and gate.state().used == 0


def test_an_expired_reservation_is_committed_by_its_block(gate: Gate) -> None:
    with gate.reserve(30, reservation_ttl=timedelta(seconds=1)) as reservation:
        eventually(lambda: not reservation.is_open)
        assert gate.state().used == 0
    assert gate.state().used == 30 and gate.state().estimate == 70


def test_a_denial_has_the_figures(gate: Gate) -> None:
    gate.reserve(30).commit()
    with pytest.raises(DeniedError) as raised:
        gate.reserve(71, label="a batch")
    error = raised.value
    assert not isinstance(error, ConnectionError)
    assert error.reason is DenialReason.INSUFFICIENT and error.reason == "INSUFFICIENT"
    assert (error.cost, error.grantable, error.shortfall, error.label) == (71, 70, 1, "a batch")
    assert error.age is not None and error.age < timedelta(minutes=1)
    assert error.scope == aicredits.Scope(None, "s") and error.__cause__ is None and not error.is_transient
    assert str(error) == error.message and str(error).startswith("1 short: ") and "site s" in str(error)
    assert repr(error) == f"DeniedError({str(error)!r})"
    assert error.kind == "DENIED" and error.attempts == () and error.http_status is None
    assert gate.state().denied == 1


def test_a_denial_knows_the_reset_that_brings_the_credits(emulator: Emulator) -> None:
    with emulator.client() as client, client.gate() as gate:
        gate.reserve(300).commit()
        with pytest.raises(DeniedError) as raised:
            gate.reserve(800)
        assert raised.value.affordable_at == datetime(2026, 7, 1, tzinfo=timezone.utc)


def test_a_denial_is_copied_and_pickled(gate: Gate) -> None:
    with pytest.raises(DeniedError) as raised:
        gate.reserve(101, label="x")
    error = raised.value
    if hasattr(error, "add_note"):
        error.add_note("a note")
    for copied in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(copied) is DeniedError and str(copied) == str(error) and repr(copied) == repr(error)
        for field in (
            "reason",
            "cost",
            "grantable",
            "shortfall",
            "affordable_at",
            "age",
            "label",
            "scope",
            "is_transient",
        ):
            assert getattr(copied, field) == getattr(error, field), field
        assert getattr(copied, "__notes__", None) == getattr(error, "__notes__", None)


def test_a_program_can_make_denials_for_its_tests() -> None:
    error = DeniedError("no", reason="LIMIT", cost=5, affordable_at=datetime.max, http_status=None)
    assert error.reason is DenialReason.LIMIT and str(error) == "no" and error.args == ("no",)
    assert error.affordable_at == datetime.max and DeniedError().reason is None
    with pytest.raises(ValueError):
        DeniedError("no", reason="LIMITS")
    assert [reason.value for reason in DenialReason] == ["LIMIT", "EXHAUSTED", "UNAVAILABLE", "INSUFFICIENT"]


def test_the_cause_of_a_denial_is_the_error_of_the_reading(site_with: SiteWith) -> None:
    emulator = site_with(100)
    emulator.fault({"status": 500})
    with client_of(emulator) as client, client.gate() as gate:
        with pytest.raises(DeniedError) as raised:
            gate.reserve(1)
    error, cause = raised.value, raised.value.__cause__
    assert error.reason is DenialReason.UNAVAILABLE and error.is_transient and error.grantable is None
    assert type(cause) is aicredits.ServerError and cause.http_status == 500 and len(cause.attempts) == 1


def test_an_exception_of_the_provider_is_the_cause_of_the_cause(site_with: SiteWith) -> None:
    def provide() -> str:
        raise LookupError("no key today")

    server = site_with(100)
    with Client(credential_provider=provide, site_id="s", base_url=server.url) as client, client.gate() as gate:
        with pytest.raises(DeniedError) as raised:
            gate.reserve(1)
    cause = raised.value.__cause__
    assert isinstance(cause, aicredits.AiCreditsError) and "no key today" in str(cause)
    assert type(cause.__cause__) is LookupError


def test_a_provider_must_not_use_a_gate_of_its_client(site_with: SiteWith) -> None:
    gates: list[Gate] = []
    found: list[BaseException] = []

    def provide() -> str:
        try:
            gates[0].reserve(1)
        except aicredits.AiCreditsError as error:
            found.append(error)
        return "IST.key"

    server = site_with(100)
    with Client(credential_provider=provide, site_id="s", base_url=server.url) as client:
        gates.append(client.gate())
        assert gates[0].reserve(1).commit()
        gates.clear()
    assert [type(error) for error in found] == [aicredits.InvalidArgumentError]


def test_as_many_as_fit(gate: Gate) -> None:
    with gate.reserve_up_to(30, 50, label="batch") as reservation:
        assert (reservation.count, reservation.unit_cost, reservation.cost) == (3, 30, 90)
        assert reservation.label == "batch"
    with pytest.raises(DeniedError) as raised:
        gate.reserve_up_to(30, 50)
    assert raised.value.cost == 30 and raised.value.grantable == 10


@pytest.mark.parametrize(("releases", "used"), [(True, 30), (False, 90)])
def test_a_break_commits_the_rest_unless_it_is_released(gate: Gate, releases: bool, used: int) -> None:
    with gate.reserve_up_to(30, 50) as reservation:
        for page in range(reservation.count):
            if page == 1:
                break
            assert reservation.commit_part(30)
        if releases:
            assert reservation.release()
    assert (gate.state().used, gate.state().reserved) == (used, 0)


def test_reserve_now_neither_reads_nor_blocks(site_with: SiteWith) -> None:
    emulator = site_with(100)
    with client_of(emulator) as client, client.gate() as gate:
        with pytest.raises(DeniedError) as raised:
            gate.reserve_now(1)
        assert raised.value.reason is DenialReason.UNAVAILABLE and not emulator.journal()["total"]
        assert gate.balance is None
        assert gate.refresh(timeout=PATIENCE).available == 100 and emulator.journal()["total"] == 1
        assert gate.balance is not None and gate.balance.available == 100
        assert gate.reserve_now(100, label="all", reservation_ttl=60).label == "all"
        assert emulator.journal()["total"] == 1


def test_sub_gates_draw_on_their_gate(gate: Gate) -> None:
    visitor = gate.sub_gate(numpy.int32(50))
    assert visitor.scope == gate.scope
    visitor.reserve(40).commit()
    with pytest.raises(DeniedError) as raised:
        visitor.reserve(11)
    assert raised.value.reason is DenialReason.LIMIT
    assert (visitor.state().limit, visitor.state().used) == (50, 40) and gate.state().estimate == 60
    assert str(visitor.state()).endswith("40 of a limit of 50 used")
    visitor.set_limit(51)
    reservation = visitor.reserve(11)
    with pytest.raises(aicredits.InvalidArgumentError):
        visitor.sub_gate(1)
    # Handles may go in any order.
    visitor.close()
    assert reservation.commit() and gate.state().used == 51


def test_a_limit_bounds_the_gate(site_with: SiteWith) -> None:
    with client_of(site_with(100)) as client, client.gate(limit=10) as gate:
        gate.reserve(10).commit()
        with pytest.raises(DeniedError) as raised:
            gate.reserve(1)
        assert raised.value.reason is DenialReason.LIMIT
        gate.set_limit(11)
        assert gate.reserve(1).commit()


def test_an_exhausted_gate_denies(gate: Gate) -> None:
    gate.refresh()
    gate.report_exhausted()
    assert gate.state().exhausted_since is not None and "exhausted since" in str(gate.state())
    with pytest.raises(DeniedError) as raised:
        gate.reserve(1)
    assert raised.value.reason is DenialReason.EXHAUSTED


def test_a_closed_client_closes_its_gates(site_with: SiteWith) -> None:
    client = client_of(site_with(100))
    gate = client.gate()
    reservation = gate.reserve(1)
    client.close()
    with pytest.raises(aicredits.ClosedError):
        gate.reserve(1)
    assert reservation.commit()


def test_gates_are_neither_pickled_nor_copied(gate: Gate) -> None:
    for unique in (gate, gate.reserve(1)):
        for copies in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be pickled or copied: it "):
                copies(unique)


def test_a_gate_and_its_provider_are_collected(site_with: SiteWith) -> None:
    server = site_with(100)

    class Program:
        def __init__(self) -> None:
            self.client = Client(credential_provider=self.provide, site_id="s", base_url=server.url)
            self.gate = self.client.gate()

        def provide(self) -> str:
            return "IST.key"

    program = Program()
    program.gate.reserve(1).commit()
    collected = weakref.ref(program)
    del program
    gc.collect()
    assert collected() is None
