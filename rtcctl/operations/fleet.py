"""All accounts of a manifest at once: read, planned and applied side by side, told as one, and each by itself.

An account that is broken (no credentials, not to be reached, its state locked) is told of and does not stop the others,
unless that is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.errors import Diagnostic, RtcctlError, StalePlanError, StoppedError, UsageError
from rtcctl.model.happening import Watcher
from rtcctl.model.ledger import Binding
from rtcctl.model.resource import Project
from rtcctl.operations.states import all_locked
from rtcctl.operations.threads import pool
from rtcctl.operations.workflow import Planned, Session, refusal
from rtcctl.planner.options import Options
from rtcctl.state.holder import Holder

if TYPE_CHECKING:
    from rtcctl.applying.steps import Observer
    from rtcctl.applying.stop import Stop
    from rtcctl.model.drift import Drift
    from rtcctl.model.jobs import Followed
    from rtcctl.model.plan import Broken, Plan
    from rtcctl.model.result import ApplyResult

_Result = TypeVar("_Result")
Teller: TypeAlias = "Callable[[Followed], None]"


class FleetPlan(Struct, frozen=True):
    """One plan over all accounts as people see it, and the parts that are applied, by account."""

    plan: Plan
    parts: Mapping[str, Planned]


class Way(Struct, frozen=True):
    """The way to one account: its name, and what opens a session; nothing is called by that."""

    account: str
    open: Callable[[], Session]


class Common(Struct, frozen=True):
    """What holds for all accounts of a run.

    `several`: addresses bear accounts' names. `max_deletes` is how many objects all plans together may delete or
    replace without consent. `warnings` concern all. With `fail_fast` the first broken account ends everything.
    """

    several: bool = False
    max_deletes: int = Project().max_deletes
    warnings: tuple[Diagnostic, ...] = ()
    fail_fast: bool = False


class Fleet:
    """One run against all accounts of a manifest; close it in the end. Which are broken is found out on the way."""

    def __init__(self, ways: Iterable[Way], watcher: Watcher, common: Common = Common()) -> None:  # noqa: B008 - frozen
        """Open the ways; nothing is called yet.

        Raises:
            RtcctlError: none can be opened.
        """
        self.watcher = watcher
        self._common = common
        self._broken: dict[str, RtcctlError] = {}
        self._opened: dict[str, Session] = {}
        for way in ways:
            with self._unless_broken(way.account):
                self._opened[way.account] = way.open()
        self._check(self._sessions)

    @property
    def _sessions(self) -> dict[str, Session]:
        return {name: session for name, session in self._opened.items() if name not in self._broken}

    @property
    def bindings(self) -> Mapping[str, Binding]:
        """Return whose each account is, by name."""
        return {name: session.connection.state.binding for name, session in self._sessions.items()}

    @property
    def several(self) -> bool:
        """Tell whether addresses bear accounts' names."""
        return self._common.several

    @property
    def target(self) -> str:
        """Name the place where calls go."""
        where = ", ".join(dict.fromkeys(each.connection.target for each in self._sessions.values()))
        if not self.several:
            return where
        names = list(self._sessions)
        count = f"{len(names)} account{'s' if len(names) != 1 else ''}"
        return f"{where} in {count} ({', '.join(names[:5])}{', …' if len(names) > 5 else ''})"

    @contextlib.contextmanager
    def locked(self) -> Iterator[Mapping[str, Holder]]:
        """Hold the states of all accounts; the value are runs whose locks were taken over, by account.

        Raises:
            StateLockedError: another run holds one, and there is no other account.
        """
        crashed: dict[str, Holder] = {}
        with all_locked({name: session.connection.state for name, session in self._sessions.items()}) as locks:
            for account, found in locks.items():
                with self._unless_broken(account):
                    if isinstance(found, RtcctlError):
                        raise found
                    if found is not None:
                        crashed[account if self.several else ""] = found
            self._check(self._sessions)
            yield crashed

    async def plan(self, planning: Callable[[str, Session], Coroutine[Any, Any, Planned] | None]) -> FleetPlan:
        """Plan every account; one for which there is nothing to plan is left out.

        Raises:
            RtcctlError: as `planning` raises, where no account is left.
        """
        begun = {name: planning(name, session) for name, session in self._sessions.items()}
        parts = await self._read({name: work for name, work in begun.items() if work is not None})
        broken = self._told()
        if not self.several:
            (planned,) = parts.values()
            return FleetPlan(planned.plan, parts)
        from rtcctl.planner.joining import joined

        found = {name: planned.plan for name, planned in parts.items()}
        common = self._common
        whole = joined(found, broken, max_deletes=common.max_deletes, warnings=common.warnings)
        return FleetPlan(whole, parts)

    def planning(self, options: Options) -> Callable[[str, Session], Coroutine[Any, Any, Planned] | None]:
        """Return what plans an account with its own part of the options; addresses in them bear accounts' names."""

        def begin(account: str, session: Session) -> Coroutine[Any, Any, Planned] | None:
            own = options_of(options, account) if self.several else options
            return session.plan(own) if own is not None else None

        return begin

    async def apply(
        self,
        planned: FleetPlan,
        observer: Observer,
        *,
        allow_destroy: bool,
        stop: Stop | None = None,
        fail_fast: bool = False,
    ) -> ApplyResult:
        """Make the calls of all parts; `stop` and `fail_fast` are for all of them.

        Raises:
            RefusedError: a safety rule that was not lifted speaks against it; nothing was called.
            RtcctlError: as `Session.apply`, where there is one account.
        """
        from rtcctl.applying import joining as results
        from rtcctl.applying.executor import FAIL_FAST
        from rtcctl.applying.stop import Stop

        refused = planned.plan.refused(allow_destroy=allow_destroy)
        if refused:
            raise refusal(refused[0].message, len(refused), refused[0].lifted_by)
        common = stop if stop is not None else Stop()
        if self.several:
            asyncio.get_running_loop().set_default_executor(pool())  # journals are written side by side too

        begin = partial(Session.apply, allow_destroy=allow_destroy, stop=common, fail_fast=fail_fast)

        async def apply(session: Session, account: str, part: Planned) -> ApplyResult:
            watching = results.Named(observer, account) if self.several else observer
            try:
                return await begin(session, part, watching)
            except RtcctlError:
                if fail_fast:
                    common.ask(FAIL_FAST)
                raise

        sessions = self._sessions
        ended = await self._write({name: apply(sessions[name], name, part) for name, part in planned.parts.items()})
        return results.joined(ended, self._told()) if self.several else next(iter(ended.values()))

    async def follow(
        self,
        planned: FleetPlan,
        result: ApplyResult,
        following: Callable[[Session, Planned, ApplyResult, Teller], Awaitable[ApplyResult]],
        tell: Teller,
    ) -> ApplyResult:
        """Follow the jobs that were started, in every account at once, and add what became of them."""
        from rtcctl.applying import joining as results

        sessions = self._sessions
        if not self.several:
            ((account, part),) = planned.parts.items()
            return await following(sessions[account], part, result, tell)

        async def own(account: str, part: Planned) -> ApplyResult:
            mine = tuple(
                replace(each, change=replace(each.change, address=each.change.address.within("")))
                for each in result.changes
                if each.change.address.account == account
            )
            only = replace(result, changes=mine, broken=())
            return await following(sessions[account], part, only, partial(_told_of, tell, account))

        work = {account: own(account, part) for account, part in planned.parts.items() if account in sessions}
        return replace(result, followed=results.joined(await self._write(work), ()).followed)

    async def drift(self) -> Drift:
        """Compare every account with what was last applied.

        Raises:
            RtcctlError: as `Session.drift`, where no account is left.
        """
        from rtcctl.model.drift import Drift

        found = await self._read({name: session.drift() for name, session in self._sessions.items()})
        if not self.several:
            return next(iter(found.values()))
        objects = tuple(
            replace(each, address=each.address.within(name)) for name, drift in found.items() for each in drift.objects
        )
        return Drift(objects, sum(drift.checked for drift in found.values()), self._told())

    async def close(self) -> None:
        """Close the connections."""
        for session in self._opened.values():
            await session.close()

    async def _read(self, work: Mapping[str, Coroutine[Any, Any, _Result]]) -> dict[str, _Result]:
        """Read all accounts at once; those that fail are broken from then on. A cancellation ends it all."""
        if not self.several:
            return {name: await coroutine for name, coroutine in work.items()}
        tasks = {name: asyncio.create_task(coroutine) for name, coroutine in work.items()}
        until = asyncio.FIRST_EXCEPTION if self._common.fail_fast else asyncio.ALL_COMPLETED
        try:
            if tasks:
                await asyncio.wait(tasks.values(), return_when=until)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        done: dict[str, _Result] = {}
        for name, task in tasks.items():
            with self._unless_broken(name, UsageError):  # such as an address that nobody has
                if not task.cancelled():  # those that were are not told of: another's error is, and ends it all
                    done[name] = task.result()
        self._check(done)
        return done

    async def _write(self, work: Mapping[str, Coroutine[Any, Any, _Result]]) -> dict[str, _Result]:
        """Work on all accounts at once; where one fails, what became of the others is still told.

        A cancellation is handed on to each, for an apply takes it as said and tells what it knows.
        """
        if not self.several:
            return {name: await coroutine for name, coroutine in work.items()}
        tasks = {name: asyncio.create_task(coroutine) for name, coroutine in work.items()}
        while not all(task.done() for task in tasks.values()):
            try:
                await asyncio.wait(tasks.values())
            except asyncio.CancelledError:
                asyncio.current_task().uncancel()  # type: ignore[union-attr]
                for task in tasks.values():
                    task.cancel()
        if tasks and all(task.cancelled() for task in tasks.values()):
            raise asyncio.CancelledError
        done: dict[str, _Result] = {}
        for name, task in tasks.items():
            try:
                done[name] = task.result()
            except asyncio.CancelledError:
                self._broken[name] = StoppedError("the run ended before anything was done here")
            except RtcctlError as error:
                self._broken[name] = error
        self._check(done)
        return done

    @contextlib.contextmanager
    def _unless_broken(self, account: str, *ending: type[RtcctlError]) -> Iterator[None]:
        try:
            yield
        except RtcctlError as error:
            if not self.several:
                raise
            # A saved plan was approved as a whole, and so it is refused as a whole.
            if self._common.fail_fast or isinstance(error, (StalePlanError, *ending)):
                from rtcctl.planner.joining import named_error

                named_error(error, account)
                raise
            self._broken[account] = error

    def _check(self, left: Collection[str]) -> None:
        """Raise the first error, with the others below it, where no account is left."""
        if left or not self._broken:
            return
        from rtcctl.planner.joining import joined_error

        raise joined_error(self._broken)

    def _told(self) -> tuple[Broken, ...]:
        if not self._broken:
            return ()
        from rtcctl.model.plan import Broken

        return tuple(Broken(account, error) for account, error in self._broken.items())


def options_of(options: Options, account: str) -> Options | None:
    """Return what options say of one account; None where they are about others alone."""
    targets = frozenset(each.within("") for each in options.targets if each.account == account)
    if options.targets and not targets:
        return None
    own = frozenset(each.within("") for each in options.replace if each.account == account)
    return replace(options, targets=targets, replace=own)


def _told_of(tell: Teller, account: str, followed: Followed) -> None:
    tell(replace(followed, address=followed.address.within(account)))
