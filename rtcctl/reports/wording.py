"""Words that several formats share: symbols, and values made safe to print."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rtcctl.model.plan import Action, Change, Mark, MemberChange
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
