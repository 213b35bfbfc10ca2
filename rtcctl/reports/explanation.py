"""What there is to know of a kind or a member, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from rtcctl.model.explanation import Brief, Effect, Explanation
from rtcctl.reports.as_json import FORMAT_VERSION
from rtcctl.reports.style import PLAIN, Style
from rtcctl.reports.wording import plain

_LABEL = 9
_NARROW = 36
"""Columns below which a description stands under its name."""


def text(found: Explanation, style: Style = PLAIN) -> str:
    """Write what is known: what it is, what it may be, what a change does, and what stands below."""
    paint, width = style.paint, style.width
    beside = found.type + (", required" if found.required else "")
    apart = "  " if len(plain(found.path)) + len(beside) + 2 <= width else "\n  "
    lines = [f"{paint('strong', plain(found.path))}{apart}{paint('quiet', beside)}"]
    lines += ["", *_wrapped(found.doc, width, "  "), ""] if found.doc else [""]
    for label, facts in _facts(found):
        for index, fact in enumerate(facts):
            head = f"  {label if not index else '':{_LABEL}} "
            first, *rest = _wrapped(fact, width - len(head), "") or [""]
            lines.append(paint("quiet", head) + first)
            lines += [" " * len(head) + line for line in rest]
    for index, effect in enumerate(found.effects):
        label = "" if found.change or index else "change"
        first, *rest = _effect(effect, width)
        head = f"  {label:{_LABEL}} "
        lines += [paint("quiet", head) + paint("changed", first[len(head) :])]
        lines += [paint("changed", line) for line in rest]
    if found.members:
        lines += ["", "  Members (* required):", *_briefs(found.members, style, "    ")]
    return "\n".join(lines).rstrip()


def _facts(found: Explanation) -> Iterator[tuple[str, tuple[str, ...]]]:
    default = f"{found.default} (of {found.default_of})" if found.default else ""
    yield from (
        ("unit", (found.unit,) if found.unit else ()),
        ("allowed", found.limits),
        ("values", (", ".join(found.values),) if found.values else ()),
        ("default", (default,) if default else ()),
        ("note", found.notes),
        ("source", (found.source,) if found.source else ()),
        ("change", (found.change,) if found.change else ()),
    )


def _effect(effect: Effect, width: int) -> list[str]:
    head = " " * (_LABEL + 3)
    when = f"{effect.when}: " if effect.when else ""
    source = f" ({effect.source})" if effect.source else ""
    return textwrap.wrap(
        f"! {when}{effect.says}{source}",
        width,
        initial_indent=head,
        subsequent_indent=f"{head}  ",
        break_on_hyphens=False,
    )


def kinds_text(kinds: Sequence[Brief], style: Style = PLAIN) -> str:
    """Write the list of kinds."""
    lines = list(_briefs(kinds, style, "  "))
    return "\n".join([*lines, "", "`rtcctl explain KIND` shows the members of one, KIND.MEMBER what is known of that."])


def _briefs(briefs: Sequence[Brief], style: Style, indent: str) -> Iterator[str]:
    names = max((len(each.name) + 1 for each in briefs), default=0)
    types = max((len(each.type) for each in briefs), default=0)
    column = len(indent) + names + types + 4
    for each in briefs:
        name = f"{each.name}{'*' if each.required else ''}"
        head = f"{indent}{style.paint('strong', name)}{' ' * (names - len(name) + 2)}"
        if style.width - column < _NARROW:
            yield head + style.paint("quiet", each.type)
            yield from _wrapped(each.doc, style.width, f"{indent}    ")
            continue
        first, *rest = _wrapped(each.doc, style.width - column, "") or [""]
        yield f"{head}{style.paint('quiet', f'{each.type:{types}}')}  {first}".rstrip()
        yield from (" " * column + line for line in rest)


def _wrapped(words: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        plain(words), max(width, 20), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def document(found: Explanation) -> dict[str, Any]:
    """Return what is known as a document; what there is none of is null or empty."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "explanation",
        "path": found.path,
        "type": found.type,
        "description": found.doc,
        "required": found.required,
        "unit": found.unit or None,
        "limits": list(found.limits),
        "values": list(found.values),
        "default": {"value": found.default, "of": found.default_of} if found.default else None,
        "notes": list(found.notes),
        "change": found.change or None,
        "effects": [
            {"says": each.says, "when": each.when or None, "source": each.source or None} for each in found.effects
        ],
        "source": found.source or None,
        "members": [_brief(each) for each in found.members],
    }


def kinds_document(kinds: Sequence[Brief]) -> dict[str, Any]:
    """Return the list of kinds as a document."""
    listed = [{"name": each.name, "where": each.type, "description": each.doc} for each in kinds]
    return {"format_version": FORMAT_VERSION, "kind": "kinds", "kinds": listed}


def _brief(brief: Brief) -> dict[str, Any]:
    return {"name": brief.name, "type": brief.type, "description": brief.doc, "required": brief.required}
