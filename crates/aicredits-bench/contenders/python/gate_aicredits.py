"""Ours, from Python: a reservation and its commit, with a usable reading."""

import aicredits
import protocol

client = aicredits.Client.from_env()
gate = client.gate()
gate.refresh()


def batch():
    reserve = gate.reserve
    for _ in range(protocol.BATCH):
        if not reserve(1).commit():
            raise AssertionError("the first commit counts")


protocol.run(batch)
client.close()
