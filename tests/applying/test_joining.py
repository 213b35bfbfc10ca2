"""What became of the plans of several accounts, as one result."""

from __future__ import annotations

from rtcctl.applying.joining import Named, joined
from rtcctl.errors import CredentialsError, ExitCode, RtcctlError, StateLockedError
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.jobs import Followed
from rtcctl.model.plan import Broken, Change, Step
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.planner.joining import joined_error
from rtcctl.reports.sums import outcome

A = Address("App", "a")
STEP = Step(f"{A} create", A, "create", Call("POST", "/v2/apps", "apps"), "created", after=("x",))
CHANGE = Change(A, "create", steps=(STEP,))
DONE = ApplyResult((ChangeResult(CHANGE, "done"),), recorded=1, calls=1, steps_done=1)
FAILED = ApplyResult((ChangeResult(CHANGE, "failed", RtcctlError("no")),), calls=1)
MISSING = Broken("c", CredentialsError("none"))


def test_numbers_are_summed_and_addresses_bear_their_accounts() -> None:
    found = joined({"a": DONE, "b": DONE}, ())
    assert [str(each.change.address) for each in found.changes] == ["a:App/a", "b:App/a"]
    assert [each.id for result in found.changes for each in result.change.steps] == ["a:App/a create", "b:App/a create"]
    assert (found.recorded, found.calls, found.steps_done) == (2, 2, 2)
    assert (found.error, found.exit_code) == (None, ExitCode.OK)


def test_nothing_done_anywhere_ends_with_what_is_wrong() -> None:
    assert joined({}, (MISSING,)).exit_code == ExitCode.NOT_ALLOWED
    assert joined({"a": ApplyResult()}, (MISSING,)).exit_code == ExitCode.NOT_ALLOWED
    assert joined({"a": FAILED}, ()).exit_code == ExitCode.FAILED


def test_something_done_somewhere_is_partial() -> None:
    assert joined({"a": DONE}, (MISSING,)).exit_code == ExitCode.PARTIAL
    assert joined({"a": DONE, "b": FAILED}, ()).exit_code == ExitCode.PARTIAL


def test_one_account_that_was_ended_early_says_so_for_all() -> None:
    cut = ApplyResult((ChangeResult(CHANGE, "not attempted"),), interrupted=True, ended="SIGINT")
    found = joined({"a": DONE, "b": cut}, ())
    assert (found.interrupted, found.ended, found.exit_code) == (True, "SIGINT", ExitCode.PARTIAL)


def test_jobs_that_were_followed_bear_their_accounts() -> None:
    job = Followed(Address("MixStreamJob", "a", "x"), {}, "running", "reached", None)
    found = joined({"a": ApplyResult(followed=(job,)), "b": ApplyResult(followed=(job,))}, ())
    assert [str(each.address) for each in found.followed] == ["a:MixStreamJob/a/x", "b:MixStreamJob/a/x"]


def test_a_state_that_could_not_be_saved_is_an_error_and_its_account_not_missing() -> None:
    lost = ApplyResult(DONE.changes, calls=1, steps_done=1, error=RtcctlError("can't save", mend="free the disk"))
    found = joined({"a": lost, "b": ApplyResult(error=StateLockedError("lost the lock"))}, (MISSING,))
    assert found.error is not None
    assert found.error.message == "account a: can't save"
    assert found.error.details == ("account b: lost the lock",)
    assert found.error.mend == "free the disk"
    assert found.broken == (MISSING,)
    assert found.exit_code == ExitCode.PARTIAL
    assert outcome(found).endswith("1 account missing.")


def test_the_first_error_keeps_its_kind_and_its_own_details() -> None:
    first = CredentialsError("none", mend="set them", details=("own",))
    found = joined_error({"a": first, "b": StateLockedError("held")})
    assert found.exit_code == ExitCode.NOT_ALLOWED
    assert (found.message, found.details) == ("account a: none", ("own", "account b: held"))


def test_steps_are_told_under_the_name_of_their_account() -> None:
    told: list[tuple[str, str]] = []

    class Observer:
        def started(self, step: Step) -> None:
            told.append(("started", step.id))

        def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
            told.append((f"finished in {seconds}: {error}", str(step.address)))

    named = Named(Observer(), "edu")
    named.started(STEP)
    named.finished(STEP, 0.5, None)
    assert told == [("started", "edu:App/a create"), ("finished in 0.5: None", "edu:App/a")]
