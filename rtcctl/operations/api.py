"""The Python API: load → plan → apply, each function one run from beginning to end. The command line uses the same.

    import rtcctl

    settings = rtcctl.Settings(files=("examples/mixed-recording.yaml",), simulator=True)
    saved = rtcctl.plan(rtcctl.load(settings), settings)
    if saved.plan.has_changes:
        result = rtcctl.apply(saved, settings)

Nothing is printed and no question is asked; `Settings.watcher` is told what goes on meanwhile. What goes wrong is an
`RtcctlError`, whose class and `exit_code` say what; a call that fails during `apply` is in the result instead. Inside a
running event loop use `open_session`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from rtcctl.operations.accounts import open_fleet
from rtcctl.operations.fleet import Fleet
from rtcctl.operations.loading import load
from rtcctl.operations.loop import run
from rtcctl.operations.pace import Pace
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import open_session
from rtcctl.planner.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from rtcctl.applying.steps import Observer
    from rtcctl.applying.stop import Stop
    from rtcctl.errors import RtcctlError
    from rtcctl.model.drift import Drift
    from rtcctl.model.plan import Step
    from rtcctl.model.resource import Desired
    from rtcctl.model.result import ApplyResult
    from rtcctl.planfile.saved import SavedPlan

__all__ = ["apply", "drift", "load", "open_session", "plan", "read_plan", "write_plan"]

_Result = TypeVar("_Result")


class Silent:
    """An observer that says nothing."""

    def started(self, step: Step) -> None:
        """Say nothing."""

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Say nothing."""


def plan(
    desired: Desired,
    settings: Settings,
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    fail_fast: bool = False,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> SavedPlan:
    """Compare a manifest with the live account, or all of its accounts; nothing is written.

    Args:
        desired: what `load` returned.
        settings: which service is meant.
        options: what is allowed or asked for beyond the manifest; with several accounts, addresses in it tell theirs.
        fail_fast: let one account that can't be planned end it all; otherwise it is among the plan's `broken`.
        pace: how fast to call.

    Returns:
        The plan, as `.plan`, with what it was made for. `apply` makes its calls, `write_plan` puts it into a file.

    Raises:
        CredentialsError: no usable credentials.
        ForeignStateError: the state, or the account that answered, is not the one that is meant.
        ApiError: a read failed.
        UsageError: an endpoint or an option is not usable.
    """
    fleet = open_fleet(settings, desired, pace, options=options, fail_fast=fail_fast)

    async def work() -> SavedPlan:
        planned = await fleet.plan(fleet.planning(options))
        from rtcctl.operations import saving

        return saving.saved(fleet, desired, planned)

    return _run(fleet, work)


def apply(
    saved: SavedPlan,
    settings: Settings,
    *,
    allow_destroy: bool = False,
    fail_fast: bool = False,
    observer: Observer | None = None,
    stop: Stop | None = None,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> ApplyResult:
    """Make the calls of a plan, and record each in the state, which is locked meanwhile.

    What the plan relies on is read first.

    Args:
        saved: what `plan` or `read_plan` returned.
        settings: which service is meant; its files are not looked at.
        allow_destroy: allow deletes, replacements and stops that need consent.
        fail_fast: make no further call after the first failure.
        observer: is told of every call.
        stop: ends the run early when it is asked; ask it in this thread, such as from the observer.
        pace: how fast to call.

    Raises:
        StalePlanError: something moved since the plan was made; nothing was changed.
        RefusedError: a safety rule speaks against it; nothing was changed.
        StateLockedError: another run holds the state.
        ForeignStateError: the state, or the account that answered, is not the one that is meant.
        ApiError: a read failed; nothing was changed.
    """
    from rtcctl.operations import saving

    fleet = saving.open_saved(settings, saved, pace, fail_fast=fail_fast)

    async def work() -> ApplyResult:
        with fleet.locked():
            planned = await fleet.plan(saving.preparing(saved))
            watching = observer if observer is not None else Silent()
            return await fleet.apply(planned, watching, allow_destroy=allow_destroy, stop=stop, fail_fast=fail_fast)

    result = _run(fleet, work)
    return replace(result, broken=(*saved.broken, *result.broken))


def read_plan(path: Path) -> SavedPlan:
    """Read a plan file.

    Raises:
        UsageError: there is none, or it is something else.
        StalePlanError: it has another format version, or was edited.
    """
    from rtcctl.planfile import file

    return file.read(path)


def write_plan(path: Path, saved: SavedPlan) -> None:
    """Put a plan file in its place, readable for its owner alone.

    Raises:
        RtcctlError: it can't be written; what was there before is still there.
    """
    from rtcctl.planfile import file

    file.write(path, saved)


def drift(
    desired: Desired,
    settings: Settings,
    *,
    fail_fast: bool = False,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> Drift:
    """Compare the live account, or all, with what was last applied: what was changed outside rtcctl. Reads only.

    Raises:
        CredentialsError: no usable credentials.
        ForeignStateError: the state, or the account that answered, is not the one that is meant.
        ApiError: a read failed.
    """
    fleet = open_fleet(settings, desired, pace, fail_fast=fail_fast)
    return _run(fleet, fleet.drift)


def _run(fleet: Fleet, work: Callable[[], Awaitable[_Result]]) -> _Result:
    async def working() -> _Result:
        try:
            return await work()
        finally:
            await fleet.close()

    return run(working())
