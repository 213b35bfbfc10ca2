"""What became of the plans of several accounts, as what became of the one that people saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from rtcctl.applying.steps import Observer
from rtcctl.errors import RtcctlError
from rtcctl.model.plan import Broken, Step
from rtcctl.model.result import ApplyResult
from rtcctl.planner.joining import joined_error, named_change, named_step


def joined(results: Mapping[str, ApplyResult], broken: Sequence[Broken]) -> ApplyResult:
    """Return the results of several accounts as one.

    Args:
        results: how it ended, by account.
        broken: the accounts in which nothing could be done.
    """
    found = tuple(results.values())
    errors = {name: each.error for name, each in results.items() if each.error is not None}
    return ApplyResult(
        changes=tuple(
            replace(each, change=named_change(each.change, account))
            for account, result in results.items()
            for each in result.changes
        ),
        recorded=sum(each.recorded for each in found),
        calls=sum(each.calls for each in found),
        interrupted=any(each.interrupted for each in found),
        steps_done=sum(each.steps_done for each in found),
        ended=next((each.ended for each in found if each.ended), ""),
        followed=tuple(
            replace(each, address=each.address.within(account))
            for account, result in results.items()
            for each in result.followed
        ),
        error=joined_error(errors) if errors else None,
        broken=tuple(broken),
    )


class Named:
    """Tells an observer of the steps of one account, under its name."""

    def __init__(self, observer: Observer, account: str) -> None:
        self._observer = observer
        self._account = account

    def started(self, step: Step) -> None:
        """Be told that a call leaves."""
        self._observer.started(named_step(step, self._account))

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        """Be told how a call ended."""
        self._observer.finished(named_step(step, self._account), seconds, error)
