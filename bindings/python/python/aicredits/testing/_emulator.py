"""The class ``Emulator``: one method for each action of the control protocol."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, Optional, SupportsIndex, Union

from .. import _tools
from ._json import members_of
from ._later import types
from ._running import Running

# The longest wait without a look at Ctrl-C, and the longest one that the action accepts.
_SLICE_MS = 100
_MOST_MS = 600_000


class Emulator(Running):
    """An emulator of the API. It runs until ``close()`` or the end of its ``with`` block.

    It has one method for each action of its control protocol, with the same name and the same members. An argument that
    is left out, or ``None``, is absent from the request. A refused action raises :class:`EmulatorError`. A reply is a
    dict, typed in :mod:`aicredits.testing.types`.

    - Counts are integers: ``int``, or one of numpy's. An instant is an aware datetime, a ``Timestamp``, or text. A
      time in milliseconds may be a timedelta.
    - Instances are independent, so tests can run in parallel. Thread-safe.
    - After ``fork`` the child must not use it, except for ``close()``, which does nothing there.
    - ``wait()`` and ``close()`` block without the GIL. So do ``journal()``, ``verdict()`` and ``assert_good_client()``,
      until no reply is leaving, at most for 1 s. The other methods return at once.

    :param scenario: the name of a scenario (:data:`SCENARIOS`), or a whole one, such as the result of ``state()``.
    :param host: the address to listen on, or a name of one. Default: 127.0.0.1.
    :param port: the port. 0: a free one.
    :param tls: serves HTTPS, with its own certificate authority: ``ca_pem``.
    :param clock: changes the scenario's clock, ``now``, ``mode`` and ``speed``: ``{"mode": "running"}``.
    :param assumptions: changes the scenario's assumptions: ``{"no_scope": "401"}``.
    :param faults: faults after those of the scenario.
    :param control_token: a token without which the control protocol answers nobody over HTTP. The methods need none.
    """

    def state(self) -> types.State:
        """Returns the state: clock, keys with their secrets, accounts, assumptions, limit and faults."""
        reply: types.State = self._run("state")
        return reply

    def reset(self, scenario: Union[str, Mapping[str, Any], None] = None) -> types.State:
        """Starts again with a scenario. ``None``: the one that the emulator started with.

        Clears ledger, faults, journal, verdict and clock. Ends no connection.
        """
        reply: types.State = self._run("reset", scenario=scenario)
        return reply

    def account(
        self, account: str, *, label: Optional[str] = None, sites: Optional[Sequence[types.Site]] = None
    ) -> types.AccountAdded:
        """Adds an account, or extends the one of this id."""
        reply: types.AccountAdded = self._run("account", account=account, label=label, sites=sites)
        return reply

    def key(
        self,
        name: str,
        *,
        secret: Optional[str] = None,
        accounts: Optional[Sequence[str]] = None,
        sites: Optional[Sequence[str]] = None,
        carries_context: Optional[bool] = None,
        revoked: Optional[bool] = None,
    ) -> types.KeyAdded:
        """Adds a key, or changes the key of this name."""
        reply: types.KeyAdded = self._run(
            "key",
            name=name,
            secret=secret,
            accounts=accounts,
            sites=sites,
            carries_context=carries_context,
            revoked=revoked,
        )
        return reply

    def grant(
        self,
        rules: Sequence[types.GrantRule],
        *,
        account: Optional[str] = None,
        site: Optional[str] = None,
        subscription: Optional[str] = None,
        allocation: Optional[str] = None,
        counted_rule: Optional[SupportsIndex] = None,
    ) -> types.Granted:
        """Adds an allocation of credits to an account, or to the first one."""
        reply: types.Granted = self._run(
            "grant",
            rules=rules,
            account=account,
            site=site,
            subscription=subscription,
            allocation=allocation,
            counted_rule=counted_rule,
        )
        return reply

    def top_up(
        self, amount: SupportsIndex, *, account: Optional[str] = None, site: Optional[str] = None
    ) -> types.Granted:
        """Adds credits that were bought once."""
        reply: types.Granted = self._run("top_up", amount=amount, account=account, site=site)
        return reply

    def adjust(
        self,
        allocation: str,
        *,
        rule: Optional[SupportsIndex] = None,
        balance: Optional[SupportsIndex] = None,
        cap: Optional[SupportsIndex] = None,
        reset_date: Optional[types.Instant] = None,
        omit: Optional[Sequence[Literal["period", "balance", "cap", "reset_date"]]] = None,
        counted_rule: Optional[SupportsIndex] = None,
    ) -> None:
        """Changes a rule of an allocation: the first one, or the one of the index ``rule``.

        ``omit`` names the members that replies leave out from now on.
        """
        self._run(
            "adjust",
            allocation=allocation,
            rule=rule,
            balance=balance,
            cap=cap,
            reset_date=reset_date,
            omit=omit,
            counted_rule=counted_rule,
        )

    def spend(
        self,
        cost: SupportsIndex,
        *,
        account: Optional[str] = None,
        site: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        shown_after_ms: Optional[types.Milliseconds] = None,
    ) -> types.Spent:
        """Spends credits, all or nothing, as another program does.

        If the credits do not suffice, it raises :class:`EmulatorError` with status 409, and ``details`` has ``cost``,
        ``spendable`` and ``binding``.
        """
        reply: types.Spent = self._run(
            "spend",
            cost=cost,
            account=account,
            site=site,
            idempotency_key=idempotency_key,
            shown_after_ms=shown_after_ms,
        )
        return reply

    def clock(
        self,
        *,
        advance_ms: Optional[types.Milliseconds] = None,
        now: Optional[types.Instant] = None,
        mode: Optional[Literal["frozen", "running"]] = None,
        speed: Optional[SupportsIndex] = None,
    ) -> types.Clock:
        """Changes the clock, and reports it. Takes at most one argument.

        ``advance_ms`` moves the calendar and the service time, ``now`` the calendar alone. Rules reset on their dates.
        """
        reply: types.Clock = self._run("clock", advance_ms=advance_ms, now=now, mode=mode, speed=speed)
        return reply

    def fault(
        self,
        reply: Optional[types.FaultReply] = None,
        *,
        connect: Optional[types.Connect] = None,
        times: Optional[SupportsIndex] = 1,
        match: Optional[types.FaultMatch] = None,
        fault: Optional[str] = None,
        probability: Optional[float] = None,
        seed: Optional[SupportsIndex] = None,
    ) -> types.FaultAdded:
        """Adds a fault: a faulty reply to the next request, or what happens to the next connection.

        ``fault({"status": 503, "retry_after_s": 1}, times=2)`` lets two requests fail.

        :param times: how many requests it happens to; ``None``: all, until it is cleared.
        :param match: the requests that it happens to. Default: all of the API.
        :param fault: its name.
        :param probability: with ``connect``, the share of new connections, 0 to 1. A reply has its own.
        :param seed: with ``connect``, the seed of chance.
        """
        members = members_of(reply=reply, connect=connect, match=match, fault=fault, probability=probability, seed=seed)
        added: types.FaultAdded = self._send("fault", {"times": times, **members})
        return added

    def clear_faults(self, fault: Optional[str] = None) -> types.Cleared:
        """Clears the fault of this name, or all of them."""
        reply: types.Cleared = self._run("clear_faults", fault=fault)
        return reply

    def limit(
        self, per_minute: Optional[SupportsIndex], *, key: Optional[str] = None, retry_after: Optional[bool] = None
    ) -> None:
        """Sets the rate limit of each key, or of one, for a minute of service time. ``None``: no limit."""
        self._send("limit", {"per_minute": per_minute, **members_of(key=key, retry_after=retry_after)})

    def assume(self, **assumptions: types.Unpack[types.Assumptions]) -> types.AssumptionsReply:
        """Changes assumptions, and returns all of them."""
        reply: types.AssumptionsReply = self._run("assume", **assumptions)
        return reply

    def journal(
        self,
        *,
        after: Optional[SupportsIndex] = None,
        limit: Optional[SupportsIndex] = None,
        route: Optional[types.Route] = None,
        key: Optional[str] = None,
        account: Optional[str] = None,
        site: Optional[str] = None,
        status: Optional[SupportsIndex] = None,
    ) -> types.Journal:
        """Lists the requests so far, the oldest first.

        :param after: only those with a larger number.
        :param limit: at most so many.
        """
        reply: types.Journal = self._run(
            "journal",
            after=after,
            limit=limit,
            route=route,
            key=key,
            account=account,
            site=site,
            status=status,
        )
        return reply

    def verdict(
        self, *, allow: Iterable[types.VerdictRule] = (), require: Optional[types.Require] = None
    ) -> types.Verdict:
        """Judges the client by its requests.

        :param allow: rules to leave out.
        :param require: rules that need to know what the client promises.
        """
        reply: types.Verdict = self._run("verdict", allow=list(allow), require=require)
        return reply

    def mark(self, label: Optional[str] = None) -> types.Marked:
        """Separates the calls before it from those after it, for the verdict."""
        reply: types.Marked = self._run("mark", label=label)
        return reply

    def wait(self, requests: SupportsIndex, *, timeout_ms: Optional[types.Milliseconds] = None) -> types.Waited:
        """Waits until so many requests have come in all, at most 5 seconds or ``timeout_ms``. Ctrl-C ends the wait."""
        limit = 5000 if timeout_ms is None else timeout_ms
        milliseconds = limit // timedelta(milliseconds=1) if isinstance(limit, timedelta) else limit
        if not 0 <= milliseconds <= _MOST_MS:
            reply: types.Waited = self._run("wait", requests=requests, timeout_ms=milliseconds)
            return reply
        end = time.monotonic() + milliseconds / 1000
        while True:
            left = max(0, round((end - time.monotonic()) * 1000))
            waited: types.Waited = self._run("wait", requests=requests, timeout_ms=min(left, _SLICE_MS))
            if waited["reached"] or not left:
                return waited

    def assert_good_client(
        self,
        allow: Iterable[types.VerdictRule] = (),
        **require: types.Unpack[types.Require],
    ) -> None:
        """Raises AssertionError with all findings, if the verdict finds something.

        ``assert_good_client(["both_scope_headers"], max_per_minute=200)`` leaves one rule out and requires another. If
        your test calls twice on purpose after a final error, put ``mark()`` between the calls.
        """
        __tracebackhide__ = True
        reply = self._text("verdict", {"allow": list(allow), "require": require})
        if not json.loads(reply)["good"]:
            raise AssertionError(_tools.verdict_text(reply))
