"""What a state belongs to: every combination of known and unknown, equal and different."""

from __future__ import annotations

from itertools import product

import pytest

from rtcctl.errors import ExitCode, ForeignStateError
from rtcctl.model.ledger import Binding
from rtcctl.state import binding

MINE = {"project": "p", "account": "acc", "endpoint": "https://a.example.com"}
OTHER = {"project": "q", "account": "other", "endpoint": "simulator"}
WHO = {"domain": "acme", "project_id": "0123", "tenant_name": "acme-rtc"}


def bound(place: dict[str, str], identity: dict[str, str] | None = None) -> Binding:
    return Binding(place["project"], place["account"], place["endpoint"], identity or {})


def test_the_same_binding_passes() -> None:
    binding.check(bound(MINE, WHO), bound(MINE, WHO), "x.json")


@pytest.mark.parametrize("wrong", [names for n in range(1, 4) for names in product(MINE, repeat=n)])
def test_every_difference_is_named_and_nothing_else(wrong: tuple[str, ...]) -> None:
    asked = bound({**MINE, **{name: OTHER[name] for name in wrong}})
    with pytest.raises(ForeignStateError) as caught:
        binding.check(bound(MINE), asked, "x.json")
    assert caught.value.exit_code == ExitCode.FOREIGN
    assert int(caught.value.exit_code) == 5
    assert "x.json" in caught.value.message
    assert "nothing was called" in caught.value.mend
    for name in MINE:
        assert (f"{name} {MINE[name]!r}, not {OTHER[name]!r}" in caught.value.message) == (name in wrong)


@pytest.mark.parametrize("name", WHO)
def test_an_identity_that_both_know_must_agree(name: str) -> None:
    with pytest.raises(ForeignStateError, match=f"{name} '{WHO[name]}', not 'stranger'"):
        binding.check(bound(MINE, WHO), bound(MINE, {name: "stranger"}), "x.json")


@pytest.mark.parametrize(("owner", "asked"), list(product([{}, {"domain": "acme"}], [{}, {"project_id": "0123"}])))
def test_an_identity_that_only_one_side_knows_is_not_compared(owner: dict[str, str], asked: dict[str, str]) -> None:
    binding.check(bound(MINE, owner), bound(MINE, asked), "x.json")


def test_one_agreeing_identity_does_not_excuse_another() -> None:
    asked = bound(MINE, {"domain": "acme", "project_id": "9999"})
    with pytest.raises(ForeignStateError) as caught:
        binding.check(bound(MINE, WHO), asked, "x.json")
    assert "project_id" in caught.value.message
    assert "domain" not in caught.value.message
