from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
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


def test_the_example_is_read(balance: Balance, emulator: Emulator) -> None:
    assert str(balance) == SHOWN
    assert balance.available == 1050
    assert balance.periodic_credits == Credits(850, 1000)
    rule = balance.credit_balance_breakdown[0].usage_rules[0]
    assert rule.period is FeaturePeriod.MONTH
    assert rule.reset_date == datetime(2026, 7, 1, tzinfo=timezone.utc)
    assert rule.reset_timestamp == Timestamp(1782864000, 0)
    assert balance.scope == Scope(emulator.account_id, None)
    assert balance.request_id and balance.fetched_at and balance.server_date
    assert json.loads(balance.json())["periodicCredits"] == {"balance": 850, "cap": 1000}


def test_what_is_absent_is_none_and_what_is_unknown_is_kept() -> None:
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


def test_instants_are_exact_and_cut() -> None:
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


def test_objects_never_change() -> None:
    balance = Balance.from_json('{"periodicCredits":{"balance":1}}')
    with pytest.raises(AttributeError):
        balance.available = 7  # type: ignore[misc]
    with pytest.raises(AttributeError):
        balance.periodic_credits.balance = 7  # type: ignore[misc, union-attr]
    with pytest.raises(TypeError):
        Balance()


def test_equality_is_of_the_figures(balance: Balance) -> None:
    again = Balance.from_json(balance.json())
    assert balance == again and hash(balance) == hash(again) and balance != Balance.from_json("{}")
    assert balance != 7 and len({balance, again}) == 1


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
            assert other == data and type(other) is type(data) and repr(other) == repr(data)
    back = pickle.loads(pickle.dumps(balance, protocol))
    assert (back.scope, back.request_id, back.fetched_at, back.server_date) == (
        balance.scope,
        balance.request_id,
        balance.fetched_at,
        balance.server_date,
    )


def test_what_a_client_may_read_is_pickled_whatever_its_size(serve: Serve) -> None:
    server = serve(lambda _: ok(" " * (9 << 20) + "{}"))
    with Client(api_key="IST.key", site_id="s", base_url=server.url, max_reply_bytes=10 << 20) as client:
        balance = client.get_balance()
    assert pickle.loads(pickle.dumps(balance)) == balance
    with pytest.raises(aicredits.TooLargeError):
        Balance.from_json(balance.json())


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


def test_records_make_a_table(balance: Balance) -> None:
    import pandas

    frame = pandas.DataFrame(balance.to_records())
    assert list(frame.columns) == ["source", "subscription_id", "period", "balance", "cap", "reset_date"]
    assert frame["balance"].sum() == 1050 and frame["reset_date"].dt.tz is not None
    assert balance.to_dict()["periodic_credits"] == {"balance": 850, "cap": 1000}


def test_html_is_escaped() -> None:
    balance = Balance.from_json(
        '{"periodicCredits":{"balance":1,"cap":4},"creditBalanceBreakdown":'
        '[{"subscriptionId":"<script>","usageRules":[{"period":"<b>","balance":-1,"cap":0}]}]}'
    )
    html = balance._repr_html_()
    assert "width:25%" in html and "&lt;script&gt;" in html and "<script>" not in html and "<b>" not in html


def test_importing_loads_nothing_that_takes_long() -> None:
    code = "import sys; before = set(sys.modules); import aicredits; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True).stdout.split()
    assert loaded == ["__future__", "aicredits", "aicredits._errors", "aicredits._native"]


def test_the_module_runs(environment: Emulator) -> None:
    ran = subprocess.run([sys.executable, "-m", "aicredits"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, SHOWN + "\n", "")


def test_the_readmes_program_is_the_example() -> None:
    package = Path(__file__).parent.parent
    program = (package / "README.md").read_text().split("```python\n")[1].split("```")[0]
    assert program in (package.parent.parent / "examples/balance.py").read_text()
