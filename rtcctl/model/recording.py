"""Recorded files as the service lists them, and the places where recording rules put them."""

from __future__ import annotations

from msgspec import Struct


class Place(Struct, frozen=True):
    """Where rules of the manifest record to. `apps` are the apps' names in the manifest.

    `authorized` is None where the account's listing does not hold the bucket, so that nothing was asked.
    """

    bucket: str
    location: str
    prefix: str
    apps: tuple[str, ...] = ()
    authorized: bool | None = None


class Recording(Struct, frozen=True):
    """One object in a bucket. `app` and `app_id` are empty where its path does not tell; `size_kb` is the service's."""

    place: Place
    file_name: str
    size_kb: int
    last_modified: str
    app: str = ""
    app_id: str = ""


class Recordings(Struct, frozen=True):
    """Everything that was found, and the declared apps that are not in the account."""

    places: tuple[Place, ...] = ()
    files: tuple[Recording, ...] = ()
    missing_apps: tuple[str, ...] = ()
