"""A rehearsal as text and as JSON; `schemas/rehearsal.schema.json` describes the latter."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from rtcctl.model.plan import Plan, Refusal
from rtcctl.model.rehearsal import Afterwards, Rehearsal
from rtcctl.model.result import ApplyResult
from rtcctl.reports.as_json import FORMAT_VERSION, error_document, plan_document, result_document
from rtcctl.reports.as_text import error_text, plan_text, result_text
from rtcctl.reports.drift import drift_document, drift_text
from rtcctl.reports.style import Paint, Tone, uncoloured
from rtcctl.reports.sums import budget, summary
from rtcctl.reports.wording import plain


def rehearsal_text(rehearsal: Rehearsal, *, width: int = 80, paint: Paint = uncoloured) -> str:
    """Write what an apply would tell, what it needs and costs, what is left to do afterwards, and what was touched."""
    lines = [line for refusal in rehearsal.plan.refusals for line in _refusal(refusal, width, paint)]
    if lines:
        lines.append("")
    if rehearsal.result is None:
        lines += [paint("bad", line) for line in _wrapped(_not_rehearsed(rehearsal.plan), width)]
    else:
        lines += ["In the rehearsal apply said:", "", *_said(rehearsal.plan, rehearsal.result, width, paint), ""]
        lines += _wrapped(_requests(rehearsal), width)
        lines += _wrapped(_limits(rehearsal.plan), width)
    if rehearsal.afterwards is not None:
        lines += _afterwards(rehearsal.afterwards, width, paint)
    lines += _wrapped(_touched(rehearsal), width)
    return "\n".join(lines)


def _not_rehearsed(plan: Plan) -> str:
    hard = plan.refused(allow_destroy=True)
    flags = sorted({refusal.lifted_by for refusal in hard})
    more = f" With {' and '.join(flags)} it would not, and this neither." if all(flags) else ""
    return f"Not rehearsed: apply would refuse this plan.{more}"


def _said(plan: Plan, result: ApplyResult, width: int, paint: Paint) -> Iterator[str]:
    if result.changes or result.error:
        yield from result_text(_without_ids(result), width=width, paint=paint).split("\n")
    else:
        yield paint("strong", summary(plan))


def _without_ids(result: ApplyResult) -> ApplyResult:
    """Drop the ids: the simulator made up those of new objects."""
    return replace(result, changes=tuple(replace(each, ids={}) for each in result.changes))


def _refusal(refusal: Refusal, width: int, paint: Paint) -> Iterator[str]:
    word = f"Needs {refusal.lifted_by}: " if refusal.lifted_by else "Refused: "
    first, *rest = _wrapped(word + plain(refusal.message), width)
    yield paint("bad", word) + first.removeprefix(word)
    yield from rest


def _requests(rehearsal: Rehearsal) -> str:
    methods: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    for each in rehearsal.made:
        methods[each.method] += each.count
        categories[each.category or "other"] += each.count
    if not methods:
        return "Requests made: none."
    parts = "; ".join(", ".join(f"{name} {count}" for name, count in each.items()) for each in (methods, categories))
    return f"Requests made: {methods.total()} ({parts})."


def _limits(plan: Plan) -> str:
    return f"Planned {found[:1].lower()}{found[1:]}" if (found := budget(plan)) else ""


def _afterwards(found: Afterwards, width: int, paint: Paint) -> Iterator[str]:
    tone: Tone = "good" if found.is_settled else "bad"
    if found.plan is not None:
        if found.is_settled:
            text = summary(found.plan)
            yield paint(tone, f"A plan afterwards: {text[:1].lower()}{text[1:]}")
            return
        yield paint(tone, "A plan afterwards is not empty:")
        yield from ("", *plan_text(found.plan, width=width, paint=paint).split("\n"), "")
    elif found.drift is not None:
        if found.is_settled:
            yield paint(tone, "Everything is as it was applied (a second plan needs the manifest: -f).")
            return
        yield paint(tone, "Afterwards not everything is as it was applied:")
        yield from ("", *drift_text(found.drift, width=width, paint=paint).split("\n"), "")
    elif found.error is not None:
        yield paint(tone, "What there is afterwards can't be told:")
        yield from error_text(found.error, width=width, paint=paint).split("\n")


def _touched(rehearsal: Rehearsal) -> str:
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(rehearsal.copied.items())) or "nothing"
    reads = f"{rehearsal.reads} read{'s' if rehearsal.reads != 1 else ''}"
    return (
        f"Rehearsed on a copy of {counts}; {reads} went to {plain(rehearsal.target)} and nothing else. "
        "No callback was delivered, and the state is as it was."
    )


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)


def rehearsal_document(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return a rehearsal as a document."""
    plan, result = rehearsal.plan, rehearsal.result
    told = result_document(plan, result) if result is not None else None
    return {
        "format_version": FORMAT_VERSION,
        "kind": "rehearsal",
        "exit_code": int(rehearsal.exit_code),
        "rehearsed": result is not None,
        "target": rehearsal.target,
        "reads": rehearsal.reads,
        "copied": dict(sorted(rehearsal.copied.items())),
        "needs": list(rehearsal.needs),
        "plan": plan_document(plan),
        "result": told,
        "requests": [
            {"method": each.method, "category": each.category, "count": each.count} for each in rehearsal.made
        ],
        "afterwards": _found_document(rehearsal.afterwards) if rehearsal.afterwards is not None else None,
    }


def _found_document(found: Afterwards) -> dict[str, Any]:
    return {
        "is_settled": found.is_settled,
        "plan": plan_document(found.plan) if found.plan is not None else None,
        "drift": drift_document(found.drift) if found.drift is not None else None,
        "error": error_document(found.error)["error"] if found.error is not None else None,
    }
