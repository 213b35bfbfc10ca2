"""The order in which people read a finished run, for formats that are pages: what matters on top, then app by app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from rtcctl.errors import Diagnostic, RefusedError
from rtcctl.model.address import Address
from rtcctl.model.finished import Applied, Compared, Failed, Finished, Planned, Validated
from rtcctl.model.plan import Broken, Change, Plan
from rtcctl.reports.sums import blast, budget, drift, moved, outcome, partial, summary, unmanaged, unread, valid
from rtcctl.reports.wording import group


class Consequence(Struct, frozen=True):
    """What a change does to people and recordings."""

    address: Address
    says: str


def headline(finished: Finished) -> str:
    """Say in one line how it ended."""
    if isinstance(finished, Validated):
        return valid(len(finished.resources))
    if isinstance(finished, Planned):
        return summary(finished.plan)
    if isinstance(finished, Compared):
        return moved(finished.drift)
    if isinstance(finished, Applied):
        # Nothing was to be done and nothing was; "Applied: 0 added" would be read as news.
        result = finished.result
        return outcome(result) if result.changes or result.error or result.broken else summary(finished.plan)
    name, code = finished.run.command or "rtcctl", int(finished.error.exit_code)
    if is_refused(finished):
        return f"{name} is refused; nothing was changed (exit code {code})."
    return f"{name} ended with an error (exit code {code})."


def is_refused(finished: Failed) -> bool:
    """Tell whether the plan's own refusals say all that the error does."""
    return isinstance(finished.error, RefusedError) and finished.plan is not None and bool(finished.plan.refusals)


def is_bad(finished: Finished) -> bool:
    """Tell whether something is wrong, as against merely different."""
    if isinstance(finished, Applied):
        return finished.result.exit_code != 0
    if isinstance(finished, Planned):
        return bool(finished.plan.broken) or any(not refusal.lifted_by for refusal in finished.plan.refusals)
    return isinstance(finished, Failed)


def plan_of(finished: Finished) -> Plan | None:
    """Return the plan, where there is one."""
    return finished.plan if isinstance(finished, Planned | Applied | Failed) else None


def warnings(finished: Finished) -> tuple[Diagnostic, ...]:
    """Return the warnings; those of a manifest with errors stand among its findings."""
    if isinstance(finished, Validated):
        return finished.warnings
    plan = plan_of(finished)
    return plan.warnings if plan is not None else ()


def broken(finished: Finished) -> tuple[Broken, ...]:
    """Return the accounts that are missing."""
    if isinstance(finished, Applied):
        return finished.result.broken
    if isinstance(finished, Compared):
        return finished.drift.broken
    plan = plan_of(finished)
    return plan.broken if plan is not None else ()


def consequences(plan: Plan) -> tuple[Consequence, ...]:
    """Return what the plan does to people and recordings, change by change."""
    return tuple(Consequence(change.address, says) for change in plan.changes for says in change.consequences)


def notes(plan: Plan) -> tuple[str, ...]:
    """Return what else there is to know of a plan, a sentence or two each."""
    return tuple(filter(None, (partial(plan), blast(plan), drift(plan), unread(plan), unmanaged(plan), budget(plan))))


def told(plan: Plan) -> Iterator[Change]:
    """Yield the changes of which there is something to say."""
    return (change for change in plan.changes if change.action != "no-op" or change.reason or change.moved_from)


def groups(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Sort changes by the app that they are shown under, in the order in which they come."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(group(change.address), []).append(change)
    return found


def counts(changes: Iterable[Change]) -> str:
    """Say how many changes of each kind there are."""
    found: dict[str, int] = {}
    for change in changes:
        found[change.action] = found.get(change.action, 0) + 1
    return ", ".join(f"{count} {action}" for action, count in found.items())
