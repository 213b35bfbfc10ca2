"""What happens to objects that are owned and no longer declared, and to what hangs on an app that goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from msgspec.structs import replace

from rtcctl.kinds import KINDS, Kind, Write, children_of
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry
from rtcctl.model.plan import Change
from rtcctl.model.remote import RemoteObject
from rtcctl.planner import jobs
from rtcctl.planner.consequences import NO_LONGER_DECLARED
from rtcctl.planner.context import Context, goes_to_another, parent_of
from rtcctl.planner.draft import Draft
from rtcctl.planner.index import identity, owned


def undeclared(context: Context) -> Iterator[Draft]:
    """Yield a decision on every owned object that is not declared any more."""
    for address, entry in context.ledger.entries.items():
        if address not in context.desired.resources:
            yield _undeclared(context, KINDS[address.kind], address, entry)


def _undeclared(context: Context, kind: Kind, address: Address, entry: Entry) -> Draft:
    live = context.index.by_ids(kind, entry.ids)
    if live is not None and (context.is_matched(live) or goes_to_another(context, kind, address, live)):
        return _forget(context, kind, address, "it is declared under another name")
    if live is not None:
        context.matched.add(id(live))
    over = jobs.ended(entry, live) if kind.job else ""
    if live is None or over:
        return _forget(context, kind, address, f"the job ended ({over})" if over else "it is gone already")
    if entry.adopted and kind.keeps_adopted:
        return _forget(context, kind, address, "it was there before rtcctl and is left as it is")
    writes = kind.delete(entry.ids, live)
    if not writes:
        parent = parent_of(kind, address)
        goes = parent is not None and (parent not in context.desired.resources or context.drafts[parent].is_new)
        return _forget(context, kind, address, f"it goes with {parent}" if goes else NO_LONGER_DECLARED)
    reason = "" if context.options.destroy else NO_LONGER_DECLARED
    change = Change(address, "delete", reason, moved_from=context.former.get(address), entry=None, records=True)
    return Draft(kind, change, teardown=writes, stops_job=kind.job, live=live)


def _forget(context: Context, kind: Kind, address: Address, reason: str) -> Draft:
    change = Change(address, "forget", reason, moved_from=context.former.get(address), entry=None, records=True)
    return Draft(kind, change)


def not_ours(context: Context, going: Sequence[Draft]) -> list[Draft]:
    """Return what hangs on an app that goes and belongs to somebody else: it goes with the app."""
    return list(_not_ours(context, (*context.drafts.values(), *going)))


def _not_ours(context: Context, drafts: tuple[Draft, ...]) -> Iterator[Draft]:
    ours = owned(context.ledger)
    taken = {draft.address for draft in drafts}
    for draft in drafts:
        for ids, kind in product(_going(context, draft), children_of(draft.kind.name)):
            for found in context.index.under(kind, ids):
                if (kind.name, identity(found.ids)) not in ours and not kind.is_neutral(found):
                    context.matched.add(id(found))
                    yield _going_along(kind, draft.address, found, taken)


def _going(context: Context, draft: Draft) -> list[Mapping[str, str]]:
    """Return the ids of the objects that a draft takes down, predecessors included."""
    if not draft.kind.id_name or draft.kind.parent:
        return []
    entry = context.ledger.entries.get(draft.address)
    left = list(entry.deposed) if entry else []
    if draft.teardown:
        left.append({name: str(value) for name, value in draft.teardown[0].call.ids.items()})
    return left


def _going_along(kind: Kind, app: Address, found: RemoteObject, taken: set[Address]) -> Draft:
    address = Address(kind.name, app.name, kind.label(found))
    if address in taken:  # that of the app's successor, or of another predecessor
        address = Address(kind.name, app.name, found.ids["app_id"])
    taken.add(address)
    writes = kind.delete(found.ids, found)
    change = Change(address, "delete", f"it goes with {app}", not_ours=True)
    return Draft(kind, change, teardown=writes, teardown_effect="none", live=found)


def with_predecessors(context: Context, draft: Draft) -> Draft:
    """Add the removal of predecessors that an apply which was cut off left behind."""
    entry = context.ledger.entries.get(draft.address)
    if entry is None or not entry.deposed:
        return draft
    writes: list[Write] = []
    left: list[Mapping[str, str]] = []
    for ids in entry.deposed:
        live = context.index.by_ids(draft.kind, ids)
        if live is not None and live.status.get("state") != "STOPPED":
            context.matched.add(id(live))
            removal = draft.kind.delete(ids, live)
            writes.extend(removal)
            left.extend([ids] if removal else ())
    change = draft.change
    kept = replace(change.entry, deposed=tuple(left)) if change.entry else None
    change = replace(change, entry=kept, records=True)
    if writes and change.action in ("no-op", "import", "forget"):
        change = replace(change, action="delete", reason="the predecessor that a replacement left behind")
    stops = draft.stops_job or (draft.kind.job and bool(writes))
    return replace(draft, change=change, predecessors=tuple(writes), stops_job=stops)
