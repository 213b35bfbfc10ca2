"""Whether what a run says of itself is so: its report against the simulator, its exit code, its documents."""

from __future__ import annotations

from dataclasses import dataclass

from rtcctl.errors import ApiError, ExitCode
from rtcctl.model.plan import Plan
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.reports.as_json import error_document, result_document
from tests.e2e.support import check_document
from tests.survive.standing import Stands


@dataclass(frozen=True)
class Run:
    """How a run ended: with a result, or with an error of a call before anything was planned."""

    plan: Plan | None
    result: ApplyResult | None
    error: ApiError | None = None

    @property
    def lost(self) -> set[str]:
        """The changes of which it is not known what became of them."""
        return {str(each.change.address) for each in self.result.of("unknown")} if self.result else set()


def check_honest(run: Run, before: Stands, after: Stands, wanted: Stands) -> None:
    """Fail unless the report tells what the simulator shows.

    Args:
        run: what is judged.
        before: what stood on the simulator.
        after: what stands there now.
        wanted: what a run without a fault leads to.
    """
    if run.plan is None or run.result is None:
        assert run.error is not None
        assert run.error.exit_code == ExitCode.FAILED
        assert dict(before) == dict(after)
        check_document(error_document(run.error), "result")
        return
    check_exit_code(run.result)
    document = result_document(run.plan, run.result)
    check_document(document, "result")
    assert document["exit_code"] == run.result.exit_code
    told = {str(each.change.address): each for each in run.result.changes}
    for address in {*before, *after, *wanted, *told}:
        was, now, shall = before.get(address), after.get(address), wanted.get(address)
        if address in told:
            _check_change(told[address], was, now, shall)
        elif f"App/{address.split('/')[1]}" in told:  # it has no call of its own, and comes and goes with its app
            assert now in (was, shall)
        else:
            assert now == was, address


def _check_change(each: ChangeResult, was: object, now: object, shall: object) -> None:
    """Done: it stands as asked. Failed, not attempted: as it was. Unknown: one of both, and the error owns to it."""
    assert (each.error is None) == (each.outcome in ("done", "not attempted")), each
    match each.outcome:
        case "done":
            assert now == shall, each
            assert now is None or getattr(now, "own", "") in each.ids.values(), each
        case "unknown":
            assert now in (was, shall), each
            assert str(each.error), each
        case _:
            assert now == was, each


def check_exit_code(result: ApplyResult) -> None:
    """0: all is done. 6: something is, or may be. 1: nothing is."""
    outcomes = {each.outcome for each in result.changes}
    if outcomes <= {"done"}:
        expected = ExitCode.OK
    elif outcomes & {"done", "unknown"} or result.steps_done:
        expected = ExitCode.PARTIAL
    else:
        expected = ExitCode.FAILED
    assert result.exit_code == expected, result
