"""Whether the live account is still what a plan took for granted; every fact that is not is named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from rtcctl.diff.compare import as_told
from rtcctl.diff.normalize import is_empty, normalize
from rtcctl.diff.secrets import relation
from rtcctl.kinds import KINDS, Kind, children_of
from rtcctl.model.address import Address
from rtcctl.model.fact import Absent, Alone, Fact, Present
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change
from rtcctl.model.remote import Live
from rtcctl.model.values import Secret, Value, dotted, get
from rtcctl.planner.index import Index
from rtcctl.planner.relied import standing


def moved(facts: Iterable[Fact], changes: Mapping[Address, Change], live: Live, ledger: Ledger) -> Iterator[str]:
    """Yield a line for everything that is not as it was taken to be; secrets are judged by relation, never shown."""
    index = Index(live)
    for fact in facts:
        match fact:
            case Present():
                yield from _present(fact, changes.get(fact.address), index, ledger)
            case Absent():
                yield from _absent(fact, index)
            case Alone():
                yield from _alone(fact, index)


def _present(fact: Present, change: Change | None, index: Index, ledger: Ledger) -> Iterator[str]:
    kind = KINDS[fact.kind]
    found = index.by_ids(kind, fact.ids)
    over = found is None or found.status.get("state") == "STOPPED"
    if fact.over is not None and over != fact.over:
        now = "over" if over else "not over"
        yield f"{fact.address}: the job ({_id(kind, fact.ids)}) is {now} now"
        return
    if found is None:
        if not fact.over:
            yield f"{fact.address}: it is gone ({_id(kind, fact.ids)})"
        return
    for path, member in kind.leaves:
        name, value = dotted(path), get(found.members, path)
        was = fact.members.get(name)
        if name in fact.secrets:
            yield from _secret(fact, name, change, value, ledger)
        elif name in fact.members or (fact.whole and not member.sensitive):
            value = as_told(member, value, was) if fact.assumed else value
            same = normalize(member, value) == normalize(member, was) or (is_empty(value) and is_empty(was))
            if not same and (name in fact.members or kind.compared(path, found.members, found)):
                yield f"{fact.address}: {name} was {_shown(was)}, is {_shown(value)} now"


def _secret(fact: Present, name: str, change: Change | None, value: Value, ledger: Ledger) -> Iterator[str]:
    was = fact.secrets[name]
    live = value if isinstance(value, Secret) and value else None
    declared = change.secrets.get(name) if change else None
    now: str
    if change is not None and declared is not None:
        entry = ledger.entries.get(change.moved_from or change.address)
        now = relation(declared, live, entry.secrets.get(name) if entry else None)
        same = (now == "equal") == (was == "equal") if fact.assumed else now == was
    else:
        now = standing(live)
        same = now == was or fact.assumed
    if not same:
        yield f"{fact.address}: {name} was {_WORDS.get(was, was)}, is {_WORDS.get(now, now)} now"


_WORDS = {
    "equal": "as declared",
    "different": "another than declared",
    "unset": "not set",
    "unknown": "masked and not comparable",
}


def _absent(fact: Absent, index: Index) -> Iterator[str]:
    kind = KINDS[fact.kind]
    if fact.key is None:
        found = index.by_ids(kind, fact.parent)
    else:
        there = index.by_natural_key(kind, fact.parent, fact.key)
        found = there[0] if there else None
    if found is not None and not kind.is_neutral(found):
        yield f"{fact.address}: it was not there, but is now ({_id(kind, found.ids)})"


def _alone(fact: Alone, index: Index) -> Iterator[str]:
    known = {(kind, frozenset(ids.items())) for kind, ids in fact.children}
    for kind in children_of("App"):
        for found in index.under(kind, fact.ids):
            new = (kind.name, frozenset(found.ids.items())) not in known
            if new and not kind.job and not kind.is_neutral(found):
                yield f"{fact.address}: a {kind.name} hangs on it now that was not there ({_id(kind, found.ids)})"


def _id(kind: Kind, ids: Mapping[str, str]) -> str:
    """Name an object as the service does; the address tells already what it hangs on."""
    own = {kind.id_name: ids[kind.id_name]} if kind.id_name in ids else ids
    return ", ".join(f"{name} {value}" for name, value in own.items())


def _shown(value: Value) -> str:
    return "not set" if value is None else json.dumps(value, ensure_ascii=False, default=str)
