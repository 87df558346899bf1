"""Annotations can be evaluated at run time, as frameworks for dependency injection do."""

from __future__ import annotations

import datetime
import inspect
import pickle
import subprocess
import sys
import typing
from collections.abc import Iterator
from typing import Any, Optional

import aicredits
import pytest
from aicredits import testing

CLASSES = [
    thing
    for thing in (*(getattr(aicredits, name) for name in dir(aicredits)), testing.Emulator)
    if inspect.isclass(thing) and thing.__module__.split(".")[0] == "aicredits"
]


def functions(cls: type) -> Iterator[Any]:
    for name, member in vars(cls).items():
        member = getattr(member, "fget", None) or getattr(member, "__func__", member)
        if inspect.isfunction(member) and member.__module__.startswith("aicredits"):
            yield pytest.param(member, id=f"{cls.__name__}.{name}")


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_annotations_of_a_class_are_evaluated(cls: type) -> None:
    assert set(typing.get_type_hints(cls)) >= set(vars(cls).get("__annotations__", {}))


@pytest.mark.parametrize("function", [function for cls in CLASSES for function in functions(cls)])
def test_the_annotations_of_a_method_are_evaluated(function: Any) -> None:
    for hint in typing.get_type_hints(function).values():
        assert not isinstance(hint, (str, typing.ForwardRef))
    if sys.version_info >= (3, 10):
        for parameter in inspect.signature(function, eval_str=True).parameters.values():
            assert not isinstance(parameter.annotation, str)


def test_annotations_have_the_right_types() -> None:
    fields = typing.get_type_hints(aicredits.ForbiddenError)
    assert fields["http_status"] == Optional[int] and fields["scope"] == Optional[aicredits.Scope]
    assert fields["retry_after"] == Optional[datetime.timedelta]
    assert fields["attempts"] == tuple[aicredits.Attempt, ...]
    call = typing.get_type_hints(aicredits.AsyncClient.get_balance)
    assert call["return"] is aicredits.Balance and call["timeout"] == typing.Union[float, datetime.timedelta, None]
    given = typing.get_type_hints(aicredits.AsyncClient.__init__)["settings"]
    settings = typing.get_type_hints(typing.get_args(given)[0] if sys.version_info >= (3, 11) else given)
    assert settings["timeout"] == typing.Union[float, datetime.timedelta, None]


@pytest.mark.skipif(sys.version_info < (3, 10), reason="eval_str came with Python 3.10")
@pytest.mark.parametrize(
    "cls", [aicredits.Client, aicredits.AsyncClient, aicredits.AiCreditsError, aicredits.TimeoutError]
)
def test_the_signature_of_a_class_is_evaluated(cls: type) -> None:
    assert inspect.signature(cls, eval_str=True).parameters


@pytest.mark.skipif(sys.version_info < (3, 10), reason="Python 3.9 finds no signature of a native class")
def test_settings_types_match_the_client() -> None:
    from aicredits._settings import AsyncSettings, Settings

    for settings in (Settings, AsyncSettings):
        assert set(typing.get_type_hints(settings)) == set(inspect.signature(aicredits.Client).parameters)


def test_exceptions_belong_to_the_package() -> None:
    names = {cls.__name__ for cls in aicredits.AiCreditsError.__subclasses__()}
    for name in {*names, "AiCreditsError"}:
        assert getattr(aicredits, name).__module__ == "aicredits"
    shown = subprocess.run(
        [sys.executable, "-c", "import aicredits; aicredits.Balance.from_json('[')"], capture_output=True, text=True
    ).stderr
    assert shown.splitlines()[-1].startswith("aicredits.DecodeError: ")


def test_a_pickle_of_an_earlier_version_is_read() -> None:
    earlier = (
        b"caicredits._errors\nNetworkError\n(S'refused'\ntR(dS'http_status'\nNsS'code'\nNsS'description'\nNsS'scope'\n"
        b"NsS'request_id'\nNsS'retry_after'\nNsS'field_violations'\n(tsS'attempts'\n(tsb."
    )
    error = pickle.loads(earlier)
    assert type(error) is aicredits.NetworkError and str(error) == "refused"
    assert error.attempts == () and error.is_transient is False


@pytest.mark.parametrize("typo", [{"http_staus": 404}, {"requestid": "x"}, {"retryafter": None}, {"Scope": None}])
def test_a_misspelt_field_is_refused(typo: dict[str, Any]) -> None:
    for cls in (aicredits.AiCreditsError, aicredits.TimeoutError, aicredits.InvalidArgumentError):
        with pytest.raises(TypeError, match=next(iter(typo))):
            cls("message", **typo)
        with pytest.raises(TypeError):
            cls("message", 404)  # type: ignore[misc]
