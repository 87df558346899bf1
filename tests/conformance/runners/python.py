"""The Python runner of the conformance suite: through the package's public names alone, one attribute a value."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any, Optional
from urllib.parse import unquote_to_bytes

import aicredits


def decode(text: str) -> str:
    return unquote_to_bytes(text).decode()


def decode_list(texts: str) -> list[str]:
    return [decode(text) for text in texts.split(",")]


class Provider:
    """Answers with one text after the other, and then with the last again."""

    def __init__(self, texts: list[str], fails: bool) -> None:
        self.texts, self.fails = texts, fails

    def __call__(self) -> str:
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        if self.fails:
            raise RuntimeError(text)
        return text


class Asked:
    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}
        self.call: dict[str, Any] = {}
        # Not empty if the balance is read through a gate.
        self.gate: dict[str, Any] = {}
        self.cancelled = self.closed = False
        self.json: Optional[bytes] = None
        self.questions: list[str] = []

    @staticmethod
    def set_scope(settings: dict[str, Any], name: str, value: str) -> bool:
        """The last way to name a scope replaces the others."""
        scopes = ("account_id", "site_id", "credential_scope")
        if name not in (*scopes, "account_and_site_ids"):
            return False
        for other in (*scopes, "scope"):
            settings.pop(other, None)
        if name == "account_and_site_ids":
            settings["account_id"], settings["site_id"] = decode_list(value)
        else:
            settings[name] = True if name == "credential_scope" else decode(value)
        return True

    def set(self, name: str, value: str) -> None:
        credentials = ("api_key", "authorization", "credential_provider")
        if name == "call.cancelled":
            self.cancelled = True
        elif name.startswith("gate."):
            self.set_for_gate(name[5:], value)
        elif name.startswith("call."):
            if not self.set_scope(self.call, name[5:], value):
                assert name == "call.timeout_ms", name
                self.call["timeout"] = int(value) / 1000
        elif self.set_scope(self.settings, name, value):
            pass
        elif name.startswith(credentials):
            for other in credentials:
                self.settings.pop(other, None)
            if name.startswith("credential_provider"):
                fails = name == "credential_provider_failure"
                self.settings["credential_provider"] = Provider(decode_list(value), fails)
            else:
                self.settings[name] = decode(value)
        elif name in ("base_url", "proxy", "name", "ca_file"):
            self.settings[name] = decode(value)
            if name == "ca_file":
                self.settings.pop("ca_pem", None)
        elif name == "ca_pem":
            self.settings.pop("ca_file", None)
            self.settings[name] = unquote_to_bytes(value)
        elif name in ("allow_insecure_http", "proxy_from_env"):
            self.settings[name] = value != "0"
        elif name == "timeout_ms":
            self.settings["timeout"] = int(value) / 1000
        elif name in ("max_reply_bytes", "max_retries", "max_concurrency"):
            self.settings[name] = int(value)
        elif name == "per_call_scope":
            for other in ("account_id", "site_id", "credential_scope"):
                self.settings.pop(other, None)
            self.settings["scope"] = aicredits.PER_CALL
        elif name == "from_env":
            self.settings["from_env"] = True
        elif name == "closed":
            self.closed = True
        elif name == "from_json":
            self.json = unquote_to_bytes(value)
        elif name == "decide":
            self.questions.append(decode(value))
        else:
            raise KeyError(name)

    def set_for_gate(self, name: str, value: str) -> None:
        if self.set_scope(self.gate, name, value):
            return
        if name == "when_unavailable":
            self.gate[name] = value
        elif name == "when_unavailable_stale_ms":
            self.gate["when_unavailable"] = aicredits.Stale(int(value) / 1000)
        elif name in ("strict", "dry_run"):
            self.gate[name] = value != "0"
        elif name.endswith("_ms"):
            self.gate[name[:-3]] = int(value) / 1000
        else:
            assert name in ("headroom", "limit", "processes"), name
            self.gate[name] = int(value)

    def ask(self) -> aicredits.Balance:
        if self.json is not None:
            return aicredits.Balance.from_json(self.json)
        with aicredits.Client(**self.settings) as client:
            if self.closed:
                client.close()
            if self.cancelled:
                self.call["cancel"] = aicredits.Cancel()
                self.call["cancel"].cancel()
            if self.gate:
                return client.gate(**self.gate).refresh(**self.call)
            return client.get_balance(**self.call)


def put(name: str, value: object) -> None:
    """One line of printable ASCII. An absent value prints nothing."""
    if value is not None:
        data = str(value).encode()
        text = "".join(chr(b) if 32 <= b <= 126 and b != 92 else f"\\x{b:02x}" for b in data)
        sys.stdout.write(f"{name}={text}\n")


def put_length(name: str, many: tuple[Any, ...]) -> None:
    if many:
        put(f"{name}.length", len(many))


def put_instant(name: str, instant: Optional[aicredits.Timestamp]) -> None:
    if instant is not None:
        put(name, f"{instant.unix_seconds}.{instant.nanoseconds:09}")


def put_scope(name: str, scope: Optional[aicredits.Scope]) -> None:
    if scope is not None:
        ids = (scope.account_id is not None, scope.site_id is not None)
        kinds = {(True, True): "ACCOUNT_AND_SITE", (True, False): "ACCOUNT", (False, True): "SITE"}
        put(name, kinds.get(ids, "CREDENTIAL"))
        put(f"{name}.accountId", scope.account_id)
        put(f"{name}.siteId", scope.site_id)


def put_credits(name: str, credits: Optional[aicredits.Credits]) -> None:
    if credits is not None:
        put(name, "present")
        put(f"{name}.balance", credits.balance)
        put(f"{name}.cap", credits.cap)


def put_balance(balance: aicredits.Balance) -> None:
    put_credits("periodicCredits", balance.periodic_credits)
    put_credits("topUpCredits", balance.top_up_credits)
    put_length("creditBalanceBreakdown", balance.credit_balance_breakdown)
    for i, source in enumerate(balance.credit_balance_breakdown):
        name = f"creditBalanceBreakdown[{i}]"
        put(f"{name}.subscriptionId", source.subscription_id)
        put_length(f"{name}.usageRules", source.usage_rules)
        for j, rule in enumerate(source.usage_rules):
            below = f"{name}.usageRules[{j}]"
            if rule.period is not None:
                put(f"{below}.period", rule.period.name)
                put(f"{below}.periodText", rule.period.value)
            put(f"{below}.balance", rule.balance)
            put(f"{below}.cap", rule.cap)
            put_instant(f"{below}.resetDate", rule.reset_timestamp)
    put("available", balance.available)
    if not balance.is_recognized:
        put("isRecognized", "false")
    put_scope("scope", balance.scope)
    put("requestId", balance.request_id)
    put_instant("fetchedAt", balance.fetched_timestamp)
    put_instant("serverDate", balance.server_timestamp)
    put("json", balance.json())
    # Python adds a line with the scope and the age.
    added = 0 if balance.scope is None and balance.fetched_at is None else 1
    lines = str(balance).split("\n")
    put("shown", "\n".join(lines[: len(lines) - added]))


def put_decision(balance: aicredits.Balance, question: str) -> None:
    put("decide", question)
    name, *arguments = question.split(" ")
    try:
        if name == "spendable":
            put("spendable", balance.spendable)
        elif name == "spendable_at":
            put("spendable", balance.spendable_at(datetime.fromisoformat(*arguments)))
        elif name == "affordable":
            put("affordable", balance.affordable(*map(int, arguments)))
        elif name == "next_reset":
            put_instant("nextReset", balance.next_reset_timestamp)
        elif name == "next_reset_after":
            put_instant("nextReset", balance.next_reset_after(timestamp(*arguments)))
        elif name == "can_afford":
            put_affordability(balance.can_afford(*map(int, arguments)))
        else:
            raise KeyError(question)
    except aicredits.InvalidArgumentError as error:
        put("error.kind", error.kind)
        put("error.setting", error.setting)
        put("error.message", error.message)


def put_affordability(affordability: aicredits.Affordability) -> None:
    put("answer", affordability.answer)
    put("isYes", "true" if affordability else "false")
    put("cost", affordability.cost)
    put("spendable", affordability.spendable)
    put("available", affordability.available)
    put("shortfall", affordability.shortfall)
    put("binding", affordability.binding)
    for source, rule in affordability.binding_rules:
        put("bindingRule", f"{source},{rule}")
    put_instant("affordableAt", affordability.affordable_timestamp)
    put("text", affordability)


def timestamp(text: str) -> aicredits.Timestamp:
    """Its result of next_reset_after() has all digits; that of a datetime has microseconds."""
    instant = datetime.fromisoformat(text)
    return aicredits.Timestamp(int(instant.replace(microsecond=0).timestamp()), instant.microsecond * 1000)


def put_error(error: aicredits.AiCreditsError) -> None:
    put("error.kind", error.kind)
    put("error.httpStatus", error.http_status)
    put("error.code", error.code)
    put("error.description", error.description)
    put_length("error.fieldViolations", error.field_violations)
    for i, violation in enumerate(error.field_violations):
        name = f"error.fieldViolations[{i}]"
        put(f"{name}.field", violation.field)
        put(f"{name}.description", violation.description)
        put(f"{name}.violatedRule", violation.violated_rule)
    put("error.setting", error.setting)
    put_scope("error.scope", error.scope)
    put("error.requestId", error.request_id)
    if error.retry_after is not None:
        put("error.retryAfterMs", int(error.retry_after.total_seconds() * 1000))
    put_length("error.attempts", error.attempts)
    for i, attempt in enumerate(error.attempts):
        name = f"error.attempts[{i}]"
        put(f"{name}.phase", attempt.phase)
        put(f"{name}.durationNs", attempt.duration_ns)
        put(f"{name}.httpStatus", attempt.http_status)
        put(f"{name}.requestId", attempt.request_id)
    put("error.message", error.message)


asked = Asked()
for line in sys.stdin:
    name, equals, value = line.rstrip("\n").partition("=")
    if equals:
        asked.set(name, value)
        continue
    try:
        balance = asked.ask()
        put_balance(balance)
        for question in asked.questions:
            put_decision(balance, question)
    except aicredits.AiCreditsError as error:
        put_error(error)
    print("end", flush=True)
    asked = Asked()
