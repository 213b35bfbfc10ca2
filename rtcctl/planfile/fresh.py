"""A plan made ready to be applied: judged against the live account, its secrets looked up, what was not read put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rtcctl.diff.body import is_resent
from rtcctl.diff.normalize import is_empty
from rtcctl.diff.secrets import is_masked
from rtcctl.errors import StalePlanError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.fact import Fact, Present
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change, Plan
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Members, Path, Secret, Value, dotted, get, put
from rtcctl.planfile.stale import moved
from rtcctl.planfile.values import LIVE, Unresolved
from rtcctl.planfile.variables import Variables
from rtcctl.planner.index import Index

_MEND = "nothing was changed; plan again"


def fit(plan: Plan, facts: tuple[Fact, ...], live: Live, ledger: Ledger, variables: Variables) -> Plan:
    """Return the plan as it can be applied now, once all of `facts` hold in what was read.

    Raises:
        StalePlanError: something of them moved; the message names each.
        UsageError: a variable or file that a secret comes from is not there.
    """
    found = _Finder(plan, live)
    # Secrets from outside first: how they stand to the live ones is one of the facts.
    declared = {change.address: replace(change, secrets=_declared(change, variables)) for change in plan.changes}
    wrong = tuple(moved(facts, declared, live, ledger))
    if wrong:
        raise stale(wrong)
    changes = tuple(_ready(change, found, ledger, variables) for change in declared.values())
    return replace(plan, changes=changes)


def stale(wrong: tuple[str, ...]) -> StalePlanError:
    """Return the error that tells what moved."""
    listed = "".join(f"\n  {line}" for line in wrong)
    return StalePlanError(f"the live account is not what the plan was made for:{listed}", mend=_MEND)


class _Finder:
    """Finds the live object that a change updates."""

    def __init__(self, plan: Plan, live: Live) -> None:
        index = Index(live)
        self._objects: dict[Address, RemoteObject] = {}
        self._assumed: set[Address] = set()
        for fact in plan.facts:
            if isinstance(fact, Present):
                found = index.by_ids(KINDS[fact.kind], fact.ids)
                if found is not None:
                    self._objects[fact.address] = found
                if fact.assumed:
                    self._assumed.add(fact.address)

    def members(self, address: Address) -> Members:
        """Return what is live there."""
        found = self._objects.get(address)
        return found.members if found is not None else {}

    def was_assumed(self, address: Address) -> bool:
        """Tell whether the plan was made without reading the object."""
        return address in self._assumed


def _declared(change: Change, variables: Variables) -> Mapping[str, Secret]:
    return {
        path: variables.secret(secret, f"{change.address} {path}", change.place)
        for path, secret in change.secrets.items()
    }


def _ready(change: Change, found: _Finder, ledger: Ledger, variables: Variables) -> Change:
    live = found.members(change.address)
    steps = []
    for step in change.steps:
        body = step.call.body
        if body is not None:
            body = _filled(change, body, live, variables)
            if found.was_assumed(change.address) and step.effect == "updated":
                body = _completed(change, body, live)
        steps.append(replace(step, call=replace(step.call, body=body)))
    entry = change.entry
    if entry is not None:
        owned = ledger.entries.get(change.moved_from or change.address)
        entry = replace(entry, secrets=owned.secrets if owned else {})
    return replace(change, steps=tuple(steps), entry=entry)


def _filled(change: Change, body: Members, live: Members, variables: Variables) -> Members:
    """Put secrets in place of their references: declared ones from outside, all others as they are live."""
    filled: dict[str, Value] = dict(body)
    for path, member in KINDS[change.address.kind].leaves:
        secret = get(body, path)
        if not member.sensitive or not isinstance(secret, Unresolved):
            continue
        name = f"{change.address} {dotted(path)}"
        if secret.origin != LIVE:
            put(filled, path, variables.secret(secret, name, change.place))
            continue
        there = get(live, path)
        if not isinstance(there, Secret) or not there or is_masked(there):
            raise stale((f"{name} can't be sent again as it is",))
        put(filled, path, there)
    return filled


def _completed(change: Change, body: Members, live: Members) -> Members:
    """Add what a whole body must hold beside what is declared, now that it is known what is live."""
    kind = KINDS[change.address.kind]
    if not is_resent(kind):
        return body
    reset = {member.path for member in change.members if not _is_declared(body, member.path)}
    whole: dict[str, Value] = dict(body)
    told = RemoteObject(kind.name, {}, live)
    for path, member in kind.leaves:
        value = get(live, path)
        if get(body, path) is not None or path in reset or is_empty(value) or member.write_only:
            continue
        if not kind.compared(path, whole, told):
            continue
        if isinstance(value, Secret) and is_masked(value):
            raise stale((f"{change.address}: {dotted(path)} is masked and can't be sent again; declare it",))
        put(whole, path, value)
    return kind.sendable(whole)


def _is_declared(body: Members, path: Path) -> bool:
    return get(body, path) is not None
