"""The settings of a client and of a call. An error names a wrong setting and never shows its value."""

from __future__ import annotations

import pickle
import traceback
from datetime import timedelta
from typing import Any

import aicredits
import pytest
from aicredits import Client
from aicredits.testing import Emulator
from conftest import Serve, ok


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("api_key", {"api_key": "IST.a\0b"}),
        ("api_key", {"api_key": "x", "authorization": "x"}),
        ("account_id", {"account_id": "a\nb"}),
        ("scope", {"credential_scope": True}),
        ("base_url", {"base_url": "ftp://wix.example"}),
        ("timeout", {"timeout": -1}),
        ("timeout", {"timeout": float("nan")}),
        ("timeout", {"timeout": timedelta(days=2)}),
        ("timeout", {"timeout": 10**400}),
        ("max_reply_bytes", {"max_reply_bytes": 0}),
        ("max_retries", {"max_retries": -1}),
        ("max_concurrency", {"max_concurrency": 0}),
        ("ca_file", {"ca_file": "/nowhere"}),
        ("ca_pem", {"ca_pem": ""}),
        ("proxy", {"proxy": "socks5://proxy.example"}),
        ("name", {"name": "two\nlines"}),
    ],
)
def test_a_wrong_setting_is_refused_by_name(emulator: Emulator, name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(aicredits.InvalidArgumentError, match=f"^{name} "):
        emulator.client(**settings)


@pytest.mark.parametrize(
    "name", ["api_key", "authorization", "account_id", "site_id", "base_url", "ca_file", "ca_pem", "proxy", "name"]
)
def test_a_text_that_is_not_unicode_is_refused_without_showing_it(emulator: Emulator, name: str) -> None:
    settings: dict[str, Any] = {name: "canary\ud800"}
    with pytest.raises(aicredits.InvalidArgumentError, match=f"^{name} ") as caught:
        emulator.client(**settings)
    shown = traceback.format_exception(type(caught.value), caught.value, None)
    assert "canary" not in "".join(shown) and caught.value.__context__ is None


@pytest.mark.parametrize(
    "name",
    [
        "timeout",
        "max_reply_bytes",
        "max_retries",
        "max_concurrency",
        "api_key",
        "ca_file",
        "ca_pem",
        "credential_provider",
    ],
)
def test_a_setting_of_another_type_is_refused_by_name(emulator: Emulator, name: str) -> None:
    settings: dict[str, Any] = {name: [7]}
    with pytest.raises(TypeError, match=name):
        emulator.client(**settings)


NUMBERS = ["timeout", "max_reply_bytes", "max_retries", "max_concurrency"]
FLAGS = ["allow_insecure_http", "proxy_from_env", "credential_scope", "from_env"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [True, False])
def test_a_bool_is_no_number(emulator: Emulator, name: str, value: bool) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be a.*, not bool$"):
        emulator.client(**{name: value})
    if name == "timeout":
        with emulator.client() as client, pytest.raises(TypeError, match="^timeout "):
            client.get_balance(timeout=value)


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", [0, 1, "", "no", "true", b"x", [], 1.0])
def test_a_number_or_a_text_is_no_bool(emulator: Emulator, name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be a bool, not {type(value).__name__}$"):
        emulator.client(**{name: value})
    with pytest.raises(TypeError, match=f"^{name} must be a bool"):
        aicredits.AsyncClient(api_key="IST.key", site_id="s", **{name: value})
    if name == "credential_scope":
        with emulator.client() as client, pytest.raises(TypeError, match="^credential_scope "):
            client.get_balance(credential_scope=value)


def test_the_bool_of_numpy_is_a_bool(emulator: Emulator) -> None:
    true = pytest.importorskip("numpy").bool_(True)
    emulator.client(allow_insecure_http=true, proxy_from_env=true).close()
    for name in NUMBERS:
        with pytest.raises(TypeError, match=f"^{name} must be a"):
            emulator.client(**{name: true})


def test_a_client_without_a_scope_uses_the_one_of_each_call(fresh: Emulator) -> None:
    with Client(api_key=fresh.api_key, scope=aicredits.PER_CALL, base_url=fresh.url) as client:
        assert client.scope is None
        calls: list[dict[str, Any]] = [
            {},
            {"site_id": None},
            {"account_id": None},
            {"account_id": None, "site_id": None},
        ]
        for call in calls:
            with pytest.raises(aicredits.InvalidArgumentError, match="^scope ") as caught:
                client.get_balance(**call)
            assert caught.value.scope is None and not fresh.journal()["total"]
        account, site = fresh.account_id, fresh.site_id
        assert client.get_balance(site_id=site).scope == aicredits.Scope(None, site)
        assert client.get_balance(account_id=account, site_id=None).scope == aicredits.Scope(account, None)
        with pytest.raises(aicredits.InvalidArgumentError, match="^scope "):
            client.get_balance(credential_scope=True)
    assert fresh.journal()["total"] == 2


@pytest.mark.parametrize("named", [{"account_id": "a"}, {"site_id": "s"}, {"credential_scope": True}])
def test_a_scope_together_with_per_call_is_refused(named: dict[str, Any]) -> None:
    with pytest.raises(aicredits.InvalidArgumentError, match="^scope is not clear"):
        Client(authorization="x", scope=aicredits.PER_CALL, **named)


@pytest.mark.parametrize("scope", ["PER_CALL", 1, True, aicredits.Scope("a", None)])
def test_a_scope_is_per_call_or_none(scope: Any) -> None:
    with pytest.raises(TypeError, match="^scope must be PER_CALL, not "):
        Client(api_key="IST.key", scope=scope)


def test_per_call_is_one_value(environment: Emulator) -> None:
    assert repr(aicredits.PER_CALL) == "aicredits.PER_CALL"
    assert pickle.loads(pickle.dumps(aicredits.PER_CALL)) is aicredits.PER_CALL
    # It replaces the scope of the environment.
    with Client.from_env(scope=aicredits.PER_CALL) as client:
        assert client.scope is None
    with environment.client(scope=aicredits.PER_CALL) as client:
        assert client.get_balance(account_id=environment.account_id).available == 1050


def test_without_per_call_none_counts_as_left_out(emulator: Emulator) -> None:
    with emulator.client() as client:
        assert client.get_balance(site_id=None).scope == aicredits.Scope(emulator.account_id, None)


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({"account_id": "a"}, "account_id='a', timeout=35.0"),
        ({"site_id": "s", "timeout": 0.25}, "site_id='s', timeout=0.25"),
        ({"account_id": "a", "site_id": "s", "name": "it's"}, "account_id='a', site_id='s', timeout=35.0, name='it's'"),
        ({"credential_scope": True}, "credential_scope=True, timeout=35.0"),
        ({"scope": aicredits.PER_CALL}, "scope=aicredits.PER_CALL, timeout=35.0"),
    ],
)
def test_the_repr_of_a_client_has_no_credential(settings: dict[str, Any], shown: str) -> None:
    proxy = "http://user:canary@127.0.0.1:1"
    for credential in ("canary-value", "Bearer canary"):
        with Client(authorization=credential, proxy=proxy, **settings) as client:
            assert repr(client) == str(client) == f"aicredits.Client({shown})"
        client = aicredits.AsyncClient(authorization=credential, **settings)  # type: ignore[assignment]
        assert repr(client) == f"aicredits.AsyncClient({shown})"


def test_an_exception_of_a_conversion_is_raised(emulator: Emulator) -> None:
    class Pressed:
        def __float__(self) -> float:
            raise KeyboardInterrupt

        __index__ = __float__

    for name in ("timeout", "max_retries"):
        with pytest.raises(KeyboardInterrupt):
            emulator.client(**{name: Pressed()})


def test_settings_are_keywords(emulator: Emulator) -> None:
    with pytest.raises(TypeError):
        Client("IST.key", "account")  # type: ignore[misc]
    with emulator.client(timeout=timedelta(seconds=3), max_concurrency=2) as client:
        assert (client.timeout, client.max_concurrency) == (timedelta(seconds=3), 2)
        with pytest.raises(aicredits.InvalidArgumentError, match="^timeout "):
            client.get_balance(timeout=0)


def test_a_call_may_have_its_own_scope(serve: Serve) -> None:
    server = serve(ok())
    with Client(authorization="Bearer canary", credential_scope=True, base_url=server.url) as client:
        for scope, sent in [
            ({"account_id": "a"}, [("wix-account-id", "a")]),
            ({"site_id": "s"}, [("wix-site-id", "s")]),
            ({"account_id": "a", "site_id": "s"}, [("wix-account-id", "a"), ("wix-site-id", "s")]),
        ]:
            balance = client.get_balance(**scope)  # type: ignore[arg-type]
            assert balance.scope == aicredits.Scope(scope.get("account_id"), scope.get("site_id"))
            assert [header for header in server.headers()[-1] if header[0].startswith("wix-")] == sent
        assert client.get_balance().scope == aicredits.Scope(None, None)
    assert server.connections == 1
