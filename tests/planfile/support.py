"""Saved plans: a fixed head for any plan, and what of a plan its file does not hold."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from rtcctl.model.call import Call
from rtcctl.model.plan import Change, Plan, Step
from rtcctl.model.values import Secret
from rtcctl.planfile.saved import SavedAccount, SavedPart, SavedPlan
from rtcctl.planfile.values import MANIFEST, Unresolved

ACCOUNT = SavedAccount(
    "default", "https://rtc-api.example.com", "PROD", {"project_id": "0123", "tenant_name": "acme"}, "0" * 32, 7
)


def saved(plan: Plan, account: SavedAccount = ACCOUNT) -> SavedPlan:
    return SavedPlan((SavedPart(account, plan),), "live", "${env:STATE}", "sha256:00", "2026-01-01T00:00:00Z", "0.0.0")


def comparable(plan: Plan) -> Plan:
    """The plan as its file gives it back: secrets by their origin, entries without fingerprints."""
    return replace(plan, changes=tuple(_change(change) for change in plan.changes))


def _change(change: Change) -> Change:
    entry = replace(change.entry, secrets={}) if change.entry else None
    steps = tuple(map(_step, change.steps))
    return replace(change, entry=entry, steps=steps, secrets=_unresolved(change.secrets))


def _step(step: Step) -> Step:
    call: Call = step.call
    return replace(step, call=replace(call, body=_unresolved(call.body)))


def _unresolved(value: Any) -> Any:
    if isinstance(value, Secret):
        return Secret("", MANIFEST) if value.origin == MANIFEST else Unresolved(value.origin)
    if isinstance(value, dict):
        return {name: _unresolved(below) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unresolved(below) for below in value]
    return value
