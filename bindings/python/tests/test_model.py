from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import aicredits
import pytest
from aicredits import Balance, Client, Credits, FeaturePeriod, Scope, Timestamp, UsageRule
from aicredits.testing import Emulator
from conftest import Serve, ok

SHOWN = """recurring: 850 of 1000
top-up: 200 of 200
subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6
  MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z
no subscription
  NO_PERIOD: 200 of 200"""


@pytest.fixture
def balance(emulator: Emulator) -> Balance:
    with emulator.client() as client:
        return client.get_balance()


def test_the_example_is_parsed(balance: Balance, emulator: Emulator) -> None:
    assert str(balance).startswith(f"{SHOWN}\naccount {emulator.account_id}, read ") and str(balance).endswith(" s ago")
    assert balance.available == 1050
    assert balance.periodic_credits == Credits(850, 1000)
    rule = balance.credit_balance_breakdown[0].usage_rules[0]
    assert rule.period is FeaturePeriod.MONTH
    assert rule.reset_date == datetime(2026, 7, 1, tzinfo=timezone.utc)
    assert rule.reset_timestamp == Timestamp(1782864000, 0)
    assert balance.scope == Scope(emulator.account_id, None)
    assert balance.request_id and balance.fetched_at and balance.server_date
    assert json.loads(balance.json())["periodicCredits"] == {"balance": 850, "cap": 1000}


def test_absent_fields_are_none_and_unknown_periods_are_kept() -> None:
    balance = Balance.from_json(
        '{"topUpCredits":{},"creditBalanceBreakdown":[{"usageRules":[{},{"period":"NEW\\u001b"},{"period":""}]}]}'
    )
    rules = balance.credit_balance_breakdown[0].usage_rules
    assert balance.periodic_credits is None and balance.top_up_credits == Credits(None, None)
    assert balance.available is None and balance.scope is None and balance.fetched_at is None
    assert rules[0] == UsageRule(None, None, None, None)
    new = rules[1].period
    assert new == FeaturePeriod("NEW\x1b") == "NEW\x1b" and hash(new) == hash("NEW\x1b") and not new.is_known
    assert str(rules[1]) == "NEW\\u{1b}: unknown of unknown" and new.name == "UNKNOWN"
    assert rules[2].period == "" and rules[2].period is not None
    with pytest.raises(ValueError):
        FeaturePeriod(7)


def test_timestamps_are_exact_and_datetimes_truncated() -> None:
    def reset(text: str) -> UsageRule:
        json = f'{{"creditBalanceBreakdown":[{{"usageRules":[{{"resetDate":"{text}"}}]}}]}}'
        return Balance.from_json(json).credit_balance_breakdown[0].usage_rules[0]

    for text, stamp, shown in [
        ("0001-01-01T00:00:00Z", Timestamp(-62135596800, 0), "0001-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.5Z", Timestamp(-1, 500_000_000), "1969-12-31T23:59:59.5Z"),
        ("9999-12-31T23:59:59.999999999Z", Timestamp(253402300799, 999_999_999), "9999-12-31T23:59:59.999999999Z"),
    ]:
        rule = reset(text)
        assert rule.reset_timestamp == stamp and str(stamp) == shown
        assert rule.reset_date is not None and rule.reset_date.microsecond == stamp.nanoseconds // 1000


def test_objects_are_immutable() -> None:
    balance = Balance.from_json('{"periodicCredits":{"balance":1}}')
    with pytest.raises(AttributeError):
        balance.available = 7  # type: ignore[misc]
    with pytest.raises(AttributeError):
        balance.periodic_credits.balance = 7  # type: ignore[misc, union-attr]
    with pytest.raises(TypeError):
        Balance()


def test_equality_compares_the_credits(balance: Balance) -> None:
    again = Balance.from_json(balance.json())
    assert balance == again and hash(balance) == hash(again) and balance != Balance.from_json("{}")
    assert balance != 7 and len({balance, again}) == 1


def test_a_key_in_a_balance_stays_redacted_in_copies(serve: Serve) -> None:
    key = "IST.canary-7f3a91c0"
    body = (
        '{"creditBalanceBreakdown":[{"subscriptionId":"%s","usageRules":[{"period":"%s"}]},{"subscriptionId":"d7a"}]}'
    )
    server = serve(ok(body % (key, key[:-2])))
    with Client(api_key=key, site_id="s", base_url=server.url) as client:
        balance = client.get_balance()
    for other in (balance, pickle.loads(pickle.dumps(balance)), copy.deepcopy(balance)):
        assert other == balance and other.json() == body % (key, key[:-2])
        assert [source.subscription_id for source in other.credit_balance_breakdown] == ["[redacted]", "d7a"]
        assert "canary" not in f"{other} {other!r} {other._repr_html_()} {other.to_dict()} {other.to_records()}"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_data_is_pickled_and_copied(balance: Balance, protocol: int) -> None:
    for data in [
        balance,
        balance.credit_balance_breakdown,
        balance.scope,
        balance.fetched_timestamp,
        FeaturePeriod("NEW"),
        FeaturePeriod.DAY,
    ]:
        for other in (pickle.loads(pickle.dumps(data, protocol)), copy.deepcopy(data), copy.copy(data)):
            assert other == data and type(other) is type(data)
            # The age increases between the two.
            assert repr(other).split(" age=")[0] == repr(data).split(" age=")[0]
    back = pickle.loads(pickle.dumps(balance, protocol))
    assert (back.scope, back.request_id, back.fetched_at, back.server_date) == (
        balance.scope,
        balance.request_id,
        balance.fetched_at,
        balance.server_date,
    )


def test_a_balance_of_any_size_is_pickled(serve: Serve) -> None:
    server = serve(ok(" " * (9 << 20) + "{}"))
    with Client(api_key="IST.key", site_id="s", base_url=server.url, max_reply_bytes=10 << 20) as client:
        balance = client.get_balance()
    assert pickle.loads(pickle.dumps(balance)) == balance
    assert Balance.from_json(balance.json()) == balance


def test_a_client_is_never_pickled(emulator: Emulator) -> None:
    with emulator.client() as client:
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="key"):
                attempt(client)
        assert emulator.api_key not in repr(client)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="match came with Python 3.10")
def test_patterns_match(balance: Balance) -> None:
    namespace: dict[str, Any] = {"aicredits": aicredits, "balance": balance}
    exec(
        "match balance:\n"
        "    case aicredits.Balance(aicredits.Credits(left, cap), aicredits.Credits(balance=bought)):\n"
        "        found = (left, cap, bought)",
        namespace,
    )
    assert namespace["found"] == (850, 1000, 200)


def test_html_is_escaped() -> None:
    balance = Balance.from_json(
        '{"periodicCredits":{"balance":1,"cap":4},"creditBalanceBreakdown":'
        '[{"subscriptionId":"<script>","usageRules":[{"period":"<b>","balance":-1,"cap":0}]}]}'
    )
    html = balance._repr_html_()
    assert "<caption>" not in html
    assert "width:25%" in html and "&lt;script&gt;" in html and "<script>" not in html and "<b>" not in html


def test_importing_loads_no_slow_module() -> None:
    code = "import sys; before = set(sys.modules); import aicredits; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True).stdout.split()
    assert loaded == ["__future__", "aicredits", "aicredits._errors", "aicredits._native"]


def test_a_balance_shows_its_scope_and_age(emulator: Emulator, balance: Balance) -> None:
    origin = f"account {emulator.account_id}, read "
    assert f"<caption>{origin}" in balance._repr_html_()
    assert f" scope=Scope(account_id='{emulator.account_id}', site_id=None) age=" in repr(balance)
    # Scope and age are unknown without a client.
    bare = Balance.from_json(balance.json())
    assert str(bare) == SHOWN and "scope" not in repr(bare) and "age" not in repr(bare)
    given = Balance.from_json(balance.json(), scope=Scope(None, "<s>"))
    assert str(given) == f"{SHOWN}\nsite <s>" and "<caption>site &lt;s&gt;</caption>" in given._repr_html_()


@pytest.mark.parametrize(
    ("seconds", "age"),
    [(-100, "0 s"), (5, "5 s"), (61, "1 min"), (7201, "2 h"), (86401, "24 h"), (4 * 86400 + 1, "4 days"), (10**10, "")],
)
def test_the_age_of_a_stored_balance(seconds: int, age: str) -> None:
    fetched = Timestamp(int(time.time()) - seconds, 0)
    stored = Balance._restored("{}", Scope("a", None), None, fetched, None)
    assert f"\naccount a, read {age}" in str(stored) and str(stored).endswith(" ago")


def test_a_text_that_is_too_large_is_refused_before_it_is_copied() -> None:
    code = (
        "import resource, aicredits\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (1536 << 20),) * 2)\n"
        "try:\n"
        "    aicredits.Balance.from_json(bytes((1 << 30) + 1))\n"
        "except aicredits.TooLargeError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "") and "1073741824" in ran.stdout


def test_from_json_takes_a_scope() -> None:
    scope = Scope("a", "s")
    balance = Balance.from_json("{}", scope=scope)
    assert balance.scope == scope and balance == Balance.from_json("{}") and balance.fetched_at is None
    assert pickle.loads(pickle.dumps(balance)).scope == scope
    for wrong in ("a", 7, True, aicredits.PER_CALL):
        with pytest.raises(TypeError, match="^scope must be a Scope, not "):
            Balance.from_json("{}", scope=wrong)  # type: ignore[arg-type]


def test_json_accepts_the_dict(balance: Balance, emulator: Emulator) -> None:
    plain = json.loads(json.dumps(balance.to_dict()))
    assert plain == balance.to_dict()
    assert plain["periodic_credits"] == {"balance": 850, "cap": 1000} and plain["available"] == 1050
    assert plain["scope"] == {"account_id": emulator.account_id, "site_id": None}
    assert plain["credit_balance_breakdown"][0]["usage_rules"][0]["reset_date"] == "2026-07-01T00:00:00Z"
    assert plain["fetched_at"] == str(balance.fetched_timestamp) and plain["request_id"] == balance.request_id
    exact = Balance.from_json(
        '{"creditBalanceBreakdown":[{"usageRules":[{"resetDate":"9999-12-31T23:59:59.123456789Z","balance":'
        "9223372036854775807}]}]}"
    )
    rule = json.loads(json.dumps(exact.to_dict()))["credit_balance_breakdown"][0]["usage_rules"][0]
    assert rule["reset_date"] == "9999-12-31T23:59:59.123456789Z" and rule["balance"] == 2**63 - 1
    empty = Balance.from_json("{}").to_dict()
    assert {name: value for name, value in empty.items() if value is not None} == {
        "available": 0,
        "credit_balance_breakdown": [],
    }


def test_a_reply_that_is_no_balance_is_unknown() -> None:
    balance = Balance.from_json('{"status":"down for maintenance"}')
    assert balance.available is None and balance.is_recognized is False and balance.to_dict()["available"] is None
    assert "<table>" not in balance._repr_html_() and "none of a balance" in balance._repr_html_()


def test_the_readmes_program_is_the_example() -> None:
    package = Path(__file__).parent.parent
    program = (package / "README.md").read_text().split("```python\n")[1].split("```")[0]
    assert program in (package.parent.parent / "examples/balance.py").read_text()
