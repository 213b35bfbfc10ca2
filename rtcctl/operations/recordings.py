"""The files that recordings of the declared apps have left in their buckets. Reads only.

A file belongs to an app whose app_id stands in its path, as the documented names have it, or whose job made it, which
the stream's name tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.errors import BadAnswerError, FailedCall, NotFoundError, UsageError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.ledger import Ledger
from rtcctl.model.recording import Place, Recording, Recordings
from rtcctl.model.resource import Desired
from rtcctl.model.values import get
from rtcctl.operations.states import loaded
from rtcctl.operations.streams import is_of_job, is_of_room
from rtcctl.operations.workflow import Session

_BUCKETS = "/v2/rtc-ops/buckets"
_OBJECTS = "/v2/rtc-ops/buckets/objects"
_JOBS = ("MixStreamJob", "IndividualStreamJob")


class Wanted(Struct, frozen=True):
    """Which recordings: of an address (an app, a rule or a job), of an app's name, of a room; all when empty."""

    address: Address | None = None
    app: str = ""
    room: str = ""

    @property
    def app_name(self) -> str:
        """The app's name in the manifest; empty for all."""
        return self.address.name if self.address else self.app


async def recordings(session: Session, wanted: Wanted) -> Recordings:
    """List the recordings of the manifest's apps.

    Raises:
        UsageError: the manifest does not declare what is wanted.
        ForeignStateError: the state is not the one that is meant.
        ApiError: a call failed.
    """
    desired, client = session.desired, session.connection.client
    _check(desired, wanted)
    ledger = await loaded(session.connection.state)
    apps = await _apps(client, desired, ledger)
    authorized = await _authorized(client)
    places = [
        replace(place, authorized=authorized.get((place.bucket, place.location))) for place in _places(desired, wanted)
    ]
    jobs = _jobs(ledger)
    files = [_recording(place, item, apps, jobs) for place in places for item in await _objects(client, place)]
    missing = sorted({app for place in places for app in place.apps} - set(apps.values()))
    return Recordings(tuple(places), tuple(file for file in files if _fits(file, wanted, jobs)), tuple(missing))


def _check(desired: Desired, wanted: Wanted) -> None:
    apps = sorted(address.name for address in desired.resources if address.kind == "App")
    if wanted.app and wanted.app not in apps:
        raise UsageError(f"the manifest has no app {wanted.app!r}", mend=f"it has {', '.join(apps) or 'none'}")
    if wanted.address and wanted.address not in desired.resources:
        raise UsageError(f"the manifest does not declare {wanted.address}", mend="`rtcctl plan` names all addresses")
    if wanted.address and wanted.address.kind not in ("App", "RecordRule", *_JOBS):
        raise UsageError(f"{wanted.address} makes no recordings", mend="name an App, a RecordRule or a job")


def _places(desired: Desired, wanted: Wanted) -> Iterator[Place]:
    """Where the wanted apps' rules record to, each place once."""
    rule = wanted.address if wanted.address and wanted.address.kind == "RecordRule" else None
    users: dict[tuple[str, str, str], list[str]] = {}
    for address, resource in desired.resources.items():
        if address.kind == "RecordRule" and wanted.app_name in ("", address.name) and rule in (None, address):
            bucket, location, prefix = (
                str(get(resource.members, ("obs_addr", name)) or "") for name in ("bucket", "location", "object")
            )
            users.setdefault((bucket, location, prefix), []).append(address.name)
    for where, names in users.items():
        yield Place(*where, tuple(dict.fromkeys(names)))


async def _apps(client: Client, desired: Desired, ledger: Ledger) -> dict[str, str]:
    """The declared apps that the account has: app_id → name in the manifest."""
    kind = KINDS["App"]
    declared = {kind.natural_key(each.members): a.name for a, each in desired.resources.items() if a.kind == "App"}
    owned = {entry.ids.get("app_id", ""): a.name for a, entry in ledger.entries.items() if a in desired.resources}
    found: dict[str, str] = {}
    for item in await client.pages(Call("GET", "/v2/apps", kind.category), "apps", "app_id"):
        remote = kind.parse(item, {})
        app_id = remote.ids["app_id"]
        name = owned.get(app_id) or declared.get(kind.natural_key(remote.members))
        if name and kind.exists(remote):
            found[app_id] = name
    return found


async def _authorized(client: Client) -> dict[tuple[str, str], bool]:
    """The buckets of the account, and whether the service may write to each."""
    kind = KINDS["BucketAuthorization"]
    answer = await client.send(Call("GET", _BUCKETS, "rtc-ops"))
    found = [kind.parse(item, {}) for item in _items(answer.data, "buckets", _BUCKETS)]
    return {(each.ids["bucket"], each.ids["location"]): kind.exists(each) for each in found}


async def _objects(client: Client, place: Place) -> list[Mapping[str, Any]]:
    if place.authorized is None:
        return []
    # unconfirmed: that `objects` lists every level below the prefix; there is no paging
    query = {"bucket": place.bucket, "location": place.location, "type": "objects"}
    if place.prefix:
        query["prefix"] = place.prefix
    try:
        answer = await client.send(Call("GET", _OBJECTS, "rtc-ops", query=query))
    except NotFoundError:
        return []
    return _items(answer.data, "objects", _OBJECTS)


def _items(data: Mapping[str, Any], name: str, path: str) -> list[Mapping[str, Any]]:
    items = data.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise BadAnswerError(FailedCall("GET", path, 200), f"{name} is not a list of objects")
    return items


def _jobs(ledger: Ledger) -> dict[str, tuple[Address, str]]:
    """The jobs that the state knows, predecessors included: job_id → address and app_id."""
    return {
        ids["job_id"]: (address, ids.get("app_id", ""))
        for address, entry in ledger.entries.items()
        if address.kind in _JOBS
        for ids in (entry.ids, *entry.deposed)
        if ids.get("job_id")
    }


def _recording(
    place: Place, item: Mapping[str, Any], apps: Mapping[str, str], jobs: Mapping[str, tuple[Address, str]]
) -> Recording:
    file_name, size = str(item.get("file_name") or ""), item.get("size")
    of_apps = (app_id for app_id in apps if app_id in file_name)
    of_jobs = (app_id for job_id, (_, app_id) in jobs.items() if is_of_job(file_name, job_id))
    app_id = next(of_apps, "") or next(of_jobs, "")
    kilobytes = int(size) if isinstance(size, (int, float)) else 0
    modified = str(item.get("last_modified") or "")
    return Recording(place, file_name, kilobytes, modified, apps.get(app_id, ""), app_id)


def _fits(file: Recording, wanted: Wanted, jobs: Mapping[str, tuple[Address, str]]) -> bool:
    if wanted.address and wanted.address.kind in _JOBS:
        return any(is_of_job(file.file_name, job) for job, (address, _) in jobs.items() if address == wanted.address)
    if wanted.app_name and file.app != wanted.app_name:
        return False
    return not wanted.room or is_of_room(file.file_name, wanted.room)
