"""The plans of several accounts as the one that people see and decide on. Each is applied by itself all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from rtcctl.errors import Diagnostic, RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.budget import Budget, Calls
from rtcctl.model.call import Category
from rtcctl.model.limits import LIMITS
from rtcctl.model.plan import ALLOW_DESTROY, Broken, Change, Plan, Refusal, Step
from rtcctl.planner.blast import together

_MAX_DELETES = "max_deletes"


def joined(
    parts: Mapping[str, Plan], broken: Sequence[Broken], *, max_deletes: int, warnings: tuple[Diagnostic, ...] = ()
) -> Plan:
    """Return the plans of several accounts as one.

    Addresses and steps bear their accounts' names. Limits that hold for a plan hold for this one. Calls of several
    accounts are made at once, so that the slowest tells how long it takes.

    Args:
        parts: the plans, by account.
        broken: the accounts that have none.
        max_deletes: how many objects the whole plan may delete or replace without consent.
        warnings: those that concern all.
    """
    plans = tuple(parts.values())
    unmanaged: Counter[str] = Counter()
    for plan in plans:
        unmanaged.update(plan.unmanaged)
    return Plan(
        changes=tuple(named_change(change, account) for account, plan in parts.items() for change in plan.changes),
        refusals=tuple(_refusals(parts, max_deletes)),
        warnings=(*warnings, *_warnings(parts)),
        unmanaged=dict(unmanaged),
        sources=max((plan.sources for plan in plans), default=0),
        budget=_budget([plan.budget for plan in plans]),
        blast=together(plan.blast for plan in plans),
        targets=tuple(each.within(account) for account, plan in parts.items() for each in plan.targets),
        left_out=sum(plan.left_out for plan in plans),
        refresh=plans[0].refresh if plans else "all",
        assumed=sum(plan.assumed for plan in plans),
        broken=tuple(broken),
    )


def named_change(change: Change, account: str) -> Change:
    """Return a change as one of this account."""
    return replace(
        change,
        address=change.address.within(account),
        moved_from=_named(change.moved_from, account),
        steps=tuple(named_step(step, account) for step in change.steps),
    )


def named_step(step: Step, account: str) -> Step:
    """Return a step as one of this account."""
    return replace(
        step,
        id=f"{account}:{step.id}",
        address=step.address.within(account),
        after=tuple(f"{account}:{each}" for each in step.after),
        only_if_refused=step.only_if_refused and f"{account}:{step.only_if_refused}",
    )


def _named(address: Address | None, account: str) -> Address | None:
    return address.within(account) if address is not None else None


def _refusals(parts: Mapping[str, Plan], max_deletes: int) -> Iterator[Refusal]:
    for account, plan in parts.items():
        for each in plan.refusals:
            if each.rule != _MAX_DELETES:
                own = each.address is not None and each.message.startswith(str(each.address))
                message = f"{account}:{each.message}" if own else f"{account}: {each.message}"
                yield replace(each, message=message, address=_named(each.address, account))
    going = sum(change.action in ("delete", "replace") for plan in parts.values() for change in plan.changes)
    if going > max_deletes or any(each.rule == _MAX_DELETES for plan in parts.values() for each in plan.refusals):
        message = f"{going} objects would be deleted or replaced, max_deletes is {max_deletes}"
        yield Refusal(_MAX_DELETES, message, None, ALLOW_DESTROY)


def _warnings(parts: Mapping[str, Plan]) -> Iterator[Diagnostic]:
    for account, plan in parts.items():
        yield from (replace(each, message=f"{account}: {each.message}") for each in plan.warnings)


def _budget(budgets: Sequence[Budget]) -> Budget:
    of: dict[Category, list[Calls]] = {category: [] for category in LIMITS}
    for each in (calls for budget in budgets for calls in budget.categories):
        of[each.category].append(each)
    categories = tuple(
        Calls(
            category,
            sum(each.calls for each in found),
            sum(each.at_most for each in found),
            max(each.seconds for each in found),
        )
        for category, found in of.items()
        if found
    )
    return Budget(
        categories,
        max((budget.seconds for budget in budgets), default=0.0),
        max((budget.shared_seconds for budget in budgets), default=0.0),
        "shared" if any(budget.assumes == "shared" for budget in budgets) else "category",
    )


def joined_error(errors: Mapping[str, RtcctlError]) -> RtcctlError:
    """Return the first error, which says of which account it is, with those of other accounts below it."""
    (account, error), *others = errors.items()
    named_error(error, account)
    error.details = (*error.details, *(f"account {name}: {other.message}" for name, other in others))
    return error


def named_error(error: RtcctlError, account: str) -> None:
    """Let an error say of which account it is."""
    error.message = f"account {account}: {error.message}"
    error.args = (error.message,)
