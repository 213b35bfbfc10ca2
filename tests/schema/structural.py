"""The rules of a structural schema, as Kubernetes' documentation of CustomResourceDefinitions has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_LOGIC = ("allOf", "anyOf", "oneOf", "not")
_FORBIDDEN = (
    "$ref", "$defs", "$schema", "const", "definitions", "dependencies", "deprecated", "discriminator", "id", "if",
    "then", "patternProperties", "propertyNames", "readOnly", "writeOnly", "xml", "unevaluatedProperties",
)  # fmt: skip
_NOT_IN_LOGIC = ("description", "type", "default", "additionalProperties", "nullable")
_KNOWN = {
    "description", "type", "format", "title", "default", "maximum", "minimum", "maxLength", "minLength", "pattern",
    "maxItems", "minItems", "multipleOf", "enum", "maxProperties", "minProperties", "required", "items", "properties",
    "additionalProperties", "nullable", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", *_LOGIC,
}  # fmt: skip
_TYPES = ("object", "array", "string", "integer", "number", "boolean")


def violations(root: dict[str, Any]) -> list[str]:
    """Return what is wrong with an `openAPIV3Schema`."""
    found = list(_outside(root, "root"))
    metadata = root.get("properties", {}).get("metadata", {})
    restricted = set(metadata.get("properties", {})) - {"name", "generateName"}
    if set(metadata) - {"type", "properties", "description"} or restricted:
        found.append("metadata: only its name may be restricted")
    return found


def _outside(schema: Any, at: str) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield f"{at}: no schema"
        return
    if schema.get("type") not in _TYPES:
        yield f"{at}: no type"
    yield from _words(schema, at)
    yield from _parts(schema, at)
    for name, below in schema.get("properties", {}).items():
        yield from _outside(below, f"{at}.{name}")
    if "additionalProperties" in schema:
        yield from _outside(schema["additionalProperties"], f"{at}.*")
    if "items" in schema:
        yield from _outside(schema["items"], f"{at}[]")
    for below in _logic(schema):
        yield from _inside(below, schema, at)


def _words(schema: dict[str, Any], at: str) -> Iterator[str]:
    for name in schema:
        if name in _FORBIDDEN:
            yield f"{at}: {name} is forbidden"
        elif name not in _KNOWN:
            yield f"{at}: {name} is unknown"
    if schema.get("uniqueItems"):
        yield f"{at}: uniqueItems is forbidden"


def _parts(schema: dict[str, Any], at: str) -> Iterator[str]:
    if "properties" in schema and "additionalProperties" in schema:
        yield f"{at}: properties and additionalProperties exclude each other"
    if set(schema.get("required", ())) - set(schema.get("properties", {})):
        yield f"{at}: what is required is not specified"
    if (schema.get("type") == "array") != ("items" in schema):
        yield f"{at}: an array has items, and nothing else has"
    items, of_list = schema.get("items", {}), schema.get("x-kubernetes-list-type")
    if of_list == "set" and items.get("type") not in ("string", "integer", "number", "boolean"):
        yield f"{at}: a set of what is no scalar"
    keys = set(schema.get("x-kubernetes-list-map-keys", ()))
    if (of_list == "map") != bool(keys) or keys - set(items.get("required", ())):
        yield f"{at}: a map needs keys that are required"


def _logic(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in _LOGIC:
        below = schema.get(name, [])
        yield from below if isinstance(below, list) else [below]


def _inside(schema: dict[str, Any], outside: dict[str, Any], at: str) -> Iterator[str]:
    yield from _words(schema, at)
    for name in _NOT_IN_LOGIC:
        if name in schema:
            yield f"{at}: {name} within anyOf and the like"
    for name, below in schema.get("properties", {}).items():
        if name not in outside.get("properties", {}):
            yield f"{at}: {name} is not specified outside"
        else:
            yield from _inside(below, outside["properties"][name], f"{at}.{name}")
    if "items" in schema:
        if "items" not in outside:
            yield f"{at}: items are not specified outside"
        else:
            yield from _inside(schema["items"], outside["items"], f"{at}[]")
    if set(schema.get("required", ())) - set(outside.get("properties", {})):
        yield f"{at}: what is required is not specified outside"
    for below in _logic(schema):
        yield from _inside(below, outside, at)
