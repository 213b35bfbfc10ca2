"""Walking a plan: the order of calls, what a failure stops, and what every way out leaves behind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from rtcctl.api.answers import Answer
from rtcctl.applying import calls
from rtcctl.applying.book import Book
from rtcctl.applying.executor import Wishes
from rtcctl.applying.stop import Stop
from rtcctl.errors import BadAnswerError, ExitCode, NotFoundError, NotPermittedError, RtcctlError
from rtcctl.model.call import Call
from rtcctl.model.ledger import Fingerprint, Ledger
from rtcctl.model.plan import Change, Step
from rtcctl.model.values import Members, Ref
from tests.planner.support import (
    APP,
    BUCKET,
    KEY,
    MIX,
    RULE,
    app,
    at,
    bucket,
    desired,
    ledger,
    live,
    live_app,
    owned_app,
    planned,
)

from .support import (
    AUTHORIZE,
    CALL,
    CREATE_APP,
    CREATE_RULE,
    DELETE_APP,
    DISABLE,
    JOBS,
    LOOK,
    NEW_APP,
    NEW_JOB,
    NEW_RULE,
    SET_CALLBACK,
    SET_MODE,
    START,
    STOP,
    Reply,
    Service,
    Store,
    applied,
    broken,
    build,
    lost,
    refused,
    stop_job,
    teardown,
    unsent,
)


def test_calls_are_made_in_the_order_of_the_plan_with_the_ids_that_came_back() -> None:
    done = applied(build(), ledger())
    assert done.service.calls == [AUTHORIZE, CREATE_APP, CREATE_RULE, SET_CALLBACK, SET_MODE, START]
    assert done.service.bodies[3] == {"url": "https://hooks.example.com/rtc", "auth_key": KEY}
    assert done.service.bodies[4] == {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": NEW_RULE}
    assert done.service.bodies[5] == {"mix_param": MIX, "record_param": {"record_rule_id": NEW_RULE}}
    assert set(done.outcomes.values()) == {"done"}
    assert done.result.exit_code == ExitCode.OK
    assert (done.result.calls, done.result.steps_done, done.result.interrupted) == (6, 6, False)


def test_the_ledger_holds_every_id_afterwards_and_the_serial_of_one_apply() -> None:
    done = applied(build(), ledger())
    assert done.owned() == {
        "BucketAuthorization/rec": dict(BUCKET),
        "App/a": {"app_id": NEW_APP},
        "RecordRule/a/default": {"app_id": NEW_APP, "rule_id": NEW_RULE},
        "RecordCallback/a": {"app_id": NEW_APP},
        "AutoRecordMode/a": {"app_id": NEW_APP},
        "MixStreamJob/a/room1": {"app_id": NEW_APP, "job_id": NEW_JOB},
    }
    assert [version.serial for version in done.store.saved][:3] == [1, 2, 2]
    assert {version.serial for version in done.store.saved[1:]} == {2}
    assert done.ledger.pending == ()


def test_the_ledger_grows_with_each_step_and_never_holds_a_reference() -> None:
    done = applied(build(), ledger())
    grown = [len(version.entries) for version in done.store.saved]
    assert (grown[0], grown[-1]) == (0, 6)
    assert grown == sorted(grown)
    assert done.ledger.entries[at("AutoRecordMode/a")].members["record_rule_id"] == NEW_RULE


def test_what_is_about_to_be_made_is_on_record_before_its_request_leaves() -> None:
    store = Store()
    seen: list[str] = []

    async def look() -> None:
        seen.extend(str(each.address) for each in store.last.pending)

    applied(build(), ledger(), {CREATE_APP: [look], START: [look]}, store=store)
    assert seen == ["BucketAuthorization/rec", "App/a", "MixStreamJob/a/room1"]


def test_the_observer_is_told_of_every_call_and_how_it_ended() -> None:
    made = planned(desired(app(), bucket()), live(), ledger())
    done = applied(made, ledger(), {CREATE_APP: [refused()]})
    assert sorted(done.watcher.told) == [
        "RejectedError App/a create",
        "finished BucketAuthorization/rec authorize",
        "started App/a create",
        "started BucketAuthorization/rec authorize",
    ]


def test_a_failure_stops_only_what_depends_on_it() -> None:
    done = applied(build(), ledger(), {CREATE_RULE: [refused()]})
    assert done.outcomes == {
        "BucketAuthorization/rec": "done",
        "App/a": "done",
        "RecordRule/a/default": "failed",
        "RecordCallback/a": "done",
        "AutoRecordMode/a": "not attempted",
        "MixStreamJob/a/room1": "not attempted",
    }
    assert done.result.exit_code == ExitCode.PARTIAL
    assert isinstance(done.of("RecordRule/a/default").error, RtcctlError)
    assert "RecordRule/a/default" not in done.owned()


def test_the_first_failure_gives_the_exit_code_where_nothing_was_done() -> None:
    denied = NotPermittedError(CALL, "no")
    done = applied(planned(desired(app()), live(), ledger()), ledger(), {CREATE_APP: [denied]})
    assert done.result.exit_code == ExitCode.NOT_ALLOWED
    assert done.owned() == {}


def test_a_change_of_which_a_part_was_made_is_failed_and_partial_and_its_part_is_on_record() -> None:
    made = planned(desired(app(members={"state": "DEACTIVATION"})), live(), ledger())
    done = applied(made, ledger(), {f"POST /v2/apps/{NEW_APP}/disable": [refused()]})
    assert done.outcomes == {"App/a": "failed"}
    assert done.result.exit_code == ExitCode.PARTIAL
    assert done.ledger.entries[at("App/a")].members == {"app_name": "a"}
    again = planned(desired(app(members={"state": "DEACTIVATION"})), live(live_app("a", NEW_APP)), done.ledger)
    assert [step.verb for step in again.steps()] == ["disable"]


@pytest.mark.parametrize("error", [lost(), BadAnswerError(CALL, "an answer without app_id")])
def test_an_answer_that_was_lost_is_unknown_and_stays_on_record(error: Exception) -> None:
    done = applied(build(), ledger(), {CREATE_APP: [error]})
    assert done.outcomes["App/a"] == "unknown"
    assert done.outcomes["RecordRule/a/default"] == "not attempted"
    assert done.result.exit_code == ExitCode.PARTIAL
    assert [(str(each.address), each.verb) for each in done.ledger.pending] == [("App/a", "create")]
    assert "App/a" not in done.owned()


@pytest.mark.parametrize(("error", "pending"), [(unsent(), 0), (refused(), 0), (broken(), 1)])
def test_a_request_that_can_not_have_taken_effect_leaves_nothing_pending(error: Exception, pending: int) -> None:
    done = applied(build(), ledger(), {CREATE_APP: [error]})
    assert done.outcomes["App/a"] == "failed"
    assert len(done.ledger.pending) == pending


def test_a_refused_delete_disables_the_app_and_deletes_again() -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}), {DELETE_APP: [refused()]})
    assert done.service.calls == [DELETE_APP, DISABLE, DELETE_APP]
    assert done.outcomes == {"App/a": "done"}
    assert done.owned() == {}


def test_an_accepted_delete_needs_no_other_call() -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}))
    assert done.service.calls == [DELETE_APP]
    assert (done.outcomes, done.owned()) == ({"App/a": "done"}, {})


@pytest.mark.parametrize(
    "error", [refused("RTC.00001019"), refused(status=409), broken(), lost(), NotPermittedError(CALL, "no")]
)
def test_a_delete_that_fails_otherwise_never_disables_the_app(error: Exception) -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}), {DELETE_APP: [error]})
    assert done.service.calls == [DELETE_APP]
    assert done.outcomes["App/a"] in ("failed", "unknown")
    assert done.owned() == {"App/a": {"app_id": APP}}


@pytest.mark.parametrize(
    "script", [{DELETE_APP: [refused()], DISABLE: [broken()]}, {DELETE_APP: [refused(), refused()]}]
)
def test_an_app_that_can_not_be_deleted_even_so_stays_on_record(script: dict[str, list[Reply]]) -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}), script)
    assert done.outcomes == {"App/a": "failed"}
    assert done.owned() == {"App/a": {"app_id": APP}}


def test_a_job_that_is_initializing_is_waited_for_and_stopped_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "INIT_PAUSE", 0)
    looks = [{"state": "INIT"}, {"state": "INIT"}, {"state": "RUNNING"}]
    done = applied(stop_job(), JOBS, {STOP: [refused("RTC.00001022")], LOOK: list(looks)})
    assert done.service.calls == [STOP, LOOK, LOOK, LOOK, STOP]
    assert done.outcomes == {"MixStreamJob/a/room1": "done"}
    assert "MixStreamJob/a/room1" not in done.owned()


def test_a_job_that_vanishes_while_it_is_waited_for_is_asked_once_more() -> None:
    gone = NotFoundError(CALL, "gone")
    done = applied(stop_job(), JOBS, {STOP: [refused("RTC.00001022")], LOOK: [gone]})
    assert done.service.calls == [STOP, LOOK, STOP]


def test_a_job_that_never_leaves_its_beginning_fails_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "INIT_LIMIT", 0)
    done = applied(stop_job(), JOBS, {STOP: [refused("RTC.00001022"), refused("RTC.00001022")]})
    assert done.service.calls == [STOP, STOP]
    assert done.outcomes == {"MixStreamJob/a/room1": "failed"}
    assert "MixStreamJob/a/room1" in done.owned()


def test_a_look_that_breaks_off_does_not_make_a_refused_stop_unknown() -> None:
    done = applied(stop_job(), JOBS, {STOP: [refused("RTC.00001022")], LOOK: [lost()]})
    assert done.outcomes == {"MixStreamJob/a/room1": "failed"}
    assert done.service.calls == [STOP, LOOK]


def test_the_same_code_about_something_that_is_no_job_is_repeated_without_a_look() -> None:
    done = applied(planned(desired(app()), live(), ledger()), ledger(), {CREATE_APP: [refused("RTC.00001022")]})
    assert done.service.calls == [CREATE_APP, CREATE_APP]


def test_an_interrupt_lets_the_calls_under_way_finish_and_starts_no_other() -> None:
    stop = Stop()

    async def interrupt() -> None:
        stop.ask("SIGINT")

    done = applied(build(), ledger(), {CREATE_APP: [interrupt]}, wishes=Wishes(stop))
    assert done.service.calls == [AUTHORIZE, CREATE_APP]
    assert done.result.interrupted
    assert done.result.ended == "SIGINT"
    assert done.result.exit_code == ExitCode.PARTIAL
    assert list(done.outcomes.values()) == ["done", "done", *["not attempted"] * 4]
    assert set(done.owned()) == {"BucketAuthorization/rec", "App/a"}
    assert done.ledger.pending == ()


def test_an_interrupt_before_the_first_call_sends_nothing_and_exits_130() -> None:
    stop = Stop()
    stop.ask("SIGTERM")
    done = applied(build(), ledger(), wishes=Wishes(stop))
    assert done.service.calls == []
    assert done.result.exit_code == ExitCode.INTERRUPTED
    assert set(done.outcomes.values()) == {"not attempted"}


def test_fail_fast_ends_the_run_with_the_first_failure() -> None:
    made = planned(desired(app("a"), app("b")), live(), ledger())
    done = applied(made, ledger(), {CREATE_APP: [refused()]}, wishes=Wishes(fail_fast=True))
    assert done.service.calls == [CREATE_APP, CREATE_APP]  # both were under way
    done = applied(build(), ledger(), {AUTHORIZE: [refused()]}, wishes=Wishes(fail_fast=True))
    assert done.service.calls == [AUTHORIZE, CREATE_APP]
    assert done.outcomes["App/a"] == "done"
    assert done.outcomes["RecordCallback/a"] == "not attempted"
    assert (done.result.interrupted, done.result.ended) == (False, "a call failed (--fail-fast)")


def test_a_cancellation_during_a_call_leaves_it_unknown_and_still_gives_the_report() -> None:
    main: list[asyncio.Task[Any]] = []

    class Begun(Store):
        def begin(self, base: Ledger) -> None:
            super().begin(base)
            main.extend(each for each in asyncio.all_tasks())

    async def cancelled() -> None:
        for task in main:
            task.cancel()
        await asyncio.Event().wait()

    done = applied(build(), ledger(), {CREATE_APP: [cancelled]}, store=Begun())
    assert done.service.calls == [AUTHORIZE, CREATE_APP]
    assert done.outcomes["BucketAuthorization/rec"] == "done"
    assert done.outcomes["App/a"] == "unknown"
    assert done.outcomes["RecordCallback/a"] == "not attempted"
    assert done.result.interrupted
    assert done.result.exit_code == ExitCode.PARTIAL
    assert str(done.of("App/a").error) == "interrupted while the call was under way"
    assert [str(each.address) for each in done.ledger.pending] == ["App/a"]


def test_a_journal_that_can_not_be_written_in_the_middle_ends_the_calls_and_still_gives_the_report() -> None:
    client = Service()
    # begin, bookkeeping, what is pending, and then the answers
    done = applied(build(), ledger(), store=Store(fail_at=4), service=client)
    assert client.calls == [AUTHORIZE, CREATE_APP]
    assert done.outcomes["BucketAuthorization/rec"] == "done"
    assert done.outcomes["App/a"] == "done"
    assert done.outcomes["RecordCallback/a"] == "not attempted"
    assert done.of("App/a").ids == {"app_id": NEW_APP}
    assert "can't write the state" in str(done.result.error)
    assert done.result.exit_code == ExitCode.PARTIAL
    assert set(done.owned()) == {"BucketAuthorization/rec", "App/a"}  # the fold wrote it all the same


def test_nothing_leaves_that_is_not_on_record() -> None:
    client = Service()
    done = applied(build(), ledger(), store=Store(fail_at=3), service=client)
    assert client.calls == []
    assert set(done.outcomes.values()) == {"not attempted"}
    assert done.ledger.pending == ()
    assert done.result.exit_code == ExitCode.FAILED


def test_a_fold_that_fails_is_told_and_the_journal_stands() -> None:
    whole = applied(build(), ledger())
    done = applied(build(), ledger(), store=Store(fail_at=len(whole.store.writes)))
    assert set(done.outcomes.values()) == {"done"}
    assert "can't write the state" in str(done.result.error)
    assert done.owned() == whole.owned()


@pytest.mark.parametrize("fail_at", [1, 2])
def test_a_state_that_can_not_be_written_before_the_first_call_is_an_error(fail_at: int) -> None:
    client = Service()
    with pytest.raises(RtcctlError, match="can't write the state"):
        applied(build(), ledger(), store=Store(fail_at=fail_at), service=client)
    assert client.calls == []


def test_the_state_that_a_job_is_in_is_told() -> None:
    done = applied(build(), ledger())
    assert done.of("MixStreamJob/a/room1").status == {"state": "INIT"}
    assert done.of("MixStreamJob/a/room1").ids["job_id"] == NEW_JOB


def test_the_fingerprint_is_of_what_was_sent_and_of_what_came_back() -> None:
    answer = {"record_callback": {"url": "https://hooks.example.com/rtc", "auth_key": "****"}}
    done = applied(build(), ledger(), {SET_CALLBACK: [answer]})
    found = done.ledger.entries[at("RecordCallback/a")]
    assert found.members == {"url": "https://hooks.example.com/rtc"}
    print_: Fingerprint = found.secrets["auth_key"]
    assert print_.was_sent(KEY)
    assert not print_.was_read(KEY)
    assert print_.read


def test_a_step_that_waits_for_a_refused_one_without_being_its_remedy_is_not_attempted() -> None:
    made = teardown()
    (change,) = made.changes
    first, *_ = change.steps
    later = Step(
        "after", at("BucketAuthorization/rec"), "withdraw", Call("PUT", "/x", "rtc-ops"), "none", (), (first.id,)
    )
    both = replace(made, changes=(change, Change(later.address, "delete", steps=(later,))))
    done = applied(both, ledger({"App/a": owned_app()}), {DELETE_APP: [refused()]})
    assert done.outcomes == {"App/a": "done", "BucketAuthorization/rec": "not attempted"}


def test_references_in_lists_and_members_become_ids() -> None:
    ref = Ref(at("RecordRule/a/default"), "rule_id")
    body: Members = {"list": [ref, {"deep": ref}], "plain": 5}
    found = calls.filled(Call("PUT", "/v2/apps/{app_id}", "apps", {"app_id": APP, "rule_id": ref}, body), Book(JOBS))
    assert found.body == {"list": [RULE, {"deep": RULE}], "plain": 5}
    assert found.ids == {"app_id": APP}


def test_an_answer_is_what_the_scripted_service_gives() -> None:
    """The fake must not be more lenient than the client: it answers with the first expected status."""
    answer = asyncio.run(Service().send(Call("DELETE", "/x", "apps", expect=(204,))))
    assert answer == Answer(204, {})
