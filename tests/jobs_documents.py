"""Checking what `jobs status` and `jobs wait` print as JSON against their published schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from rtcctl.schema import load


def check_jobs_document(document: Mapping[str, Any]) -> None:
    """Fail unless the document fits; the schema refers to that of results."""
    schemas = {each: Resource.from_contents(load(each)) for each in ("jobs", "result", "plan")}
    registry: Registry[Any] = Registry().with_resources(
        [(f"https://rtcctl.dev/schemas/{each}.schema.json", schema) for each, schema in schemas.items()]
    )
    Draft202012Validator(load("jobs"), registry=registry).validate(document)
