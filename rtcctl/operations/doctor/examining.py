"""All checks in their order: what does not wait for anything runs at once, and everything gets its line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from rtcctl.api.client import Client
from rtcctl.kinds.base import text
from rtcctl.model.checkup import Check, Checkup
from rtcctl.model.resource import Desired, Project
from rtcctl.operations.addressing import project_of
from rtcctl.operations.doctor import access, account, callbacks, program, state
from rtcctl.operations.doctor import settings as judged
from rtcctl.operations.doctor.inside import Simulated
from rtcctl.operations.doctor.limited import limited
from rtcctl.operations.doctor.outside import real
from rtcctl.operations.doctor.ways import Way
from rtcctl.operations.settings import Settings


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def examine(settings: Settings, *, ask_callbacks: bool = False, now: Callable[[], datetime] = utc_now) -> Checkup:
    """Look at everything; what fails is a finding, and ends nothing."""
    installed = program.installed()
    manifest, desired = judged.manifest(settings)
    # A manifest with errors still tells whose credentials and which state are meant.
    project = desired.project if desired else project_of(settings.files, settings.environ, settings.folder)
    chosen: Way = Simulated(settings, project) if settings.simulator else real(settings, project, now)
    served, kept, hooks = await asyncio.gather(
        _service(chosen, project, desired),
        _state(settings, project, chosen),
        _callbacks(desired, ask=ask_callbacks),
    )
    own = (program.python(), program.libraries(installed), program.extras(installed), manifest)
    return Checkup((*own, *chosen.checks, *served, *kept, *hooks), chosen.target)


async def _state(settings: Settings, project: Project, chosen: Way) -> list[Check]:
    """Look at the state, where it is known whose it would be: without an endpoint that would fail once more."""
    if any(each.name == "endpoint" and each.status == "failed" for each in chosen.checks):
        return state.skipped("a state belongs to an endpoint, which is not usable")
    return await state.state(settings, project, chosen.identity)


async def _service(chosen: Way, project: Project, desired: Desired | None) -> list[Check]:
    reached, unreachable = await chosen.reach()
    clock, calls = await asyncio.gather(
        _skipped("clock", unreachable) if unreachable else chosen.clock(),
        _calls(chosen, unreachable, project, desired),
    )
    return [*reached, clock, *calls]


async def _calls(chosen: Way, unreachable: str, project: Project, desired: Desired | None) -> list[Check]:
    async with chosen.opened(unreachable) as opened:
        seen = await _read(opened.client) if opened.client is not None else _unread(opened.why)
    return [
        *opened.told,
        *seen.checks,
        access.writes(),
        account.quota(seen.apps, project),
        account.buckets(seen.buckets, desired),
    ]


class _Seen(Struct, frozen=True):
    """What the reads told; None where one was not answered."""

    checks: tuple[Check, ...]
    apps: Mapping[str, Any] | None = None
    buckets: list[Mapping[str, Any]] | None = None


def _unread(why: str) -> _Seen:
    return _Seen(tuple(Check(name, "skipped", why) for name in access.READS))


async def _read(client: Client) -> _Seen:
    """Make one read of each kind; those below an app need one."""
    apps, listed = await access.apps(client)
    first = _first(listed)
    (buckets, found), rules, job = await asyncio.gather(
        access.buckets(client),
        access.rules(client, first, is_listed=listed is not None),
        access.job(client, first),
    )
    return _Seen((apps, buckets, rules, job), listed, found)


def _first(listed: Mapping[str, Any] | None) -> str:
    apps = (listed or {}).get("apps")
    first = apps[0] if isinstance(apps, list) and apps else {}
    return text(first, "app_id") if isinstance(first, Mapping) else ""


async def _callbacks(desired: Desired | None, *, ask: bool) -> list[Check]:
    wanted = callbacks.urls(desired)
    if not ask or not wanted:
        return [callbacks.not_asked(desired)]
    looks = (limited(callbacks.name(address), callbacks.asked(url, address)) for url, address in wanted.items())
    return list(await asyncio.gather(*looks))


async def _skipped(name: str, why: str) -> Check:
    return Check(name, "skipped", why)
