"""Runs actions that cost credits: check, reserve, act, commit.

gate.py COST STATUS...: each STATUS is the HTTP status of the vendor's reply to one action.
It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.
"""

import sys

import aicredits


def run_action(status: str) -> int:
    """Your call of the paid action goes here. It returns the HTTP status of the reply, or raises if no reply came."""
    return int(status)


def reserve_and_run(gate: aicredits.Gate, cost: int, status: str) -> None:
    with gate.reserve(cost, label="example") as reservation:
        replied = run_action(status)
        if replied in (402, 428):
            # The vendor says that the credits are used up. That is final: do not try again.
            reservation.report_exhausted()
        elif replied in (401, 403):
            # The action certainly did not run.
            reservation.release()
        elif replied != 200:
            # The action may have run. An exception leaves the reservation unresolved, and it counts as spent.
            raise RuntimeError(f"unknown whether the action ran: {replied}")
        # The end of the block commits, unless the block has ended the reservation.
        print(replied)


def main(cost: int, *statuses: str) -> None:
    # A real program makes one client and one gate, and shares them between its threads.
    with aicredits.Client.from_env() as client, client.gate() as gate:
        # A first look, before there is anything to reserve. Only the gate counts what other threads have reserved.
        balance = gate.refresh()
        print(balance.can_afford(cost))
        print("fit:", balance.affordable(cost, len(statuses)))
        for status in statuses:
            reserve_and_run(gate, cost, status)
        print(gate.state())


try:
    main(int(sys.argv[1]), *sys.argv[2:])
except aicredits.DeniedError as denial:
    # The action must not run. The text says how many credits are missing, and when they come.
    sys.exit(f"denied: {denial}")
except (aicredits.AiCreditsError, RuntimeError) as error:
    sys.exit(f"gate: {error}")
