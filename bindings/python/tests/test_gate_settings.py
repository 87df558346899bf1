"""The settings of a gate and of its reservations."""

from __future__ import annotations

import decimal
import pickle
from datetime import timedelta
from typing import Any

import aicredits
import numpy
import pytest
from aicredits import Client, DeniedError, Gate, Stale
from aicredits._settings import GateSettings
from conftest import SiteWith, client_of

MOST = 2**63 - 1


@pytest.mark.parametrize(("setting", "granted"), [("deny", False), ("allow", True), (Stale(60), False)])
def test_when_unavailable(site_with: SiteWith, setting: Any, granted: bool) -> None:
    emulator = site_with(100)
    emulator.fault({"status": 500}, times=None)
    with client_of(emulator) as client, client.gate(when_unavailable=setting) as gate:
        if granted:
            assert gate.reserve(1).commit() and gate.state().unchecked == 1
        else:
            with pytest.raises(DeniedError):
                gate.reserve(1)


def test_a_stale_age_is_a_value() -> None:
    stale = Stale(timedelta(minutes=5))
    assert stale == Stale(300) and hash(stale) == hash(Stale(300.0)) and stale != Stale(301)
    assert stale.age == timedelta(minutes=5) and pickle.loads(pickle.dumps(stale)) == stale
    assert repr(stale) == "Stale(age=datetime.timedelta(seconds=300))"
    with pytest.raises(TypeError, match="^age must be a number of seconds or a timedelta, not str"):
        Stale("5")  # type: ignore[arg-type]


def test_a_revoked_key_is_never_allowed(site_with: SiteWith) -> None:
    emulator = site_with(100)
    emulator.key("key", revoked=True)
    with client_of(emulator) as client, client.gate(when_unavailable="allow") as gate:
        with pytest.raises(DeniedError) as raised:
            gate.reserve(1)
    assert isinstance(raised.value.__cause__, aicredits.UnauthorizedError)


def test_a_dry_run_counts(site_with: SiteWith) -> None:
    with client_of(site_with(10)) as client, client.gate(dry_run=True) as gate:
        gate.refresh()
        assert gate.reserve(11).commit()
        assert gate.state().would_be_denied == 1 and gate.state().denied == 0


def test_one_gate_per_scope_and_client(site_with: SiteWith) -> None:
    with client_of(site_with(100)) as client:
        gate = client.gate()
        with pytest.raises(aicredits.InvalidArgumentError, match="share the first"):
            client.gate()
        with client.gate(site_id="other") as other:
            assert other.scope == aicredits.Scope(None, "other")
        gate.close()
        gate.close()
        assert repr(gate) == "<aicredits.Gate closed>"
        for use in (
            lambda: gate.reserve(0),
            lambda: gate.reserve_now(0),
            gate.refresh,
            gate.state,
            gate.report_exhausted,
        ):
            with pytest.raises(aicredits.ClosedError, match="^the gate is closed"):
                use()
        second = client.gate()
        reservation = second.reserve(1)
        # A gate that nobody refers to is closed too.
        del second
        assert client.gate().reserve(1) and reservation.commit()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"headroom": -1}, "headroom must be a whole number from 0 to 9223372036854775807"),
        ({"headroom": True}, "headroom must be a whole number, not bool"),
        ({"limit": 0.5}, "limit must be a whole number, not float"),
        ({"max_age": 0}, "max_age "),
        ({"max_age": timedelta(days=2)}, "max_age "),
        ({"min_interval": -1}, "min_interval must be a time of 0 or more"),
        ({"min_interval": float("nan")}, "min_interval must be a time of 0 or more"),
        ({"min_interval": -(10**400)}, "min_interval must be a time of 0 or more"),
        ({"visibility_delay": timedelta(seconds=-1)}, "visibility_delay must be a time of 0 or more"),
        ({"exhausted_cooldown": 10**400}, "exhausted_cooldown "),
        ({"read_timeout": 36}, "read_timeout "),
        ({"processes": 0}, "processes "),
        ({"processes": 10**30}, "processes "),
        ({"reservation_ttl": 0.5}, "reservation_ttl "),
        ({"when_unavailable": "never"}, 'when_unavailable must be "deny", "allow" or a Stale'),
        ({"when_unavailable": Stale(1)}, "when_unavailable "),
        ({"site_id": "s", "credential_scope": True}, "scope "),
    ],
    ids=str,
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], message: str) -> None:
    with Client(api_key="IST.key", site_id="s") as client:
        with pytest.raises(aicredits.InvalidArgumentError) as raised:
            client.gate(**settings)
        assert str(raised.value).startswith(message) and raised.value.setting == message.split()[0]


def test_a_setting_of_another_type_is_refused() -> None:
    with Client(api_key="IST.key", scope=aicredits.PER_CALL) as client:
        for settings in (
            {"strict": 1},
            {"dry_run": "no"},
            {"max_age": "1"},
            {"processes": 1.5},
            {"when_unavailable": 3},
        ):
            with pytest.raises(TypeError, match=f"^{next(iter(settings))} must be "):
                client.gate(**settings)
        for unknown in ({"max_agee": 1}, {"max_agee": None}):
            with pytest.raises(TypeError, match="unexpected keyword argument 'max_agee'"):
                client.gate(**unknown)
        with pytest.raises(aicredits.InvalidArgumentError, match="^scope "):
            client.gate()
        with pytest.raises(aicredits.InvalidArgumentError, match="^scope "):
            client.gate(site_id=None)


def test_every_setting_is_passed(site_with: SiteWith) -> None:
    settings: dict[str, Any] = {
        "max_age": timedelta(minutes=1),
        "min_interval": 0,
        "read_timeout": 2.5,
        "visibility_delay": 60,
        "headroom": numpy.int64(10),
        "limit": 100,
        "processes": 2,
        "reservation_ttl": 60,
        "exhausted_cooldown": 0,
        "strict": True,
        "when_unavailable": Stale(120),
        "dry_run": False,
        "account_id": None,
    }
    assert set(GateSettings.__annotations__) == {*settings, "site_id", "credential_scope"}
    with client_of(site_with(100)) as client, client.gate(**settings) as gate:
        # Half of the credits of two processes, less the headroom.
        assert gate.reserve(40) and gate.state().grantable == 0


@pytest.mark.parametrize(
    "cost", [True, 0.5, 1.0, float("nan"), decimal.Decimal(1), "1", None, numpy.float32(1)], ids=repr
)
def test_other_types_of_costs_are_refused(gate: Gate, cost: Any) -> None:
    reservation = gate.reserve(10)
    for ask, name in (
        (gate.reserve, "cost"),
        (gate.reserve_now, "cost"),
        (lambda cost: gate.reserve_up_to(cost, 1), "unit_cost"),
        (lambda cost: gate.reserve_up_to(1, cost), "wanted"),
        (reservation.commit_actual, "cost"),
        (reservation.commit_part, "cost"),
        (gate.sub_gate, "limit"),
        (gate.set_limit, "limit"),
    ):
        with pytest.raises(aicredits.InvalidArgumentError, match=f"^{name} must be a whole number, not "):
            ask(cost)
        for number in (-1, MOST + 1, 2**64):
            with pytest.raises(ValueError, match=f"^{name} must be a whole number from 0 to {MOST} "):
                ask(number)
    assert reservation.is_open and gate.state().reserved == 10


def test_the_settings_of_a_reservation_are_checked(gate: Gate) -> None:
    for settings in (
        {"label": "x" * 129},
        {"label": "a\nb"},
        {"reservation_ttl": 0.5},
        {"timeout": 0},
        {"timeout": -1},
    ):
        name = next(iter(settings))
        with pytest.raises(aicredits.InvalidArgumentError, match=f"^{name} "):
            gate.reserve(1, **settings)
    for settings in ({"label": 1}, {"reservation_ttl": "1"}, {"timeout": "1"}, {"cancel": 1}):
        name = next(iter(settings))
        with pytest.raises(TypeError, match=f"^{name} must be "):
            gate.reserve(1, **settings)
    with pytest.raises(TypeError):
        gate.reserve(1, "label")  # type: ignore[misc]
    with pytest.raises(TypeError):
        gate.reserve(1, site_id="s")  # type: ignore[call-arg]
