"""One page of a list, with the variants that lists have: what offset counts, the order, and writes that show late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator.variants import LAG_LISTINGS, LAG_SECONDS

if TYPE_CHECKING:
    from rtcctl.simulator.call import Call
    from rtcctl.simulator.store import Collection, Document

STALE = "stale_list"


def page(call: Call, objects: Collection, state: str | None = None) -> list[Document]:
    """The page that the query asks for; unconfirmed for rules: the defaults 0 and 100."""
    variants = call.options.variants
    number, size = call.query.get("offset", 0), call.query.get("limit", 100)
    start = number if "offset-is-record" in variants else number * size
    newest_first = "newest-first" in variants
    stale = _stale(call, objects) if "list-lag" in variants else None
    if stale is None:
        return objects.list(state, start=start, size=size, newest_first=newest_first)
    documents = [document for document in stale if state is None or document["state"]["state"] == state]
    return documents[:: -1 if newest_first else 1][start : start + size]


def before_write(call: Call, objects: Collection) -> None:
    """Remember a list as it is before a write to it, for lists that lag; called by every such write."""
    if "list-lag" not in call.options.variants:
        return
    remembered = call.collection(STALE)
    if not _is_stale(call, remembered.get(_id(objects)) or {}):
        until = call.now.timestamp() + LAG_SECONDS
        remembered.put(_id(objects), {"documents": objects.list(), "until": until, "listings": LAG_LISTINGS})


def _stale(call: Call, objects: Collection) -> list[Document] | None:
    remembered = call.collection(STALE)
    found = remembered.get(_id(objects)) or {}
    if not _is_stale(call, found):
        return None
    remembered.put(_id(objects), {**found, "listings": found["listings"] - 1})
    documents: list[Document] = found["documents"]
    return documents


def _is_stale(call: Call, found: Document) -> bool:
    return bool(found) and found["listings"] > 0 and call.now.timestamp() < found["until"]


def _id(objects: Collection) -> str:
    kind, _, parent = objects.place
    return f"{kind}/{parent}"
