"""A partial plan: the changes that were asked for, with everything that they can't do without."""

from __future__ import annotations

from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.planner.context import Context, parent_of
from rtcctl.planner.order import dependents


def limit(context: Context) -> int:
    """Leave out what was not asked for; return how many changes with calls that are.

    An app covers all that hangs on it. What a change needs, and what has to let go of an object before it is taken
    down, comes along.
    """
    wanted = _closure(context)
    dropped = [draft for address, draft in context.drafts.items() if address not in wanted]
    for draft in dropped:
        del context.drafts[draft.address]
    kept = [each for each in context.refusals if each.address is None or each.address in wanted]
    context.refusals[:] = kept
    return sum(1 for draft in dropped if draft.forward or draft.teardown or draft.predecessors)


def _closure(context: Context) -> frozenset[Address]:
    releasing = dependents(context.drafts)
    found: set[Address] = set()
    ahead = [address for address in context.drafts if _is_target(context, address)]
    while ahead:
        address = ahead.pop()
        if address in found or address not in context.drafts:
            continue
        found.add(address)
        draft = context.drafts[address]
        ahead += (need for need in draft.needs if need.kind not in draft.kind.after)  # those merely come first
        if draft.teardown or draft.predecessors:
            ahead += releasing[address]
        ahead += _moved_along(context, address)
    return frozenset(found)


def _is_target(context: Context, address: Address) -> bool:
    parent = parent_of(KINDS[address.kind], address)
    names = {address, parent, *(context.former.get(each) for each in (address, parent) if each is not None)}
    return bool(names & context.options.targets)


def _moved_along(context: Context, address: Address) -> list[Address]:
    """Return what moved with an app: left behind under its old name, it would look like something nobody declares."""
    app = parent_of(KINDS[address.kind], address) or address
    return [other for other in context.former if other.name == app.name] if app in context.former else []
