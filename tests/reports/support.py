"""Plans and results as the reports get them, and the schemas that documents are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema
from referencing import Registry, Resource

from rtcctl.errors import RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.plan import Action, Change, Plan, Step
from rtcctl.model.result import ApplyResult, ChangeResult, Outcome
from rtcctl.schema import load

WHERE = Address("App", "a")


def step(where: Address = WHERE, verb: str = "create", **more: Any) -> Step:
    call = Call("POST", "/v2/apps/{app_id}/disable", "apps", {"app_id": "a1", "rule_id": "not in the path"})
    return Step(f"{where} {verb}", where, verb, call, more.pop("effect", "created"), **more)


def change(action: Action = "create", where: Address = WHERE, *, calls: int = 1, **more: Any) -> Change:
    steps = tuple(step(where, f"{action}{index}") for index in range(calls))
    return Change(where, action, **{"steps": steps, **more})


def outcome(found: Change, ended: Outcome = "done", error: RtcctlError | None = None, **more: Any) -> ChangeResult:
    return ChangeResult(found, ended, error, **more)


def result(*changes: ChangeResult, **more: Any) -> ApplyResult:
    return ApplyResult(changes, **{"calls": len(changes), **more})


def plan(*changes: Change, **more: Any) -> Plan:
    return Plan(changes, **more)


def validate(document: Mapping[str, Any], name: str) -> None:
    """Check a document; schemas that refer to each other are found beside each other."""
    schemas = {each: Resource.from_contents(load(each)) for each in ("plan", "result", "drift", "validation", "events")}
    registry: Registry[Any] = Registry().with_resources(
        [(f"https://rtcctl.dev/schemas/{each}.schema.json", schema) for each, schema in schemas.items()]
    )
    jsonschema.Draft202012Validator(load(name), registry=registry).validate(document)
