"""The Python programs' half of the protocol in README.md."""

import os
import sys
import time

# How many operations a batch has. One alone would be as short as a clock read.
BATCH = 1000


def setting(name):
    return os.environ[name]


def url():
    return setting("AICREDITS_BASE_URL") + "/appmarket/credittransactions/v1/credit-transactions/balance"


def headers():
    return {
        "Authorization": setting("WIX_API_KEY"),
        "wix-account-id": setting("WIX_ACCOUNT_ID"),
        "Content-Type": "application/json",
    }


def certificate():
    """The authorities for the server's certificate."""
    return os.environ.get("SSL_CERT_FILE", True)


def check(reply):
    """Checks the eight figures and the date against the page's example."""
    recurring, top_up = reply["periodicCredits"], reply["topUpCredits"]
    monthly, bought = (source["usageRules"][0] for source in reply["creditBalanceBreakdown"])
    figures = [(each["balance"], each["cap"]) for each in (recurring, monthly, top_up, bought)]
    assert figures == [(850, 1000), (850, 1000), (200, 200), (200, 200)]
    assert monthly["resetDate"] == "2026-07-01T00:00:00.000Z"


def answer(once):
    """Answers each line with as many times, which ``once`` takes and returns."""
    for line in sys.stdin:
        tell([once() for _ in range(int(line))])


def tell(times):
    # At once, even where PYTHONUNBUFFERED is set.
    print(" ".join(map(str, times)), flush=True)


def run(call):
    def once():
        begun = time.perf_counter_ns()
        call()
        return time.perf_counter_ns() - begun

    answer(once)
