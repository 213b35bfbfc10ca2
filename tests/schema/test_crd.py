"""The definitions for a cluster are structural, and take what the manifest takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from rtcctl.schema.crd import definitions
from rtcctl.schema.manifest import manifest_schema
from tests.e2e.kustomize import build
from tests.e2e.support import Cli
from tests.schema.structural import violations

EXAMPLES = Path(__file__).parents[2] / "examples"
KINDS = ["BucketAuthorization", "App", "Project"]


def schema(kind: str) -> dict[str, Any]:
    [found] = [each for each in definitions() if each["spec"]["names"]["kind"] == kind]
    [version] = found["spec"]["versions"]
    return dict(version["schema"]["openAPIV3Schema"])


def documents() -> Iterator[tuple[str, Any]]:
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        for number, document in enumerate(yaml.safe_load_all(path.read_text(encoding="utf-8"))):
            if isinstance(document, dict) and document.get("apiVersion") == "rtcctl.dev/v1":
                yield f"{path.stem}-{number}", document
    for overlay in ("test", "prod"):
        for number, document in enumerate(yaml.safe_load_all(build(EXAMPLES / "two-environments/overlays" / overlay))):
            yield f"{overlay}-{number}", document


def below(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
        for each in found.values():
            yield from below(each)
    elif isinstance(found, list):
        for each in found:
            yield from below(each)


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_structural(kind):
    assert violations(schema(kind)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"properties": {}}, "root: no type"),
        ({"type": "object", "properties": {"a": {"description": "x"}}}, "root.a: no type"),
        ({"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}, "exclude each other"),
        ({"type": "object", "additionalProperties": False}, "root.*: no schema"),
        ({"type": "object", "$ref": "#/x"}, "$ref is forbidden"),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "uniqueItems is forbidden"),
        ({"type": "array"}, "an array has items"),
        ({"type": "string", "anyOf": [{"type": "string"}]}, "type within anyOf"),
        ({"type": "object", "anyOf": [{"properties": {"a": {"minimum": 1}}}]}, "a is not specified outside"),
        ({"type": "object", "oneOf": [{"required": ["a"]}]}, "required is not specified outside"),
        ({"type": "object", "not": {"items": {}}}, "items are not specified outside"),
        ({"type": "object", "required": ["a"]}, "what is required is not specified"),
        ({"type": "object", "properties": {"metadata": {"type": "object", "required": []}}}, "only its name"),
        ({"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "set"}, "no scalar"),
        ({"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "map"}, "a map needs keys"),
        ({"type": "string", "x-unit": "seconds"}, "x-unit is unknown"),
    ],
)
def test_the_rules_are_looked_after(wrong, said):
    assert said in " ".join(violations(wrong))


def test_each_kind_of_document_has_a_definition_with_room_for_a_status():
    found = definitions()
    assert [each["spec"]["names"]["kind"] for each in found] == KINDS == list(manifest_schema()["$defs"])
    for each in found:
        names = each["spec"]["names"]
        assert each["metadata"]["name"] == f"{names['plural']}.rtcctl.dev"
        [version] = each["spec"]["versions"]
        assert (version["name"], version["served"], version["storage"]) == ("v1", True, True)
        assert version["subresources"] == {"status": {}}
        assert "conditions" in version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]
        for column in version["additionalPrinterColumns"]:
            assert column["jsonPath"].startswith((".spec.", ".metadata."))


@pytest.mark.parametrize(
    ("name", "document"), list(documents()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_example_can_be_held(name, document):
    jsonschema.validate(document, schema(document["kind"]))


@pytest.mark.parametrize(
    "spec",
    [
        {"state": "ON"},
        {"record_rules": [{"name": "a"}]},
        {"auto_record_mode": {"mode": "AUTO_RECORD_OFF", "record_rule": "a", "record_rule_id": "b"}},
        {"record_rules": {}},
        {"lifecycle": {"prevent_destroy": "yes"}},
        {"app_name": ""},
    ],
)
def test_what_the_manifest_would_not_take_is_refused_as_far_as_a_cluster_can(spec):
    jsonschema.validate({"metadata": {"name": "a"}, "spec": {}}, schema("App"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"metadata": {"name": "a"}, "spec": spec}, schema("App"))


def test_variables_are_taken_wherever_a_text_is_limited():
    jsonschema.validate({"spec": {"state": "${env:STATE}"}}, schema("App"))


def test_a_cluster_fills_in_nothing():
    assert [each for kind in KINDS for each in below(schema(kind)) if "default" in each] == []


def test_patterns_are_ones_that_kubernetes_understands():
    patterns = {
        each["pattern"] for kind in KINDS for each in below(schema(kind)) if isinstance(each.get("pattern"), str)
    }
    assert patterns
    for pattern in patterns:
        re.compile(pattern)
        assert not re.search(r"\(\?[=!<]|\\[1-9]|\\Z", pattern), f"{pattern}: not in RE2"


def test_the_command_prints_them_as_a_stream(cli: Cli):
    assert tuple(yaml.safe_load_all(cli("schema", "--crd").out)) == definitions()
    assert cli("schema", "manifest", "--crd").out == cli("schema", "--crd").out
    assert "&id" not in cli("schema", "--crd").out


def test_other_schemas_are_nothing_for_a_cluster(cli: Cli):
    assert "--crd prints the manifest's documents and not plan" in cli("schema", "plan", "--crd", code=3).err
