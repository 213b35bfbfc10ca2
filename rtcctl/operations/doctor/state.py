"""The state: where it is, whether it can be read and written, who holds it, and what a run that was cut off has left.

A folder is asked for its permissions. A remote place shows only by a write whether it can be written, so its lock is
taken and given back at once, unless somebody holds it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from rtcctl.errors import ExitCode, RtcctlError
from rtcctl.model.checkup import Check
from rtcctl.model.ledger import Ledger
from rtcctl.model.resource import Project
from rtcctl.operations.connection import state_of
from rtcctl.operations.doctor.limited import failed
from rtcctl.operations.settings import Settings
from rtcctl.operations.threads import in_daemon
from rtcctl.state import binding
from rtcctl.state.store import Store

_SECONDS = 30.0
_READ, _WRITE, _LOCK = "state", "state writable", "state lock"


async def state(settings: Settings, project: Project, identity: Mapping[str, str]) -> list[Check]:
    """Look at the state of the manifest's project, or at that of the default one."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await in_daemon(lambda: list(_checks(settings, project, identity)))
    except TimeoutError:
        mend = "check the network to it, and its credentials"
        unknown = (Check(name, "skipped", "its place does not answer") for name in (_LOCK, _WRITE))
        return [Check(_READ, "failed", f"no answer from its place after {_SECONDS:g} s", mend), *unknown]


def skipped(why: str) -> list[Check]:
    """Skip all of it."""
    return [Check(name, "skipped", why) for name in (_READ, _LOCK, _WRITE)]


def _checks(settings: Settings, project: Project, identity: Mapping[str, str]) -> Iterator[Check]:
    try:
        store = state_of(settings, project)
    except RtcctlError as error:
        yield failed(_READ, error)
        yield from (Check(name, "skipped", "where the state is can't be told") for name in (_LOCK, _WRITE))
        return
    place = _shown(store, settings.folder)
    held = _lock(store)  # before it is read: what a run under way has not ended yet was not cut off
    is_in_ci = settings.environ.get("CI", "").lower() in ("true", "1")
    yield _read(store, place, identity, is_in_ci=is_in_ci, is_held=held.exit_code == ExitCode.LOCKED)
    yield held
    yield _writable(store, settings.folder, is_held=held.status != "ok")


def _shown(store: Store, folder: Path) -> str:
    """Return the place, in short where it lies below the current folder."""
    return os.path.relpath(store.place, folder) if store.is_local and _lies_in(store, folder) else store.place


def _lies_in(store: Store, folder: Path) -> bool:
    return Path(store.place).is_relative_to(folder)


def _read(store: Store, place: str, identity: Mapping[str, str], *, is_in_ci: bool, is_held: bool) -> Check:
    try:
        ledger = store.load()
        if identity:
            binding.check(ledger.binding, replace(store.binding, identity=identity), store.place)
    except RtcctlError as error:
        return failed(_READ, error)
    found = f"{place}: {_content(ledger)}"
    if store.unfolded or ledger.pending:
        count = len(ledger.pending)
        if is_held:
            return Check(_READ, "ok", f"{found}; a run is under way")
        what = f"{count} operation{'' if count == 1 else 's'} of unknown end" if count else "a journal"
        return Check(_READ, "warning", f"{found}; a run that was cut off left {what}", "`rtcctl plan` settles it")
    if store.is_local and is_in_ci:
        mend = "keep the folder between runs, or the state at s3:// or postgresql://"
        return Check(_READ, "warning", f"{found}; a local file, which most CI runners forget", mend)
    return Check(_READ, "ok", found)


def _content(ledger: Ledger) -> str:
    if not ledger.serial and not ledger.entries:
        return "none yet, the first apply makes it"
    count = len(ledger.entries)
    return f"{count} object{'' if count == 1 else 's'} owned, serial {ledger.serial}"


def _lock(store: Store) -> Check:
    try:
        holder = store.holder()
    except RtcctlError as error:
        return failed(_LOCK, error)
    if holder is None:
        return Check(_LOCK, "ok", "nobody holds it")
    mend = "wait for that run to end; the lock goes with its process"
    if not store.is_local:
        mend = f"wait for that run to end; once it is surely gone: rtcctl state unlock -f FILE {holder.nonce}"
    return Check(_LOCK, "warning", f"held by {holder}", mend, ExitCode.LOCKED)


def _writable(store: Store, current: Path, *, is_held: bool) -> Check:
    if store.is_local:
        return _folder(Path(store.place).parent, current)
    if is_held:
        return Check(_WRITE, "skipped", "the lock is not free, and only taking it would show")
    try:
        with store.locked():
            pass
    except RtcctlError as error:
        return failed(_WRITE, error)
    return Check(_WRITE, "ok", "its lock was taken and given back")


def _folder(folder: Path, current: Path) -> Check:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        mend = "change its owner or permissions, or choose another place (spec.backend of the Project, RTCCTL_STATE)"
        return Check(_WRITE, "failed", f"nothing can be written in {there}", mend)
    shown = os.path.relpath(folder, current) if folder.is_relative_to(current) else str(folder)
    return Check(_WRITE, "ok", shown if there == folder else f"{shown}, which will be made")
