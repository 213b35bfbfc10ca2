"""What a run makes of lost answers, members that did not take, jobs lost before, and preparing calls in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from rtcctl.applying.executor import Wishes
from rtcctl.errors import (
    BadAnswerError,
    ExitCode,
    NotAsAskedError,
    RtcctlError,
    StoppedError,
    UsageError,
)
from rtcctl.model.ledger import Delta, Entry, Ledger, Pending
from rtcctl.model.plan import Plan
from tests.planner.support import APP as APP_ID
from tests.planner.support import (
    KEY,
    RULE,
    RULE_MEMBERS,
    URL,
    app,
    at,
    callback,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_callback,
    live_rule,
    owned_app,
    owned_callback,
    owned_rule,
    planned,
    rule,
    whole_ledger,
)

from .support import (
    CALL,
    CREATE_APP,
    CREATE_RULE,
    ENABLE,
    NEW_APP,
    NEW_RULE,
    SET_CALLBACK,
    START,
    Applied,
    Reply,
    Service,
    Store,
    Watcher,
    abort,
    applied,
    broken,
    build,
    lost,
    refused,
    teardown,
    unsent,
)

LIST_APPS = "GET /v2/apps"
LIST_RULES = f"GET /v2/apps/{NEW_APP}/record-rules"
PUT_RULE = f"PUT /v2/apps/{APP_ID}/record-rules/{RULE}"
THE_APP: Reply = {"apps": [{"app_name": "a", "app_id": NEW_APP}]}
OTHERS: Reply = {"apps": [{"app_name": "b", "app_id": "x"}, {"app_name": "a", "app_id": "y", "state": "DELETED"}]}


@pytest.mark.parametrize("error", [lost(), broken(), BadAnswerError(CALL, "no JSON")])
@pytest.mark.parametrize("lag", [0, 2])
def test_an_app_whose_answer_was_lost_is_found_by_its_name(error: Exception, lag: int) -> None:
    script: dict[str, list[Reply]] = {CREATE_APP: [error], LIST_APPS: [*[OTHERS] * lag, THE_APP]}
    done = applied(build(), ledger(), script)
    assert done.result.exit_code == ExitCode.OK
    assert done.owned()["App/a"] == {"app_id": NEW_APP}
    assert done.service.calls.count(CREATE_APP) == 1
    assert done.ledger.pending == ()


def test_a_rule_whose_answer_was_lost_is_found_by_its_location() -> None:
    there: Reply = {"rules": [{**RULE_MEMBERS, "rule_id": NEW_RULE}]}
    done = applied(build(), ledger(), {CREATE_RULE: [lost()], LIST_RULES: [there]})
    assert done.result.exit_code == ExitCode.OK
    assert done.owned()["RecordRule/a/default"]["rule_id"] == NEW_RULE


def test_an_object_that_is_owned_already_is_not_what_was_lost() -> None:
    owned = ledger({"App/old": Entry({"app_id": NEW_APP}, {"app_name": "old"})})
    made = planned(desired(app(), app("old")), live(live_app("old", NEW_APP)), owned)
    done = applied(made, owned, {CREATE_APP: [lost()], LIST_APPS: [THE_APP] * 3})
    assert done.outcomes["App/a"] == "unknown"


@pytest.mark.parametrize("look", [refused("RTC.00001021"), lost()])
def test_a_look_that_fails_leaves_the_outcome_unknown(look: Exception) -> None:
    done = applied(build(), ledger(), {CREATE_APP: [lost()], LIST_APPS: [look]})
    assert done.outcomes["App/a"] == "unknown"
    assert [str(each.address) for each in done.ledger.pending] == ["App/a"]


def test_a_job_whose_answer_was_lost_is_not_looked_for() -> None:
    done = applied(build(), ledger(), {START: [lost()]})
    assert done.outcomes["MixStreamJob/a/room1"] == "unknown"
    assert done.service.calls[-1] == START
    assert [each.verb for each in done.ledger.pending] == ["start"]
    error = done.of("MixStreamJob/a/room1").error
    assert error is not None
    since = done.ledger.pending[0].started
    assert f"MixStreamJob/a/room1 may run in room1 since {since}" in error.mend
    assert "rtcctl state forget MixStreamJob/a/room1" in error.mend


def test_a_job_that_a_second_interrupt_cut_off_says_how_it_is_settled() -> None:
    async def cut_off() -> None:
        abort()
        await asyncio.sleep(60)

    done = applied(build(), ledger(), {START: [cut_off]})
    error = done.of("MixStreamJob/a/room1").error
    assert error is not None
    assert error.message == "interrupted while the call was under way"
    assert "MixStreamJob/a/room1 may run in room1 since 20" in error.mend


def test_a_job_whose_start_never_left_is_not_taken_for_lost() -> None:
    loop: asyncio.AbstractEventLoop

    class Slow(Store):
        """Ends the run at once while it writes that the job is about to be started."""

        def append(self, deltas: Sequence[Delta]) -> None:
            super().append(deltas)
            if any(begun.verb == "start" for delta in deltas for begun in delta.begun):
                loop.call_soon_threadsafe(abort)

    async def notice() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()

    done = applied(build(), ledger(), {CREATE_APP: [notice]}, store=Slow())
    assert START not in done.service.calls
    assert done.outcomes["MixStreamJob/a/room1"] == "not attempted"
    assert done.ledger.pending == ()


def test_a_job_whose_start_was_refused_for_its_token_and_not_repeated_is_not_taken_for_lost() -> None:
    done = applied(build(), ledger(), {START: [StoppedError("the run ended before this call left")]})
    assert done.outcomes["MixStreamJob/a/room1"] == "not attempted"
    assert done.ledger.pending == ()
    assert done.watcher.told[-1] == "StoppedError MixStreamJob/a/room1 start"


def test_a_5xx_is_believed_only_where_nothing_was_found() -> None:
    done = applied(build(), ledger(), {CREATE_APP: [broken()]})
    assert done.outcomes["App/a"] == "failed"
    done = applied(build(), ledger(), {CREATE_APP: [broken()], LIST_APPS: [broken()]})
    assert done.outcomes["App/a"] == "unknown"
    done = applied(build(), ledger(), {SET_CALLBACK: [broken()]})
    assert done.outcomes["RecordCallback/a"] == "unknown"
    assert "plan again" in getattr(done.of("RecordCallback/a").error, "mend", "")


def test_a_setting_that_was_lost_is_not_looked_for() -> None:
    done = applied(build(), ledger(), {SET_CALLBACK: [lost()]})
    assert done.outcomes["RecordCallback/a"] == "unknown"
    assert not [call for call in done.service.calls if call.startswith("GET")]


def change_rule(cycle: int = 3600) -> Plan:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    wanted = desired(app(), rule(members={**RULE_MEMBERS, "mp4_config": {"record_cycle": cycle}}))
    return planned(wanted, live(live_app(), live_rule()), owned)


def applied_rule(answer: Reply) -> Applied:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    return applied(change_rule(), owned, {PUT_RULE: [answer]})


def test_a_member_that_did_not_take_is_a_named_error_and_the_rest_is_on_record() -> None:
    done = applied_rule({**RULE_MEMBERS, "rule_id": RULE})
    found = done.of("RecordRule/a/default")
    assert found.outcome == "failed"
    assert isinstance(found.error, NotAsAskedError)
    assert "mp4_config.record_cycle 7200 instead of 3600" in found.error.message
    assert done.result.exit_code == ExitCode.PARTIAL
    assert done.ledger.pending == ()


@pytest.mark.parametrize("answer", [{}, {"rule_id": RULE}, {"mp4_config": {"record_cycle": "3600"}}])
def test_what_an_answer_does_not_tell_or_tells_in_another_spelling_is_not_judged(answer: dict[str, Any]) -> None:
    assert applied_rule(answer).result.exit_code == ExitCode.OK


def test_what_depends_on_a_member_that_did_not_take_is_not_attempted() -> None:
    wrong: Reply = {**RULE_MEMBERS, "rule_id": NEW_RULE, "record_formats": ["HLS"]}
    done = applied(build(), ledger(), {CREATE_RULE: [wrong]})
    assert done.outcomes["RecordRule/a/default"] == "failed"
    assert done.outcomes["MixStreamJob/a/room1"] == "not attempted"
    assert done.owned()["RecordRule/a/default"]["rule_id"] == NEW_RULE


def test_a_secret_that_comes_back_otherwise_is_not_judged() -> None:
    answer: Reply = {"record_callback": {"url": URL, "auth_key": "another-fake-key"}}
    assert applied(build(), ledger(), {SET_CALLBACK: [answer]}).result.exit_code == ExitCode.OK


def test_an_app_that_stays_disabled_though_it_was_enabled_is_told() -> None:
    owned = ledger({"App/a": owned_app()})
    made = planned(desired(app(members={"state": "ACTIVATION"})), live(live_app(state="DEACTIVATION")), owned)
    done = applied(made, owned, {ENABLE: [{"state": {"state": "DEACTIVATION"}}]})
    assert "state 'DEACTIVATION' instead of 'ACTIVATION'" in str(done.of("App/a").error)


def test_a_lost_job_is_left_alone_while_all_else_is_done() -> None:
    pending = (Pending(at("MixStreamJob/a/room1"), "start", "2026-01-15T08:30:00+00:00"),)
    owned = replace(ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()}), pending=pending)
    made = planned(desired(app(), rule(), callback(), job()), live(live_app(), live_rule()), owned)
    (found,) = made.lost
    assert made.refused(allow_destroy=False) == ()
    wishes = Wishes(lost={at("MixStreamJob/a/room1"): RtcctlError(found.message)})
    done = applied(made, owned, wishes=wishes)
    assert done.outcomes == {"RecordCallback/a": "done", "MixStreamJob/a/room1": "unknown"}
    assert done.result.exit_code == ExitCode.PARTIAL
    assert "room1" in str(done.of("MixStreamJob/a/room1").error)
    assert done.ledger.pending == pending
    again = planned(
        desired(app(), rule(), callback(), job()), live(live_app(), live_rule(), live_callback()), done.ledger
    )
    last = applied(again, done.ledger, wishes=wishes)
    assert (last.service.calls, last.store.writes) == ([], [])
    assert last.result.exit_code == ExitCode.PARTIAL


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_what_is_pending_beside_a_start_is_settled_by_what_was_read(verb: str) -> None:
    pending = Pending(at("RecordCallback/a"), verb, "2026-01-15T08:30:00+00:00")
    owned = replace(ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()}), pending=(pending,))
    made = planned(desired(app(), callback()), live(live_app(), live_callback()), owned)
    assert "this plan goes by what it is now" in made.warnings[0].message
    done = applied(made, owned)
    assert (done.service.calls, done.store.writes) == ([], ["save"])
    assert done.ledger.pending == ()
    assert not done.ledger.entries[at("RecordCallback/a")].adopted


def test_a_stop_that_is_pending_does_not_keep_a_job_from_being_started_anew() -> None:
    owned = replace(whole_ledger(), pending=(Pending(at("MixStreamJob/a/room1"), "stop", "2026-01-15T08:30:00+00:00"),))
    made = planned(desired(app(), rule(), job(restart="Always")), live(live_app(), live_rule()), owned)
    assert made.lost == ()


def test_a_call_that_never_left_is_not_on_record_and_was_not_seen_to_start() -> None:
    class Unable(Service):
        async def send(self, call: Any, leaving: Any = None) -> Any:
            raise UsageError("'..' is no app_id") if call.method == "POST" else unsent()

    done = applied(planned(desired(app()), live(), ledger()), ledger(), service=Unable())
    assert done.outcomes == {"App/a": "failed"}
    assert (done.result.calls, done.ledger.pending) == (0, ())
    assert isinstance(done.watcher, Watcher)
    assert done.watcher.told == []
    done = applied(teardown(), ledger({"App/a": owned_app()}), service=Unable())
    assert done.outcomes == {"App/a": "failed"}
    assert done.ledger.pending == ()


@pytest.mark.parametrize("end", [StoppedError("the run ended before this call left"), asyncio.CancelledError()])
def test_a_call_that_was_on_record_but_never_left_is_not_attempted_and_not_pending(end: BaseException) -> None:
    class Waiting(Service):
        async def send(self, call: Any, leaving: Any = None) -> Any:
            await leaving.ready()
            raise end

    store = Store()
    done = applied(planned(desired(app()), live(), ledger()), ledger(), service=Waiting(), store=store)
    assert done.outcomes == {"App/a": "not attempted"}
    assert (done.result.calls, done.ledger.pending) == (0, ())
    assert store.last.pending == ()


def test_a_call_that_was_on_record_when_its_authentication_failed_has_failed_and_is_not_pending() -> None:
    class Locked(Service):
        async def send(self, call: Any, leaving: Any = None) -> Any:
            await leaving.ready()
            raise unsent()

    store = Store()
    done = applied(planned(desired(app()), live(), ledger()), ledger(), service=Locked(), store=store)
    assert done.outcomes == {"App/a": "failed"}
    assert (done.result.calls, done.ledger.pending, store.last.pending) == (0, (), ())


def test_a_defect_ends_the_run_but_what_was_done_is_on_record() -> None:
    class Wrong(Service):
        async def send(self, call: Any, leaving: Any = None) -> Any:
            if call.path.endswith("/record-callback"):
                raise ZeroDivisionError
            return await super().send(call, leaving)

    store = Store()
    with pytest.raises(ZeroDivisionError):
        applied(build(), ledger(), service=Wrong(), store=store)
    assert store.writes[-1] == "save"
    assert at("App/a") in store.last.entries


def test_a_cancellation_while_the_journal_is_begun_is_an_interrupt_with_a_report() -> None:
    class Cancelled(Store):
        def begin(self, base: Ledger) -> None:
            super().begin(base)
            for task in asyncio.all_tasks():
                task.cancel()

    done = applied(build(), ledger(), store=Cancelled())
    assert done.service.calls == []
    assert set(done.outcomes.values()) == {"not attempted"}
    assert done.result.exit_code == ExitCode.INTERRUPTED


def test_a_secret_is_in_no_delta() -> None:
    done = applied(build(), ledger())
    assert KEY.reveal() not in repr(done.store.deltas)
