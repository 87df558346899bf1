"""The pytest plugin: its fixtures, its marker, and what it costs a run that does not use it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import aicredits
import pytest
from aicredits.testing import Emulator
from conftest import PATIENCE


def ran(folder: Path, test: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a file of tests in a separate process."""
    (folder / "test_it.py").write_text(textwrap.dedent(test))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, "test_it.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3 * PATIENCE)


def test_the_fixtures_are_there(aicredits_emulator: Emulator, aicredits_client: aicredits.Client) -> None:
    assert aicredits_client.get_balance().available == 1050
    assert aicredits_emulator.journal()["total"] == 1
    aicredits_emulator.assert_good_client()


def test_each_test_has_its_own(aicredits_emulator: Emulator) -> None:
    assert aicredits_emulator.journal()["total"] == 0


@pytest.mark.aicredits("example", clock={"now": "2026-06-30T00:00:00Z"})
class TestMarks:
    def test_of_a_class(self, aicredits_emulator: Emulator) -> None:
        assert aicredits_emulator.clock()["now"] == "2026-06-30T00:00:00Z"

    @pytest.mark.aicredits(clock={"now": "2026-06-29T00:00:00Z"}, assumptions={"no_scope": "401"})
    def test_the_closest_counts(self, aicredits_emulator: Emulator) -> None:
        assert aicredits_emulator.clock()["now"] == "2026-06-29T00:00:00Z"
        assert aicredits_emulator.state()["assumptions"]["no_scope"] == "401"


@pytest.mark.parametrize("spent", [1, 2, 3])
@pytest.mark.aicredits(scenario="example")
def test_marks_and_parameters(aicredits_emulator: Emulator, aicredits_client: aicredits.Client, spent: int) -> None:
    aicredits_emulator.spend(spent)
    assert aicredits_client.get_balance().available == 1050 - spent


def test_a_test_that_fails_closes_its_emulator(tmp_path: Path) -> None:
    run = ran(
        tmp_path,
        """
        import urllib.request
        import pytest
        urls = []

        def test_fails(aicredits_emulator):
            urls.append(aicredits_emulator.url)
            assert 0

        def test_it_is_closed():
            with pytest.raises(OSError):
                urllib.request.urlopen(urls[0], timeout=20)
        """,
    )
    assert "1 failed, 1 passed" in run.stdout, run.stdout


def test_the_marker_is_registered(tmp_path: Path) -> None:
    run = ran(
        tmp_path,
        """
        import pytest

        @pytest.mark.aicredits(scenario="example")
        def test_it(aicredits_emulator):
            pass
        """,
        "--strict-markers",
    )
    assert "1 passed" in run.stdout, run.stdout
    listed = ran(tmp_path, "", "--markers").stdout
    assert "@pytest.mark.aicredits(" in listed


def test_an_argument_that_is_wrong_is_an_error(tmp_path: Path) -> None:
    run = ran(
        tmp_path,
        """
        import pytest

        @pytest.mark.aicredits(scenario="no-such-scenario")
        def test_it(aicredits_emulator):
            pass
        """,
    )
    assert "1 error" in run.stdout and "unknown_scenario" in run.stdout, run.stdout


def test_a_run_without_it_loads_nothing_of_the_package(tmp_path: Path) -> None:
    run = ran(
        tmp_path,
        """
        import sys

        def test_it(request):
            assert request.config.pluginmanager.has_plugin("aicredits")
            assert [name for name in sys.modules if name.split(".")[0] == "aicredits"] == []
        """,
    )
    assert "1 passed" in run.stdout, run.stdout


def test_ten_processes_of_a_run_share_nothing(tmp_path: Path) -> None:
    """As pytest-xdist runs them: each process has its own emulators."""
    test = """
        def test_it(aicredits_emulator, aicredits_client):
            for spent in range(1, 11):
                aicredits_emulator.spend(10)
                assert aicredits_client.get_balance().available == 1050 - 10 * spent
            assert aicredits_emulator.journal()["total"] == 10
    """
    (tmp_path / "test_it.py").write_text(textwrap.dedent(test))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    runs = [subprocess.Popen(command, cwd=tmp_path, **pipes) for _ in range(10)]
    for run in runs:
        said, _ = run.communicate(timeout=3 * PATIENCE)
        assert run.returncode == 0, said


def test_the_tests_of_the_readme_pass(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[1] / "README.md").read_text().partition("\n## Testing\n")[2]
    test = guide.partition("```python\n")[2].partition("```\n")[0]
    run = ran(tmp_path, test, "--strict-markers", "-W", "error")
    assert "2 passed" in run.stdout, run.stdout
