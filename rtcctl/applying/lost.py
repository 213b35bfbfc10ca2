"""Looking for what a POST may have made whose answer was lost: an app by its name, a rule by its location.

A job can't be looked for: jobs are not listed, and only their answer tells the id (NOTES section 9).
"""

from __future__ import annotations

import asyncio

from msgspec import Struct

from rtcctl.api.client import Client
from rtcctl.applying.book import Book
from rtcctl.errors import ApiError, StoppedError
from rtcctl.kinds import KINDS, Item, Listing
from rtcctl.model.call import Call
from rtcctl.model.plan import Step

LOOKS = (0.0, 1.0, 2.0)
"""Seconds before each look: a list may lag behind a write (unconfirmed, NOTES section 14)."""


class Look(Struct, frozen=True):
    """What looking came to: the object as it is listed, or whether it is safe to say that there is none."""

    found: Item | None = None
    looked: bool = False


async def look_for(client: Client, step: Step, call: Call, book: Book) -> Look:
    """Look for what a POST may have made.

    What the state owns already is another object. The plan made sure that there was none before: it would have been
    adopted, or the plan refused.
    """
    kind = KINDS[step.address.kind]
    key = kind.natural_key(call.body or {})
    if call.method != "POST" or step.effect != "created" or key is None or not isinstance(kind.read, Listing):
        return Look()
    listing = Call("GET", kind.read.path, kind.category, call.ids)
    owned = {ids.get(kind.id_name) for entry in book.entries.values() for ids in (entry.ids, *entry.deposed)}
    for seconds in LOOKS:
        await asyncio.sleep(seconds)
        try:
            items = await client.pages(listing, kind.read.items, kind.id_name)
        except (ApiError, StoppedError):
            return Look()
        for item in items:
            found = kind.parse(item, {name: str(value) for name, value in call.ids.items()})
            fresh = kind.exists(found) and found.ids.get(kind.id_name) not in owned
            if fresh and kind.natural_key(found.members) == key:
                return Look(item)
    return Look(looked=True)
