"""A balance as an HTML table, and an answer as a line, for notebooks."""

from __future__ import annotations

from html import escape
from typing import Optional

from . import _native
from ._native import Affordability, Balance


def _bar(balance: Optional[int], cap: Optional[int]) -> str:
    if balance is None or not cap or cap < 0:
        return ""
    percent = max(0, min(100, balance * 100 // cap))
    bar = f'<div style="height:.8em;background:#4a8;width:{percent}%"></div>'
    return f'<div style="width:8em;background:#8884">{bar}</div>'


def _row(what: str, balance: Optional[int], cap: Optional[int], reset: object) -> str:
    cells = (
        escape(_native.escape_for_display(what)),
        "unknown" if balance is None else str(balance),
        "unknown" if cap is None else str(cap),
        _bar(balance, cap),
        "" if reset is None else escape(str(reset)),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def table(balance: Balance) -> str:
    if not balance.is_recognized:
        return f"<p>{escape(str(balance))}</p>"
    origin = balance._origin()
    rows = [] if origin is None else [f"<caption>{escape(origin)}</caption>"]
    rows += ["<tr><th></th><th>left</th><th>of</th><th></th><th>resets</th></tr>"]
    for name, pool in (("recurring", balance.periodic_credits), ("top-up", balance.top_up_credits)):
        if pool is not None:
            rows.append(_row(name, pool.balance, pool.cap, None))
    for source in balance.credit_balance_breakdown:
        owner = source.subscription_id or "no subscription"
        if not source.usage_rules:
            rows.append(_row(f"{owner}: no rules", None, None, None))
        for rule in source.usage_rules:
            period = "unknown" if rule.period is None else rule.period.value
            rows.append(_row(f"{owner}: {period}", rule.balance, rule.cap, rule.reset_timestamp))
    return "<table>" + "".join(rows) + "</table>"


def answer(answer: Affordability) -> str:
    # The sentence is escaped for displays, which is not enough for HTML.
    return f"<p><b>{escape(str(answer.answer))}</b>: {escape(str(answer))}</p>"
