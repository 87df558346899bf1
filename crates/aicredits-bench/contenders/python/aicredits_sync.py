"""Ours, from Python."""

import aicredits
import protocol
from aicredits_check import check

client = aicredits.Client.from_env()
protocol.run(lambda: check(client.get_balance()))
client.close()
