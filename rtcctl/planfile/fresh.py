"""A plan made ready to be applied: judged against the live account, its secrets looked up, what was not read put in."""

from __future__ import annotations

from msgspec.structs import replace

from rtcctl.diff.body import is_resent
from rtcctl.diff.normalize import is_empty
from rtcctl.diff.secrets import is_masked
from rtcctl.errors import StalePlanError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.fact import Fact, Present
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change, Plan, Step
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Members, Path, Secret, Value, dotted, get, put, without
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
    # How secrets from outside stand to the live ones is one of the facts.
    declared = {change.address: change for change in looked_up(plan, variables).changes}
    wrong = tuple(moved(facts, declared, live, ledger))
    if wrong:
        raise stale(wrong)
    return replace(plan, changes=tuple(_ready(change, found, ledger) for change in declared.values()))


def looked_up(plan: Plan, variables: Variables) -> Plan:
    """Return the plan with its secrets from outside, so that a missing one is known before any call.

    Raises:
        UsageError: a variable or file is not there.
    """
    return replace(plan, changes=tuple(_looked_up(change, variables) for change in plan.changes))


def _looked_up(change: Change, variables: Variables) -> Change:
    places = {dotted(member.path): member.place for member in change.members}

    def text(name: str, secret: Secret) -> Secret:
        return variables.secret(secret, f"{name} of {change.address}", places.get(name) or change.place)

    def body(members: Members) -> Members:
        filled: dict[str, Value] = dict(members)
        for path, member in KINDS[change.address.kind].leaves:
            secret = get(members, path) if member.sensitive else None
            if isinstance(secret, Secret) and secret.origin != LIVE:
                put(filled, path, text(dotted(path), secret))
        return filled

    return replace(
        change,
        secrets={name: text(name, secret) for name, secret in change.secrets.items()},
        steps=tuple(_with_body(step, step.call.body and body(step.call.body)) for step in change.steps),
    )


def _with_body(step: Step, body: Members | None) -> Step:
    return step if body is step.call.body else replace(step, call=replace(step.call, body=body))


def stale(wrong: tuple[str, ...]) -> StalePlanError:
    """Return the error that tells what moved."""
    return StalePlanError("the live account is not what the plan was made for", mend=_MEND, details=wrong)


class _Finder:
    """Finds the live object that a change updates."""

    def __init__(self, plan: Plan, live: Live) -> None:
        index = Index(live)
        self._objects: dict[Address, RemoteObject] = {}
        self._assumed: set[Address] = set()
        for fact in reversed(plan.facts):  # a change's own fact comes before those of what it needs
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


def _ready(change: Change, found: _Finder, ledger: Ledger) -> Change:
    live = found.members(change.address)
    steps = []
    for step in change.steps:
        body = step.call.body
        if body is not None:
            body = _filled(change, body, live)
            if found.was_assumed(change.address) and step.effect == "updated":
                body = _completed(change, body, live)
        steps.append(_with_body(step, body))
    entry = change.entry
    if entry is not None:
        owned = ledger.entries.get(change.moved_from or change.address)
        entry = replace(entry, secrets=owned.secrets if owned else {})
    return replace(change, steps=tuple(steps), entry=entry)


def _filled(change: Change, body: Members, live: Members) -> Members:
    """Put the live secrets in place of the references to them; the facts say that there are such."""
    filled: dict[str, Value] = dict(body)
    for path, _ in KINDS[change.address.kind].leaves:
        if isinstance(get(body, path), Unresolved):
            put(filled, path, get(live, path))
    return filled


def _completed(change: Change, body: Members, live: Members) -> Members:
    """Add what a whole body must hold beside what is declared, now that it is known what is live."""
    kind = KINDS[change.address.kind]
    if not is_resent(kind):
        return body
    declared = change.entry.members if change.entry else {}
    reset = {member.path for member in change.members if get(body, member.path) is None}
    whole: dict[str, Value] = dict(body)
    unset: set[Path] = set()
    told = RemoteObject(kind.name, {}, live)
    for path, member in kind.leaves:
        value = get(live, path)
        settled = path in reset or get(declared, path) is not None or dotted(path) in change.secrets
        if settled or member.write_only:
            continue
        if is_empty(value):
            unset.add(path)  # what is ignored was taken to be as declared
            continue
        # What is live means nothing under a format that is not requested, be it now or from then on.
        if not kind.compared(path, whole, told) or not kind.compared(path, live, told):
            continue
        if isinstance(value, Secret) and is_masked(value):
            raise stale((f"{change.address}: {dotted(path)} is masked and can't be sent again; declare it",))
        put(whole, path, value)
    return kind.sendable(without(whole, frozenset(unset)))
