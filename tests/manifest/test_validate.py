"""Schema failures in words; the cases in `manifests/invalid/` show most of them, here is the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rtcctl.manifest.wording import _WORDINGS
from rtcctl.schema import manifest_schema
from tests.manifest.loading import APP, JOB, PROJECT, RULE, faults, load_text

NOT_FAILING = {
    "properties",
    "items",
    "description",
    "x-change",
    "default",
    "x-unit",
    "x-due",
    "x-sensitive",
    "const",  # apiVersion and kind are checked before
    "propertyNames",  # fails as the keyword inside it
    "additionalProperties",  # worded by itself
}


def said(text: str, environ: dict[str, str] | None = None) -> list[tuple[str, str]]:
    return [(problem.message.partition(": ")[2], problem.mend) for problem in faults(text, environ)]


def test_every_keyword_of_the_schema_has_its_words():
    def keywords(schema: dict[str, Any]) -> Iterator[str]:
        yield from schema
        for below in schema.get("properties", {}).values():
            yield from keywords(below)
        for name in ("items", "additionalProperties", "propertyNames"):
            if isinstance(schema.get(name), dict):
                yield from keywords(schema[name])

    used = {keyword for definition in manifest_schema()["$defs"].values() for keyword in keywords(definition)}
    assert used - NOT_FAILING == set(_WORDINGS)


@pytest.mark.parametrize(
    ("value", "message", "mend"),
    [
        ("'30'", "must be a whole number, not text", "write it without quotes and without leading zeros"),
        ("thirty", "must be a whole number, not text", "write a whole number"),
        ("030", "must be a whole number, not text", "write it without quotes and without leading zeros"),
        ("30.5", "must be a whole number, not a number with a fraction", "write a whole number"),
        ("true", "must be a whole number, not true or false", "write a whole number"),
        ("[30]", "must be a whole number, not a list", "write a whole number"),
        ("{a: 1}", "must be a whole number, not a mapping", "write a whole number"),
        ("", "is empty", "give it a value, or remove it"),
        ("4", "is 4: too small", "allowed: 5 to 43200 seconds"),
        ("1e6", "is 1000000.0: too large", "allowed: 5 to 43200 seconds"),
    ],
)
def test_a_number_that_is_none(value, message, mend):
    (found,) = said(APP + RULE + JOB.replace("{room_id: r,", f"{{room_id: r, max_idle_time: {value},"))
    assert found == (f"max_idle_time {message}", mend)


def test_a_whole_number_may_be_written_as_a_fraction():
    found = load_text(APP + RULE.replace("3600", "3600.0"))
    (rule,) = [resource for address, resource in found.resources.items() if address.kind == "RecordRule"]
    assert rule.members["mp4_config"] == {"record_cycle": 3600}


@pytest.mark.parametrize(
    ("value", "message", "mend"),
    [
        ("1.5", "bucket must be text, not a number with a fraction", "quote it"),
        ("12", "bucket must be text, not a number", 'quote it: "12"'),
        ("false", "bucket must be text, not true or false", 'quote it: "false"'),
        ("{}", "bucket must be text, not a mapping", "write text"),
        ("''", "bucket is empty", "give it a value, or remove it"),
    ],
)
def test_a_text_that_is_none(value, message, mend):
    assert said(APP + RULE.replace("bucket: b", f"bucket: {value}")) == [(message, mend)]


def test_a_name_that_ends_in_a_line_break_is_none():
    (found,) = said(APP + RULE.replace("name: default", 'name: "default\\n"'))
    assert found[0] == "name: 'default\\x0a' is no name"


def test_a_room_that_ends_in_a_line_break_is_none():
    (found,) = said(APP + RULE + JOB.replace("room_id: r", 'room_id: "r\\n"'))
    assert found[0] == "room_id: 'r\\x0a' does not fit"


def test_longer_values_are_cut():
    (found,) = said(APP + f"  state: {'x' * 10_000}\n")
    assert len(found[0]) < 120
    assert found[1] == "one of: ACTIVATION, DEACTIVATION"


@pytest.mark.parametrize("key", ["auth_key", "auth_kye", "secret"])
def test_values_of_secret_keys_are_not_shown(key):
    text = f"{APP}  record_callback:\n    url: https://a.example\n    {key}: 12345678901234\n"
    for problem in faults(text):
        assert "123456" not in str(problem)


def test_a_member_is_guessed_among_those_that_are_free():
    text = f"{APP}  record_callback: {{ulr: x, url: https://a.example}}\n"
    assert said(text) == [("unknown member 'ulr' in record_callback", "did you mean 'url'?")]


def test_all_unknown_members_are_told_of():
    assert len(said(f"{APP}  x: 1\n  y: 2\n  state: ACTIVATION\n")) == 2


def test_a_broken_accounts_document_names_the_key():
    problems = faults(PROJECT + "spec:\n  accounts:\n    -x: {credentials: env:X}\n")
    assert [str(problem.place) for problem in problems] == ["<stdin>:6:5"]


def test_aliases_are_judged_where_they_stand():
    text = f"{APP}  app_name: &n 12\n  state: *n\n"
    assert [(p.place.line, p.place.column) for p in faults(text) if p.place] == [(5, 13), (6, 10)]
