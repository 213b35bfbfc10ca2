"""Objects that were not read, put in their places as they were last applied."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from rtcctl.kinds import KINDS
from rtcctl.live.interest import Interest
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry
from rtcctl.model.remote import Live, RemoteObject


def with_assumed(live: Live, wanted: Interest) -> Live:
    """Return what was read and, for what was not, what the ledger says of it.

    What a listing would have shown and did not is not there: nothing is assumed of it, nor of what hangs on it.
    """
    if not wanted.unread:
        return live
    read = {(found.kind, frozenset(found.ids.items())) for found in live.objects}
    apps = {found.ids.get("app_id") for found in live.objects if found.kind == "App" and KINDS["App"].exists(found)}
    listed = "App" in wanted.kinds
    more = [
        found
        for address, entry in wanted.unread.items()
        for found in _objects(address, entry)
        if (found.kind, frozenset(found.ids.items())) not in read
        and address.kind not in (wanted.kinds if not KINDS[address.kind].parent else ())
        and (not listed or not KINDS[address.kind].parent or found.ids.get("app_id") in apps)
    ]
    return replace(live, objects=(*live.objects, *more))


def _objects(address: Address, entry: Entry) -> Iterator[RemoteObject]:
    kind = KINDS[address.kind]
    status = {"is_authorized": "true"} if kind.name == "BucketAuthorization" else {}
    if entry.ids and not entry.stopped:  # one that was never made again, or a job known to be over, is not there
        yield RemoteObject(kind.name, entry.ids, entry.members, status, assumed=True)
    for ids in entry.deposed:
        yield RemoteObject(kind.name, ids, {}, status, assumed=True)
