"""The exception of a refused action."""

from __future__ import annotations

import json
from typing import Any, Optional


class EmulatorError(Exception):
    """The emulator refused an action. The action changed nothing.

    :param status: the status that the same request has over HTTP: 400, 404 or 409.
    :param code: the code for programs, such as ``unknown_account``.
    :param message: what is wrong.
    :param pointer: the JSON Pointer (RFC 6901) of the argument or member that is wrong.
    :param details: further members of the reply. For a refused ``spend``: ``cost``, ``spendable`` and ``binding``.
    """

    __module__ = "aicredits.testing"

    status: int
    code: str
    message: str
    pointer: Optional[str]
    details: dict[str, Any]

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        pointer: Optional[str] = None,
        details: Optional[dict[str, Any]] = None,
    ) -> None:
        # The arguments of the exception make an equal one from its pickle.
        super().__init__(status, code, message, pointer, {} if details is None else details)
        self.status, self.code, self.message, self.pointer, self.details = self.args

    @classmethod
    def _of(cls, status: int, reply: str) -> EmulatorError:
        details: dict[str, Any] = json.loads(reply)
        problem: dict[str, Any] = details.pop("error")
        return cls(status, problem["code"], problem["message"], problem.get("pointer"), details)

    def __str__(self) -> str:
        place = f" (at {self.pointer})" if self.pointer else ""
        return f"{self.status} {self.code}: {self.message}{place}"
