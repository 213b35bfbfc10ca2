"""Words that several formats share: symbols, summaries, and values made safe to print."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rtcctl.model.plan import Action, Change, Mark, MemberChange, Plan
from rtcctl.model.values import Ref, Secret, Value

SYMBOLS: dict[Action, str] = {
    "create": "+",
    "update": "~",
    "replace": "-/+",
    "delete": "-",
    "import": "=",
    "forget": "x",
    "no-op": " ",
}


def summary(plan: Plan) -> str:
    """Sum a plan up in one line, as other tools of this kind do; a replacement counts as one added, one destroyed."""
    if not plan.has_changes:
        recorded = f" {plan.to_record} to record." if plan.to_record else ""
        return f"No changes.{recorded}"
    replaced = plan.count("replace")
    added, changed, destroyed = plan.count("create"), plan.count("update"), plan.count("delete")
    recorded = f" {plan.to_record} to record." if plan.to_record else ""
    return f"Plan: {added + replaced} to add, {changed} to change, {destroyed + replaced} to destroy.{recorded}"


def plain(text: str) -> str:
    """Make a text of foreign origin inert: control characters, escapes and direction marks are written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: Value | Mark) -> str:
    """Write a value as a user would in the manifest, in one line."""
    if isinstance(value, (Mark, Ref, Secret)):
        return str(value)
    return plain(json.dumps(jsonable(value), ensure_ascii=False))


def jsonable(value: Value | Mark) -> object:
    """Return the value as plain JSON; marks, references and secrets as their words."""
    if isinstance(value, Mapping):
        return {name: jsonable(below) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(below) for below in value]
    if isinstance(value, (Mark, Ref, Secret)):
        return str(value)
    return value


def member_name(member: MemberChange) -> str:
    """Write a member's path as users do."""
    return plain(".".join(member.path))


def flags(change: Change) -> str:
    """Name what stands beside the action."""
    words = [
        "adopt" if change.adopt else "",
        f"moved from {change.moved_from}" if change.moved_from else "",
        "not ours" if change.not_ours else "",
    ]
    return ", ".join(word for word in words if word)


def unmanaged(plan: Plan) -> str:
    """Say what is left alone."""
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(plan.unmanaged.items()))
    return f"Not managed here and left alone: {counts}." if counts else ""
