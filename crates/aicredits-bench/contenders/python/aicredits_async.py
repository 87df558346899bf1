"""Ours, from Python's asyncio."""

import asyncio
import sys
import time

import aicredits
import protocol
from aicredits_check import check


async def main():
    async with aicredits.AsyncClient.from_env() as client:
        for line in sys.stdin:
            times = []
            for _ in range(int(line)):
                begun = time.perf_counter_ns()
                check(await client.get_balance())
                times.append(time.perf_counter_ns() - begun)
            protocol.tell(times)


asyncio.run(main())
