"""``python -m aicredits``: prints the balance of the environment's account or site."""

from __future__ import annotations

import argparse
import sys

from . import AiCreditsError, Client


def main() -> int:
    argparse.ArgumentParser(
        "python -m aicredits",
        description="Prints the AI credit balance of WIX_ACCOUNT_ID or WIX_SITE_ID, asked for with WIX_API_KEY.",
    ).parse_args()
    try:
        with Client.from_env() as client:
            print(client.get_balance())
    except AiCreditsError as error:
        print(f"aicredits: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
