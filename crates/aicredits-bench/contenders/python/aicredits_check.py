"""Ours: that the eight figures and the date are those of the page's example."""

from aicredits import Credits

POOLS = (Credits(850, 1000), Credits(200, 200))


def check(balance):
    assert (balance.periodic_credits, balance.top_up_credits) == POOLS
    monthly, bought = (source.usage_rules[0] for source in balance.credit_balance_breakdown)
    assert (monthly.balance, monthly.cap, bought.balance, bought.cap) == (850, 1000, 200, 200)
    assert monthly.reset_date.timestamp() == 1782864000
