"""Drift as text and as JSON; `schemas/drift.schema.json` describes the latter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rtcctl.model.drift import Drift, Drifted
from rtcctl.reports.as_json import FORMAT_VERSION, broken_documents, known
from rtcctl.reports.as_text import broken_lines, member_lines, wrapped
from rtcctl.reports.style import Paint, Tone, uncoloured
from rtcctl.reports.sums import moved
from rtcctl.reports.wording import happened, jsonable, member_name, plain

_SYMBOLS = {"changed": "~", "deleted": "-", "stopped": "-", "ended": " "}
_TONES: dict[str, Tone] = {"changed": "changed", "deleted": "bad", "stopped": "bad", "ended": "quiet"}


def drift_text(drift: Drift, *, width: int = 80, paint: Paint = uncoloured) -> str:
    """Write what moved, each member with what was applied and what is live, then the sum."""
    lines: list[str] = []
    for each in drift.objects:
        lines += [*_object(each, width, paint), ""]
    lines += broken_lines(drift.broken, width, paint)
    lines.append(paint("strong", moved(drift)))
    return "\n".join(lines)


def _object(each: Drifted, width: int, paint: Paint) -> Iterator[str]:
    beside = plain(happened(each))
    head = f"{_SYMBOLS[each.happened]:>3} {plain(str(each.address))}"
    if len(head) + len(beside) + 4 <= width:
        yield paint(_TONES[each.happened], head) + paint("quiet", f"  # {beside}")
    else:
        yield paint(_TONES[each.happened], head)
        yield from (paint("quiet", line) for line in wrapped(f"# {beside}", width))
    yield from member_lines(each.members, width, paint, drift_is_said=True)


def drift_document(drift: Drift) -> dict[str, Any]:
    """Return drift as a document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "drift",
        "has_changes": known(drift.has_drift, drift.broken),
        "has_drift": known(drift.has_drift, drift.broken),
        "checked": drift.checked,
        "objects": [
            {
                "address": str(each.address),
                "happened": each.happened,
                "note": each.note,
                "members": [
                    {"path": member_name(member), "applied": jsonable(member.old), "live": jsonable(member.new)}
                    for member in each.members
                ],
            }
            for each in drift.objects
        ],
        **broken_documents(drift.broken),
    }
