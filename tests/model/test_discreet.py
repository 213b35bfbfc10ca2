"""What may hold secrets shows none, whoever asks for its members."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from rich.pretty import pretty_repr

import rtcctl
from rtcctl.api.answers import Answer
from rtcctl.api.carrier import Reply
from rtcctl.api.credentials import AkSkCredentials
from rtcctl.api.preparing import Prepared
from rtcctl.model.discreet import Discreet
from rtcctl.model.resource import Project
from rtcctl.model.values import Secret
from rtcctl.operations.settings import Settings
from rtcctl.planfile.variables import Variables

HIDDEN = "fake-secret-that-nobody-sees"
SAMPLES = [
    Answer(200, {"auth_key": HIDDEN}),
    Reply(200, {"x-subject-token": HIDDEN}, HIDDEN.encode()),
    AkSkCredentials("FAKEAK", Secret(HIDDEN, "env:SK"), "p", Secret(HIDDEN, "env:TOKEN"), source="here"),
    Prepared("PUT", "/v2/apps", {}, "application/json", HIDDEN.encode(), (HIDDEN,)),
    Project(backend=f"postgresql://u:{HIDDEN}@h/d"),
    Settings(environ={"KEY": HIDDEN}),
    Variables({"KEY": HIDDEN}, Path()),
]


def structs() -> Iterator[type[msgspec.Struct]]:
    for module in pkgutil.walk_packages(rtcctl.__path__, "rtcctl."):
        if not module.name.endswith("__main__"):
            found = vars(importlib.import_module(module.name)).values()
            yield from (each for each in found if isinstance(each, type) and issubclass(each, msgspec.Struct))


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_no_secret_is_in_any_rendering(value: Discreet) -> None:
    for shown in (repr(value), str(value), pretty_repr(value), pretty_repr([value]), f"{value}"):
        assert HIDDEN not in shown
        assert "FAKEAK" not in shown


def test_whatever_has_its_own_words_for_itself_hides_its_members_from_rich_too() -> None:
    own = {each for each in structs() if "__repr__" in vars(each)}
    assert len(own) >= len(SAMPLES)
    assert [each.__name__ for each in own if not issubclass(each, Discreet)] == []
