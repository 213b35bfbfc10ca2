"""One HTML page: no network, no script, light and dark, narrow and wide, and on paper.

Its policy allows the style that it has in it and nothing else, so that not even a mistake in here could load anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from rtcctl.errors import Diagnostic
from rtcctl.model.drift import Drift
from rtcctl.model.finished import Applied, Compared, Failed, Finished, Validated
from rtcctl.model.plan import Broken, Change, MemberChange, Plan, Refusal, Step
from rtcctl.model.result import ApplyResult
from rtcctl.reports.digest import (
    broken,
    consequences,
    counts,
    groups,
    headline,
    is_bad,
    is_refused,
    notes,
    plan_of,
    told,
    warnings,
)
from rtcctl.reports.following import stands
from rtcctl.reports.page_style import CSS
from rtcctl.reports.pictures.changes import figure
from rtcctl.reports.style import Style
from rtcctl.reports.wording import SYMBOLS, became, flags, happened, member_name, plain, shown

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_TONES = {"create": "good", "update": "changed", "delete": "bad", "replace": "bad"}


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write how a command ended as a page."""
    title = f"rtcctl {finished.run.command}".strip()
    about = ", ".join(
        part for part in (title, f"project {finished.run.project}" if finished.run.project else "") if part
    )
    tone = ' class="bad"' if is_bad(finished) else ""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(f'{about}: {headline(finished)}')}</title>",
        f"<style>{CSS}</style>",
        "</head>",
        "<body>",
        f"<header><p>{_text(about)}</p>",
        f"<h1{tone}>{_text(headline(finished))}</h1></header>",
        "<main>",
        *_body(finished),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines)


def _body(finished: Finished) -> Iterator[str]:
    if isinstance(finished, Failed) and not is_refused(finished):
        yield from _panel("bad", "Error", _error(finished))
    yield from _panel("bad", "Accounts that are missing", map(_broken, broken(finished)))
    plan = plan_of(finished)
    if isinstance(finished, Applied):
        yield from _result(finished.result)
    elif plan is not None:
        hard = any(not refusal.lifted_by for refusal in plan.refusals)
        yield from _panel("bad" if hard else "", "Safety", map(_refusal, plan.refusals))
    yield from _panel("", "Warnings", map(_diagnostic, warnings(finished)))
    if plan is not None:
        yield from _plan(plan)
    elif isinstance(finished, Compared):
        yield from _drift(finished.drift)
    elif isinstance(finished, Validated):
        yield from _section("Resources", (_code(str(address)) for address in finished.resources))


def _broken(each: Broken) -> str:
    return f"{_code(each.account)}: {_text(each.why)}{_mend(each.error.mend)}"


def _plan(plan: Plan) -> Iterator[str]:
    says = (f"{_code(str(each.address))}: {_text(each.says)}" for each in consequences(plan))
    yield from _section("What this does to people and recordings", says)
    yield from _section("In sum", map(_text, notes(plan)))
    found = groups(told(plan))
    if found:
        yield "<h2>Changes</h2>"
    for name, changes in found.items():
        beside = f'<span class="note">{_text(counts(changes))}</span>'
        yield f"<details open><summary><b>{_text(name)}</b> {beside}</summary>"
        for change in changes:
            yield from _change(change)
        yield "</details>"


def _change(change: Change) -> Iterator[str]:
    tone = _TONES.get(change.action, "note")
    sign = f'<span class="sign {tone}">{_text(SYMBOLS[change.action].strip())}</span>'
    action = f'<span class="{tone}">{_text(change.action)}</span>'
    yield "<article>"
    yield f"<h3>{sign}{_code(str(change.address))} {action}</h3>"
    beside = ", ".join(part for part in (flags(change), change.reason) if part)
    place = f" {_code(str(change.place))}" if change.place else ""
    if beside or place:
        yield f'<p class="note">{_text(beside)}{place}</p>'
    yield from _members(change.members, ("before", "after"))
    yield from figure(change)
    if change.action in ("update", "replace") and change.unchanged:
        yield f'<p class="note">{change.unchanged} unchanged</p>'
    yield from (f'<p class="changed">! {_text(says)}</p>' for says in change.consequences)
    if change.steps:
        yield f"<pre>{_text_lines(_call(step) for step in change.steps)}</pre>"
    yield "</article>"


def _members(members: Iterable[MemberChange], titles: tuple[str, str]) -> Iterator[str]:
    before, after = titles
    rows = [_member(member, before, after) for member in members]
    if rows:
        head = "".join(f"<th>{name}</th>" for name in ("member", before, after, ""))
        yield f"<table><thead><tr>{head}</tr></thead><tbody>"
        yield from rows
        yield "</tbody></table>"


def _member(member: MemberChange, before: str, after: str) -> str:
    words = (("forces replacement", member.forces_replacement), ("changed outside rtcctl", member.drift))
    beside = [word for word, holds in words if holds] + ([str(member.place)] if member.place else [])
    old = "" if member.old is None else f"<del>{_text(shown(member.old))}</del>"
    new = "(none)" if member.new is None else _text(shown(member.new))
    cells = (
        f"<td>{_text(member_name(member))}</td>",
        f'<td data-name="{before}">{old}</td>' if old else "<td></td>",
        f'<td data-name="{after}"><ins>{new}</ins></td>',
        f'<td class="note">{_text(", ".join(beside))}</td>',
    )
    return f"<tr>{''.join(cells)}</tr>"


def _call(step: Step) -> str:
    return f"{step.call.method} {step.call.path}" + ("  (only if refused with 400)" if step.only_if_refused else "")


def _result(result: ApplyResult) -> Iterator[str]:
    if result.error is not None:
        yield from _panel("bad", "Error", filter(None, (_text(result.error.message), _text(result.error.mend))))
    if result.changes:
        yield '<h2>What became of it</h2><table class="wide"><thead><tr><th>object</th><th>outcome</th><th>ids</th>'
        yield "<th>told by the service</th></tr></thead><tbody>"
    for each in result.changes:
        tone = "good" if each.outcome == "done" else "bad"
        ids = "; ".join(f"{name} {value}" for name, value in each.ids.items())
        status = "; ".join(f"{name} {value}" for name, value in each.status.items())
        error = f"{_text(each.error.message)}{_mend(each.error.mend)}" if each.error else ""
        yield (
            f'<tr><td>{_text(str(each.change.address))}</td><td class="{tone}">{_text(became(each))}</td>'
            f"<td>{_text(ids)}</td><td>{_text(status)}{error}</td></tr>"
        )
    if result.changes:
        yield "</tbody></table>"
    jobs = (
        f"{_code(str(job.address))}: {_text(stands(job.standing))}"
        + ("" if job.ending == "reached" else f' <span class="bad">not {_text(job.aim)}</span>')
        for job in result.followed
    )
    yield from _section("Jobs that were waited for", jobs)


def _drift(drift: Drift) -> Iterator[str]:
    if drift.objects:
        yield "<h2>Objects</h2><details open><summary><b>not as last applied</b></summary>"
    for each in drift.objects:
        tone = "note" if each.happened == "ended" else "changed"
        yield f'<article><h3>{_code(str(each.address))} <span class="{tone}">{_text(happened(each))}</span></h3>'
        yield from _members(each.members, ("applied", "live"))
        yield "</article>"
    if drift.objects:
        yield "</details>"


def _refusal(refusal: Refusal) -> str:
    word = f"Needs {_code(refusal.lifted_by)}" if refusal.lifted_by else '<b class="bad">Refused</b>'
    return f"{word} ({_code(refusal.rule)}): {_text(refusal.message)}"


def _diagnostic(diagnostic: Diagnostic) -> str:
    place = f"{_code(str(diagnostic.place))}: " if diagnostic.place else ""
    source = f"<pre>{_text(diagnostic.source.strip())}</pre>" if diagnostic.source else ""
    return f"{place}{_text(diagnostic.message)}{source}{_mend(diagnostic.mend)}"


def _error(finished: Failed) -> Iterator[str]:
    error = finished.error
    yield _text(error.message)
    yield from map(_code, error.details)
    yield from (_text(error.mend),) if error.mend else ()
    yield from (f"{each.severity} {_diagnostic(each)}" for each in getattr(error, "diagnostics", ()))


def _mend(text: str) -> str:
    return f"<small>{_text(text)}</small>" if text else ""


def _panel(tone: str, title: str, items: Iterable[str]) -> Iterator[str]:
    rows = [f"<li>{item}</li>" for item in items]
    if rows:
        yield f'<section class="{f"panel {tone}".strip()}"><h2>{title}</h2><ul>'
        yield from (*rows, "</ul></section>")


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    rows = [f"<li>{item}</li>" for item in items]
    if rows:
        yield from (f"<h2>{title}</h2><ul>", *rows, "</ul>")


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    """Write foreign text: nothing in it is markup, and what can't be seen is written out."""
    return escape(plain(text))


def _text_lines(lines: Iterable[str]) -> str:
    return "\n".join(map(_text, lines))
