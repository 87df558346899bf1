"""Deciding on a balance. The figures themselves are the core's: these tests check what Python passes and returns."""

from __future__ import annotations

import copy
import decimal
import fractions
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import aicredits
import numpy
import pytest
from aicredits import Answer, Balance, Timestamp

SUBSCRIPTION = "d7a341c4-196b-46e7-813c-2b0fc1847ec6"
JULY = datetime(2026, 7, 1, tzinfo=timezone.utc)
MOST = 2**63 - 1


def monthly(left: int, reset: str = "2026-07-01T00:00:00Z") -> Balance:
    """One subscription of 1,000 credits a month."""
    return Balance.from_json(
        f'{{"periodicCredits":{{"balance":{left},"cap":1000}},"creditBalanceBreakdown":[{{"subscriptionId":'
        f'"{SUBSCRIPTION}","usageRules":[{{"period":"MONTH","balance":{left},"cap":1000,"resetDate":"{reset}"}}]}}]}}'
    )


UNKNOWN = Balance.from_json('{"topUpCredits":{"cap":200}}')

# Thirty a day within 120 a month, and the day is exhausted.
FREE = Balance.from_json(
    '{"periodicCredits":{"balance":90,"cap":120},"creditBalanceBreakdown":[{"usageRules":['
    '{"period":"DAY","balance":0,"cap":30,"resetDate":"2026-06-25T00:00:00.123456789Z"},'
    '{"period":"MONTH","balance":90,"cap":120,"resetDate":"2026-07-01T00:00:00Z"}]}]}'
)


def test_an_answer_is_true_only_for_yes() -> None:
    balance = monthly(10)
    assert balance.spendable == 10
    for cost, answer, shortfall in [(0, "YES", None), (10, "YES", None), (11, "NO", 1), (MOST, "NO", MOST - 10)]:
        found = balance.can_afford(cost)
        assert bool(found) is (answer == "YES")
        assert (found.answer, found.cost, found.shortfall) == (answer, cost, shortfall)
        assert found.answer is Answer[answer]
        assert (found.spendable, found.available, found.balance) == (10, 10, balance)
    unknown = UNKNOWN.can_afford(1)
    assert not unknown and unknown.answer is Answer.UNKNOWN
    assert (unknown.spendable, unknown.available, unknown.shortfall) == (None, None, None)
    assert UNKNOWN.can_afford(0)


def test_an_answer_is_one_sentence() -> None:
    no = monthly(10).can_afford(50)
    assert str(no) == f"40 short: the MONTH rule of subscription {SUBSCRIPTION} allows 10 until 2026-07-01T00:00:00Z"
    assert repr(no) == f"<Affordability NO cost=50: {no}>"
    assert no._repr_html_() == f"<p><b>NO</b>: {no}</p>"
    assert (no.binding, no.binding_rules, no.affordable_at) == ("RULES", ((0, 0),), JULY)
    assert no.affordable_timestamp == Timestamp(int(JULY.timestamp()), 0)
    pools = Balance.from_json('{"topUpCredits":{"balance":20,"cap":200}}').can_afford(50)
    assert (pools.binding, pools.binding_rules, pools.affordable_at) == ("POOLS", (), None)
    nothing = Balance.from_json('{"topUpCredits":{"cap":200},"creditBalanceBreakdown":[{}]}').can_afford(50)
    assert (nothing.binding, nothing.binding_rules) == ("NOTHING", ())


def test_server_text_in_an_answer_is_escaped() -> None:
    balance = Balance.from_json(
        '{"creditBalanceBreakdown":[{"subscriptionId":"<b>\\u001b","usageRules":[{"period":"<i>","balance":1}]}],'
        '"periodicCredits":{"balance":5}}'
    )
    no = balance.can_afford(9)
    assert "\x1b" not in str(no) and "<i>" in str(no)
    assert "<i>" not in no._repr_html_() and "&lt;i&gt;" in no._repr_html_()


def test_answers_are_equal_if_balance_and_cost_are() -> None:
    no = monthly(10).can_afford(50)
    assert no == monthly(10).can_afford(50) and hash(no) == hash(monthly(10).can_afford(50))
    assert no != monthly(10).can_afford(51) and no != monthly(11).can_afford(50) and no != False  # noqa: E712
    for copied in (copy.copy(no), copy.deepcopy(no), pickle.loads(pickle.dumps(no))):
        assert copied == no and str(copied) == str(no) and copied.affordable_at == JULY
    assert pickle.loads(pickle.dumps(Answer.NO)) is Answer.NO and str(Answer.NO) == "NO"
    assert no.__match_args__ == ("answer", "cost", "shortfall")


def test_how_many_actions_fit() -> None:
    balance = monthly(20)
    assert balance.affordable(3, 50) == 6 and balance.affordable(3, 5) == 5
    assert balance.affordable(0, 50) == 50 and balance.affordable(3, 0) == 0
    assert balance.affordable(MOST, MOST) == 0 and balance.affordable(unit_cost=20, wanted=1) == 1
    assert UNKNOWN.affordable(3, 50) is None and UNKNOWN.affordable(0, 50) == 50


Costly = Callable[[Any], object]
COSTLY = pytest.mark.parametrize(
    ("ask", "name"),
    [
        (monthly(9).can_afford, "cost"),
        (lambda cost: monthly(9).affordable(cost, 1), "unit_cost"),
        (lambda cost: monthly(9).affordable(1, cost), "wanted"),
    ],
)


@COSTLY
@pytest.mark.parametrize(
    "cost",
    [numpy.int64(9), numpy.uint8(9), numpy.uint64(9), numpy.array(9), 9],
    ids=lambda cost: type(cost).__name__,
)
def test_whole_numbers_of_numpy_are_taken(ask: Costly, name: str, cost: Any) -> None:
    assert ask(cost)


@COSTLY
@pytest.mark.parametrize(
    "cost",
    [
        True,
        0.5,
        1.0,
        float("nan"),
        decimal.Decimal(1),
        fractions.Fraction(1),
        "1",
        None,
        1j,
        numpy.float64(1),
        numpy.bool_(1),
    ],
    ids=repr,
)
def test_other_types_are_refused(ask: Costly, name: str, cost: Any) -> None:
    with pytest.raises(aicredits.InvalidArgumentError) as raised:
        ask(cost)
    assert isinstance(raised.value, ValueError) and raised.value.setting == name
    assert str(raised.value).startswith(f"{name} must be a whole number, not {type(cost).__qualname__}")


@COSTLY
@pytest.mark.parametrize("cost", [-1, -MOST, MOST + 1, 2**64, 2**200, numpy.int64(-1), numpy.uint64(2**63)], ids=repr)
def test_other_numbers_are_refused(ask: Costly, name: str, cost: Any) -> None:
    with pytest.raises(aicredits.InvalidArgumentError) as raised:
        ask(cost)
    assert str(raised.value) == f"{name} must be a whole number from 0 to {MOST} (2^63 - 1)"
    assert raised.value.setting == name


def test_an_exception_of_index_is_raised() -> None:
    class Broken:
        def __index__(self) -> int:
            raise RuntimeError("no index today")

    with pytest.raises(RuntimeError, match="no index today"):
        monthly(9).can_afford(Broken())


def test_resets_are_aware_datetimes() -> None:
    noon = datetime(2026, 6, 24, 12, tzinfo=timezone.utc)
    midnight = Timestamp(1782345600, 123456789)
    assert FREE.available == 90 and FREE.spendable == 0
    assert FREE.next_reset is None and FREE.next_reset_timestamp is None, "a stored reply has no instant"
    assert FREE.next_reset_after(noon) == datetime(2026, 6, 25, 0, 0, 0, 123456, timezone.utc)
    assert FREE.next_reset_after(Timestamp(int(noon.timestamp()), 0)) == midnight
    assert FREE.next_reset_after(noon.astimezone(timezone(timedelta(hours=14)))) == midnight.to_datetime()
    assert FREE.next_reset_after(JULY) is None
    assert FREE.can_afford(30).affordable_timestamp == midnight
    # The reading's own instant: the server's date.
    read = aicredits.Balance._restored(FREE.json(), None, None, None, Timestamp(int(noon.timestamp()), 0))
    assert read.next_reset_timestamp == midnight and read.next_reset == midnight.to_datetime()


def test_credits_at_a_later_instant() -> None:
    assert FREE.spendable_at(Timestamp(1782345600, 123456788)) == 0
    assert FREE.spendable_at(Timestamp(1782345600, 123456789)) == 30
    assert FREE.spendable_at(datetime(2026, 6, 25, 2, tzinfo=timezone(timedelta(hours=2)))) == 0
    assert FREE.spendable_at(datetime(2026, 6, 25, 2, 0, 1, tzinfo=timezone(timedelta(hours=2)))) == 30
    assert UNKNOWN.spendable_at(JULY) is None


@pytest.mark.parametrize("ask", [FREE.spendable_at, FREE.next_reset_after])
def test_other_instants_are_refused(ask: Callable[[Any], object]) -> None:
    for naive in (datetime(2026, 6, 25), datetime.min):
        with pytest.raises(aicredits.InvalidArgumentError, match="^(at|after) must be an aware datetime"):
            ask(naive)
    for other in (JULY.date(), 0, 1.5, "2026-06-25", None):
        with pytest.raises(TypeError, match="^(at|after) must be an aware datetime or a Timestamp, not "):
            ask(other)
    before_year_one = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(aicredits.InvalidArgumentError, match="is not an instant of the years 1 to 9999 in UTC"):
        ask(before_year_one)
    assert ask(datetime.max.replace(tzinfo=timezone.utc)) in (30, 120, None)
