"""How a declared secret stands to the live one: in clear, masked, absent, or not read at all."""

from __future__ import annotations

import pytest

from rtcctl.diff.secrets import is_masked, mask_moved, relation, secrets_of, without_secrets
from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Fingerprint
from rtcctl.model.values import Members, Secret

from .support import KEY, MASK, OTHER, URL

NONE = Secret("", "env:KEY")


@pytest.mark.parametrize(
    ("live", "last", "expected"),
    [
        (KEY, None, "equal"),
        (OTHER, None, "different"),
        (OTHER, Fingerprint.of(KEY, KEY), "different"),
        (None, None, "unset"),
        (None, Fingerprint.of(KEY), "equal"),  # the service never tells it: the last write decides
        (None, Fingerprint.of(OTHER), "unset"),
        (None, Fingerprint.of(KEY, KEY), "unset"),
        (MASK, None, "unknown"),
        (MASK, Fingerprint.of(KEY, MASK), "equal"),
        (MASK, Fingerprint.of(KEY, KEY), "equal"),
        (MASK, Fingerprint.of(KEY), "equal"),
        (MASK, Fingerprint.of(OTHER, MASK), "different"),
        (Secret("ab****cd", "live"), Fingerprint.of(KEY, MASK), "different"),
    ],
)
def test_a_secret_that_was_read(live: Secret | None, last: Fingerprint | None, expected: str) -> None:
    assert relation(KEY, live, last) == expected


@pytest.mark.parametrize(
    ("last", "expected"), [(None, "unset"), (Fingerprint.of(KEY), "equal"), (Fingerprint.of(OTHER), "different")]
)
def test_a_secret_that_was_not_read_is_judged_by_the_last_write_alone(last: Fingerprint | None, expected: str) -> None:
    assert relation(KEY, None, last, assumed=True) == expected


def test_an_empty_secret_equals_none() -> None:
    assert relation(NONE, None, None) == "equal"
    assert relation(NONE, None, None, assumed=True) == "equal"
    assert relation(NONE, KEY, None) == "different"


@pytest.mark.parametrize(
    ("text", "masked"), [("****", True), ("ab***cd", True), ("xxxx", True), ("••", True), ("", False), ("abc", False)]
)
def test_a_mask_is_known_by_its_letters(text: str, masked: bool) -> None:
    assert is_masked(Secret(text, "live")) is masked


def test_a_mask_moves_only_where_the_last_write_gave_one_back() -> None:
    another = Secret("ab****cd", "live")
    assert mask_moved(Fingerprint.of(KEY, MASK), another)
    assert not mask_moved(Fingerprint.of(KEY, MASK), MASK)
    assert not mask_moved(Fingerprint.of(KEY, KEY), another)
    assert not mask_moved(Fingerprint.of(KEY), another)


def test_members_and_their_secrets_are_told_apart() -> None:
    kind = KINDS["RecordCallback"]
    members: Members = {"url": URL, "auth_key": KEY}
    assert without_secrets(members, kind) == {"url": URL}
    assert secrets_of(members, kind) == {"auth_key": KEY}
    assert secrets_of({"url": URL}, kind) == {}
