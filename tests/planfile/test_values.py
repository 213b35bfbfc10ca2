"""Values in a plan file: what is no plain JSON, there and back."""

from __future__ import annotations

import json

import pytest

from rtcctl.model.address import Address
from rtcctl.model.values import Mark, Ref, Secret
from rtcctl.planfile.values import Unresolved, address, decode, encode

RULE = Address("RecordRule", "a", "default")


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        1e-05,
        "text, 文, \U0001f600",
        [1, [2, {"a": None}]],
        {"a": {"b": []}, "c": {}},
        Ref(RULE, "rule_id"),
        {"record_param": {"record_rule_id": Ref(RULE, "rule_id")}},
        Mark("(secret #1)"),
        [Mark("(not set)")],
        Unresolved("env:KEY"),
        {"auth_key": Unresolved("file:keys/one")},
    ],
)
def test_a_value_comes_back_as_it_was(value):
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_a_tuple_is_a_list():
    assert encode((1, (2,))) == [1, [2]]


def test_a_secret_becomes_its_origin_and_nothing_else():
    found = encode({"auth_key": Secret("fake-key", "env:KEY")})
    assert found == {"auth_key": {"$secret": "env:KEY"}}
    assert decode(found) == {"auth_key": Unresolved("env:KEY")}


def test_an_empty_secret_of_the_manifest_comes_back_empty():
    found = decode(encode(Secret("", "manifest")))
    assert found == Secret("", "manifest")
    assert not found


def test_a_secret_of_the_manifest_is_never_written():
    with pytest.raises(AssertionError, match="has no reference"):
        encode([Secret("fake-key", "manifest")])


def test_an_unresolved_secret_is_set_and_can_not_be_revealed():
    secret = Unresolved("env:KEY")
    assert secret
    assert str(secret) == "(secret)"
    with pytest.raises(AssertionError, match="env:KEY was not looked up"):
        secret.reveal()


def test_unresolved_secrets_are_told_apart_by_their_origin():
    assert Unresolved("env:A") == Unresolved("env:A")
    assert Unresolved("env:A") != Unresolved("env:B")
    assert len({Unresolved("env:A"), Unresolved("env:A"), Unresolved("env:B")}) == 2


@pytest.mark.parametrize("text", ["App/a", "RecordRule/a/default", "RecordRule/a/an id of the service's: 5d0ec/2"])
def test_an_address_is_read_whatever_the_service_calls_its_objects(text):
    assert str(address(text)) == text


def test_what_has_no_name_is_no_address():
    with pytest.raises(TypeError):
        address("App")
