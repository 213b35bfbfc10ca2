"""Reading a whole account: every app with its rules and settings, and the buckets. Jobs can't be listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from rtcctl.errors import NotAuthenticatedError, NotPermittedError
from rtcctl.export.words import no_buckets
from rtcctl.kinds import KINDS, Kind
from rtcctl.live.interest import Interest
from rtcctl.live.reader import read
from rtcctl.model.remote import Live, RemoteObject

if TYPE_CHECKING:  # httpx is not needed to say what is read
    from rtcctl.api.client import Client

_BUCKETS = frozenset({"BucketAuthorization"})


class Everything(Interest, frozen=True):
    """Whatever is listed concerns an export."""

    def concerns(self, kind: Kind, found: RemoteObject) -> bool:
        """Say yes."""
        return True


class Found(Struct, frozen=True):
    """What an account holds, and notes on what could not be read."""

    live: Live
    notes: tuple[str, ...] = ()


async def read_account(client: Client) -> Found:
    """Read what an account holds: one listing of apps, the rules of each, one listing of buckets.

    Whether buckets may be listed with AK/SK is unconfirmed (NOTES section 2.2), so that a refusal of that alone is no
    reason to give up.

    Raises:
        ApiError: a call failed; nothing is assumed in its place.
    """
    apps = await read(client, Everything(kinds=frozenset(KINDS) - _BUCKETS))
    try:
        buckets = await read(client, Everything(kinds=_BUCKETS))
    except (NotAuthenticatedError, NotPermittedError) as error:
        return Found(apps, (no_buckets(f"{error.status} {error.error_code}".strip()),))
    return Found(Live((*buckets.objects, *apps.objects), apps.tenant_name))
