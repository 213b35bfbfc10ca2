"""Markdown for a merge request's comment or a build's summary: what matters on top, then a fold for each app.

GitHub takes comments of 65,536 characters. What is written never has more, nor more bytes in UTF-8: changes that
don't fit are left out and counted. The last line is a mark by which a pipeline finds its own comment again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote

from rtcctl.errors import Diagnostic
from rtcctl.model.drift import Drift
from rtcctl.model.finished import Applied, Compared, Failed, Finished
from rtcctl.model.plan import Broken, Change, MemberChange, Plan, Refusal
from rtcctl.model.result import ApplyResult
from rtcctl.model.run import Run
from rtcctl.reports.digest import (
    broken,
    consequences,
    counts,
    groups,
    headline,
    is_refused,
    notes,
    plan_of,
    told,
    warnings,
)
from rtcctl.reports.following import stands
from rtcctl.reports.marked import LETTERS, code, fenced, prose
from rtcctl.reports.style import Style
from rtcctl.reports.wording import became, cut, flags, happened, member_name, plain, shown

LIMIT = 65_536
_SECTION = 9_000
"""Bytes that a list on top may take, so that a long one leaves room for the others and for the changes."""
_END = 400
_MARK = 100
"""Letters of a project's name that the mark holds as they are."""
_COLOURS = {"create": "+", "delete": "-", "replace": "!", "update": "!", "forget": "-"}
"""How a line has to begin to be green, red or orange in a `diff` block."""


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write how a command ended as Markdown."""
    top = "\n".join(_top(finished))
    plan = plan_of(finished)
    parts = [top]
    room = LIMIT - _END - _bytes(top)
    if plan is not None:
        parts += _folds(plan, room)
    elif isinstance(finished, Compared):
        parts += _moved(finished.drift, room)
    return "\n".join([*parts, "", mark(finished.run)])


def mark(run: Run) -> str:
    """Return the hidden mark of a project's comment; where the manifest could not be read it names none.

    Each project has one of its own, written as in a URL; a comment of HTML may hold no `--`.
    """
    name = quote(run.project, safe="", errors="surrogatepass").replace("--", "-%2D")
    if len(name) > _MARK:
        name = f"{name[:_MARK]}+{hashlib.sha256(name.encode()).hexdigest()[:32]}"  # + is in no other name
    return f"<!-- rtcctl:{name} -->" if name else "<!-- rtcctl -->"


def _top(finished: Finished) -> Iterator[str]:
    project = f"{code(finished.run.project)}: " if finished.run.project else ""
    yield f"### {project}{prose(headline(finished))}"
    if isinstance(finished, Failed) and not is_refused(finished):
        yield from _list("", _error(finished))
    yield from _list("Accounts that are missing", map(_broken, broken(finished)))
    plan = plan_of(finished)
    if isinstance(finished, Applied):
        yield from _list("Not as asked", _result(finished.result))
    elif plan is not None:
        yield from _list("Safety", map(_refusal, plan.refusals))
    yield from _list("Warnings", map(_diagnostic, warnings(finished)))
    if plan is not None:
        says = (f"- {code(str(each.address))}: {prose(each.says)}" for each in consequences(plan))
        yield from _list("What this does to people and recordings", says)
        yield from _list("In sum", (f"- {prose(note)}" for note in notes(plan)))


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    """Yield a list under its title, cut where it gets long; nothing where it is empty."""
    left, out, begun = _SECTION, 0, False
    for item in items:
        if not begun:
            yield from ("", f"**{title}**", "") if title else ("",)
            begun = True
        left -= _bytes(item) + 1
        if left < 0 or out:
            out += 1
        else:
            yield item
    if out:
        yield f"- … and {out} more, left out here"


def _refusal(refusal: Refusal) -> str:
    word = f"Needs {code(refusal.lifted_by)}" if refusal.lifted_by else "Refused"
    return f"- **{word}** ({code(refusal.rule)}): {prose(refusal.message)}"


def _broken(each: Broken) -> str:
    return f"- {code(each.account)}: **{prose(each.why)}**{_mend(each.error.mend)}"


def _diagnostic(diagnostic: Diagnostic) -> str:
    place = f"{code(str(diagnostic.place))}: " if diagnostic.place else ""
    return f"- {place}{prose(diagnostic.message)}{_mend(diagnostic.mend)}"


def _mend(text: str) -> str:
    return f" – *{prose(text)}*" if text else ""


def _error(finished: Failed) -> Iterator[str]:
    error = finished.error
    yield f"- **{prose(error.message)}**"
    yield from (f"- {code(detail)}" for detail in error.details)
    yield from (f"- *{prose(error.mend)}*",) if error.mend else ()
    yield from (f"{_diagnostic(each)} ({each.severity})" for each in getattr(error, "diagnostics", ()))


def _result(result: ApplyResult) -> Iterator[str]:
    for each in result.changes:
        if each.outcome != "done":
            said = f": {prose(each.error.message)}" if each.error else ""
            mend = _mend(each.error.mend) if each.error else ""
            yield f"- **{became(each)}** {code(str(each.change.address))}{said}{mend}"
    if result.error is not None:
        yield f"- **{prose(result.error.message)}**{_mend(result.error.mend)}"
    for job in result.followed:
        if job.ending != "reached":
            yield f"- {code(str(job.address))} is not {job.aim}: {prose(stands(job.standing))}"


def _folds(plan: Plan, room: int) -> Iterator[str]:
    """Yield a fold for each app with as many changes as there is room for, and say how many there was none for."""
    full, out = False, 0
    for name, changes in groups(told(plan)).items():
        title = f"<code>{escape(cut(plain(name), LETTERS))}</code>: {counts(changes)}"
        begin, end = ["", f"<details><summary>{title}</summary>", ""], ["", "</details>"]
        room -= _bytes("\n".join([*begin, *end])) + 100  # the fence, however long, is counted with its lines
        lines: list[str] = []
        for change in changes:
            block = list(_change(change))
            size = _bytes("\n".join(block)) + 2 * _ticks(block) + 1
            full = full or size > room
            if full:
                out += 1
            else:
                room -= size
                lines += block
        if lines:
            yield from (*begin, *fenced(lines, "diff"), *end)
    if out:
        yield from ("", f"**{out} change{'s' if out != 1 else ''} left out**: there is no room for more here.")


def _change(change: Change) -> Iterator[str]:
    beside = ", ".join(part for part in (change.action, flags(change), change.reason) if part)
    colour = _COLOURS.get(change.action, "#")
    place = f"  # {change.place}" if change.place else ""
    yield cut(plain(f"{colour} {change.address} ({beside}){place}"), 2 * LETTERS)
    for member in change.members:
        yield from _member(member)


def _member(member: MemberChange) -> Iterator[str]:
    notes = [
        word for word, holds in (("forces replacement", member.forces_replacement), ("drift", member.drift)) if holds
    ]
    note = f"  # {', '.join(notes)}" if notes else ""
    name = cut(member_name(member), LETTERS)
    if member.old is not None:
        yield f"-     {name}: {cut(shown(member.old), LETTERS)}"
    new = "(none)" if member.new is None else cut(shown(member.new), LETTERS)
    yield f"+     {name}: {new}{note}"


def _moved(drift: Drift, room: int) -> Iterator[str]:
    lines: list[str] = []
    out = 0
    for each in drift.objects:
        block = [cut(plain(f"! {each.address}: {happened(each)}"), 2 * LETTERS)]
        block += [line for member in each.members for line in _member(member)]
        size = _bytes("\n".join(block)) + 2 * _ticks(block) + 1
        if out or size > room - 100:
            out += 1
        else:
            room -= size
            lines += block
    yield from ("", *fenced(lines, "diff")) if lines else ()
    if out:
        yield from ("", f"**{out} object{'s' if out != 1 else ''} left out**: there is no room for more here.")


def _ticks(lines: list[str]) -> int:
    """Count backticks, which may make the fence longer by as many."""
    return sum(line.count("`") for line in lines)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))
