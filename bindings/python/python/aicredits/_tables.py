"""A balance as a table. Every balance has the same schema, also if its reply lacks fields."""

from __future__ import annotations

from importlib import import_module
from typing import Any

COLUMNS = {
    "target": "Int64",
    "label": "String",
    "account_id": "String",
    "site_id": "String",
    "source": "Int32",
    "subscription_id": "String",
    "rule": "Int32",
    "period": "String",
    "balance": "Int64",
    "cap": "Int64",
    "reset_date": "Datetime",
    "read_at": "Datetime",
    "periodic_balance": "Int64",
    "periodic_cap": "Int64",
    "top_up_balance": "Int64",
    "top_up_cap": "Int64",
}
"""The columns, in order. Later versions append columns and change none."""


def pandas_frame(records: list[dict[str, Any]]) -> Any:
    pandas: Any = import_module("pandas")

    # Without a type, pandas converts a column with an absent count to floats.
    types = {"Int64": "Int64", "Int32": "Int32", "String": "string", "Datetime": "datetime64[us, UTC]"}
    return pandas.DataFrame(
        {name: pandas.Series([record[name] for record in records], dtype=types[kind]) for name, kind in COLUMNS.items()}
    )


def polars_frame(records: list[dict[str, Any]]) -> Any:
    polars: Any = import_module("polars")

    types = {
        "Int64": polars.Int64,
        "Int32": polars.Int32,
        "String": polars.String,
        "Datetime": polars.Datetime("us", "UTC"),
    }
    return polars.DataFrame(records, schema={name: types[kind] for name, kind in COLUMNS.items()}, orient="row")
