"""A partial plan: the changes that were asked for, with everything that they can't do without."""

from __future__ import annotations

from collections.abc import Iterable

from rtcctl.errors import UsageError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Ledger
from rtcctl.model.resource import Desired
from rtcctl.planner.context import Context, Options, parent_of
from rtcctl.planner.order import dependents


def check_options(desired: Desired, ledger: Ledger, options: Options) -> None:
    """Refuse addresses that name nothing, and replacements that can't be made.

    Raises:
        UsageError: before anything is called.
    """
    pending = (each.address for each in ledger.pending)
    former = (resource.moved_from for resource in desired.resources.values() if resource.moved_from)
    known = {*desired.resources, *ledger.entries, *pending, *former}
    for address in sorted(options.targets - known):
        raise UsageError(f"--target {address}: neither manifest nor state has it", mend=_similar(address, known))
    for address in sorted(options.replace):
        if options.targets and not {address, Address(KINDS[address.kind].parent, address.name)} & options.targets:
            raise UsageError(f"--replace {address} is outside of --target", mend=f"add --target {address}")
        resource = desired.resources.get(address)
        if resource is None:
            mend = _similar(address, desired.resources)
            raise UsageError(f"--replace {address}: the manifest does not declare it", mend=mend)
        if KINDS[address.kind].natural_key(resource.members) is not None:
            message = f"--replace {address}: only jobs can be made anew; of others no two of one name can stand"
            raise UsageError(message, mend="take it out of the manifest, apply, and declare it again")


def _similar(address: Address, known: Iterable[Address]) -> str:
    import difflib

    names = sorted(map(str, known))
    close = difflib.get_close_matches(str(address), names, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names[:5]) or 'none'}"


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
