"""The installed package: its metadata and its licences."""

from __future__ import annotations

from importlib.metadata import PathDistribution, distribution
from typing import cast

import aicredits
import pytest


def test_the_version_is_the_installed_one() -> None:
    assert distribution("aicredits").version == aicredits.__version__


@pytest.mark.parametrize(
    ("name", "parts"),
    [("LICENSE", ["MIT", "Apache"]), ("THIRD-PARTY-LICENSES", ["ring 0", "rustls 0", "pyo3 0", "CDLA-Permissive-2.0"])],
)
def test_licences_are_installed(name: str, parts: list[str]) -> None:
    installed = cast(PathDistribution, distribution("aicredits"))
    text = installed.read_text(f"licenses/{name}")
    assert text is not None
    for part in parts:
        assert part in text
