"""Checking what `state` and `import` print as JSON against their published schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from rtcctl.schema import load


def check_ledger_document(document: Mapping[str, Any]) -> None:
    schemas = {each: Resource.from_contents(load(each)) for each in ("ledger", "plan")}
    registry: Registry[Any] = Registry().with_resources(
        [(f"https://rtcctl.dev/schemas/{each}.schema.json", schema) for each, schema in schemas.items()]
    )
    Draft202012Validator(load("ledger"), registry=registry).validate(document)
