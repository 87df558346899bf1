"""Ours from Python: a balance from the bytes, whose rules are read."""

import time

import protocol
from aicredits import Balance

with open(protocol.setting("BENCH_REPLY"), "rb") as file:
    json = file.read()


def once():
    begun = time.perf_counter_ns()
    balance = Balance.from_json(json)
    took = time.perf_counter_ns() - begun
    assert balance.periodic_credits.balance == 850
    return took


protocol.answer(once)
