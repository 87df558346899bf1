"""The command ``aicredits``, as the package's entry point: exit statuses, signals, outputs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from aicredits.testing import Emulator
from conftest import PATIENCE, Serve, ok

COMMAND = [str(Path(sysconfig.get_path("scripts"), "aicredits"))]
MODULE = [sys.executable, "-m", "aicredits"]


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *args], capture_output=True, text=True, timeout=PATIENCE)


@pytest.mark.parametrize("command", [COMMAND, MODULE], ids=["entry point", "module"])
def test_both_ways_run_the_command(environment: Emulator, command: list[str]) -> None:
    ran = subprocess.run([*command, "balance", "--output", "csv"], capture_output=True, text=True, timeout=PATIENCE)
    assert (ran.returncode, ran.stderr) == (0, "") and ",850,1000," in ran.stdout
    usage = subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=PATIENCE)
    assert usage.returncode == 0 and "Usage: aicredits <COMMAND>" in usage.stdout


def test_the_exit_status_is_the_command_s(environment: Emulator, serve: Serve) -> None:
    assert run("check", "40").returncode == 0
    assert run("check", "4000").returncode == 1
    assert run("balance", "--no-such-option").returncode == 64
    # An argument that is not UTF-8.
    assert run("balance", "--account", "\udc80").returncode == 64
    assert run().returncode == 64


def test_exec_passes_signals_and_statuses_on() -> None:
    balance = run("emulator", "exec", "--", *COMMAND, "balance")
    assert balance.returncode == 0 and "850" in balance.stdout
    assert run("emulator", "exec", "--", "sh", "-c", "exit 7").returncode == 7
    assert run("emulator", "exec", "--", "no-such-command").returncode == 127
    # Not those of Python, which ignores SIGPIPE.
    ignored = run("emulator", "exec", "--", "grep", "SigIgn", "/proc/self/status")
    mask = int(ignored.stdout.split()[1], 16)
    assert not mask & (1 << (signal.SIGPIPE - 1)) and not mask & (1 << (signal.SIGINT - 1))


def test_ctrl_c_ends_it() -> None:
    # A shell reports the end by a signal as 128 and the number of the signal.
    script = 'trap : INT; "$0" emulator; echo "status $?"'
    with subprocess.Popen(
        ["bash", "-c", script, *COMMAND], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as shell:
        assert shell.stdout is not None
        for line in shell.stdout:
            if "AICREDITS_BASE_URL" in line:
                os.killpg(shell.pid, signal.SIGINT)
                break
        assert "status 130" in shell.stdout.read()


def test_a_background_job_still_ignores_ctrl_c() -> None:
    ignored = 'trap "" INT; "$0" emulator exec -- grep SigIgn /proc/self/status'
    ran = subprocess.run(["bash", "-c", ignored, *COMMAND], capture_output=True, text=True, timeout=PATIENCE)
    assert int(ran.stdout.split()[1], 16) & (1 << (signal.SIGINT - 1))


def test_a_closed_pipe_ends_it(environment: Emulator) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = subprocess.run([*COMMAND, "balance"], stdout=writer, stderr=subprocess.PIPE, timeout=PATIENCE)
    finally:
        os.close(writer)
    # 141 in a shell.
    assert (ran.returncode, ran.stderr) == (-signal.SIGPIPE, b"")


@pytest.mark.parametrize(
    ("to", "said"),
    [(">&-", "cannot write the output"), (">/dev/full", "No space left on device")],
    ids=["closed", "full"],
)
def test_an_output_that_fails_is_reported(environment: Emulator, to: str, said: str) -> None:
    script = f'"$0" balance {to}'
    ran = subprocess.run(["bash", "-c", script, *COMMAND], capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 74 and said in ran.stderr and "Traceback" not in ran.stderr


def test_a_reply_that_is_no_balance_has_its_status(serve: Serve) -> None:
    server = serve(ok('{"status":"down for maintenance"}'))
    environment = {**os.environ, "WIX_API_KEY": "IST.key", "WIX_SITE_ID": "s", "AICREDITS_BASE_URL": server.url}
    environment.pop("WIX_ACCOUNT_ID", None)
    ran = subprocess.run([*COMMAND, "balance"], capture_output=True, env=environment, timeout=PATIENCE)
    assert ran.returncode == 65
