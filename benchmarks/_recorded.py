"""An account and a ledger that are just as a manifest says, in memory: as after an apply, without its calls."""

from __future__ import annotations

from typing import Any

from rtcctl.diff.secrets import secrets_of, without_secrets
from rtcctl.kinds import KINDS, Item, Kind
from rtcctl.model.address import Address
from rtcctl.model.ledger import Binding, Entry, Fingerprint, Ledger
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.resource import Desired, Resource
from rtcctl.model.values import Members, Ref, Secret, Value

BINDING = Binding("benchmark", "default", "http://127.0.0.1")
_MOMENT = "2024-01-15T08:30:00Z"


def recorded(desired: Desired) -> tuple[Live, Ledger]:
    """Return what the answers of the service would tell, and what the ledger of who made it holds."""
    objects: list[RemoteObject] = []
    entries: dict[Address, Entry] = {}
    for address, resource in desired.resources.items():
        kind = KINDS[address.kind]
        ids = _ids(address)
        objects.append(kind.parse({**_answer(kind, resource), **ids}, ids if kind.parent else {}))
        members = _resolved(without_secrets(kind.sendable(resource.members), kind))
        prints = {path: Fingerprint.of(key, key) for path, key in secrets_of(resource.members, kind).items()}
        entries[address] = Entry(ids, members, prints)
    return Live(tuple(objects)), Ledger(BINDING, "0" * 32, 1, entries, sources=len(desired.sources))


def _ids(address: Address) -> dict[str, str]:
    ids = {"app_id": f"id-of-{address.name}"}
    own = KINDS[address.kind].id_name
    return ids if own in ("", "app_id") else {**ids, own: f"{own}-of-{address.name}"}


def _answer(kind: Kind, resource: Resource) -> Item:
    """Return an object as the service shows it: with what it fills in and echoes."""
    shown: dict[str, Any] = {name: _clear(value) for name, value in _resolved(resource.members).items()}
    match kind.name:
        case "App":
            shown |= {"state": {"state": "ACTIVATION"}, "tenant_name": "benchmark"}
        case "RecordRule":
            shown["hls_config"] = {"record_cycle": 0, "record_max_duration_to_merge_file": 0}
        case "MixStreamJob":
            shown |= {"state": "RUNNING", "start_time": _MOMENT}
    return {**shown, "create_time": _MOMENT, "update_time": _MOMENT}


def _resolved(members: Members) -> dict[str, Value]:
    return {name: _value(value) for name, value in members.items()}


def _value(value: Value) -> Value:
    if isinstance(value, Ref):
        return _ids(value.address)[value.id_name]
    return _resolved(value) if isinstance(value, dict) else value


def _clear(value: Value) -> Any:
    return value.reveal() if isinstance(value, Secret) else value
