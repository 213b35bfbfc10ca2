"""What a plan takes for granted, written down so that a saved plan can be told from a stale one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from rtcctl.diff.body import is_resent
from rtcctl.diff.normalize import is_empty
from rtcctl.diff.secrets import relation
from rtcctl.kinds import KINDS, children_of
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
        for need in sorted(draft.needs):
            stands = context.index.by_ids(KINDS[need.kind], context.known.get(need, {}))
            if stands is not None and draft.forward:
                fact = Present(need, stands.kind, stands.ids, assumed=stands.assumed)
                found.setdefault(_identity(fact), fact)
    return tuple(found.values())


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
    if entry is not None and entry.ids and draft.live is None and draft.change.action != "no-op":
        yield Absent(draft.address, draft.kind.name, entry.ids, None, _is_unread(context))


def _is_unread(context: Context) -> bool:
    return context.options.refresh == "none"


def _present(context: Context, draft: Draft, live: RemoteObject) -> Present:
    over = live.status.get("state") == "STOPPED" if draft.kind.job else None
    if draft.change.action in ("delete", "forget"):
        return Present(draft.address, live.kind, live.ids, over=over, assumed=live.assumed)
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
        resent = bool(draft.forward) and is_resent(draft.kind)
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
        elif name in prints:
            found[name] = "different" if there is not None else "unset"
        elif there is not None and draft.forward:
            found[name] = "kept"
    return found


def _gone_with(context: Context, draft: Draft) -> Iterator[Alone]:
    """Yield what hangs on an app that goes: more than that would be taken without a word."""
    children = children_of(draft.kind.name)
    if not children or not draft.teardown:
        return
    ids: Mapping[str, str] = {name: str(value) for name, value in draft.teardown[0].call.ids.items()}
    below = [
        (kind.name, dict(found.ids))
        for kind, found in product(children, _all_under(context, ids))
        if found.kind == kind.name and not kind.is_neutral(found) and not kind.job
    ]
    yield Alone(draft.address, ids, tuple(below), _is_unread(context))


def _all_under(context: Context, ids: Mapping[str, str]) -> list[RemoteObject]:
    return [found for kind in children_of("App") for found in context.index.under(kind, ids)]
