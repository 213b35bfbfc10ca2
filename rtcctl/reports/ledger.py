"""What a ledger holds, as text and as JSON documents: ids and members, and of secrets that there are some."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Ledger, Pending
from rtcctl.model.values import Value
from rtcctl.reports.as_json import FORMAT_VERSION
from rtcctl.reports.style import Paint, uncoloured
from rtcctl.reports.wording import jsonable, plain, shown

_SECRET = "(secret, fingerprint kept)"  # noqa: S105 - words in place of one
_WIDEST = 40
_INDENT = "      "


def list_text(ledger: Ledger, place: str, *, width: int = 80, paint: Paint = uncoloured) -> str:
    """Write a line for each owned address, then what was begun and never heard of again."""
    rows = [
        (str(address), _ids(address, entry), _flags(entry, _elsewhere(ledger, address, entry)))
        for address, entry in _sorted(ledger)
    ]
    lines = [line for row in rows for line in _row(row, _widths(rows), width, paint)]
    if not rows:
        lines.append(f"The state owns nothing ({plain(place)}).")
    for pending in ledger.pending:
        verb, began = plain(pending.verb), plain(pending.started)
        lines += _wrapped(f"pending: {verb} {pending.address}, begun {began}", width)
    return "\n".join(lines)


def entry_text(ledger: Ledger, address: Address, *, paint: Paint = uncoloured) -> str:
    """Write everything that is kept of one address, in the manner of a manifest."""
    entry = ledger.entries.get(address)
    lines = [paint("strong", str(address))]
    if entry is not None:
        lines += _mapping(entry.ids, 1)
        lines += [f"  # {flags}"] if (flags := _flags(entry)) else []
        lines += ["  last_applied:"] if entry.members or entry.secrets else ["  last_applied: {}"]
        lines += _mapping(entry.members, 2)
        lines += [f"    {plain(name)}: {_SECRET}" for name in sorted(entry.secrets)]
        lines += ["  deposed:"] if entry.deposed else []
        lines += _items(entry.deposed, 2)
    for pending in _pending(ledger, address):
        lines.append(f"  # pending: {plain(pending.verb)}, begun {plain(pending.started)}")
    return "\n".join(lines)


def list_document(ledger: Ledger, place: str) -> dict[str, Any]:
    """Return a ledger as a document, without last-applied members."""
    binding = ledger.binding
    return {
        "format_version": FORMAT_VERSION,
        "kind": "state",
        "place": place,
        "project": binding.project,
        "account": binding.account,
        "endpoint": binding.endpoint,
        "identity": dict(binding.identity),
        "lineage": ledger.lineage,
        "serial": ledger.serial,
        "entries": [{"address": str(address), **_owned(entry)} for address, entry in _sorted(ledger)],
        "pending": [pending_document(pending) for pending in ledger.pending],
    }


def entry_document(ledger: Ledger, address: Address) -> dict[str, Any]:
    """Return everything that is kept of one address as a document."""
    found = ledger.entries.get(address)
    entry = found or Entry({})
    return {
        "format_version": FORMAT_VERSION,
        "kind": "state-entry",
        "address": str(address),
        "owned": found is not None,
        **_owned(entry),
        "members": jsonable(entry.members),
        "secrets": sorted(entry.secrets),
        "pending": [pending_document(pending) for pending in _pending(ledger, address)],
    }


def pending_document(pending: Pending) -> dict[str, str]:
    """Return an operation whose outcome was never recorded."""
    return {"address": str(pending.address), "verb": pending.verb, "started": pending.started}


def _owned(entry: Entry) -> dict[str, Any]:
    return {
        "ids": dict(entry.ids),
        "adopted": entry.adopted,
        "prevent_destroy": entry.prevent_destroy,
        "stopped": entry.stopped or None,
        "deposed": [dict(ids) for ids in entry.deposed],
    }


def _sorted(ledger: Ledger) -> list[tuple[Address, Entry]]:
    return sorted(ledger.entries.items(), key=lambda item: str(item[0]))


def _pending(ledger: Ledger, address: Address) -> list[Pending]:
    return [pending for pending in ledger.pending if pending.address == address]


def _ids(address: Address, entry: Entry) -> str:
    """Write what the service calls an object: its own id, or all that it is known by."""
    name = KINDS[address.kind].id_name
    return plain(entry.ids.get(name, "") if name else " ".join(entry.ids.values()))


def _elsewhere(ledger: Ledger, address: Address, entry: Entry) -> str:
    """Name the app of an object that does not hang on the app which the state owns under its name."""
    kind = KINDS[address.kind]
    above = ledger.entries.get(Address(kind.parent, address.name)) if kind.parent else None
    app_id = entry.ids.get("app_id", "")
    same = above is not None and above.ids.get("app_id") == app_id
    return "" if same or not (kind.parent and kind.id_name and app_id) else f"in app {plain(app_id)}"


def _flags(entry: Entry, more: str = "") -> str:
    words = [
        more,
        "adopted" if entry.adopted else "",
        "prevent_destroy" if entry.prevent_destroy else "",
        f"stopped {plain(entry.stopped)}" if entry.stopped else "",
        f"{len(entry.deposed)} deposed" if entry.deposed else "",
    ]
    return ", ".join(word for word in words if word)


def _widths(rows: Iterable[tuple[str, str, str]]) -> tuple[int, int]:
    """The columns of addresses and of ids; what is longer than most gets a line of its own."""
    return (
        max((len(address) for address, _, _ in rows if len(address) <= _WIDEST), default=0),
        max((len(ids) for _, ids, _ in rows if len(ids) <= _WIDEST), default=0),
    )


def _row(row: tuple[str, str, str], widths: tuple[int, int], width: int, paint: Paint) -> Iterator[str]:
    address, ids, flags = row
    head, beside = f"{address:<{widths[0]}}", f"  {ids:<{widths[1]}}"
    if len(head) + len(beside.rstrip()) > width:
        yield paint("strong", address)
        yield from _wrapped(ids, width, _INDENT)
        head, beside = _INDENT, ""
    if beside and len(head) + len(beside) + len(flags) + 2 <= width:
        yield (paint("strong", head) + f"{beside}  {flags}").rstrip()
        return
    if beside:
        yield paint("strong", head) + beside.rstrip()
    if flags:
        yield from _wrapped(flags, width, _INDENT)


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    below = indent or _INDENT
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=below, break_on_hyphens=False, break_long_words=False
    )


def _mapping(members: Mapping[str, Value], depth: int) -> Iterator[str]:
    for name, value in members.items():
        yield from _member(f"{'  ' * depth}{plain(name)}:", value, depth)


def _member(head: str, value: Value, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, depth + 1)
    elif isinstance(value, (list, tuple)) and any(isinstance(item, Mapping) for item in value):
        yield head
        yield from _items(value, depth + 1)
    else:
        yield f"{head} {shown(value)}"


def _items(values: Iterable[Value], depth: int) -> Iterator[str]:
    for value in values:
        lines = list(_mapping(value, depth + 1)) if isinstance(value, Mapping) else []
        first, *rest = lines or ["  " * (depth + 1) + shown(value)]
        yield "  " * depth + "- " + first.lstrip()
        yield from rest
