"""`aicredits.testing.Emulator`: each action, its options and its errors. The tests in Rust cover its behaviour."""

from __future__ import annotations

import inspect
import json
import pickle
import socket
import ssl
import threading
import typing
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

import aicredits
import numpy
import pytest
from aicredits.testing import ACTIONS, SCENARIOS, Emulator, EmulatorError, types
from conftest import PATIENCE


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_a_method(action: str) -> None:
    method = getattr(Emulator, action, None)
    assert inspect.isfunction(method), f"aicredits.testing.Emulator has no method for the action {action}"
    assert method.__doc__, f"the method {action} has no description"


def test_the_methods_are_actions() -> None:
    others = {"assert_good_client", "client", "close", "control", "environment", "settings"}
    methods = {name for name, _ in inspect.getmembers(Emulator, inspect.isfunction) if not name.startswith("_")}
    assert methods == {*ACTIONS, *others} and set(SCENARIOS) >= {"example"}


def test_state_returns_the_ledger(fresh: Emulator) -> None:
    state = fresh.state()
    assert state["version"] == 1 and state["url"] == fresh.url and state["ca_pem"] is None is fresh.ca_pem
    assert state["clock"]["mode"] == "frozen" and state["clock"]["now"] == "2026-06-24T00:00:00Z"
    assert state["accounts"][0]["account"] == fresh.account_id
    assert state["accounts"][0]["sites"][0]["site"] == fresh.site_id
    assert {key["secret"] for key in state["keys"]} >= {
        fresh.api_key,
        fresh.site_key,
    } and fresh.api_key != fresh.site_key


def test_reset_starts_again(fresh: Emulator) -> None:
    at_start = fresh.state()
    with fresh.client() as client:
        client.get_balance()
        fresh.spend(50)
        assert fresh.state()["requests"] == 1
        again = fresh.reset()
        assert (
            again["requests"] == 0 and again["accounts"] == at_start["accounts"] and again["keys"] == at_start["keys"]
        )
        fresh.spend(50)
        spent = fresh.state()["accounts"]
        with Emulator(fresh.state()) as other:
            assert other.state()["accounts"] == spent
        assert fresh.reset(at_start)["accounts"] == at_start["accounts"]
        assert client.get_balance().available == 1050


def test_accounts_keys_and_credits(fresh: Emulator) -> None:
    account, site = "4b1c7a52-0000-4000-8000-000000000001", "4b1c7a52-0000-4000-8000-000000000002"
    assert fresh.account(account, label="Shop", sites=[{"site": site, "label": "Front"}]) == {"account": account}
    key = fresh.key("shop", accounts=[account], sites=[site])
    assert key["name"] == "shop" and key["secret"]
    rules: list[types.GrantRule] = [
        {"period": "DAY", "cap": 30},
        {"period": "MONTH", "cap": 120, "balance": 100, "reset_date": datetime(2026, 7, 3, tzinfo=timezone.utc)},
    ]
    granted = fresh.grant(rules, account=account, allocation="free", subscription="sub-1")
    assert granted == {"allocation": "free"}
    topped = fresh.top_up(numpy.int64(200), account=account, site=site)
    with fresh.client(api_key=key["secret"], account_id=account) as client:
        balance = client.get_balance()
        assert balance.periodic_credits == aicredits.Credits(100, 120)
        assert balance.top_up_credits == aicredits.Credits(200, 200)
        daily, monthly = balance.credit_balance_breakdown[0].usage_rules
        assert (daily.balance, daily.cap) == (30, 30) and daily.reset_date == datetime(2026, 6, 25, tzinfo=timezone.utc)
        assert monthly.reset_date == datetime(2026, 7, 3, tzinfo=timezone.utc)
        assert fresh.adjust(topped["allocation"], balance=7, cap=9) is None  # type: ignore[func-returns-value]
        fresh.adjust("free", rule=1, reset_date="2026-08-01T00:00:00Z", omit=["balance"])
        balance = client.get_balance()
        assert balance.top_up_credits == aicredits.Credits(7, 9)
        assert balance.credit_balance_breakdown[0].usage_rules[1].balance is None
        assert client.get_balance(site_id=site).available == 7
    fresh.key("shop", revoked=True)
    with fresh.client(api_key=key["secret"], account_id=account) as client:
        with pytest.raises(aicredits.UnauthorizedError):
            client.get_balance()


def test_spend_takes_all_or_nothing(fresh: Emulator) -> None:
    spent = fresh.spend(5, idempotency_key="k1")
    assert spent["cost"] == 5 and sum(drawn["amount"] for drawn in spent["drawn"]) == 5 and not spent["repeated"]
    again = fresh.spend(5, idempotency_key="k1")
    assert again == {**spent, "repeated": True}
    with fresh.client() as client:
        assert client.get_balance().available == 1045
        with pytest.raises(EmulatorError) as raised:
            fresh.spend(2000)
        assert client.get_balance().available == 1045
    error = raised.value
    assert (error.status, error.code, error.pointer) == (409, "insufficient", None)
    assert error.details["cost"] == 2000 and error.details["spendable"] == 1045 and error.details["binding"]
    assert str(error).startswith("409 insufficient: ")


def test_a_charge_shows_later(fresh: Emulator) -> None:
    fresh.spend(50, shown_after_ms=timedelta(minutes=1))
    with fresh.client() as client:
        assert client.get_balance().available == 1050
        fresh.clock(advance_ms=60_000)
        assert client.get_balance().available == 1000


def test_clock_moves_both_times(fresh: Emulator) -> None:
    fresh.spend(100)
    assert fresh.clock()["now"] == "2026-06-24T00:00:00Z"
    clock = fresh.clock(advance_ms=timedelta(days=7))
    assert clock["now"] == "2026-07-01T00:00:00Z" and clock["service_ms"] >= 7 * 86_400_000 and clock["resets"] == 1
    with fresh.client() as client:
        balance = client.get_balance()
        assert balance.periodic_credits is not None and balance.periodic_credits.balance == 1000
        assert balance.server_date == datetime(2026, 7, 1, tzinfo=timezone.utc)
    at = datetime(2026, 8, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert fresh.clock(now=at)["now"] == "2026-08-01T00:00:00Z"
    assert fresh.clock(now=aicredits.Timestamp(0, 0))["now"] == "1970-01-01T00:00:00Z"
    assert fresh.clock(speed=numpy.int32(60))["speed"] == 60 and fresh.clock(mode="running")["mode"] == "running"
    with pytest.raises(ValueError, match="aware"):
        fresh.clock(now=datetime(2026, 8, 1))
    with pytest.raises(EmulatorError) as raised:
        fresh.clock(speed=0)
    assert raised.value.status == 400 and raised.value.pointer == "/speed"


def test_faults_count_down(fresh: Emulator) -> None:
    assert fresh.fault({"status": 503, "shape": "empty"}, times=2)["fault"]
    with fresh.client(max_retries=0) as client:
        for _ in range(2):
            with pytest.raises(aicredits.ServerError):
                client.get_balance()
        assert client.get_balance().available == 1050
        fresh.fault({"status": 500}, times=None, fault="forever", match={"route": "paid_action"})
        assert client.get_balance().available == 1050
        fresh.fault(
            {"status": 500, "headers": [("X", "y")], "body": "{}"}, times=None, match={"account": fresh.account_id}
        )
        assert len(fresh.state()["faults"]) == 2
        for _ in range(3):
            with pytest.raises(aicredits.ServerError):
                client.get_balance()
        assert fresh.clear_faults("forever") == {"cleared": 1} and fresh.clear_faults() == {"cleared": 1}
        assert client.get_balance().available == 1050
        fresh.fault(connect="reset")
    with fresh.client(max_retries=0) as client, pytest.raises(aicredits.NetworkError):
        client.get_balance()


def test_chance_decides_which_connections_fail(fresh: Emulator) -> None:
    fresh.fault(connect="close", times=None, fault="never", probability=0, seed=7)
    state = fresh.state()["faults"]
    assert state == [{"fault": "never", "times": None, "connect": "close", "probability": 0.0, "seed": 7}]
    with fresh.client(max_retries=0) as client:
        assert client.get_balance().available == 1050
    fresh.fault(connect="close", probability=1)
    with fresh.client(max_retries=0) as client, pytest.raises(aicredits.NetworkError):
        client.get_balance()


def test_limit_refuses_the_third_request(fresh: Emulator) -> None:
    assert fresh.limit(2, retry_after=True) is None  # type: ignore[func-returns-value]
    with fresh.client(max_retries=0) as client:
        client.get_balance()
        client.get_balance()
        with pytest.raises(aicredits.RateLimitedError) as raised:
            client.get_balance()
        assert raised.value.retry_after is not None and raised.value.retry_after <= timedelta(minutes=1)
        fresh.clock(advance_ms=60_000)
        client.get_balance()
        fresh.limit(None)
        for _ in range(5):
            client.get_balance()


def test_assume_changes_a_switch(fresh: Emulator) -> None:
    assumptions = fresh.assume()["assumptions"]
    assert set(assumptions) == set(typing.get_type_hints(types.Assumptions)) and assumptions["no_scope"] == "428"
    for name, hint in typing.get_type_hints(types.Assumptions).items():
        values = typing.get_args(hint)
        assert assumptions[name] == values[0]  # type: ignore[literal-required]
        for value in values:
            assert fresh.assume(**{name: value})["assumptions"][name] == value  # type: ignore[literal-required, misc]
    with pytest.raises(EmulatorError) as raised:
        fresh.assume(no_scope="maybe")  # type: ignore[arg-type]
    assert raised.value.status == 400 and raised.value.pointer == "/no_scope"
    fresh.assume(no_scope="401", no_access="403")
    with fresh.client(authorization=fresh.api_key, credential_scope=True) as client:
        with pytest.raises(aicredits.UnauthorizedError):
            client.get_balance()


def test_journal_lists_the_requests(fresh: Emulator) -> None:
    with fresh.client() as client:
        client.get_balance()
        with pytest.raises(aicredits.NotFoundError):
            client.get_balance(site_id="no-such-site")
    journal = fresh.journal()
    assert journal["total"] == 2 and journal["dropped"] == 0
    first, second = journal["requests"]
    assert (first["n"], first["method"], first["route"], first["status"]) == (1, "POST", "balance", 200)
    assert first["account"] == fresh.account_id and second["site"] == "no-such-site" and second["status"] == 404
    assert [request["n"] for request in fresh.journal(status=404)["requests"]] == [2]
    assert [request["n"] for request in fresh.journal(after=1)["requests"]] == [2]
    assert [request["n"] for request in fresh.journal(limit=1, route="balance")["requests"]] == [1]
    assert [request["n"] for request in fresh.journal(account=fresh.account_id)["requests"]] == [1]
    assert set(first) == set(typing.get_type_hints(types.Request))


def test_wait_waits_for_requests(fresh: Emulator) -> None:
    with fresh.client() as client:
        client.get_balance()
        assert fresh.wait(1) == {"reached": True, "total": 1}
        assert fresh.wait(2, timeout_ms=timedelta(milliseconds=150)) == {"reached": False, "total": 1}
        thread = threading.Thread(target=client.get_balance)
        waited = threading.Thread(target=lambda: results.append(fresh.wait(2, timeout_ms=20_000)))
        results: list[types.Waited] = []
        waited.start()
        # This thread runs Python code while the other one waits: the wait has released the GIL.
        thread.start()
        thread.join(PATIENCE)
        waited.join(PATIENCE)
    assert results == [{"reached": True, "total": 2}]
    with pytest.raises(EmulatorError):
        fresh.wait(1, timeout_ms=-1)


def test_a_raw_wait_releases_the_gil(fresh: Emulator) -> None:
    replies: list[tuple[int, str]] = []
    waiting = threading.Thread(
        target=lambda: replies.append(fresh.control("wait", '{"requests":1,"timeout_ms":20000}'))
    )
    waiting.start()
    with fresh.client() as client:
        client.get_balance()
    waiting.join(PATIENCE)
    assert replies == [(200, '{"reached":true,"total":1}')]


def test_mark_counts_the_requests(fresh: Emulator) -> None:
    assert fresh.mark() == {"n": 0}
    with fresh.client() as client:
        client.get_balance()
    assert fresh.mark("second call") == {"n": 1}


def test_an_error_has_its_parts(fresh: Emulator) -> None:
    with pytest.raises(EmulatorError) as raised:
        fresh.grant([{"period": "DAY", "cap": 1}], account="nobody")
    error = raised.value
    assert (error.status, error.code, error.pointer, error.details) == (404, "unknown_account", "/account", {})
    assert error.message and str(error) == f"404 unknown_account: {error.message} (at /account)"
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is EmulatorError and vars(back) == vars(error) and str(back) == str(error)
    assert EmulatorError.__module__ == "aicredits.testing"
    assert fresh.control("no_such_action")[0] == 404
    with pytest.raises(TypeError, match="accepts no object"):
        fresh.spend(object())  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        fresh.fault({"probability": float("nan")})


def test_options_are_checked() -> None:
    with pytest.raises(EmulatorError) as raised:
        Emulator("no-such-scenario")
    assert raised.value.status == 404 and raised.value.code == "unknown_scenario"
    with pytest.raises(EmulatorError) as raised:
        Emulator(assumptions={"no_scope": "maybe"})  # type: ignore[typeddict-item]
    assert raised.value.status == 400
    with pytest.raises(TypeError):
        Emulator(scenari="example")  # type: ignore[call-arg]


def test_a_port_in_use_is_an_os_error(fresh: Emulator) -> None:
    port = int(fresh.url.rsplit(":", 1)[1])
    with pytest.raises(OSError):
        Emulator(port=port)


def test_options_change_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Emulator(
        "example",
        host="127.0.0.1",
        port=port,
        clock={"now": datetime(2026, 6, 30, tzinfo=timezone.utc)},
        assumptions={"no_scope": "401"},
        faults=[{"times": 3, "reply": {"status": 500}}],
    ) as emulator:
        assert emulator.url == f"http://127.0.0.1:{port}"
        state = emulator.state()
        assert state["clock"]["now"] == "2026-06-30T00:00:00Z" and state["assumptions"]["no_scope"] == "401"
        assert [fault["times"] for fault in state["faults"]] == [3]


def test_tls_brings_its_own_authority() -> None:
    with Emulator(tls=True) as emulator:
        assert emulator.url.startswith("https://") and emulator.ca_pem is not None
        with emulator.client() as client:
            assert client.get_balance().available == 1050
        trust = ssl.create_default_context(cadata=emulator.ca_pem)
        with urllib.request.urlopen(f"{emulator.url}/_emulator/state", context=trust, timeout=PATIENCE) as reply:
            assert json.load(reply)["ca_pem"] == emulator.ca_pem


def test_http_has_the_same_bytes(fresh: Emulator) -> None:
    fresh.limit(7)
    for action, request in [
        ("limit", '{"per_minute":5}'),
        ("journal", "{}"),
        ("spend", '{"cost":5000}'),
        ("nothing", ""),
    ]:
        asked = urllib.request.Request(
            f"{fresh.url}/_emulator/{action}", request.encode(), {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as reply:
                over_http = reply.status, reply.read().decode()
        except urllib.error.HTTPError as refused:
            over_http = refused.code, refused.read().decode()
        assert fresh.control(action, request) == over_http
