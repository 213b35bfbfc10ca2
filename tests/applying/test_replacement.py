"""Replacing and taking down: the old object stays on record until it is gone."""

from __future__ import annotations

from rtcctl.errors import ExitCode
from tests.planner.support import (
    APP,
    JOB,
    MIX,
    app,
    at,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_job,
    live_rule,
    owned_app,
    planned,
    rule,
    whole_account,
    whole_ledger,
    whole_set,
)

from .support import (
    AUTHORIZE,
    CREATE_APP,
    DELETE_APP,
    DISABLE,
    ENABLE,
    JOBS,
    NEW_APP,
    NEW_JOB,
    START,
    STOP,
    applied,
    broken,
    refused,
)


def test_a_job_is_replaced_by_starting_the_new_one_before_the_old_one_is_stopped() -> None:
    made = planned(
        desired(app(), rule(), job(mix={"room_id": "room2"})), live(live_app(), live_rule(), live_job()), JOBS
    )
    start = f"POST /v2/apps/{APP}/mix-stream-jobs"
    done = applied(made, JOBS)
    assert done.service.calls == [start, STOP]
    entry = done.ledger.entries[at("MixStreamJob/a/room1")]
    assert (entry.ids["job_id"], entry.deposed) == (NEW_JOB, ())
    between = [version for version in done.store.saved if version.entries[at("MixStreamJob/a/room1")].deposed]
    assert [each["job_id"] for each in between[0].entries[at("MixStreamJob/a/room1")].deposed] == [JOB]


def test_a_refused_start_leaves_the_old_job_running_and_on_record() -> None:
    made = planned(
        desired(app(), rule(), job(mix={"room_id": "room2"})), live(live_app(), live_rule(), live_job()), JOBS
    )
    start = f"POST /v2/apps/{APP}/mix-stream-jobs"
    done = applied(made, JOBS, {start: [refused("RTC.00001007")]})
    assert done.service.calls == [start]
    entry = done.ledger.entries[at("MixStreamJob/a/room1")]
    assert (entry.ids["job_id"], entry.deposed) == (JOB, ())
    assert entry.members == JOBS.entries[at("MixStreamJob/a/room1")].members


def test_a_predecessor_that_could_not_be_removed_is_kept_and_the_next_plan_finishes_it() -> None:
    wanted = desired(app(), rule(), job(mix={"room_id": "room2"}))
    made = planned(wanted, live(live_app(), live_rule(), live_job()), JOBS)
    done = applied(made, JOBS, {STOP: [broken()]})
    assert done.outcomes == {"MixStreamJob/a/room1": "unknown"}
    assert done.result.exit_code == ExitCode.PARTIAL
    entry = done.ledger.entries[at("MixStreamJob/a/room1")]
    assert (entry.ids["job_id"], [each["job_id"] for each in entry.deposed]) == (NEW_JOB, [JOB])

    fresh = live_job(NEW_JOB, mix_param={**MIX, "room_id": "room2"})
    again = planned(wanted, live(live_app(), live_rule(), fresh, live_job()), done.ledger)
    finished = applied(again, done.ledger)
    assert finished.service.calls == [STOP]
    assert finished.ledger.entries[at("MixStreamJob/a/room1")].deposed == ()
    third = planned(wanted, live(live_app(), live_rule(), fresh), finished.ledger)
    assert (third.has_changes, third.to_record) == (False, 0)


def test_an_app_that_was_disabled_but_not_deleted_is_still_on_record_as_predecessor() -> None:
    owned = ledger({"App/a": owned_app()})
    wanted = desired(app(app_name="b"))
    done = applied(planned(wanted, live(live_app()), owned), owned, {DELETE_APP: [refused(), broken()]})
    assert done.service.calls == [CREATE_APP, DELETE_APP, DISABLE, DELETE_APP, ENABLE]
    assert done.ledger.entries[at("App/a")].deposed == ({"app_id": APP},)
    again = planned(wanted, live(live_app("b", NEW_APP), live_app(state="DEACTIVATION")), done.ledger)
    assert applied(again, done.ledger).service.calls == [DELETE_APP]


def test_a_predecessor_app_that_has_to_be_disabled_first_is_gone_after_its_second_delete_only() -> None:
    owned = ledger({"App/a": owned_app(NEW_APP, deposed=({"app_id": APP},))})
    made = planned(desired(app()), live(live_app("a", NEW_APP), live_app("old")), owned)
    failed = applied(made, owned, {DELETE_APP: [refused(), broken()]})
    assert failed.ledger.entries[at("App/a")].deposed == ({"app_id": APP},)
    assert applied(made, owned, {DELETE_APP: [refused()]}).ledger.entries[at("App/a")].deposed == ()


def test_an_app_is_replaced_with_everything_that_hangs_on_it_before_the_old_one_goes() -> None:
    resources = [app(app_name="b") if each.address.kind == "App" else each for each in whole_set().resources.values()]
    made = planned(desired(*resources), whole_account(), whole_ledger())
    done = applied(made, whole_ledger())
    assert set(done.outcomes.values()) == {"done"}
    assert done.service.calls.index(START) < done.service.calls.index(STOP) < done.service.calls.index(DELETE_APP)
    assert done.service.calls[-1] == DELETE_APP
    assert all(ids.get("app_id", NEW_APP) == NEW_APP for ids in done.owned().values())
    assert not any(entry.deposed for entry in done.ledger.entries.values())


def test_everything_is_destroyed_and_forgotten() -> None:
    done = applied(planned(desired(), whole_account(), whole_ledger(), destroy=True), whole_ledger())
    assert done.owned() == {}
    assert done.service.calls[-1] in (DELETE_APP, AUTHORIZE)
    assert done.result.exit_code == ExitCode.OK


def test_a_destroy_that_fails_at_the_app_keeps_what_goes_with_it() -> None:
    made = planned(desired(), whole_account(), whole_ledger(), destroy=True)
    done = applied(made, whole_ledger(), {DELETE_APP: [broken()]})
    assert set(done.owned()) == {"App/a", "RecordCallback/a"}
