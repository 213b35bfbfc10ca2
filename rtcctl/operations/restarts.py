"""How often an ended job is started anew: at most five times, later and later, until it has run for an hour."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change, Plan
from rtcctl.model.resource import Desired, Resource, Restart
from rtcctl.model.values import Members
from rtcctl.planner import jobs

MOST = 5
"""Restarts of one job, after which it is left alone."""

WELL_AFTER = 3600.0
"""Seconds after which a job that still runs counts as well, and its restarts are forgotten."""


class _Record(Struct, frozen=True):
    declared: tuple[Members, Restart]
    count: int
    last: float


class Held(Struct, frozen=True):
    """An ended job that is not started anew for now; `seconds` until it may be, None: not before something changes."""

    address: Address
    restarts: int
    seconds: float | None


class Restarts:
    """Counts the restarts of each job. Kept in memory: a loop that is started anew counts from the beginning."""

    def __init__(self, interval: float) -> None:
        """Start with nothing counted; between restarts lie 1, 2, 4 and 8 intervals (in seconds) at least."""
        self._interval = interval
        self._records: dict[Address, _Record] = {}

    def held(self, desired: Desired, now: float) -> frozenset[Address]:
        """Return the jobs that are not to be started anew now; what is declared otherwise begins at nought."""
        self._records = {
            address: record
            for address, record in self._records.items()
            if address in desired.resources and _declared(desired.resources[address]) == record.declared
        }
        return frozenset(address for address in self._records if self._left(address, now) != 0.0)

    def look(self, desired: Desired, plan: Plan, now: float) -> tuple[Held, ...]:
        """Note which jobs are well; return those that ended and that the plan leaves alone because of us."""
        found = []
        for change in plan.changes:
            address, entry = change.address, change.entry
            record = self._records.get(address)
            if record is None or entry is None or change.action == "create":
                continue
            if entry.stopped:
                left = self._left(address, now)
                if left != 0.0 and jobs.restarts(desired.resources[address].restart, entry.stopped):
                    found.append(Held(address, record.count, left))
            elif now - record.last >= WELL_AFTER:
                del self._records[address]
        return tuple(found)

    def note(self, desired: Desired, restarted: Iterable[Address], now: float) -> None:
        """Count jobs that were just started anew, or may have been."""
        for address in restarted:
            fresh = _Record(_declared(desired.resources[address]), 0, now)
            record = self._records.get(address, fresh)
            self._records[address] = replace(record, count=record.count + 1, last=now)

    def _left(self, address: Address, now: float) -> float | None:
        """Return the seconds until the job may be started; None for never."""
        record = self._records[address]
        if record.count >= MOST:
            return None
        return max(0.0, record.last + self._interval * 2.0 ** (record.count - 1) - now)


def is_restart(change: Change, ledger: Ledger) -> bool:
    """Tell whether a change starts a job anew that the ledger knows already."""
    former = change.moved_from or change.address
    return change.action == "create" and KINDS[change.address.kind].job and former in ledger.entries


def _declared(resource: Resource) -> tuple[Members, Restart]:
    return resource.members, resource.restart
