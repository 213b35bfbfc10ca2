"""One round of a reconcile loop: load, elect, lock, plan, apply."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.applying.stop import Stop
from rtcctl.errors import Diagnostic, ExitCode, RtcctlError, StateLockedError
from rtcctl.model.plan import Plan, Step
from rtcctl.model.resource import Desired
from rtcctl.model.result import ApplyResult
from rtcctl.operations.events import Events
from rtcctl.operations.leading import Leadership, held
from rtcctl.operations.loading import load
from rtcctl.operations.restarts import Restarts, is_restart
from rtcctl.operations.rounds import Round
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import Planned, Session, open_session
from rtcctl.planner.options import Options

Opening = Callable[[Settings, Desired], Session]
_T = TypeVar("_T")


class StoppedError(Exception):
    """The loop was asked to end before this was over."""


async def unless_stopped(stop: asyncio.Event, work: Awaitable[_T]) -> _T:
    """Wait for what may be cut off at any time, as reads and pauses may.

    Raises:
        StoppedError: the loop was asked to end.
    """
    task, asked = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise StoppedError
        return task.result()
    finally:
        task.cancel()
        asked.cancel()
        await asyncio.gather(task, asked, return_exceptions=True)


class Watcher(Struct, frozen=True):
    """Tells each call of an apply; one that was done is a sign of life."""

    events: Events
    alive: Callable[[], None]

    def started(self, step: Step) -> None:
        """Be told that a call is about to be made; only its end is told on."""

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Tell how a call ended."""
        self.events.call(step, seconds, error)
        if error is None:
            self.alive()


class Rounds:
    """Does rounds; keeps what lasts from one to the next: who works, restarts, and which warnings were told."""

    def __init__(
        self,
        settings: Settings,
        *,
        dry_run: bool,
        interval: float,
        events: Events,
        monotonic: Callable[[], float],
        alive: Callable[[], None],
        opening: Opening = open_session,
    ) -> None:
        """Set up; nothing is read yet."""
        self.stop = asyncio.Event()
        self.leadership = Leadership()
        self._settings = settings
        self._dry_run = dry_run
        self._events = events
        self._watcher = Watcher(events, alive)
        self._monotonic = monotonic
        self._opening = opening
        self._restarts = Restarts(interval)
        self._warned: tuple[Diagnostic, ...] = ()

    async def run(self) -> Round:
        """Do one round; whatever may go wrong is in what is returned."""
        try:
            found = await self._round()
        except StoppedError:
            found = Round("stopped", exit_code=ExitCode.INTERRUPTED)
        except StateLockedError as error:
            found = Round("standby", error=error, exit_code=error.exit_code)
        except RtcctlError as error:
            found = Round("failed", error=error, exit_code=error.exit_code)
        if found.outcome == "failed" and not found.may_pass:
            await self.leadership.leave()  # what is wrong here, as with a manifest, may be right where another runs
        return replace(found, leader=self.leadership.is_held)

    async def _round(self) -> Round:
        # Anew each time: files, variables in them and credentials may have changed.
        desired = await asyncio.to_thread(load, self._settings)
        session = self._opening(self._settings, desired)
        try:
            if self._dry_run:  # as `plan`, it writes nothing and needs no lock
                return await self._work(session, desired)
            await self.leadership.take(self._settings, desired.project)
            async with held(session.connection.state.locked()):
                return await self._work(session, desired)
        finally:
            await session.close()

    async def _work(self, session: Session, desired: Desired) -> Round:
        options = Options(held=self._restarts.held(desired, self._monotonic()))
        planned = await unless_stopped(self.stop, session.plan(options))
        found = self._planned(desired, planned.plan)
        if found.outcome == "refused":
            return found
        if self._dry_run:
            for change in planned.plan.changes:
                if change.steps:
                    self._events.pending(change)
            due = replace(found, outcome="dry-run", exit_code=ExitCode.CHANGES_PENDING)
            return due if found.pending else found
        return self._applied(found, desired, planned, await self._apply(session, planned))

    async def _apply(self, session: Session, planned: Planned) -> ApplyResult:
        stop = Stop()
        asked = asyncio.ensure_future(self.stop.wait())
        asked.add_done_callback(lambda task: None if task.cancelled() else stop.ask("asked to end"))
        if self.stop.is_set():
            stop.ask("asked to end")
        try:
            return await session.apply(planned, self._watcher, allow_destroy=False, stop=stop)
        finally:
            asked.cancel()

    def _planned(self, desired: Desired, plan: Plan) -> Round:
        """Tell what there is to tell of a plan, and count."""
        if plan.warnings != self._warned:
            for warning in plan.warnings:
                self._events.diagnostic(warning)
            self._warned = plan.warnings
        waiting = self._restarts.look(desired, plan, self._monotonic())
        for each in waiting:
            self._events.held(each)
        due = [change for change in plan.changes if change.steps]
        found = Round(
            "converged",
            planned=True,
            pending=len(due),
            drift=sum(change.repairs_drift for change in due),
            held=len(waiting),
        )
        refused = plan.refused(allow_destroy=False)
        if not refused:
            return found
        for change in due:
            self._events.pending(change)
        for refusal in refused:
            self._events.refusal(refusal)
        return replace(found, outcome="refused", refusals=len(refused), exit_code=ExitCode.REFUSED)

    def _applied(self, found: Round, desired: Desired, planned: Planned, result: ApplyResult) -> Round:
        self._events.changes(result)
        begun = [each.change for each in result.of("done", "unknown")]
        restarted = [change.address for change in begun if is_restart(change, planned.ledger)]
        self._restarts.note(desired, restarted, self._monotonic())
        errors = [error for error in (result.error, *(each.error for each in result.changes)) if error is not None]
        found = replace(
            found,
            outcome="applied" if found.pending else "converged",
            recorded=result.recorded,
            applied=Counter(each.change.action for each in result.of("done")),
            restarted=len(restarted),
            error=errors[0] if errors else None,
            exit_code=result.exit_code,
        )
        if result.interrupted:
            return replace(found, outcome="stopped")
        return found if result.exit_code == ExitCode.OK else replace(found, outcome="failed")
