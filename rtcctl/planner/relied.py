"""What a plan takes for granted, written down so that a saved plan can be told from a stale one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from rtcctl.diff.body import is_resent
from rtcctl.diff.normalize import is_empty
from rtcctl.diff.secrets import is_masked, relation
from rtcctl.kinds import KINDS, Kind, children_of
from rtcctl.model.address import Address
from rtcctl.model.fact import Absent, Alone, Fact, Present
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Secret, Value, dotted, get
from rtcctl.planner.context import Context, parent_ids
from rtcctl.planner.draft import Draft


def facts(context: Context) -> tuple[Fact, ...]:
    """Return a fact for every object that a change was worked out from, and for what it needs to be there or not."""
    found: dict[tuple[object, ...], Fact] = {}
    working = [draft for draft in context.drafts.values() if _acts(draft)]
    for draft in working:
        for fact in (*_own(context, draft), *_gone_with(context, draft)):
            found.setdefault(_identity(fact), fact)
    for draft in working:
        for more in (*_needed(context, draft), *_unused(context, draft)):
            known = found.setdefault(_identity(more), more)
            if isinstance(known, Present):
                found[_identity(more)] = replace(known, members={**more.members, **known.members})
    return tuple(found.values())


def _needed(context: Context, draft: Draft) -> Iterator[Present]:
    """Yield what must stand before; a job starts in an app in force alone (RTC.00001016)."""
    for need in sorted(draft.needs if draft.forward else ()):
        stands = context.index.by_ids(KINDS[need.kind], context.known.get(need, {}))
        if stands is not None:
            starts = draft.kind.job and draft.is_new and need.kind == draft.kind.parent
            state = "ACTIVATION" if stands.assumed else stands.members.get("state")
            members = {"state": state} if starts and state is not None and not _changes(context, need) else {}
            yield Present(need, stands.kind, stands.ids, members, assumed=stands.assumed)


def _changes(context: Context, address: Address) -> bool:
    above = context.drafts.get(address)
    return above is not None and bool(above.forward)


def _unused(context: Context, draft: Draft) -> Iterator[Present]:
    """Yield the settings that don't use what goes, or let go of it: the service refuses to delete a rule in use."""
    for write in (*draft.teardown, *draft.predecessors) if draft.kind.parent else ():
        ids = {"app_id": str(write.call.ids.get("app_id", ""))}
        for kind in children_of(draft.kind.parent):
            holds = [path for path, member in kind.leaves if member.refers == draft.kind.name]
            for found in context.index.under(kind, ids) if holds and not kind.job else ():
                where = Address(kind.name, draft.address.name)
                yield Present(where, kind.name, found.ids, _all(kind, found), assumed=found.assumed)


def _all(kind: Kind, found: RemoteObject) -> dict[str, Value]:
    return {
        dotted(path): get(found.members, path)
        for path, member in kind.leaves
        if not member.sensitive and kind.compared(path, found.members, found)
    }


def _identity(fact: Fact) -> tuple[object, ...]:
    if isinstance(fact, Absent):
        return (Absent, fact.kind, fact.key, frozenset(fact.parent.items()))
    kind = fact.kind if isinstance(fact, Present) else ""
    return (type(fact), kind, frozenset(fact.ids.items()))


def _acts(draft: Draft) -> bool:
    return bool(draft.forward or draft.teardown or draft.predecessors or draft.change.records)


def _own(context: Context, draft: Draft) -> Iterator[Fact]:
    if draft.live is not None:
        yield _present(context, draft, draft.live)
    resource = context.desired.resources.get(draft.address)
    if draft.is_new and resource is not None and not draft.kind.keeps_adopted:
        # A bucket's authorization may be granted twice; of everything else there must be no other one.
        parent = parent_ids(context, draft.kind, draft.address)
        key = draft.kind.natural_key(resource.members)
        if key is not None and all(isinstance(value, str) for value in parent.values()):
            known = {name: str(value) for name, value in parent.items()}
            if not context.index.by_key(draft.kind, known, resource.members):
                yield Absent(draft.address, draft.kind.name, known, key, _is_unread(context))
    entry = context.ledger.entries.get(draft.address)
    if entry is None or not entry.ids or draft.live is not None:
        return
    if draft.kind.job:
        yield Present(draft.address, draft.kind.name, entry.ids, over=True, assumed=_is_unread(context))
    elif context.index.by_ids(draft.kind, entry.ids) is None:  # what is there is forgotten and stays
        yield Absent(draft.address, draft.kind.name, entry.ids, None, _is_unread(context))


def _is_unread(context: Context) -> bool:
    return context.options.refresh == "none"


def _present(context: Context, draft: Draft, live: RemoteObject) -> Present:
    over = live.status.get("state") == "STOPPED" if draft.kind.job else None
    if draft.change.action in ("delete", "forget"):
        # A setting is never gone: what is switched off has to be on.
        members = {} if draft.kind.id_name or not draft.kind.parent else _all(draft.kind, live)
        return Present(draft.address, live.kind, live.ids, members, over=over, assumed=live.assumed)
    members = dict(_members(context, draft, live))
    whole = bool(draft.forward) and not draft.is_new and is_resent(draft.kind) and not live.assumed
    secrets = _secrets(context, draft, live)
    return Present(draft.address, live.kind, live.ids, members, whole, secrets, over, live.assumed)


def _members(context: Context, draft: Draft, live: RemoteObject) -> Iterator[tuple[str, Value]]:
    """Yield what was compared, and what is sent again as it was found."""
    resource = context.desired.resources.get(draft.address)
    entry = context.ledger.entries.get(draft.address)
    for path, member in draft.kind.leaves:
        value = get(live.members, path)
        if member.sensitive or member.write_only or not draft.kind.compared(path, live.members, live):
            continue
        if live.assumed:  # what was not applied was not seen either
            if not is_empty(value):
                yield dotted(path), value
            continue
        declared = resource is not None and get(resource.members, path) is not None
        applied = entry is not None and get(entry.members, path) is not None
        resent = bool(draft.forward) and not draft.is_new and is_resent(draft.kind)
        if declared or applied or (resent and not is_empty(value)):
            yield dotted(path), value


def _secrets(context: Context, draft: Draft, live: RemoteObject) -> dict[str, str]:
    entry = context.ledger.entries.get(draft.address)
    prints = entry.secrets if entry else {}
    found: dict[str, str] = {}
    for path, member in draft.kind.leaves:
        if not member.sensitive:
            continue
        name, have = dotted(path), get(live.members, path)
        there = have if isinstance(have, Secret) and have else None
        declared = draft.change.secrets.get(name)
        if declared is not None:
            found[name] = relation(declared, there, prints.get(name), assumed=live.assumed)
        elif name in prints or (draft.forward and not draft.is_new):
            found[name] = standing(there)
    return found


def standing(live: Secret | None) -> str:
    """Tell of a secret that nobody declares whether there is one; a masked one could not be sent again."""
    if live is None or not live:
        return "unset"
    return "masked" if is_masked(live) else "set"


def _gone_with(context: Context, draft: Draft) -> Iterator[Alone]:
    """Yield what hangs on an app that goes: more than that would be taken without a word."""
    kinds = [kind for kind in children_of(draft.kind.name) if not kind.job]
    for write in (*draft.teardown, *draft.predecessors) if kinds else ():
        ids = {name: str(value) for name, value in write.call.ids.items()}
        below = tuple(
            (kind.name, dict(found.ids))
            for kind in kinds
            for found in context.index.under(kind, ids)
            if not kind.is_neutral(found)
        )
        yield Alone(draft.address, ids, below, _is_unread(context))
