"""What is declared just as it was last applied: `--refresh=changed` does not read it again."""

from __future__ import annotations

from collections.abc import Iterable

from rtcctl.diff.secrets import secrets_of, without_secrets
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.resource import Desired, Resource
from rtcctl.model.values import Ref, Value, without


def unchanged(desired: Desired, ledger: Ledger) -> frozenset[Address]:
    """Return the addresses that need not be read.

    An app is read with all that hangs on it or not at all. It is read when one of these is new, gone, moved, declared
    otherwise than last applied, begun and never finished, or has a predecessor that still has to go.
    """
    changed = {_top(address) for address in _changed(desired, ledger)}
    return frozenset(address for address in ledger.entries if _top(address) not in changed)


def _top(address: Address) -> Address:
    return Address(KINDS[address.kind].parent or address.kind, address.name)


def _changed(desired: Desired, ledger: Ledger) -> Iterable[Address]:
    yield from (pending.address for pending in ledger.pending)
    yield from desired.resources.keys() ^ ledger.entries.keys()
    for address, resource in desired.resources.items():
        entry = ledger.entries.get(address)
        if entry is not None and _differs(resource, entry, ledger):
            yield address


def _differs(resource: Resource, entry: Entry, ledger: Ledger) -> bool:
    kind = KINDS[resource.address.kind]
    members = without(without_secrets(kind.sendable(resource.members), kind), resource.ignore_changes)
    secrets = secrets_of(without(resource.members, resource.ignore_changes), kind)
    if bool(entry.deposed) or not entry.ids or entry.prevent_destroy != resource.prevent_destroy:
        return True
    if {name: _resolved(value, ledger) for name, value in members.items()} != dict(entry.members):
        return True
    same = secrets.keys() == entry.secrets.keys()
    return not same or any(not entry.secrets[path].was_sent(secret) for path, secret in secrets.items())


def _resolved(value: Value, ledger: Ledger) -> Value:
    if isinstance(value, Ref):
        entry = ledger.entries.get(value.address)
        return entry.ids.get(value.id_name, "") if entry else ""
    if isinstance(value, dict):
        return {name: _resolved(below, ledger) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [_resolved(below, ledger) for below in value]
    return value
