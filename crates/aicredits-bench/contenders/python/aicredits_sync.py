"""Ours, from Python."""

import protocol
from aicredits_check import check

import aicredits

client = aicredits.Client.from_env()
protocol.run(lambda: check(client.get_balance()))
client.close()
