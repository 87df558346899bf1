"""Ours: that the eight figures and the date are those of the page's example."""

from datetime import datetime, timezone

from aicredits import Credits

POOLS = (Credits(850, 1000), Credits(200, 200))
RESET_DATE = datetime(2026, 7, 1, tzinfo=timezone.utc)


def check(balance):
    monthly, bought = balance.credit_balance_breakdown
    [monthly], [bought] = monthly.usage_rules, bought.usage_rules
    assert (balance.periodic_credits, balance.top_up_credits) == POOLS
    assert (monthly.balance, monthly.cap, bought.balance, bought.cap) == (850, 1000, 200, 200)
    assert monthly.reset_date == RESET_DATE
