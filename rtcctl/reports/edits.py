"""What was renamed, forgotten or taken into the state by hand, and what that means; as text and as JSON documents."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.edits import Forgotten, Imported, Moved
from rtcctl.reports.as_json import FORMAT_VERSION, diagnostic_document
from rtcctl.reports.ledger import pending_document
from rtcctl.reports.wording import plain


def moved_text(moved: Moved) -> str:
    """Write every rename, and what has to follow."""
    lines = [f"Moved {old} to {new}." for old, new in moved.addresses]
    return "\n".join([*lines, "No call was made. The manifest has to use the new name as well."])


def moved_document(moved: Moved) -> dict[str, Any]:
    """Return renames as a document."""
    return _change("mv", moved.serial, moved=[{"from": str(old), "to": str(new)} for old, new in moved.addresses])


def forgotten_text(gone: Forgotten, *, width: int = 80) -> str:
    """Write what was dropped, that it is still there, and what happens to it next."""
    more = ", ".join(map(str, gone.addresses[1:]))
    lines = [f"Forgot {gone.address}{f' and what hangs on it: {more}' if more else ''}."]
    lines.append("No call was made: what is at the service stays as it is.")
    adopted = [str(address) for address in gone.addresses if address in gone.declared and not KINDS[address.kind].job]
    if adopted:
        lines.append(f"The manifest still declares {', '.join(adopted)}: the next apply adopts what it finds of that.")
    lines += [
        f"Once adopted, {address} counts as there before rtcctl: it is left as it is ever after."
        for address in gone.addresses
        if address in gone.declared and KINDS[address.kind].keeps_adopted
    ]
    wrapped = [part for line in lines for part in _wrapped(line, width)]
    return "\n".join((*wrapped, *(line for address in gone.addresses for line in _left(gone, address, width))))


def forgotten_document(gone: Forgotten) -> dict[str, Any]:
    """Return what was dropped as a document."""
    dropped = [
        {
            "address": str(address),
            "ids": dict(entry.ids) if entry else {},
            "deposed": [dict(ids) for ids in entry.deposed] if entry else [],
            "declared": address in gone.declared,
            "room_id": gone.rooms.get(address) or None,
        }
        for address in gone.addresses
        for entry in (gone.entries.get(address),)
    ]
    return _change("forget", gone.serial, forgotten=dropped, settled=[pending_document(each) for each in gone.settled])


def imported_text(job: Imported, *, width: int = 80) -> str:
    """Write what was found and taken, and what to do next."""
    state = " ".join(job.status[name] for name in ("state", "stop_reason") if name in job.status) or "state not told"
    where = f" in {plain(job.room)}" if job.room else ""
    head = f"{job.address} was owned already" if job.owned_before else f"Imported {job.address}"
    lines = [f"{head}: {plain(state)}{where}."]
    if job.predecessor:
        own = _own(job.address, job.predecessor)
        lines.append(f"It succeeds the job owned so far ({own}), which the next apply stops.")
    lines.append("Run plan to see what differs.")
    return "\n".join(part for line in lines for part in _wrapped(line, width))


def imported_document(job: Imported) -> dict[str, Any]:
    """Return what was found and taken as a document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "import",
        "address": str(job.address),
        "ids": dict(job.ids),
        "status": dict(job.status),
        "room_id": job.room or None,
        "declared_room_id": job.declared_room or None,
        "adopted": job.adopted,
        "owned_before": job.owned_before,
        "predecessor": dict(job.predecessor) or None,
        "serial": job.serial,
        "warnings": [diagnostic_document(warning) for warning in job.warnings],
    }


def _change(change: str, serial: int, **done: list[Any]) -> dict[str, Any]:
    lists: dict[str, list[Any]] = {"moved": [], "forgotten": [], "settled": []}
    head = {"format_version": FORMAT_VERSION, "kind": "state-change", "change": change, "serial": serial}
    return {**head, **lists, **done}


def _left(gone: Forgotten, address: Address, width: int) -> Iterator[str]:
    """Say what goes on at the service without us: jobs that may run, and predecessors that were to go."""
    kind, entry, room = KINDS[address.kind], gone.entries.get(address), gone.rooms.get(address, "")
    where = f" in {plain(room)}" if room else ""
    own = entry.ids.get(kind.id_name, "") if entry is not None else ""
    if entry is not None and kind.job and own and not entry.stopped:
        yield from _wrapped(f"{address} may still run{where}.", width)
        first = "" if address in gone.declared else "declare it, then "
        yield f"  keep it: {first}rtcctl import {address} {plain(own)}"  # to be copied, so never wrapped
        yield f"  stop it: {_stop(address, entry.ids)}"
    for ids in entry.deposed if entry else ():
        yield from _wrapped(f"The predecessor of {address} stays as well ({_own(address, ids)}).", width)
        yield f"  end it: {_stop(address, ids)}"
    if kind.job:
        yield from _wrapped(_what_was_begun(gone, address, where), width)
        yield from _wrapped(_next_start(gone, address), width)


def _what_was_begun(gone: Forgotten, address: Address, where: str) -> str:
    began = next((pending.started for pending in gone.settled if pending.address == address), "")
    if not began:
        return ""
    return (
        f"{address} was begun at {plain(began)} and counts as never started now. If it runs{where} after all, it ends "
        "by itself once nobody has been in the room for its max_idle_time."
    )


def _next_start(gone: Forgotten, address: Address) -> str:
    if address not in gone.declared:
        return ""
    # A job of an app that is adopted may be running, so plan does not start it by guess.
    then = "asks for --start-unknown-jobs" if gone.address.kind == "App" else "starts it, as a new job"
    return f"The manifest still declares {address}: without an import the next apply {then}."


def _own(address: Address, ids: Mapping[str, str]) -> str:
    """Name an object by its own id."""
    name = KINDS[address.kind].id_name
    return f"{name} {plain(ids.get(name, ''))}" if name else " ".join(plain(value) for value in ids.values())


def _stop(address: Address, ids: Mapping[str, str]) -> str:
    """Name the call that ends an object."""
    writes = KINDS[address.kind].delete(ids, None)
    if not writes:
        return "no call does"
    call = writes[0].call
    path = call.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    return plain(f"{call.method} {path}")


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def unlocked_text(place: str) -> str:
    """Write that a state is free."""
    return f"Unlocked: {plain(place)} is free."


def unlocked_document(place: str) -> dict[str, Any]:
    """Return that a state is free as a document."""
    return {"format_version": FORMAT_VERSION, "kind": "unlock", "place": place}
