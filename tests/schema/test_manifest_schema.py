"""The manifest's JSON Schema: sound in itself, closed, described, and fit for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from rtcctl import schema
from rtcctl.kinds import KINDS, Member, children_of
from rtcctl.schema import manifest_schema
from rtcctl.schema.members import Builder, describe

EXAMPLES = Path(__file__).parents[2] / "examples"


def objects(node: Any):
    """Yield every schema of an object."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for below in node.values():
            yield from objects(below)
    elif isinstance(node, list):
        for below in node:
            yield from objects(below)


@pytest.mark.parametrize("for_editors", [True, False])
def test_the_schema_is_valid(for_editors):
    jsonschema.Draft202012Validator.check_schema(manifest_schema(for_editors=for_editors))


def test_there_is_one_definition_for_each_kind_of_document():
    assert list(manifest_schema()["$defs"]) == ["BucketAuthorization", "App", "Project"]


def test_every_object_is_closed_and_described():
    for found in objects(manifest_schema()["$defs"]):
        assert "additionalProperties" in found
        assert found["additionalProperties"] is not True
        assert found["description"]


def test_children_stand_under_their_keys():
    spec = manifest_schema()["$defs"]["App"]["properties"]["spec"]["properties"]
    for kind in children_of("App"):
        found = spec[kind.manifest_key]
        own = found["items"]["properties"] if kind.many else found["properties"]
        assert {member.name for member in kind.members} <= set(own)
        assert ("restart" in own) == kind.job
        assert ("moved_from" in own) == ("name" in own) == kind.many


def test_a_reference_is_given_in_one_of_two_ways():
    rule = KINDS["MixStreamJob"].members[1]
    built = Builder(for_editors=False).member(rule)
    validator = jsonschema.Draft202012Validator(built)
    assert validator.is_valid({"record_rule": "a"})
    assert validator.is_valid({"record_rule_id": "0123"})
    assert not validator.is_valid({"record_rule": "a", "record_rule_id": "0123"})
    assert not validator.is_valid({})


def test_an_optional_reference_may_be_left_out():
    spec = manifest_schema()["$defs"]["App"]["properties"]["spec"]["properties"]
    validator = jsonschema.Draft202012Validator(spec["auto_record_mode"])
    assert validator.is_valid({"mode": "AUTO_RECORD_OFF"})
    assert not validator.is_valid({"mode": "AUTO_RECORD_OFF", "record_rule": "a", "record_rule_id": "b"})


def test_a_description_says_all_that_is_known():
    member = Member(name="a", type="boolean", doc="Doc.", unit="seconds", default=True, immutable=True, source="page 7")
    assert describe(member) == (
        "Doc. Unit: seconds. Default of the service: true. A change replaces the object. Source: page 7."
    )


def test_what_has_no_bounds_gets_none():
    built = Builder(for_editors=True).member(Member(name="a", type="number", doc="Doc."))
    assert built == {"type": "number", "description": "Doc."}


def test_editors_accept_variables_where_texts_are_limited():
    document = {
        "apiVersion": "rtcctl.dev/v1",
        "kind": "BucketAuthorization",
        "metadata": {"name": "a"},
        "spec": {"bucket": "b", "location": "${env:LOCATION}"},
    }
    for_editors = jsonschema.Draft202012Validator(schema.load("manifest"))
    assert for_editors.is_valid(document)
    assert not jsonschema.Draft202012Validator(manifest_schema()).is_valid(document)
    wrong = {**document, "spec": {"bucket": "b", "location": "mars"}}
    assert not for_editors.is_valid(wrong)


def manifests() -> list[Path]:
    """The examples that are manifests, and not faults or what runs rtcctl."""
    files = [file for file in sorted(EXAMPLES.rglob("*.yaml")) if "\napiVersion: rtcctl.dev/v1\n" in file.read_text()]
    assert len(files) > 9
    return files


@pytest.mark.parametrize("file", manifests(), ids=lambda file: str(file.relative_to(EXAMPLES)))
def test_examples_please_editors(file):
    validator = jsonschema.Draft202012Validator(schema.load("manifest"))
    for document in yaml.safe_load_all(file.read_text()):
        validator.validate(document)
    comment = file.read_text().splitlines()[0]
    assert comment.startswith("# yaml-language-server: $schema=")
    assert (file.parent / comment.partition("=")[2]).resolve() == schema.path("manifest")
