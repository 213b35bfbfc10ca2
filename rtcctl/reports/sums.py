"""A plan summed up in sentences that every format shares; each is empty where there is nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtcctl.model.drift import Drift
    from rtcctl.model.plan import Broken, Plan
    from rtcctl.model.result import ApplyResult


def summary(plan: Plan) -> str:
    """Sum a plan up in one line, as other tools of this kind do; a replacement counts as one added, one destroyed."""
    if not plan.has_changes:
        recorded = f" {plan.to_record} to record." if plan.to_record else ""
        return f"{'No changes in the accounts that were planned' if plan.broken else 'No changes'}.{recorded}"
    replaced = plan.count("replace")
    added, changed, destroyed = plan.count("create"), plan.count("update"), plan.count("delete")
    recorded = f" {plan.to_record} to record." if plan.to_record else ""
    more = recorded + (f" {_accounts(plan.broken)}." if plan.broken else "")
    return f"Plan: {added + replaced} to add, {changed} to change, {destroyed + replaced} to destroy.{more}"


def blast(plan: Plan) -> str:
    """Say what the plan takes from people."""
    if not plan.blast:
        return ""
    *first, last = plan.blast
    return f"This would {', '.join(first)} and {last}." if first else f"This would {last}."


def budget(plan: Plan) -> str:
    """Say how many calls the plan costs, and the least time that the documented limits leave for them.

    Whether apps, rules, automatic recording and callbacks share a limit is unconfirmed, so both times are told where
    they differ.
    """
    cost = plan.budget
    if not cost.categories:
        return ""
    parts = ", ".join(f"{each.category} {_count(each.calls, each.at_most)}" for each in cost.categories)
    times = {
        "category": f"{_time(cost.seconds)} where each category has its own",
        "shared": f"{_time(cost.shared_seconds)} where they share one",
    }
    other = "category" if cost.assumes == "shared" else "shared"
    if cost.seconds == cost.shared_seconds:
        time = _time(cost.seconds)
    else:
        time = f"{times[cost.assumes]} (assumed), {times[other]}"
    return f"Calls: {_count(cost.calls, cost.at_most)} ({parts}); the documented limits ask for {time}."


def _count(calls: int, at_most: int) -> str:
    return str(calls) if calls == at_most else f"{calls} to {at_most}"


def _time(seconds: float) -> str:
    return f"at least {seconds:.0f} s" if seconds else "no waiting"


def drift(plan: Plan) -> str:
    """Say how much of the plan undoes what happened outside."""
    count = sum(1 for change in plan.changes if change.repairs_drift and change.steps)
    return f"{count} of these {'changes repairs' if count == 1 else 'changes repair'} drift." if count else ""


def unread(plan: Plan) -> str:
    """Say what was not read."""
    if plan.refresh == "all" or not plan.assumed:
        return ""
    objects = f"{plan.assumed} object{'s were' if plan.assumed != 1 else ' was'}"
    return f"{objects} not read and taken to be as last applied (--refresh={plan.refresh})."


def partial(plan: Plan) -> str:
    """Say that the plan is not the whole one."""
    if not plan.targets:
        return ""
    names = ", ".join(map(str, plan.targets))
    left = f"{plan.left_out} other change{'s are' if plan.left_out != 1 else ' is'} left out"
    return f"PARTIAL PLAN: only {names} and what that needs; {left if plan.left_out else 'nothing else would change'}."


def unmanaged(plan: Plan) -> str:
    """Say what is left alone."""
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(plan.unmanaged.items()))
    return f"Not managed here and left alone: {counts}." if counts else ""


def outcome(result: ApplyResult) -> str:
    """Sum up in one line how an apply ended."""
    done = result.of("done")
    counts = {
        "added": sum(each.change.action in ("create", "replace") for each in done),
        "changed": sum(each.change.action == "update" for each in done),
        "destroyed": sum(each.change.action in ("delete", "replace") for each in done),
    }
    parts = [f"{count} {word}" for word, count in counts.items()]
    others = {
        "failed": result.of("failed"),
        "unknown": result.of("unknown"),
        "not attempted": result.of("not attempted"),
    }
    parts += [f"{len(each)} {word}" for word, each in others.items() if each]
    recorded = f" {result.recorded} recorded." if result.recorded else ""
    if result.broken:
        parts.append(_accounts(result.broken))
    whole = len(done) == len(result.changes) and not result.broken
    word = "Interrupted" if result.interrupted else "Applied" if whole else "Incomplete"
    word += f" ({result.ended})" if result.ended and word != "Applied" else ""
    return f"{word}: {', '.join(parts)}.{recorded}"


def moved(found: Drift) -> str:
    """Sum up in one line what happened outside."""
    words = ("changed", "deleted", "stopped")
    counts = [f"{found.count(word)} {word}" for word in words if found.count(word)]  # type: ignore[arg-type]
    same = found.checked - len(found.objects)
    missing = f" {_accounts(found.broken)}." if found.broken else ""
    if not counts:
        return f"No drift: {found.checked} object{'s' if found.checked != 1 else ''} looked at.{missing}"
    return f"Drift: {', '.join(counts)} outside rtcctl, {same} as last applied.{missing}"


def _accounts(broken: tuple[Broken, ...]) -> str:
    return f"{len(broken)} account{'s' if len(broken) != 1 else ''} missing"


def valid(resources: int) -> str:
    """Say in one line that a manifest has no errors."""
    return f"Valid: {resources} resource{'s' if resources != 1 else ''}."
