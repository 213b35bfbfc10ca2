"""The ledger, and its parts, as JSON and back; `schemas/state.schema.json` describes the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rtcctl.kinds import KINDS
from rtcctl.model import jsontext
from rtcctl.model.address import Address
from rtcctl.model.ledger import Binding, Entry, Fingerprint, Ledger, Pending

FORMAT_VERSION = 1


class LaterVersionError(ValueError):
    """The document is not damaged: a later rtcctl wrote it."""


def to_json(ledger: Ledger) -> str:
    """Write a ledger as JSON: sorted, one form for one content."""
    binding = ledger.binding
    document = {
        "format_version": FORMAT_VERSION,
        "lineage": ledger.lineage,
        "serial": ledger.serial,
        "project": binding.project,
        "account": binding.account,
        "endpoint": binding.endpoint,
        "identity": dict(binding.identity),
        "sources": ledger.sources,
        "throttle": ledger.throttle,
        "entries": {str(address): entry_to(entry) for address, entry in ledger.entries.items()},
        "pending": [pending_to(pending) for pending in ledger.pending],
    }
    # json takes twenty times as long where it indents.
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1).decode() + "\n"


def from_json(text: str) -> Ledger:
    """Read what `to_json` wrote.

    Raises:
        LaterVersionError: the document has a later format version.
        ValueError: the text is not such a document.
    """
    try:
        document = jsontext.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    check_version(document.get("format_version"), FORMAT_VERSION)
    try:
        return _ledger_from(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a member is missing or of the wrong type ({type(error).__name__}: {error})") from None


def check_version(version: object, known: int) -> None:
    """Compare the format version of a document with the one that can be read.

    Raises:
        LaterVersionError: it is later.
        ValueError: it is none, or none that was ever written.
    """
    if version != known:
        later = type(version) is int and version > known
        message = f"its format_version is {version!r}, this rtcctl reads {known}"
        raise LaterVersionError(message) if later else ValueError(message)


def _ledger_from(document: Mapping[str, Any]) -> Ledger:
    binding = Binding(document["project"], document["account"], document["endpoint"], dict(document["identity"]))
    return Ledger(
        binding=binding,
        lineage=document["lineage"],
        serial=int(document["serial"]),
        entries={address_from(key): entry_from(entry) for key, entry in document["entries"].items()},
        pending=tuple(pending_from(item) for item in document["pending"]),
        sources=int(document["sources"]),
        throttle=document["throttle"],
    )


def address_from(text: str) -> Address:
    """Read an address of a kind that exists.

    Raises:
        ValueError: it is none.
    """
    address = Address.parse(text)
    if address.kind not in KINDS:
        raise ValueError(f"{address} is of a kind that this rtcctl does not know")
    return address


def pending_to(pending: Pending) -> dict[str, Any]:
    """Write an operation that was begun."""
    return {"address": str(pending.address), "verb": pending.verb, "started": pending.started}


def pending_from(document: Mapping[str, Any]) -> Pending:
    """Read what `pending_to` wrote."""
    return Pending(address_from(document["address"]), document["verb"], document["started"])


def entry_to(entry: Entry) -> dict[str, Any]:
    """Write one owned object."""
    secrets = {
        path: {"salt": print_.salt, "sent": print_.sent, "read": print_.read} for path, print_ in entry.secrets.items()
    }
    document: dict[str, Any] = {"ids": dict(entry.ids), "members": entry.members}
    optional = {
        "secrets": secrets,
        "adopted": entry.adopted,
        "prevent_destroy": entry.prevent_destroy,
        "deposed": [dict(ids) for ids in entry.deposed],
        "stopped": entry.stopped,
    }
    return document | {name: value for name, value in optional.items() if value}


def entry_from(document: Mapping[str, Any]) -> Entry:
    """Read what `entry_to` wrote."""
    return Entry(
        ids=_ids(document["ids"]),
        members=dict(document["members"]),
        secrets={path: _fingerprint(print_) for path, print_ in document.get("secrets", {}).items()},
        adopted=bool(document.get("adopted", False)),
        prevent_destroy=bool(document.get("prevent_destroy", False)),
        deposed=tuple(_ids(ids) for ids in document.get("deposed", ())),
        stopped=str(document.get("stopped", "")),
    )


def _ids(document: Mapping[str, Any]) -> dict[str, str]:
    if not all(isinstance(value, str) for value in document.values()):
        raise TypeError("an id is no text")
    return dict(document)


def _fingerprint(document: Mapping[str, Any]) -> Fingerprint:
    found = Fingerprint(**document)
    if not all(isinstance(value, str) for value in (found.salt, found.sent, found.read)):
        raise TypeError("a fingerprint is no text")
    for each in (found.salt, found.sent, found.read):
        bytes.fromhex(each)
    return found
