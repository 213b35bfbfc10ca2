"""Words that several formats share: symbols, and values made safe to print."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rtcctl.kinds import KINDS
from rtcctl.model.values import Mark, Ref, Secret, Value

if TYPE_CHECKING:
    from rtcctl.model.address import Address
    from rtcctl.model.drift import Drifted
    from rtcctl.model.plan import Action, Change, MemberChange
    from rtcctl.model.result import ChangeResult

SYMBOLS: dict[Action, str] = {
    "create": "+",
    "update": "~",
    "replace": "-/+",
    "delete": "-",
    "import": "=",
    "forget": "x",
    "no-op": " ",
}

_PAST = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}
_ANYWHERE = re.compile(r"##(?=\w*\[)")
_AT_START = re.compile(r"(?m)^((?:[^\S\n]|\x1b\[[0-9;]*m)*)::")


def plain(text: str) -> str:
    """Make a text of foreign origin inert: control characters, escapes and direction marks are written out.

    So is what build logs take for a command wherever it stands in a line, such as `##[add-mask]` and `##vso[…]`.
    """
    shown = text if text.isprintable() else "".join(map(_seen, text))
    return _ANYWHERE.sub(r"#\\x23", shown) if "##" in shown else shown


def _seen(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


def inert(text: str) -> str:
    """Keep lines from being taken for commands by whoever reads a build's log: GitHub takes `::…` at their start.

    A text may come to the start of a line by being wrapped, so that this is done to the finished lines.
    """
    return _AT_START.sub(r"\1\\x3a:", text) if "::" in text else text


def cut(text: str, letters: int) -> str:
    """Shorten a text for where room is short, and say by how much."""
    return text if len(text) <= letters else f"{text[:letters]}… ({len(text) - letters} more)"


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


def became(result: ChangeResult) -> str:
    """Say what became of a change in a word or two; what was not done, in capitals."""
    return _PAST.get(result.change.action, "done") if result.outcome == "done" else result.outcome.upper()


def happened(each: Drifted) -> str:
    """Say what happened to an object outside, with the note on it."""
    said = "ended by itself" if each.happened == "ended" else f"{each.happened} outside rtcctl"
    return f"{said} ({each.note})" if each.note else said


def group(address: Address) -> str:
    """Name what an object is shown under: its app; its kind where it belongs to none. The account goes before."""
    name = address.name if address.kind == "App" or KINDS[address.kind].parent else address.kind
    return f"{address.account}:{name}" if address.account else name
