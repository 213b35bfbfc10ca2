"""What is read: one page of apps per hundred, the rules of each app that concerns us, each job not known to be over.

ListApps carries callback and automatic recording, so those are asked for by themselves only where the listing leaves
them out. An app concerns us when the manifest names it or the state owns it; of all others only the listing is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from rtcctl.errors import BadAnswerError, FailedCall, NotFoundError
from rtcctl.kinds import KINDS, Embedded, Item, Kind, Listing, Show, children_of
from rtcctl.kinds.base import text
from rtcctl.live.assumed import with_assumed
from rtcctl.live.interest import Interest
from rtcctl.model.call import Call
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Path

if TYPE_CHECKING:  # httpx is not needed to say what is read
    from rtcctl.api.client import Client

_T = TypeVar("_T")
_MANY = 9
"""Owned apps that are asked for beside the listing at once; with more, the listing's turn comes first."""
_HEAD_START = 0.003
"""Seconds by which it leaves before those. With it there is one call more than fits into their rounds, and that one is
over the sooner the earlier the listing left.
"""


async def read(client: Client, wanted: Interest) -> Live:
    """Read what a plan needs to know; what is not to be read is taken to be as last applied.

    Raises:
        ApiError: a call failed; nothing is assumed in its place.
    """
    roots = [kind for kind in KINDS.values() if not kind.parent and kind.name in wanted.kinds]
    listing = [asyncio.create_task(_all(client, kind, kind.read, {}, wanted)) for kind in roots]
    left: list[asyncio.Task[Any]] = [*listing]
    try:
        if len(wanted.ids) > _MANY:
            await asyncio.sleep(_HEAD_START)
        ahead = {key: [asyncio.create_task(each) for each in reads] for key, reads in _owned(client, roots, wanted)}
        left += (each for reads in ahead.values() for each in reads)
        return await _read(client, wanted, list(zip(roots, await _together(listing), strict=True)), ahead)
    finally:
        # What is owned and not there any more was asked for in vain, and so was everything where a listing failed.
        for each in left:
            each.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _owned(
    client: Client, roots: Sequence[Kind], wanted: Interest
) -> Iterator[tuple[tuple[str, str], list[Coroutine[Any, Any, list[RemoteObject]]]]]:
    """Yield what is read of each owned object in any case: its id is known, and so it need not wait for the listing."""
    for kind in roots:
        for name, id_ in sorted(wanted.ids):
            if name == kind.name and id_ and kind.id_name:
                yield (name, id_), _apart(client, kind, {kind.id_name: id_}, wanted)


async def _read(
    client: Client,
    wanted: Interest,
    listings: Sequence[tuple[Kind, list[Item]]],
    ahead: dict[tuple[str, str], list[asyncio.Task[list[RemoteObject]]]],
) -> Live:
    objects: list[RemoteObject] = []
    below: list[Awaitable[list[RemoteObject]]] = []
    tenant = ""
    unread = {entry.ids.get("app_id") for entry in wanted.unread.values()}
    for kind, items in listings:
        for item in items:
            found = kind.parse(item, {})
            objects.append(found)
            tenant = tenant or str(item.get("tenant_name") or "")
            if kind.exists(found) and wanted.concerns(kind, found):
                begun = ahead.pop((kind.name, found.ids.get(kind.id_name, "")), None)
                below.extend(_apart(client, kind, found.ids, wanted) if begun is None else begun)
                below.extend(_along(client, kind, found, item, wanted))
            elif kind.exists(found) and found.ids.get(kind.id_name) in unread:
                objects.extend(_told(kind, found, item))
    for gone in chain.from_iterable(ahead.values()):
        gone.cancel()  # or it would take its turn, and a part of the allowance, before those that are still there
    for children in await _together(below):
        objects.extend(children)
    return with_assumed(Live(tuple(objects), tenant), wanted)


async def _together(reads: Sequence[Awaitable[_T]]) -> list[_T]:
    """Await reads at once; when one fails, the others are ended too, so that none outlives its connection."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_of(read)) for read in reads]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def _of(read: Awaitable[_T]) -> _T:
    return await read


def _apart(
    client: Client, parent: Kind, ids: Mapping[str, str], wanted: Interest
) -> list[Coroutine[Any, Any, list[RemoteObject]]]:
    """Read what hangs on an object and has calls of its own."""
    reads: list[Coroutine[Any, Any, list[RemoteObject]]] = []
    for kind in children_of(parent.name):
        match kind.read:
            case Listing() as listing:
                reads.append(_children(client, kind, listing, ids, wanted))
            case Show(path):
                jobs = wanted.owned.get((kind.name, ids["app_id"]), ())
                reads.extend(_job(client, kind, path, each) for each in jobs)
    return reads


def _along(
    client: Client, parent: Kind, found: RemoteObject, item: Item, wanted: Interest
) -> list[Coroutine[Any, Any, list[RemoteObject]]]:
    """Read what the listing tells along with an object, or should."""
    return [
        _setting(client, kind, kind.read, found.ids, item, wanted)
        for kind in children_of(parent.name)
        if isinstance(kind.read, Embedded)
    ]


def _told(parent: Kind, found: RemoteObject, item: Item) -> Iterator[RemoteObject]:
    """Yield what the listing tells of an object's settings anyway; one that is null is told to be none."""
    for kind in children_of(parent.name):
        if isinstance(kind.read, Embedded):
            told, value = _at(item, kind.read.at)
            if told:
                yield kind.parse(value if isinstance(value, Mapping) else {}, found.ids)


async def _list(client: Client, kind: Kind, how: object, ids: Mapping[str, str]) -> list[Item]:
    if not isinstance(how, Listing):
        return []
    call = Call("GET", how.path, kind.category, ids)
    if how.paged:
        return await client.pages(call, how.items, kind.id_name)
    items = (await client.send(call)).data.get(how.items) or []
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise BadAnswerError(FailedCall("GET", how.path, 200), f"{how.items} is not a list of objects")
    return items


async def _all(client: Client, kind: Kind, how: object, ids: Mapping[str, str], wanted: Interest) -> list[Item]:
    """Return what is listed, and what we own and the listing left out but the service knows all the same."""
    items = await _list(client, kind, how, ids)
    if not isinstance(how, Listing) or not how.show:
        return items
    listed = {text(item, kind.id_name) for item in items}
    owned = wanted.owned.get((kind.name, ids.get("app_id", "")), ())
    missing = [each for each in owned if each.get(kind.id_name) and each[kind.id_name] not in listed]
    shown = await _together([_show(client, kind, how.show, each) for each in missing])
    return [*items, *(item for item in shown if item is not None)]


async def _show(client: Client, kind: Kind, path: str, ids: Mapping[str, str]) -> Item | None:
    try:
        return (await client.send(Call("GET", path, kind.category, ids))).data
    except NotFoundError as error:
        _unless_gateway(error)
        return None


async def _children(
    client: Client, kind: Kind, how: Listing, ids: Mapping[str, str], wanted: Interest
) -> list[RemoteObject]:
    return [kind.parse(item, ids) for item in await _all(client, kind, how, ids, wanted)]


async def _setting(
    client: Client, kind: Kind, where: Embedded, ids: Mapping[str, str], item: Item, wanted: Interest
) -> list[RemoteObject]:
    told, value = _at(item, where.at)
    if not told and kind.name in wanted.kinds:
        try:
            answer = await client.send(Call("GET", where.show, kind.category, ids))
        except NotFoundError as error:  # unconfirmed: perhaps the answer before a setting was ever made
            _unless_gateway(error)
            return []
        _, value = _at(answer.data, where.show_at)
    return [kind.parse(value, ids)] if isinstance(value, Mapping) else []


def _at(item: Item, path: Path) -> tuple[bool, Any]:
    """Return whether an answer speaks of a member at all, and what it says; null says that there is none."""
    value: Any = item
    for depth, name in enumerate(path):
        if value is None:
            return True, None
        if not isinstance(value, Mapping):
            return False, None
        if name not in value:
            return depth > 0, None  # `callbacks` without `record_callback` says that there is none
        value = value[name]
    return True, value


async def _job(client: Client, kind: Kind, path: str, ids: Mapping[str, str]) -> list[RemoteObject]:
    item = await _show(client, kind, path, ids)
    return [] if item is None else [kind.parse(item, ids)]


def _unless_gateway(error: NotFoundError) -> None:
    """Raise again what the gateway answered: it knows no such path, which says nothing about the object."""
    if error.error_code.startswith("APIG"):
        raise error
