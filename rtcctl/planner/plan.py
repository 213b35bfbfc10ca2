"""The planner's way in: desired, live and ledger go in, a Plan comes out, and nothing else happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from rtcctl.errors import Diagnostic
from rtcctl.kinds import KINDS, children_of
from rtcctl.model.address import Address
from rtcctl.model.ledger import Ledger, Pending
from rtcctl.model.plan import Plan
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired
from rtcctl.planner.consequences import consequences
from rtcctl.planner.context import Context, Options
from rtcctl.planner.decide import decide
from rtcctl.planner.draft import Draft
from rtcctl.planner.index import Index
from rtcctl.planner.interrupted import resume
from rtcctl.planner.moves import follow
from rtcctl.planner.order import ordered
from rtcctl.planner.prune import not_ours, undeclared, with_predecessors
from rtcctl.planner.safety import refusals


def plan(desired: Desired, live: Live, ledger: Ledger, options: Options = Options()) -> Plan:  # noqa: B008 - frozen
    """Compare what is declared with what is live and what is owned, and say what has to happen."""
    today, former = follow(desired, ledger)
    index = Index(live)
    today = resume(desired, today, index)
    context = Context(desired, today, index, options, former, _roots(desired, today))
    for kind in KINDS.values():
        for address, resource in desired.resources.items():
            if address.kind == kind.name:
                context.add(decide(context, resource))
    going = list(undeclared(context))
    going += not_ours(context, going)
    # Taken down in the reverse of how it is built, and so it reads.
    rank = {name: index for index, name in enumerate(KINDS)}
    for draft in sorted(going, key=lambda each: -rank[each.kind.name]):
        context.add(draft)
    for address, draft in list(context.drafts.items()):
        context.drafts[address] = _finished(context, with_predecessors(context, draft))
    return Plan(
        changes=ordered(context.drafts),
        refusals=(*context.refusals, *refusals(context)),
        warnings=(*desired.warnings, *_warnings(context)),
        unmanaged=_unmanaged(context, live),
        sources=len(desired.sources),
    )


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
    change = replace(draft.change, consequences=tuple(consequences(draft.change)))
    return replace(draft, change=change, releases=releases)


def _warnings(context: Context) -> Iterator[Diagnostic]:
    """Report what the service alone decides and a user should know."""
    for address, ids in context.known.items():
        found = context.index.by_ids(KINDS[address.kind], ids)
        if found is not None and found.status.get("state") == "ARREARS":
            yield Diagnostic(
                f"{address} is in arrears: it can't be used until the account is paid, and no API call changes that",
                severity="warning",
            )
    for pending in context.ledger.pending:
        yield Diagnostic(
            f"an apply began to {pending.verb} {pending.address} at {pending.started} and never learned how that "
            f"ended; {_found(context, pending)}",
            severity="warning",
        )


def _found(context: Context, pending: Pending) -> str:
    if not pending.makes:
        return "this plan goes by what it is now"
    if KINDS[pending.address.kind].job:
        return "jobs can't be listed, so it may be running"
    return "it was found and is taken over" if pending.address in context.known else "it was not found"


def _unmanaged(context: Context, live: Live) -> dict[str, int]:
    """Count what nobody declared: foreign apps, and what hangs on our apps without being ours."""
    ours = {ids.get("app_id") for address, ids in context.known.items() if address.kind == "App"}
    counts: Counter[str] = Counter()
    children = {kind.name for kind in children_of("App")}
    for found in live.objects:
        kind = KINDS[found.kind]
        if context.is_matched(found) or not kind.exists(found) or kind.is_neutral(found):
            continue
        if kind.name == "App" or (kind.name in children and found.ids.get("app_id") in ours):
            counts[kind.name] += 1
    return dict(counts)
