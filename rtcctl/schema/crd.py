"""CustomResourceDefinitions generated from the manifest's schema, so that a cluster can hold its documents.

A structural schema allows less than JSON Schema ("Specifying a structural schema" in Kubernetes' documentation of
CustomResourceDefinitions): no references, no `const`, no `additionalProperties: false` beside properties, no
`uniqueItems`. What is left out here is found by `rtcctl validate`. Defaults are left out too: a cluster would write
them into the document, and then they would be declared.
"""

from __future__ import annotations

from typing import Any

from rtcctl.schema.manifest import manifest_schema
from rtcctl.schema.members import Schema

GROUP = "rtcctl.dev"
VERSION = "v1"
_PLURALS = {"App": "apps", "BucketAuthorization": "bucketauthorizations", "Project": "projects"}
_KEPT = (
    "description", "type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems",
    "minProperties", "required",
)  # fmt: skip
_SUBSCHEMAS = ("anyOf", "oneOf", "allOf")
_COLUMNS = {
    "App": (("State", "string", ".spec.state"), ("Callback", "string", ".spec.record_callback.url")),
    "BucketAuthorization": (("Bucket", "string", ".spec.bucket"), ("Location", "string", ".spec.location")),
    "Project": (),
}


def definitions() -> tuple[Schema, ...]:
    """Return one definition for each kind of document."""
    kinds = manifest_schema(for_editors=True)["$defs"]
    return tuple(_definition(kind, schema) for kind, schema in kinds.items())


def _definition(kind: str, schema: Schema) -> Schema:
    plural = _PLURALS[kind]
    columns = [{"name": name, "type": type_, "jsonPath": path} for name, type_, path in _COLUMNS[kind]]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": _root(schema)},
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [
                        *columns,
                        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                    ],
                }
            ],
        },
    }


def _root(schema: Schema) -> Schema:
    """A document; what stands in apiVersion, kind and metadata is the cluster's own business."""
    return {
        "type": "object",
        "description": schema["description"],
        "required": [name for name in schema["required"] if name == "spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": structural(schema["properties"]["spec"]),
            "status": _status(),
        },
    }


def _status() -> Schema:
    """Room for what an operator would tell, in the form of Kubernetes' own conditions; rtcctl writes none."""
    text: Schema = {"type": "string"}
    condition = {
        "type": "object",
        "required": ["type", "status"],
        "properties": {
            "type": text,
            "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
            "observedGeneration": {"type": "integer", "format": "int64"},
            "lastTransitionTime": {"type": "string", "format": "date-time"},
            "reason": text,
            "message": text,
        },
    }
    conditions = {
        "type": "array",
        "items": condition,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
    }
    return {
        "type": "object",
        "description": "For an operator; rtcctl neither reads nor writes it.",
        "properties": {"observedGeneration": {"type": "integer", "format": "int64"}, "conditions": conditions},
    }


def structural(schema: Schema) -> Schema:
    """Return the structural form of a schema; lists are told apart for server-side apply."""
    new: Schema = {name: schema[name] for name in _KEPT if name in schema}
    if "properties" in schema:
        new["properties"] = {name: structural(below) for name, below in schema["properties"].items()}
    elif isinstance(schema.get("additionalProperties"), dict):
        new["additionalProperties"] = structural(schema["additionalProperties"])
    if "items" in schema:
        new["items"] = structural(schema["items"])
        new.update(_list_type(schema))
    for name in _SUBSCHEMAS:
        if name in schema:
            new[name] = [_bounds(each) for each in schema[name]]
    if "not" in schema:
        new["not"] = _bounds(schema["not"])
    return new


def _bounds(schema: Schema) -> Schema:
    """Return a schema within `anyOf` and the like: bounds alone, for the type stands outside."""
    if "const" in schema:
        return {"enum": [schema["const"]]}
    return {name: value for name, value in schema.items() if name in _KEPT}


def _list_type(schema: Schema) -> Schema:
    items: dict[str, Any] = schema["items"]
    if schema.get("uniqueItems"):
        return {"x-kubernetes-list-type": "set"}
    if "name" in items.get("required", ()):
        return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
    return {"x-kubernetes-list-type": "atomic"}
