"""A live account as a manifest; it only reads, and needs no manifest, state or lock."""

from __future__ import annotations

from rtcctl.export.account import Exported, manifest
from rtcctl.export.reading import read_account
from rtcctl.model.resource import Project
from rtcctl.operations.connection import connect
from rtcctl.operations.settings import Settings
from rtcctl.operations.watching import reading


async def export(settings: Settings) -> Exported:
    """Read the default account and write it as a manifest.

    Raises:
        CredentialsError: no usable credentials.
        UsageError: an endpoint, or the simulator's data, is not usable.
        ApiError: a read failed.
    """
    async with connect(settings, Project()).client as client:
        with reading(client):
            found = await read_account(client)
    return manifest(found.live, found.notes)
