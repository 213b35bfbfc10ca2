"""Values: secrets that never show themselves, references, and paths into members."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from rtcctl.model.address import Address, is_name
from rtcctl.model.ledger import Fingerprint
from rtcctl.model.plan import MemberChange
from rtcctl.model.values import Members, Ref, Secret, Value, get, put, references, without

TEXT = "fake-secret-0123456789"
REF = Ref(Address("RecordRule", "a", "default"), "rule_id")


@pytest.mark.parametrize(
    "render",
    [str, repr, "{}".format, "{!r:>20}".format, lambda secret: f"{secret:>30}", lambda secret: "%s" % secret],  # noqa: UP031
)
def test_no_rendering_of_a_secret_shows_it(render: Callable[[Secret], str]) -> None:
    found = render(Secret(TEXT, "env:KEY"))
    assert "(secret)" in found
    assert TEXT not in found


def test_a_value_that_holds_a_secret_does_not_show_it() -> None:
    assert TEXT not in repr(MemberChange(("auth_key",), Secret(TEXT, "live"), {"x": [Secret(TEXT, "live")]}))


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_is_never_serialized_or_copied(write: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as caught:
        write(Secret(TEXT, "env:KEY"))
    assert TEXT not in str(caught.value)


def test_secrets_are_equal_by_text_wherever_they_come_from() -> None:
    one, two = Secret(TEXT, "env:KEY"), Secret(TEXT, "live")
    assert one == two
    assert hash(one) == hash(two)
    assert one != Secret("another-fake-one", "env:KEY")
    assert one != TEXT
    assert one.reveal() == TEXT


def test_secrets_with_letters_beyond_ascii_can_be_compared() -> None:
    assert Secret("schlüssel", "a") == Secret("schlüssel", "b")
    assert Secret("schlüssel", "a") != Secret("schlussel", "b")


def test_an_empty_secret_is_false() -> None:
    assert not Secret("", "live")
    assert Secret("x", "live")


def test_a_reference_says_what_it_stands_for() -> None:
    assert str(REF) == "(id of RecordRule/a/default, known after apply)"


def test_references_are_found_at_any_depth() -> None:
    other = Ref(Address("App", "a"), "app_id")
    value: Value = {"a": {"b": [1, {"c": REF}, (other,)]}, "d": "text", "e": None}
    assert references(value) == {REF.address, other.address}
    assert references("text") == references(None) == frozenset()


def test_a_path_is_followed_as_far_as_there_are_objects() -> None:
    members: Members = {"a": {"b": 1}, "c": "text"}
    assert get(members, ("a", "b")) == 1
    assert get(members, ("a", "x", "y")) is None
    assert get(members, ("c", "b")) is None


def test_putting_a_member_makes_the_way_and_leaves_the_original_objects_alone() -> None:
    inner = {"b": 1}
    members: dict[str, Value] = {"a": inner, "c": "text"}
    put(members, ("a", "d"), 2)
    put(members, ("c", "e"), 3)
    assert members == {"a": {"b": 1, "d": 2}, "c": {"e": 3}}
    assert inner == {"b": 1}


def test_members_are_left_out_by_path_and_not_by_name() -> None:
    members: Members = {"a": {"b": 1, "c": 2}, "b": 3}
    assert without(members, frozenset({("a", "b")})) == {"a": {"c": 2}, "b": 3}
    assert without(members, frozenset({("a",)})) == {"b": 3}


@pytest.mark.parametrize("text", ["App/a", "RecordRule/a/default", "MixStreamJob/a.b/room-1_x", "App/" + "a" * 63])
def test_an_address_reads_what_it_wrote(text: str) -> None:
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize("text", ["", "App", "App/", "App//x", "App/a/b/c", "App/-a", "App/a\n", "App/" + "a" * 64])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        Address.parse(text)


@pytest.mark.parametrize("text", ["a\n", "", ".a", "ä", "a/b"])
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_a_fingerprint_knows_what_was_sent_and_what_came_back() -> None:
    sent, back, other = Secret(TEXT, "env:KEY"), Secret("****", "live"), Secret("another-fake-one", "env:KEY")
    found = Fingerprint.of(sent, back)
    assert found.was_sent(sent)
    assert found.was_read(back)
    assert not found.was_sent(other)
    assert not found.was_read(sent)


def test_a_fingerprint_of_nothing_read_matches_nothing() -> None:
    found = Fingerprint.of(Secret(TEXT, "env:KEY"))
    assert found.read == ""
    assert not found.was_read(Secret("", "live"))


def test_two_fingerprints_of_one_secret_have_nothing_in_common() -> None:
    one, two = (Fingerprint.of(Secret(TEXT, "env:KEY")) for _ in range(2))
    assert {one.salt, one.sent}.isdisjoint({two.salt, two.sent})
    assert TEXT not in repr(one)
