"""The planner's way in: desired, live and ledger go in, a Plan comes out, and nothing else happens."""

from __future__ import annotations

from itertools import chain

from msgspec.structs import replace

from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Plan
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired, Resource
from rtcctl.model.uncollected import uncollected
from rtcctl.planner import scope
from rtcctl.planner.beforehand import check_options
from rtcctl.planner.blast import blast
from rtcctl.planner.budget import budget
from rtcctl.planner.consequences import consequences
from rtcctl.planner.context import Context
from rtcctl.planner.decide import decide
from rtcctl.planner.draft import Draft
from rtcctl.planner.in_use import refuse_in_use
from rtcctl.planner.index import Index
from rtcctl.planner.interrupted import resume
from rtcctl.planner.moves import follow
from rtcctl.planner.notes import unmanaged, warnings
from rtcctl.planner.options import Options
from rtcctl.planner.order import ordered
from rtcctl.planner.prune import not_ours, undeclared, with_predecessors
from rtcctl.planner.quota import keep_within
from rtcctl.planner.relied import facts
from rtcctl.planner.safety import refusals


def plan(desired: Desired, live: Live, ledger: Ledger, options: Options = Options()) -> Plan:  # noqa: B008 - frozen
    """Compare what is declared with what is live and what is owned, and say what has to happen.

    Raises:
        UsageError: the options name what is not there.
    """
    check_options(desired, ledger, options)
    with uncollected():
        return _plan(desired, live, ledger, options)


def _plan(desired: Desired, live: Live, ledger: Ledger, options: Options) -> Plan:
    today, former = follow(desired, ledger)
    index = Index(live)
    today = resume(desired, today, index)
    context = Context(desired, today, index, options, former, _roots(desired, today))
    _decide(context)
    left_out = scope.limit(context) if options.targets else 0
    keep_within(context, live)
    refuse_in_use(context)
    changes = ordered(context.drafts)
    return Plan(
        changes=changes,
        refusals=(*context.refusals, *refusals(context)),
        warnings=(*desired.warnings, *warnings(context, live)),
        unmanaged=unmanaged(context, live),
        # A part of the set says nothing about the number of its files.
        sources=ledger.sources if options.targets else len(desired.sources),
        budget=budget(changes, ledger.throttle),
        blast=blast(context.drafts.values()),
        facts=facts(context),
        targets=tuple(sorted(options.targets)),
        left_out=left_out,
        refresh=options.refresh,
        assumed=sum(found.assumed for found in live.objects),
    )


def _decide(context: Context) -> None:
    """Decide on everything declared, then on everything else that is owned, then add what follows from that."""
    of_kind: dict[str, list[Resource]] = {name: [] for name in KINDS}  # each after what it hangs on or refers to
    for resource in context.desired.resources.values():
        of_kind[resource.address.kind].append(resource)
    for resource in chain.from_iterable(of_kind.values()):
        context.add(decide(context, resource))
    going = list(undeclared(context))
    going += not_ours(context, going)
    # Taken down in the reverse of how it is built, and so it reads.
    rank = {name: index for index, name in enumerate(KINDS)}
    for draft in sorted(going, key=lambda each: -rank[each.kind.name]):
        context.add(draft)
    for address, draft in list(context.drafts.items()):
        context.drafts[address] = _finished(context, with_predecessors(context, draft))


def _roots(desired: Desired, ledger: Ledger) -> dict[tuple[str, tuple[str, ...] | None], Address]:
    """Find what stands alone by its natural key, as it is owned and, first of all, as it is declared."""
    found: dict[tuple[str, tuple[str, ...] | None], Address] = {}
    owned = ((address, entry.members) for address, entry in ledger.entries.items())
    declared = ((address, resource.members) for address, resource in desired.resources.items())
    for address, members in (*owned, *declared):
        kind = KINDS[address.kind]
        if not kind.parent:
            found[kind.name, kind.natural_key(members)] = address
    return found


def _finished(context: Context, draft: Draft) -> Draft:
    """Add what follows from a decision: consequences, and what the object used until now."""
    entry = context.ledger.entries.get(draft.address)
    used = draft.kind.uses(entry.members) if entry else ()
    releases = frozenset(context.roots[key] for key in used if key in context.roots)
    found = tuple(consequences(draft))
    if not found and not releases:  # most of a large plan is as it was, and a copy of each costs
        return draft
    return replace(draft, change=replace(draft.change, consequences=found), releases=releases)
