"""A fresh interpreter that imports these modules, or none, and ends: ``importing.py http.client json``."""

import subprocess
import sys
import time

import protocol

program = "".join(f"import {module}\n" for module in sys.argv[1:])


def once():
    begun = time.perf_counter_ns()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter_ns() - begun


protocol.answer(once)
