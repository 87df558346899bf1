"""The build backend of the package: maturin, and a second native module.

maturin builds one native module for each project. This backend builds ``aicredits._tools`` from the folder ``tools``,
with the same options, and adds it to the wheel. Everything else is maturin's. So a wheel, a source distribution and
``pip install ./bindings/python`` are built in the same way. It needs the standard library and maturin alone.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import gmtime
from typing import Any, Optional

import maturin

# The other hooks are maturin's.
from maturin import build_sdist as build_sdist
from maturin import get_requires_for_build_editable as get_requires_for_build_editable
from maturin import get_requires_for_build_sdist as get_requires_for_build_sdist
from maturin import get_requires_for_build_wheel as get_requires_for_build_wheel
from maturin import prepare_metadata_for_build_editable as prepare_metadata_for_build_editable
from maturin import prepare_metadata_for_build_wheel as prepare_metadata_for_build_wheel

# The start of the file name of the second module. Its end depends on Python: `.abi3.so`, or a free-threaded one's.
MODULE = "_tools."
PACKAGE = "aicredits"
# The first time that a zip file can have.
EARLIEST = 315532800

Settings = Optional[Mapping[str, Any]]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: Optional[str] = None
) -> str:
    """PEP 517's hook: builds the wheel, and returns its file name."""
    # For cargo, another time would be a reason to compile C code again.
    time = os.environ.pop("SOURCE_DATE_EPOCH", None)
    wheel = maturin.build_wheel(wheel_directory, config_settings, metadata_directory)
    with _tools(config_settings) as (tools, path):
        if _tag(tools) != _tag(wheel):
            # Else the wheel would claim a platform that one of its modules does not run on.
            raise SystemExit(f"{wheel} and {tools} are for different platforms: name one with --compatibility")
        _merge(os.path.join(wheel_directory, wheel), path, int(time) if time else EARLIEST)
    return wheel


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: Optional[str] = None
) -> str:
    """PEP 660's hook. Both modules are put into the sources, where an editable install finds them."""
    with _tools(config_settings) as (_, path), zipfile.ZipFile(path) as wheel:
        module = _module(wheel)
        with open(os.path.join("python", PACKAGE, os.path.basename(module.filename)), "wb") as file:
            file.write(wheel.read(module))
    return maturin.build_editable(wheel_directory, config_settings, metadata_directory)


@contextmanager
def _tools(config_settings: Settings) -> Iterator[tuple[str, str]]:
    """Builds the second module: the name of a wheel that has it, and its path."""
    # A source distribution has the manifests in a separate folder.
    manifest = maturin.get_config().get("manifest-path", "Cargo.toml")
    project, here = os.path.join(os.path.dirname(manifest), "tools"), os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(project)
        try:
            name = maturin.build_wheel(folder, config_settings)
        finally:
            os.chdir(here)
        yield name, os.path.join(folder, name)


def _module(wheel: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The second module, in its own wheel. There it has its own package."""
    return next(entry for entry in wheel.infolist() if os.path.basename(entry.filename).startswith(MODULE))


def _tag(wheel: str) -> str:
    """The part after name and version in the name of a wheel's file."""
    return wheel.split("-", 2)[2]


def _merge(wheel: str, tools: str, time: int) -> None:
    """Adds the module of the wheel ``tools`` to ``wheel``, and sorts all files: equal contents are equal bytes."""
    date_time = gmtime(max(time, EARLIEST))[:6]
    merged = f"{wheel}.merged"
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(tools) as other, zipfile.ZipFile(merged, "w") as new:
        files = [(entry, old.read(entry)) for entry in old.infolist()]
        record = next(entry for entry, _ in files if entry.filename.endswith(".dist-info/RECORD"))
        files = [(entry, content) for entry, content in files if entry is not record]
        module = _module(other)
        content = other.read(module)
        module.filename = f"{PACKAGE}/{os.path.basename(module.filename)}"
        files.append((module, content))
        # The metadata is at the end, as the format of wheels recommends.
        files.sort(key=lambda file: (".dist-info/" in file[0].filename, file[0].filename))
        text = io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\n")
        for entry, content in files:
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.writerow([entry.filename, f"sha256={digest}", len(content)])
            entry.date_time = date_time
            new.writestr(entry, content)
        # A list cannot contain its own digest.
        rows.writerow([record.filename, "", ""])
        record.date_time = date_time
        new.writestr(record, text.getvalue())
    os.replace(merged, wheel)
