"""The journal as lines: one for each append, each with a checksum and its number, under a head that names the snapshot.

    5f0c12ab {"format_version":1,"lineage":"…","number":0,"run":"…","serial":7}
    93d1aa00 {"deltas":[{"begun":[…]}],"number":1,"run":"…"}

A crash can cut the last line of a file short; that line was never relied on and is dropped. Any other line that is not
whole is damage. `run` names the run that writes: lines of a run that had lost its lock are not taken for the holder's.
Replaying a journal upon a snapshot that already contains it changes nothing, so that a fold may be cut off anywhere.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from rtcctl.model import jsontext
from rtcctl.model.ledger import Delta, Ledger
from rtcctl.state import codec

FORMAT_VERSION = 1


class Journal(Struct, frozen=True):
    """What was read: `lineage` and `serial` of the snapshot that it stands upon, and its deltas in order."""

    lineage: str
    serial: int
    deltas: tuple[Delta, ...]


class Writer:
    """Makes the lines of one journal; `number` is the next line's."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(8)
        self.number = 0

    def head(self, base: Ledger) -> bytes:
        """Return the first line, for a journal upon the snapshot of this ledger."""
        head = {"format_version": FORMAT_VERSION, "lineage": base.lineage, "serial": base.serial}
        return _sealed({**head, "number": 0, "run": self.run})

    def line(self, deltas: Sequence[Delta]) -> bytes:
        """Return the next line; `number` has to be raised once it is written."""
        return _sealed({"deltas": [_delta_to(delta) for delta in deltas], "number": self.number, "run": self.run})


def split(content: bytes) -> list[bytes]:
    """Cut a file into lines; a last one without its end was cut off and is left out."""
    return content.split(b"\n")[:-1]


def read(lines: Sequence[bytes], *, torn: bool = False) -> Journal | None:
    """Read a journal's lines; None where there is none. `torn` allows that the last one is not whole.

    Raises:
        LaterVersionError: it is of a later format version.
        ValueError: it is damaged.
    """
    documents = []
    for index, line in enumerate(lines):
        try:
            documents.append(_opened(line))
        except ValueError as error:
            if torn and index == len(lines) - 1:
                break
            raise ValueError(f"line {index + 1}: {error}") from None
    if not documents:
        return None
    try:
        return _journal(documents)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a member is missing or of the wrong type ({type(error).__name__}: {error})") from None


def _journal(documents: Sequence[Mapping[str, Any]]) -> Journal:
    head, *rest = documents
    codec.check_version(head.get("format_version"), FORMAT_VERSION)
    own = [document for document in rest if document["run"] == head["run"]]
    if [document["number"] for document in own] != list(range(1, len(own) + 1)):
        raise ValueError("lines are missing")
    deltas = (_delta_from(delta) for document in own for delta in document["deltas"])
    return Journal(str(head["lineage"]), int(head["serial"]), tuple(deltas))


def _sealed(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _opened(line: bytes) -> dict[str, Any]:
    mark, _, text = line.rstrip(b"\n").partition(b" ")
    if mark != b"%08x" % zlib.crc32(text):
        raise ValueError("its checksum does not fit")
    document = jsontext.loads(text)
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    return document


def _delta_to(delta: Delta) -> dict[str, Any]:
    entries = delta.entries.items()
    document: dict[str, Any] = {
        "entries": {str(address): codec.entry_to(entry) if entry is not None else None for address, entry in entries},
        "begun": [codec.pending_to(pending) for pending in delta.begun],
        "settled": sorted(str(address) for address in delta.settled),
        "serial": delta.serial,
        "sources": delta.sources,
        "throttle": delta.throttle,
        "identity": dict(delta.identity or {}),
    }
    return {name: value for name, value in document.items() if value not in (None, {}, [])}


def _delta_from(document: Mapping[str, Any]) -> Delta:
    entries = document.get("entries", {}).items()
    identity = document.get("identity")
    return Delta(
        entries={
            codec.address_from(key): codec.entry_from(entry) if entry is not None else None for key, entry in entries
        },
        begun=tuple(codec.pending_from(item) for item in document.get("begun", ())),
        settled=frozenset(codec.address_from(text) for text in document.get("settled", ())),
        serial=document.get("serial"),
        sources=document.get("sources"),
        throttle=document.get("throttle"),
        identity=dict(identity) if identity is not None else None,
    )
