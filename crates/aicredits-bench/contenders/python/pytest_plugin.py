"""The pytest plugin of aicredits in a run of pytest: ``pytest_plugin.py unused|empty|first|fixture``.

``unused`` is the time that the plugin adds to a run that does not use it, ``empty`` the time that an empty module would
add in its place, ``fixture`` the set-up and tear-down of an emulator and a client for one test, ``first`` the same in a
new process, with all imports. Everything is timed within the process: the difference of two whole runs would be smaller
than its noise.
"""

import contextlib
import importlib
import importlib.metadata
import os
import subprocess
import sys
import tempfile
import time

import protocol
import pytest
from _pytest.config import _iter_rewritable_modules

TESTS = """
import pytest

def test_unused():
    pass

@pytest.mark.parametrize("number", range({count}))
def test_fixture(aicredits_client, number):
    pass
"""


class Unused:
    """Loads a plugin at the start of a run, as pytest does by its entry point."""

    def __init__(self, module):
        self.module = module

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        # pytest looks for all plugins of the environment anyway.
        (entry,) = importlib.metadata.entry_points(group="pytest11", name="aicredits")
        begun = time.perf_counter_ns()
        # It looks through the files of each package with a plugin, for modules whose assertions it rewrites.
        list(_iter_rewritable_modules(str(file) for file in entry.dist.files if file.name.endswith(".py")))
        # The import, the hook `pytest_configure`, and the look for fixtures.
        session.config.pluginmanager.register(importlib.import_module(self.module), "aicredits")
        self.times = [time.perf_counter_ns() - begun]


class Empty(Unused):
    """Loads an empty module in the same way."""

    def __init__(self, folder):
        super().__init__("empty_plugin")
        with open(os.path.join(folder, "empty_plugin.py"), "w"):
            pass
        sys.path.append(folder)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session):
        # It is compiled, and its folder is known, as those of an installed plugin.
        session.config.pluginmanager.rewrite_hook.mark_rewrite(self.module)
        importlib.import_module(self.module)
        del sys.modules[self.module]
        super().pytest_sessionstart(session)


class Fixture:
    """The times of set-up and tear-down of each test with a fixture."""

    def __init__(self):
        self.times = []

    def pytest_runtest_logreport(self, report):
        assert report.outcome == "passed", report.longreprtext
        if report.when == "setup":
            self.setup = report.duration
        elif report.when == "teardown":
            self.times.append(round((self.setup + report.duration) * 1e9))


def run(plugin, test, options):
    # The module of an earlier run in this process had another number of tests.
    sys.modules.pop("test_bench", None)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        status = pytest.main([f"{path}::{test}", "-q", "-p", "no:cacheprovider", *options], plugins=[plugin])
    assert status == 0, status
    return plugin.times


def in_a_new_process():
    # Without it, each process would compile the plugin again. A user's does so once.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, __file__, f"{kind}-once"]
    printed = subprocess.run(command, check=True, capture_output=True, env=environment).stdout
    return int(printed)


kind = sys.argv[1]
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "test_bench.py")

    def tests(count):
        with open(path, "w") as file:
            file.write(TESTS.format(count=count))

    if kind == "unused-once":
        tests(1)
        print(*run(Unused("_aicredits_pytest"), "test_unused", ["-p", "no:aicredits"]))
    elif kind == "empty-once":
        tests(1)
        print(*run(Empty(folder), "test_unused", ["-p", "no:aicredits"]))
    elif kind == "first-once":
        tests(1)
        print(*run(Fixture(), "test_fixture", []))
    elif kind == "fixture":
        for line in sys.stdin:
            tests(int(line))
            protocol.tell(run(Fixture(), "test_fixture", []))
    else:
        protocol.answer(in_a_new_process)
