"""Many balances, for threads: Client.get_balances."""

from __future__ import annotations

import copy
import gc
import math
import os
import pickle
import threading
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import aicredits
import pytest
from aicredits import Client, Target
from aicredits.testing import Emulator
from conftest import PATIENCE

KEY = "IST.fleet-canary-of-all-sites-not-a-secret"


def site(index: int) -> str:
    if index == 0:
        return "0a1b2c3d-0000-4000-8000-00000000517e"
    return f"0a1b2c3d-0000-4000-8000-0000517e{index:04}"


@pytest.fixture
def agency() -> Iterator[Emulator]:
    """A thousand sites, and a key for all of them. Its time passes sixty times as fast."""
    with Emulator(scenario="agency-1000", clock={"mode": "running", "speed": 60}) as emulator:
        emulator.key("all", secret=KEY, sites=[site(index) for index in range(1000)])
        yield emulator


@pytest.fixture
def client(agency: Emulator) -> Iterator[Client]:
    with Client(api_key=KEY, base_url=agency.url, scope=aicredits.PER_CALL) as client:
        yield client


def targets(count: int) -> list[Target]:
    return [Target(site(index), label=f"Site {index}") for index in range(count)]


def test_each_target_has_one_outcome(client: Client) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    fleet = client.get_balances([*targets(40), Target("00000000-0000-4000-8000-000000000000", label="gone")])
    assert len(fleet) == 41
    outcomes = {outcome.index: outcome for outcome in fleet}
    assert sorted(outcomes) == list(range(41))
    for index in range(40):
        outcome = outcomes[index]
        assert outcome.target == Target(site(index), label=f"Site {index}")
        assert outcome.balance is not None and outcome.balance.available is not None and outcome.error is None
        assert outcome.result() is outcome.balance
        assert [attempt.http_status for attempt in outcome.attempts] == [200]
        assert outcome.started_at is not None and before < outcome.started_at <= outcome.ended_at
        assert outcome.request_id == outcome.balance.request_id
    gone = outcomes[40]
    assert gone.balance is None and isinstance(gone.error, aicredits.AiCreditsError) and gone.error is gone.error
    assert gone.error.http_status in (403, 404)
    with pytest.raises(type(gone.error)):
        gone.result()
    progress = fleet.progress()
    assert (progress.total, progress.done, progress.failed) == (41, 41, 1)
    assert progress.recent_attempts == 41 and progress.paused_for is None and progress.time_left == timedelta(0)
    assert (
        repr(gone)
        == f"<aicredits.Outcome 40 'gone' site {gone.target.site_id}: {type(gone.error).kind.title().replace('_', '')}>"
    )
    assert list(fleet) == []


def test_rows_of_a_table_are_targets(client: Client) -> None:
    rows: list[Any] = [
        {"site_id": site(1), "label": "Shop", "account_id": None, "key": math.nan},
        Target(site(1), label="the same"),
    ]
    first, second = sorted(client.get_balances(rows), key=lambda outcome: outcome.index)
    assert first.target == Target(site_id=site(1), label="Shop")
    assert first.balance == second.balance and first.request_id == second.request_id, "asked once"
    assert list(client.get_balances([])) == []


def test_wrong_targets_are_all_named_and_nothing_is_sent(agency: Emulator, client: Client) -> None:
    sent = len(agency.journal()["requests"])

    def refused(*given: Any, **settings: Any) -> str:
        with pytest.raises(aicredits.InvalidArgumentError) as caught:
            client.get_balances(given, **settings)
        return str(caught.value)

    message = refused(Target(site(1)), Target(label="x"), Target(site(1), scope="Site"), Target(site(2), key="acme"))
    assert message.startswith("targets are wrong: target 1 names no account and no site; target 2 has the scope `Site`")
    assert message.endswith("target 3 has the key 'acme', which `clients` lacks")
    assert KEY not in refused(Target(site(1), key=KEY))
    assert refused(*[Target()] * 30).endswith("and 10 more")
    assert "target 0: site_id" in refused(Target("not an id\n"))
    assert "a field `sites`; there are site_id, account_id" in refused({"sites": site(1)})
    assert refused(rate=0).startswith("rate")
    for wrong, message in [
        ([site(1)], "targets[0] must be a Target, or a mapping with its fields, not str"),
        ([{"site_id": 7}], "site_id of targets[0] must be a str, not int"),
    ]:
        with pytest.raises(TypeError) as caught:
            client.get_balances(wrong)  # type: ignore[arg-type]
        assert str(caught.value) == message
    with pytest.raises(TypeError, match="unexpected keyword argument 'rates'"):
        client.get_balances([], rates=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a value of clients must be a Client, not str"):
        client.get_balances([], clients={"acme": "IST.x"})  # type: ignore[dict-item]
    assert len(agency.journal()["requests"]) == sent == 0


def test_a_target_names_its_client(agency: Emulator, client: Client) -> None:
    other = Client(api_key="IST.another-canary-not-a-secret", base_url=agency.url, scope=aicredits.PER_CALL)
    given = [Target(site(1)), Target(site(1), key="acme")]
    own, others = sorted(client.get_balances(given, clients={"acme": other}), key=lambda outcome: outcome.index)
    assert own.balance is not None and others.target.key == "acme"
    assert isinstance(others.error, aicredits.UnauthorizedError)


def test_a_cancelled_fleet_gives_every_target_its_outcome(client: Client) -> None:
    cancel = aicredits.Cancel()
    fleet = client.get_balances(targets(30), rate=2, cancel=cancel)
    first = next(fleet)
    cancel.cancel()
    kinds = [type(outcome.error) for outcome in fleet if outcome.error is not None]
    assert first.balance is not None and len(kinds) >= 28 and set(kinds) == {aicredits.CancelledError}
    late = client.get_balances(targets(30), rate=2, timeout=0.2)
    assert {type(outcome.error) for outcome in late} == {aicredits.TimeoutError}


def test_a_closed_fleet_is_closed_in_every_thread(client: Client) -> None:
    with client.get_balances(targets(30), rate=1, max_pauses=0, processes=1) as fleet:
        next(fleet)
        closed = threading.Timer(0.05, fleet.close)
        closed.start()
        with pytest.raises(aicredits.ClosedError, match="the fleet is closed"):
            next(fleet)
        closed.join()
    with pytest.raises(aicredits.ClosedError):
        fleet.progress()
    assert repr(fleet) == "<aicredits.Fleet closed>"


def test_a_forgotten_fleet_ends_its_threads(agency: Emulator) -> None:
    provided = threading.Event()

    def provider() -> str:
        provided.set()
        return KEY

    client = Client(credential_provider=provider, base_url=agency.url, scope=aicredits.PER_CALL)
    fleet = client.get_balances(targets(30), rate=1)
    assert provided.wait(PATIENCE)
    forgotten = weakref.ref(fleet)
    del fleet
    gc.collect()
    assert forgotten() is None
    assert not any("aicredits-fleet" in name for name in native_threads())


def native_threads() -> list[str]:
    names = []
    for thread in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{thread}/comm") as file:
                names.append(file.read())
        except FileNotFoundError:
            pass
    return names


def test_a_forked_child_has_a_closed_fleet(client: Client) -> None:
    fleet = client.get_balances(targets(3), rate=1)
    child = os.fork()
    if child == 0:
        try:
            next(fleet)
        except aicredits.ClosedError:
            fleet.close()
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert next(fleet).balance is not None


def test_targets_are_plain_data() -> None:
    target = Target("s", "a", label="Shop", scope="account_and_site", key="acme")
    assert pickle.loads(pickle.dumps(target)) == target == copy.deepcopy(target)
    assert hash(target) == hash(copy.copy(target)) and target != Target("s")
    assert repr(Target("s")) == "Target(site_id='s', account_id=None, label=None, scope=None, key=None)"
    with pytest.raises(TypeError, match="site_id must be a str, not int"):
        Target(7)  # type: ignore[arg-type]


def test_no_limit_is_an_infinite_rate(client: Client) -> None:
    assert sum(outcome.balance is not None for outcome in client.get_balances(targets(300), rate=math.inf)) == 300
