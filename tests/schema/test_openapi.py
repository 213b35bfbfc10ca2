"""Members of every kind against the request schemas of the OpenAPI file, in both directions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rtcctl.kinds import KINDS, Member

OPENAPI = yaml.safe_load((Path(__file__).parents[2] / "schemas" / "sparkrtc-v2.openapi.yaml").read_text())
SCHEMAS: dict[str, Any] = OPENAPI["components"]["schemas"]

REQUESTS = {
    "BucketAuthorization": "ObsAuthorityConfig",
    "App": "AppReq",
    "RecordRule": "RecordRuleReq",
    "RecordCallback": "AppCallbackUrlReq",
    "AutoRecordMode": "AutoRecordModeReq",
    "MixStreamJob": "MixJobReq",
    "IndividualStreamJob": "IndividualStreamJobReq",
}
UPDATES = {"MixStreamJob": "UpdateMixJobReq", "IndividualStreamJob": "UpdateIndividualJobReq"}

# What we declare although the request has no such member.
OURS = {("App", "state"): "set by the calls enable and disable"}

# What the request has and a manifest does not declare.
NOT_OURS = {("BucketAuthorization", "operation"): "1 to create, 0 to delete: the call's own matter"}

# Narrower here than in the request.
NARROWER = {
    ("AutoRecordMode", "record_rule_id"): "not empty when the mode needs it, and useless otherwise",
}

# Immutable here although the file does not say create-only: what identifies the object, or can't be sent in a PUT.
IMMUTABLE = {
    ("BucketAuthorization", "bucket"): "identity",
    ("BucketAuthorization", "location"): "identity",
    ("RecordRule", "obs_addr.location"): "part of the rule's identity",
    ("MixStreamJob", "mix_param.layout_template"): "only custom to custom can be updated; the planner knows",
    ("MixStreamJob", "record_param.record_rule_id"): "record_param is create-only as a whole",
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow $ref; what stands beside it wins."""
    if "$ref" not in schema:
        return schema
    target = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return {**resolved(target), **{name: value for name, value in schema.items() if name != "$ref"}}


def pairs(members: tuple[Member, ...], schema: dict[str, Any], kind: str, path: str = ""):
    """Yield every member with its schema and path; fail where one side has a member that the other lacks."""
    ours = {member.name: member for member in members}
    theirs = {name: resolved(below) for name, below in resolved(schema)["properties"].items()}
    assert set(ours) - set(theirs) == {name for of, name in OURS if of == kind and not path}
    assert set(theirs) - set(ours) == {name for of, name in NOT_OURS if of == kind and not path}
    for name in set(ours) & set(theirs):
        yield f"{path}{name}", ours[name], theirs[name], name in resolved(schema).get("required", ())
        inner = theirs[name]
        if ours[name].type == "array":
            inner = resolved(inner["items"])
        if ours[name].members:
            yield from pairs(ours[name].members, inner, kind, f"{path}{name}.")


PAIRS = [
    pytest.param(kind, *pair, id=f"{kind}.{pair[0]}")
    for kind, request in REQUESTS.items()
    for pair in pairs(KINDS[kind].members, SCHEMAS[request], kind)
]


def test_every_kind_is_compared():
    assert set(REQUESTS) == set(KINDS)
    assert len(PAIRS) > 50


@pytest.mark.parametrize(("kind", "path", "ours", "theirs", "required"), PAIRS)
def test_type_and_limits(kind, path, ours, theirs, required):
    assert ours.type == theirs["type"]
    assert list(ours.enum) == theirs.get("enum", [])
    assert ours.pattern == theirs.get("pattern", "")
    assert ours.max_length == theirs.get("maxLength")
    assert ours.min_items == theirs.get("minItems")
    assert (ours.unordered == "") == bool(theirs.get("uniqueItems"))
    assert ours.default == theirs.get("default")
    assert ours.sensitive == bool(theirs.get("x-sensitive"))
    if (kind, path) not in NARROWER:
        assert ours.min_length == theirs.get("minLength")


@pytest.mark.parametrize(("kind", "path", "ours", "theirs", "required"), PAIRS)
def test_bounds(kind, path, ours, theirs, required):
    constants = [choice["const"] for choice in theirs.get("anyOf", ()) if "const" in choice]
    bounds = next((choice for choice in theirs.get("anyOf", ()) if "minimum" in choice), theirs)
    assert ours.minimum == bounds.get("minimum")
    assert ours.maximum == bounds.get("maximum")
    assert ([] if ours.also is None else [ours.also]) == constants


@pytest.mark.parametrize(("kind", "path", "ours", "theirs", "required"), PAIRS)
def test_array_items(kind, path, ours, theirs, required):
    if ours.items is not None:
        items = resolved(theirs["items"])
        assert ours.items.type == items["type"]
        assert list(ours.items.enum) == items.get("enum", [])


@pytest.mark.parametrize(("kind", "path", "ours", "theirs", "required"), PAIRS)
def test_required(kind, path, ours, theirs, required):
    if (kind, path) == ("App", "app_name"):
        assert required
        assert not ours.required
    else:
        assert ours.required == required


@pytest.mark.parametrize(("kind", "path", "ours", "theirs", "required"), PAIRS)
def test_create_only_means_immutable(kind, path, ours, theirs, required):
    if theirs.get("x-lifecycle") == "create-only":
        assert ours.immutable
    elif ours.immutable:
        assert (kind, path) in IMMUTABLE


def test_exceptions_are_still_needed():
    values: list[Any] = [pair.values for pair in PAIRS]
    found = {(value[0], value[1]): value for value in values}
    for key in IMMUTABLE:
        assert found[key][2].immutable
        assert found[key][3].get("x-lifecycle") != "create-only"
    for key in NARROWER:
        assert found[key][2].min_length != found[key][3].get("minLength")


@pytest.mark.parametrize("kind", UPDATES)
def test_what_an_update_takes_may_change_and_nothing_else(kind):
    updatable = {path for path, *_ in flat(resolved(SCHEMAS[UPDATES[kind]]))}
    for path, ours in leaves(KINDS[kind].members):
        allowed = any(path == known or path.startswith(f"{known}.") for known in updatable)
        exempt = path in ("mix_param.layout_template", "mix_param")
        assert exempt or ours.immutable != allowed, path


def flat(schema: dict[str, Any], path: str = ""):
    for name, below in schema["properties"].items():
        inner = resolved(below)
        if inner.get("type") == "object":
            yield from flat(inner, f"{path}{name}.")
        else:
            yield (f"{path}{name}",)


def leaves(members: tuple[Member, ...], path: str = ""):
    for member in members:
        if member.type == "object":
            yield from leaves(member.members, f"{path}{member.name}.")
        else:
            yield f"{path}{member.name}", member
