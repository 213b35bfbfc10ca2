"""Drift by itself: every owned object against what was last applied, whatever the manifest says."""

from __future__ import annotations

from collections.abc import Iterator

from rtcctl.diff.compare import Difference
from rtcctl.diff.detail import explode
from rtcctl.diff.drift import moved
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.drift import Drift, Drifted
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.plan import MemberChange
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Mark, Secret
from rtcctl.planner import jobs
from rtcctl.planner.draft import NOT_SET
from rtcctl.planner.index import Index

_BY_A_PERSON = "TENANT_STOP"


def drift(ledger: Ledger, live: Live) -> Drift:
    """Compare all that is owned with what was read of it."""
    index = Index(live)
    rank = {name: number for number, name in enumerate(KINDS)}
    ordered = sorted(ledger.entries.items(), key=lambda item: (rank[item[0].kind], item[0]))
    found = (_drifted(address, entry, index) for address, entry in ordered)
    return Drift(tuple(each for each in found if each is not None), len(ledger.entries))


def _drifted(address: Address, entry: Entry, index: Index) -> Drifted | None:
    kind = KINDS[address.kind]
    live = index.by_ids(kind, entry.ids)
    if kind.job:
        return None if entry.stopped else _job(address, entry, live)
    if live is None:
        return Drifted(address, "deleted") if entry.ids else None  # rtcctl itself has still to make it again
    return _changed(address, entry, live)


def _job(address: Address, entry: Entry, live: RemoteObject | None) -> Drifted | None:
    reason = jobs.ended(entry, live)
    if reason:
        return Drifted(address, "stopped" if reason == _BY_A_PERSON else "ended", reason)
    return _changed(address, entry, live) if live is not None else None


def _changed(address: Address, entry: Entry, live: RemoteObject) -> Drifted | None:
    differences = moved(KINDS[address.kind], entry, live)
    members = tuple(member for difference in differences for member in _members(difference))
    return Drifted(address, "changed", members=members) if members else None


def _members(difference: Difference) -> Iterator[MemberChange]:
    if difference.member.sensitive:
        there = isinstance(difference.new, Secret) and bool(difference.new)
        new = Mark("(another secret)") if there else NOT_SET
        yield MemberChange(difference.path, Mark("(secret)"), new, drift=True)
        return
    for path, old, new_ in explode(difference.path, difference.member, difference.old, difference.new):
        yield MemberChange(path, old, new_, drift=True)
