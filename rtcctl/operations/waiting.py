"""Following jobs until they run, or until they are over. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.errors import BadAnswerError, RtcctlError, ServerError, ThrottledError, UnreachableError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.jobs import Aim, Ending, Followed, Standing
from rtcctl.model.ledger import Entry
from rtcctl.model.result import ApplyResult
from rtcctl.operations import pacing
from rtcctl.operations.jobs import chosen, look, owned, standing
from rtcctl.operations.states import loaded
from rtcctl.operations.workflow import Planned, Session

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two looks: doubled each time. How long a job stays INIT is unconfirmed."""
LOOK_LIMIT = 5.0
"""Seconds that looks may take at least, even if the time limit is over before."""
_NAP = 0.2
_PASSING = (ThrottledError, ServerError, UnreachableError, BadAnswerError)

Teller = Callable[[Followed], None]


class Follower(Struct):
    """Looks at jobs until each is there, is over, or `limit` seconds have passed; `tell` hears of what changes.

    `stopping` ends it early. A look that fails for a passing reason is repeated. Jobs that are `fresh` may not be found
    at first: whether reads lag behind a write is unconfirmed (NOTES section 14).
    """

    client: Client
    jobs: Mapping[Address, Entry]
    aim: Aim
    limit: float
    tell: Teller
    stopping: Callable[[], bool] = lambda: False
    fresh: bool = False
    timer: pacing.Timer = field(default_factory=lambda: pacing.REAL)
    seen: dict[Address, Followed] = field(default_factory=dict)
    _begun: float = 0.0

    def __post_init__(self) -> None:
        self.seen = {address: self._first(address, entry) for address, entry in self.jobs.items()}

    def _first(self, address: Address, entry: Entry) -> Followed:
        known = standing(entry, None) if entry.stopped or not entry.ids else None
        return Followed(address, entry.ids, self.aim, self._ending(known, None) if known else None, known)

    async def run(self) -> None:
        """Follow; what was seen is in `results`, also when this is cancelled."""
        self._begun, pause = self.timer.now(), FIRST_PAUSE
        while (asked := self._left()) and not self.stopping():
            await self._look_at(asked)
            remaining = self.limit - self._passed()
            # A thousandth: what floating-point numbers may leave of a time that is over.
            if not self._left() or remaining < 0.001:
                return
            # So many looks use up the allowance of a second.
            full = len(asked) > pacing.JOBS.calls // 2
            await self._rest(min(max(pause, pacing.JOBS.seconds if full else 0), remaining))
            pause = min(2 * pause, LONGEST_PAUSE)

    def results(self) -> tuple[Followed, ...]:
        """Return what became of every job."""
        open_: Ending = "late" if self.limit - self._passed() < 0.001 else "interrupted"
        return tuple(each if each.ending else replace(each, ending=open_) for each in self.seen.values())

    def _left(self) -> list[Address]:
        return [address for address, each in self.seen.items() if each.ending is None]

    def _passed(self) -> float:
        return self.timer.now() - self._begun

    async def _rest(self, seconds: float) -> None:
        until = self.timer.now() + seconds
        while not self.stopping() and (left := until - self.timer.now()) >= 0.001:
            await self.timer.sleep(min(left, _NAP))

    async def _look_at(self, addresses: Sequence[Address]) -> None:
        try:
            async with asyncio.timeout(max(self.limit - self._passed(), LOOK_LIMIT)):
                await pacing.paced([partial(self._look, address) for address in addresses], self.timer)
        except TimeoutError:
            self.limit = self._passed()

    async def _look(self, address: Address) -> None:
        before, entry = self.seen[address], self.jobs[address]
        try:
            found = standing(entry, await look(self.client, address, entry.ids))
        except RtcctlError as error:
            ending: Ending | None = None if isinstance(error, _PASSING) else "failed"
            after = replace(before, ending=ending, error=error)
        else:
            after = replace(before, ending=self._ending(found, before.standing), standing=found, error=None)
        self.seen[address] = replace(after, seconds=self._passed())
        if _in_short(before) != _in_short(after):
            self.tell(self.seen[address])

    def _ending(self, found: Standing, before: Standing | None) -> Ending | None:
        if self.aim == "stopped":
            return "reached" if found.over else None
        if self.fresh and not found.state and not (before and before.state):
            return None
        return "reached" if found.state == "RUNNING" else "ended" if found.over else None


def _in_short(seen: Followed) -> tuple[object, ...]:
    return (seen.standing, seen.ending, type(seen.error))


async def wait(
    session: Session, texts: Sequence[str], aim: Aim, limit: float, tell: Teller, timer: pacing.Timer | None = None
) -> tuple[Followed, ...]:
    """Wait until the jobs that are named, or all of the state, run or are over; `limit` is in seconds.

    Raises:
        UsageError: something is named that is no job of the state.
        RtcctlError: the id of a job is not known.
        ForeignStateError: the state is not the one that is meant.
    """
    ledger = await loaded(session.connection.state)
    entries = owned(ledger, chosen(ledger, session.desired, texts))
    follower = Follower(session.connection.client, entries, aim, limit, tell, timer=timer or pacing.REAL)
    await follower.run()
    return follower.results()


async def follow_started(
    session: Session,
    planned: Planned,
    result: ApplyResult,
    tell: Teller,
    limit: float,
    stopping: Callable[[], bool],
    timer: pacing.Timer | None = None,
) -> ApplyResult:
    """Follow the jobs that an apply started until they run, and add what became of them; nothing is raised."""
    jobs = {} if result.interrupted else started(planned, result)
    client = session.connection.client
    follower = Follower(client, jobs, "running", limit, tell, stopping, fresh=True, timer=timer or pacing.REAL)
    try:
        await follower.run()
    except asyncio.CancelledError:  # asked to end at once; what was applied must still be told
        asyncio.current_task().uncancel()  # type: ignore[union-attr]
    return replace(result, followed=follower.results())


def started(planned: Planned, result: ApplyResult) -> dict[Address, Entry]:
    """Return the jobs that an apply started: those whose id is a new one."""
    found: dict[Address, Entry] = {}
    for each in result.changes:
        address = each.change.address
        before = planned.ledger.entries.get(address)
        if KINDS[address.kind].job and each.ids and (before is None or before.ids != each.ids):
            found[address] = Entry(each.ids)
    return found
