"""``python -m aicredits``: prints the balance of the environment's account or site."""

from __future__ import annotations

import sys

from . import AiCreditsError, Client


def main() -> int:
    try:
        with Client.from_env() as client:
            print(client.get_balance())
    except AiCreditsError as error:
        print(f"aicredits: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
