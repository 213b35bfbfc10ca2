"""What became of jobs that were waited for decides how an apply ended."""

from __future__ import annotations

import pytest

from rtcctl.errors import ExitCode
from rtcctl.model.address import Address
from rtcctl.model.jobs import Ending, Followed, Standing
from rtcctl.model.plan import Change
from rtcctl.model.result import ApplyResult, ChangeResult, Outcome

WHERE = Address("MixStreamJob", "a", "b")


def ended(followed: tuple[Ending, ...], outcome: Outcome = "done") -> ExitCode:
    changes = (ChangeResult(Change(WHERE, "create"), "done"), ChangeResult(Change(WHERE, "create"), outcome))
    jobs = tuple(Followed(WHERE, {}, "running", ending) for ending in followed)
    return ApplyResult(changes, followed=jobs, steps_done=1).exit_code


@pytest.mark.parametrize(
    ("followed", "code"),
    [
        ((), ExitCode.OK),
        (("reached", "reached"), ExitCode.OK),
        (("reached", "ended"), ExitCode.FAILED),
        (("late",), ExitCode.FAILED),
        (("failed",), ExitCode.FAILED),
        (("late", "interrupted"), ExitCode.PARTIAL),
    ],
)
def test_jobs_that_do_not_run_fail_an_apply_that_did_everything(followed: tuple[Ending, ...], code: ExitCode) -> None:
    assert ended(followed) is code


@pytest.mark.parametrize("followed", [("reached",), ("ended",), ("late",)])
def test_where_something_else_failed_the_end_is_partial_whatever_jobs_do(followed: tuple[Ending, ...]) -> None:
    assert ended(followed, "failed") is ExitCode.PARTIAL


def test_a_job_is_over_when_it_is_known_why() -> None:
    assert Standing("STOPPED", "TENANT_STOP").over
    assert not Standing("RUNNING").over
