"""The ledger as JSON and back, and what is said of files that are no ledger."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace

from rtcctl.model.ledger import Entry, Ledger
from rtcctl.schema import load as load_schema
from rtcctl.state import codec

from .support import KEY, address, full_ledger


def document(**changed: Any) -> str:
    return json.dumps({**json.loads(codec.to_json(full_ledger())), **changed})


def test_every_member_survives_the_round_trip() -> None:
    ledger = full_ledger()
    assert codec.from_json(codec.to_json(ledger)) == ledger


def test_the_round_trip_test_uses_every_member_that_there_is() -> None:
    ledger, empty = full_ledger(), Ledger(full_ledger().binding, "")
    assert all(getattr(ledger, name) != getattr(empty, name) for name in Ledger.__struct_fields__ if name != "binding")
    entries, bare = ledger.entries.values(), Entry({})
    for name in Entry.__struct_fields__:
        assert any(getattr(entry, name) != getattr(bare, name) for entry in entries), name


@pytest.mark.parametrize("ledger", [full_ledger(), replace(full_ledger(), entries={}, pending=())])
def test_what_is_written_fits_the_schema(ledger: Ledger) -> None:
    jsonschema.validate(
        json.loads(codec.to_json(ledger)), load_schema("state"), format_checker=jsonschema.FormatChecker()
    )


def test_one_content_has_one_form() -> None:
    ledger = full_ledger()
    other = replace(ledger, entries=dict(reversed(list(ledger.entries.items()))))
    assert codec.to_json(ledger) == codec.to_json(other)


def test_no_secret_is_written() -> None:
    assert KEY.reveal() not in codec.to_json(full_ledger())


def test_a_secret_among_the_members_is_an_error_and_not_a_leak() -> None:
    entry = Entry({"app_id": "a1"}, {"auth_key": KEY})
    with pytest.raises(TypeError) as caught:
        codec.to_json(replace(full_ledger(), entries={address("RecordCallback/a"): entry}))
    assert KEY.reveal() not in str(caught.value)


@pytest.mark.parametrize("version", [2, 0, None, "1"])
def test_another_format_version_is_named_with_the_one_that_can_be_read(version: object) -> None:
    with pytest.raises(ValueError, match=f"format_version is {version!r}, this rtcctl reads 1"):
        codec.from_json(document(format_version=version))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        document(entries=[]),
        document(entries={"App": {}}),
        document(entries={"App/a": {"members": {}}}),
        document(entries={"App/a": {"ids": 5, "members": {}}}),
        document(entries={"App/a": {"ids": {}, "members": {}, "secrets": {"auth_key": {"salt": ""}}}}),
        document(entries={"App/a": {"ids": {}, "members": {}, "deposed": 3}}),
        document(identity=None),
        document(serial="seven"),
        document(pending=[{"address": "App/a", "verb": "create"}]),
        document(pending=5),
    ],
)
def test_a_damaged_document_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        codec.from_json(text)


@pytest.mark.parametrize("member", ["account", "endpoint", "entries", "identity", "lineage", "pending", "project"])
def test_a_missing_member_is_named(member: str) -> None:
    found = json.loads(document())
    del found[member]
    with pytest.raises(ValueError, match=member):
        codec.from_json(json.dumps(found))


def test_an_address_of_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="RoomTemplate"):
        codec.from_json(document(entries={"RoomTemplate/a": {"ids": {}, "members": {}}}))


def test_nesting_without_end_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        codec.from_json("[" * 200_000)


@pytest.mark.parametrize(
    "entry",
    [
        {"ids": {"app_id": 5}, "members": {}},
        {"ids": {"app_id": "a"}, "members": {}, "deposed": [{"app_id": []}]},
        {"ids": {}, "members": {}, "secrets": {"auth_key": {"salt": None, "sent": "", "read": ""}}},
        {"ids": {}, "members": {}, "secrets": {"auth_key": {"salt": "no hex", "sent": "", "read": ""}}},
    ],
    ids=["id", "deposed", "null", "salt"],
)
def test_what_is_no_text_inside_an_entry_is_damage(entry: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        codec.from_json(document(entries={"App/a": entry}))
