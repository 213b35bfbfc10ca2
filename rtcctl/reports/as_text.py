"""Plans and results as text for a terminal or a log: 80 columns up, nothing told by colour alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from rtcctl.errors import Diagnostic, RtcctlError
from rtcctl.kinds import KINDS
from rtcctl.model.cells import columns
from rtcctl.model.plan import Broken, Change, MemberChange, Plan, Refusal, Step
from rtcctl.reports.style import Paint, Tone, uncoloured
from rtcctl.reports.sums import blast, budget, drift, outcome, partial, summary, unmanaged, unread
from rtcctl.reports.wording import SYMBOLS, became, flags, member_name, plain, shown

if TYPE_CHECKING:
    from rtcctl.model.result import ApplyResult, ChangeResult

_TONES: dict[str, Tone] = {"create": "good", "update": "changed", "delete": "bad", "replace": "bad"}
_INDENT = 6


def plan_text(plan: Plan, *, width: int = 80, paint: Paint = uncoloured, allowed: Sequence[str] = ()) -> str:
    """Write a plan: what changes with its reason, members and calls; then what speaks against it; then the sum.

    `allowed` are flags by which it does not: what they lift is told as allowed.
    """
    lines: list[str] = []
    for change in plan.changes:
        if change.action != "no-op" or change.reason or change.moved_from:
            lines += [*_change(change, width, paint), ""]
    lines += broken_lines(plan.broken, width, paint)
    lines += [line for refusal in plan.refusals for line in _refusal(refusal, width, paint, allowed)]
    if plan.refusals:
        lines.append("")
    if plan.unmanaged:
        lines += [*(paint("quiet", line) for line in textwrap.wrap(plain(unmanaged(plan)), width)), ""]
    notes: dict[str, Tone] = {unread(plan): "quiet", drift(plan): "quiet", budget(plan): "quiet"}
    for note, tone in (notes | {blast(plan): "bad", partial(plan): "changed"}).items():
        lines += [paint(tone, line) for line in textwrap.wrap(plain(note), width, break_on_hyphens=False)]
    lines.append(paint("strong", summary(plan)))
    return "\n".join(lines)


def broken_lines(broken: Sequence[Broken], width: int, paint: Paint) -> Iterator[str]:
    """Yield what is wrong with the accounts that are missing, and what to do."""
    for each in broken:
        text = plain(f"account {each.account} is missing: {each.why}")
        yield from (paint("bad", line) for line in textwrap.wrap(text, width, subsequent_indent="    "))
        yield from (_filled(f"  = {plain(each.error.mend)}", width) if each.error.mend else ())
    if broken:
        yield ""


def _change(change: Change, width: int, paint: Paint) -> Iterator[str]:
    symbol = SYMBOLS[change.action]
    beside = plain(", ".join(part for part in (flags(change), change.reason) if part))
    head = f"{symbol:>3} {plain(str(change.address))}"
    painted = paint(_TONES.get(change.action, "strong"), head)
    if len(head) + len(beside) + 4 <= width:
        yield painted + (paint("quiet", f"  # {beside}") if beside else "")
    else:
        yield painted
        yield from (paint("quiet", line) for line in wrapped(f"# {beside}", width))
    yield from member_lines(change.members, width, paint)
    if change.action in ("update", "replace") and change.unchanged:
        yield paint("quiet", f"{'':{_INDENT}}# {change.unchanged} unchanged")
    for consequence in change.consequences:
        yield from (paint("changed", line) for line in wrapped(f"! {consequence}", width))
    for step in change.steps:
        yield paint("quiet", f"{'':{_INDENT}}{_call(step)}")


def member_lines(
    members: Sequence[MemberChange], width: int, paint: Paint, *, drift_is_said: bool = False
) -> Iterator[str]:
    """Yield the lines of members that differ, old and new side by side; long values wrap."""
    widest = max((len(member_name(member)) for member in members), default=0)
    for member in members:
        yield from _member(replace(member, drift=member.drift and not drift_is_said), widest, width, paint)


def _member(member: MemberChange, widest: int, width: int, paint: Paint) -> Iterator[str]:
    name = f"{'':{_INDENT}}{member_name(member):{min(widest, 40)}}  "
    new = "(none)" if member.new is None else shown(member.new)
    value = new if member.old is None else f"{shown(member.old)} → {new}"
    notes = []
    if member.forces_replacement and member.old is not None:
        notes.append("forces replacement")
    if member.drift:
        notes.append("changed outside rtcctl")
    if member.place is not None and member.old is not None:
        notes.append(plain(str(member.place)))
    note = f"  # {', '.join(notes)}" if notes else ""
    if len(name) + len(value) + len(note) <= width:
        yield name + value + paint("quiet", note)
        return
    room = max(width - len(name), 20)
    first, *rest = textwrap.wrap(value, room, break_on_hyphens=False) or [""]
    yield name + first
    yield from (" " * len(name) + line for line in rest)
    yield from (paint("quiet", line) for line in wrapped(note.strip(), width, deeper=2))


def _call(step: Step) -> str:
    condition = "  (only if refused with 400)" if step.only_if_refused else ""
    old = "  (the old one)" if step.effect == "deposed-deleted" else ""
    return f"{step.call.method} {step.call.path}{condition or old}"


def _refusal(refusal: Refusal, width: int, paint: Paint, allowed: Sequence[str]) -> Iterator[str]:
    beginning = "Allowed by" if refusal.lifted_by in allowed else "Needs"
    word = f"{beginning} {plain(refusal.lifted_by)}: " if refusal.lifted_by else "Refused: "
    first, *rest = textwrap.wrap(
        plain(refusal.message), width, initial_indent=word, subsequent_indent="  ", break_on_hyphens=False
    ) or [word]
    yield paint("bad", word) + first.removeprefix(word)
    yield from rest


def wrapped(text: str, width: int, *, deeper: int = 0) -> list[str]:
    """Wrap a text under a change's head."""
    pad = " " * (_INDENT + deeper)
    return textwrap.wrap(plain(text), width, initial_indent=pad, subsequent_indent=f"{pad}  ", break_on_hyphens=False)


def result_text(result: ApplyResult, *, width: int = 80, paint: Paint = uncoloured) -> str:
    """Write how an apply ended: every object with its state, then what failed and why, then the sum."""
    widest = max((len(str(each.change.address)) for each in result.changes), default=0)
    lines = [line for each in result.changes for line in _result(each, widest, width, paint)]
    if lines:
        lines.append("")
    if result.followed:
        from rtcctl.reports.following import followed_lines

        lines += [*followed_lines(result.followed, width=width, paint=paint), ""]
    lines += broken_lines(result.broken, width, paint)
    if result.error is not None:
        lines += [error_text(result.error, width=width, paint=paint), ""]
    lines.append(paint("strong", plain(outcome(result))))
    return "\n".join(lines)


def _result(result: ChangeResult, widest: int, width: int, paint: Paint) -> Iterator[str]:
    change = result.change
    word = became(result)
    own = result.ids.get(KINDS[change.address.kind].id_name, "") if change.action != "delete" else ""
    state = " ".join(result.status[name] for name in ("state", "stop_reason") if name in result.status)
    head = f"  {plain(str(change.address)):<{min(widest, 40)}}  "
    tone: Tone = "good" if result.outcome == "done" else "bad"
    facts = [plain(fact) for fact in (state, own) if fact]
    if len(head) + len(word) + sum(len(fact) + 1 for fact in facts) <= width:
        yield " ".join((head + paint(tone, word), *facts))
    else:
        yield head + paint(tone, word)
        yield f"{'':{_INDENT}}{' '.join(facts)}"
    if result.error is not None:
        yield from (paint("bad", line) for line in wrapped(result.error.message, width))
        if result.error.mend:
            yield from wrapped(f"= {result.error.mend}", width)


def diagnostic_text(diagnostic: Diagnostic, *, paint: Paint = uncoloured) -> str:
    """Write a finding with its place, the line it points at, a caret and the mend."""
    place = f"{diagnostic.place}: " if diagnostic.place else ""
    tone: Tone = "bad" if diagnostic.severity == "error" else "changed"
    lines = [f"{plain(place)}{paint(tone, diagnostic.severity)}: {plain(diagnostic.message)}"]
    if diagnostic.source and diagnostic.place is not None:
        number, source = str(diagnostic.place.line), diagnostic.source.replace("\t", " ")
        # What has to be written out before the caret makes the line longer, so the caret is counted afterwards.
        before = plain(source[: (diagnostic.caret or diagnostic.place.column) - 1])
        lines.append(f"  {number} | {plain(source)}")
        lines.append(f"  {'':{len(number)}} | {'':{columns(before)}}{paint(tone, '^')}")
    if diagnostic.mend:
        lines.append(f"  = {plain(diagnostic.mend)}")
    return "\n".join(lines)


def error_text(error: RtcctlError, *, width: int | None = None, paint: Paint = uncoloured) -> str:
    """Write an error with its mend; without a width a line each, so that a log can be searched."""
    first, *rest = _filled("error: " + plain(error.message), width)
    lines = [paint("bad", "error") + first.removeprefix("error"), *rest]
    lines += [line for detail in error.details for line in _filled(f"  {plain(detail)}", width)]
    lines += _filled(f"  = {plain(error.mend)}", width) if error.mend else []
    return "\n".join(lines)


def _filled(text: str, width: int | None) -> list[str]:
    if width is None:
        return [text]
    return textwrap.wrap(text, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
