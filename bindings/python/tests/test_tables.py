"""A balance as a table: the same columns and types for every balance."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from typing import Any

import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from aicredits import Balance, Scope

COLUMNS = [
    "target",
    "label",
    "account_id",
    "site_id",
    "source",
    "subscription_id",
    "rule",
    "period",
    "balance",
    "cap",
    "reset_date",
    "read_at",
    "periodic_balance",
    "periodic_cap",
    "top_up_balance",
    "top_up_cap",
]
MOST = 2**63 - 1

REPLIES = {
    "nothing": "{}",
    "unrecognized": '{"status":"down"}',
    "no rules": '{"creditBalanceBreakdown":[{}]}',
    "all absent": '{"creditBalanceBreakdown":[{"usageRules":[{}]}]}',
    "one absent": '{"periodicCredits":{"balance":9007199254740993},"creditBalanceBreakdown":[{"usageRules":'
    '[{"balance":9007199254740993,"cap":9223372036854775807},{"cap":0}]}]}',
    "all there": '{"periodicCredits":{"balance":1,"cap":2},"topUpCredits":{"balance":3,"cap":4},'
    '"creditBalanceBreakdown":[{"subscriptionId":"x","usageRules":[{"period":"DAY","balance":5,"cap":6,"resetDate":"2026-07-01T00:00:00Z"}]}]}',
    "the ends of time": '{"creditBalanceBreakdown":[{"usageRules":[{"resetDate":"0001-01-01T00:00:00Z"},'
    '{"resetDate":"9999-12-31T23:59:59.999999999Z"}]}]}',
    "negative": '{"creditBalanceBreakdown":[{"usageRules":[{"balance":-9223372036854775808,"cap":-1}]}]}',
    "unknown period": '{"creditBalanceBreakdown":[{"usageRules":[{"period":"FORTNIGHT"}]},{"usageRules":[{}]}]}',
}


@pytest.fixture(params=REPLIES, ids=lambda name: name.replace(" ", "-"))
def balance(request: pytest.FixtureRequest) -> Balance:
    return Balance.from_json(REPLIES[request.param], scope=Scope("a", None))


def test_pandas_has_one_schema(balance: Balance) -> None:
    frame = balance.to_pandas()
    assert list(frame.columns) == COLUMNS
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        name: "Int32"
        if name in ("source", "rule")
        else "datetime64[us, UTC]"
        if name in ("reset_date", "read_at")
        else "string"
        if name in ("label", "account_id", "site_id", "subscription_id", "period")
        else "Int64"
        for name in COLUMNS
    }
    same(balance, frame.astype(object).where(frame.notna(), None).to_dict("records"))


def test_polars_has_one_schema(balance: Balance) -> None:
    frame = balance.to_polars()
    assert frame.columns == COLUMNS
    assert frame.schema == Balance.from_json(REPLIES["all there"]).to_polars().schema
    assert frame.schema["reset_date"] == polars.Datetime("us", "UTC") and frame.schema["cap"] == polars.Int64
    same(balance, frame.to_dicts())


def test_parquet_keeps_the_schema(balance: Balance) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    balance.to_pandas().to_parquet(first, engine="pyarrow")
    balance.to_polars().write_parquet(second)
    for file in (first, second):
        schema = pyarrow.parquet.read_schema(file)
        assert schema.names == COLUMNS and schema.field("balance").type == pyarrow.int64()
        assert schema.field("reset_date").type == pyarrow.timestamp("us", "UTC")
        assert pyarrow.types.is_string(schema.field("label").type) or pyarrow.types.is_large_string(
            schema.field("label").type
        )
        same(balance, pyarrow.parquet.read_table(file).to_pylist())


def same(balance: Balance, rows: list[dict[str, Any]]) -> None:
    records = balance.to_records()
    assert len(rows) == len(records) == sum(len(source.usage_rules) for source in balance.credit_balance_breakdown)
    for row, record in zip(rows, records):
        assert list(record) == COLUMNS
        for name in COLUMNS:
            value = row[name]
            assert (value.to_pydatetime() if isinstance(value, pandas.Timestamp) else value) == record[name], name


def test_each_record_is_one_rule() -> None:
    (record,) = Balance.from_json(REPLIES["all there"], scope=Scope("a", "s")).to_records()
    assert record == {
        "target": 0,
        "label": None,
        "account_id": "a",
        "site_id": "s",
        "source": 0,
        "subscription_id": "x",
        "rule": 0,
        "period": "DAY",
        "balance": 5,
        "cap": 6,
        "reset_date": datetime(2026, 7, 1, tzinfo=timezone.utc),
        "read_at": None,
        "periodic_balance": 1,
        "periodic_cap": 2,
        "top_up_balance": 3,
        "top_up_cap": 4,
    }


def test_frames_of_several_balances_are_joined() -> None:
    frames = [Balance.from_json(reply).to_pandas() for reply in REPLIES.values()]
    joined = pandas.concat(frames)
    assert (joined.dtypes == frames[0].dtypes).all() and joined["balance"].max() == 9007199254740993
    polars.concat([Balance.from_json(reply).to_polars() for reply in REPLIES.values()])
