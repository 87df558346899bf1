"""The command ``aicredits``, as the entry point of the package and as ``python -m aicredits``."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Runs the command with the arguments of this process, and returns its exit status."""
    # Python's handler would never run during the command. A background job of a script ignores SIGINT, and still does.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Python ignores SIGPIPE.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    from ._tools import run_command

    return run_command(["aicredits", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
