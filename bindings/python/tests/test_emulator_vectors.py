"""The vectors of the control protocol, byte for byte. tests/emulator/README.md says what a runner does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aicredits import _tools

VECTORS = Path(__file__).parents[3] / "tests/emulator/control.json"


@pytest.mark.parametrize("group", json.loads(VECTORS.read_text()), ids=lambda group: group["name"])
def test_the_replies_are_the_same_to_the_byte(group: dict[str, Any]) -> None:
    emulator = _tools.Emulator.start(group["options"])
    assert not isinstance(emulator, tuple), emulator
    try:
        for step in group["steps"]:
            status, reply = emulator.control(step["action"], step["request"])
            reply = reply.replace(emulator.url, "http://127.0.0.1:41234")
            reply = re.sub(r'("service_ms":)\d+', r"\g<1>0", reply)
            assert (status, reply) == (step["status"], step["reply"]), step["request"]
    finally:
        emulator.close()
