"""What was read, put together and written as the API shows it, so that a simulator can be filled with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from rtcctl.kinds import KINDS, Embedded, Listing, Show
from rtcctl.live.interest import Interest
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Secret, Value

Item = dict[str, Any]


def together(*reads: Live) -> Live:
    """Put reads of one account together; of what was read twice the first stands."""
    objects: dict[tuple[str, frozenset[tuple[str, str]]], RemoteObject] = {}
    for live in reads:
        for found in live.objects:
            objects.setdefault((found.kind, frozenset(found.ids.items())), found)
    return Live(tuple(objects.values()), next((live.tenant_name for live in reads if live.tenant_name), ""))


def corrected(live: Live, read: Live, wanted: Interest) -> Live:
    """Put what was read since in place of what was only assumed of the same objects, be they there or not."""
    kept = tuple(found for found in live.objects if not (found.assumed and _covers(wanted, found)))
    return together(read, replace(live, objects=kept))


def _covers(wanted: Interest, found: RemoteObject) -> bool:
    kind = KINDS[found.kind]
    if not kind.parent:
        return kind.name in wanted.kinds
    app_id = found.ids.get("app_id", "")
    if isinstance(kind.read, Show):
        return found.ids in wanted.owned.get((kind.name, app_id), ())
    return (kind.parent, app_id) in wanted.ids


def shown(live: Live) -> dict[str, list[Item]]:
    """Return every object as the API shows it: secrets in clear, as a simulator in memory needs them.

    Listed objects come under the name that their listing has, jobs under that of their path, settings inside their app.
    """
    objects: dict[str, list[Item]] = defaultdict(list)
    apps: dict[str, Item] = {}
    for found in sorted(live.objects, key=lambda each: bool(KINDS[each.kind].parent)):
        kind = KINDS[found.kind]
        item = _item(found)
        match kind.read:
            case Listing(items=name):
                objects[name].append(item)
                if not kind.parent:
                    apps[found.ids.get("app_id", "")] = item
            case Show():
                objects[kind.category].append(item)
            case Embedded(at=path) if found.ids["app_id"] in apps:
                _put(apps[found.ids["app_id"]], path, item)
    return dict(objects)


def _put(app: Item, path: Sequence[str], setting: Item) -> None:
    *above, last = path
    for name in above:
        app = app.setdefault(name, {})
    app[last] = setting


def _item(found: RemoteObject) -> Item:
    own = {} if isinstance(KINDS[found.kind].read, Embedded) else {**found.status, **found.ids}
    item: Item = {**{name: _plain(value) for name, value in found.members.items()}, **own}
    match found.kind:
        case "App":
            item["state"] = {"state": item.get("state") or "ACTIVATION"}
        case "BucketAuthorization":
            item["is_authorized"] = item.get("is_authorized") == "true"
        case _ if KINDS[found.kind].job:
            item.setdefault("state", "RUNNING")  # a job that was not read is not known to be over
    return item


def _plain(value: Value) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {name: _plain(below) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(below) for below in value]
    return value
