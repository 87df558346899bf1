"""A JSON module's loads, to dicts and lists: ``decode_loads.py json`` or ``decode_loads.py orjson``."""

import importlib
import sys
import time

import protocol

loads = importlib.import_module(sys.argv[1]).loads
with open(protocol.setting("BENCH_REPLY"), "rb") as file:
    json = file.read()


def once():
    begun = time.perf_counter_ns()
    reply = loads(json)
    took = time.perf_counter_ns() - begun
    assert reply["periodicCredits"]["balance"] == 850
    return took


protocol.answer(once)
