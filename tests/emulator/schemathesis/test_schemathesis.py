"""schemathesis against a running emulator: all checks, at least 1,000 cases."""

import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
LEAST_CASES = 1000


def test_the_emulator_is_what_its_description_says():
    serve = [os.environ["AICREDITS_SERVE"]]
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as emulator:
        try:
            url = emulator.stdout.readline().strip()
            program = Path(sys.executable).parent / "schemathesis"
            command = [str(program), "--config-file", str(FOLDER / "schemathesis.toml"), "--no-color"]
            command += ["run", f"{url}/_emulator/openapi.json"]
            run = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=400)
            assert emulator.poll() is None, "the emulator ended"
        finally:
            emulator.stdin.close()
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
    counted = re.search(r"(\d+) generated", run.stdout)
    assert counted and int(counted[1]) >= LEAST_CASES, run.stdout
