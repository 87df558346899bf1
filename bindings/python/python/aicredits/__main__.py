"""``python -m aicredits``: prints the balance of the environment's account or site."""

from __future__ import annotations

import argparse
import os
import sys

from . import AiCreditsError, Client


def main() -> int:
    argparse.ArgumentParser(
        "python -m aicredits",
        description="Prints the AI credit balance of WIX_ACCOUNT_ID or WIX_SITE_ID, asked for with WIX_API_KEY.",
    ).parse_args()
    try:
        with Client.from_env() as client:
            balance = client.get_balance()
    except AiCreditsError as error:
        print(f"aicredits: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return _write(str(balance)) or (0 if balance.is_recognized else 65)


def _write(text: str) -> int:
    """Prints the text and returns the exit status: 0, 74 if the write failed, or 141 if the pipe is closed."""
    if sys.stdout is None:
        print("aicredits: standard output is closed", file=sys.stderr)
        return 74
    try:
        print(text, flush=True)
    except OSError as error:
        # Python flushes once more at its end, and would report that.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 141
        print(f"aicredits: standard output: {error.strerror}", file=sys.stderr)
        return 74
    return 0


if __name__ == "__main__":
    sys.exit(main())
