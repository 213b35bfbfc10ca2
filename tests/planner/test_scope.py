"""A partial plan: what was asked for, what comes along, and what can't be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.errors import ExitCode, UsageError
from rtcctl.model.plan import Plan

from .support import (
    APP,
    actions,
    app,
    at,
    bucket,
    callback,
    change_of,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_job,
    live_rule,
    mode,
    owned_app,
    owned_job,
    owned_rule,
    planned,
    rule,
    rules_broken,
    whole_account,
    whole_ledger,
    whole_set,
)

RULE_WITH_OTHER_CYCLE: dict[str, Any] = {
    "obs_addr": {"bucket": "rec", "location": "cn-north-4", "project_id": "0123"},
    "record_formats": ["MP4"],
    "mp4_config": {"record_cycle": 3600},
}


def targeted(*targets: str, wanted: Any = None, account: Any = None, owned: Any = None, **options: Any) -> Plan:
    return planned(
        whole_set() if wanted is None else wanted,
        whole_account() if account is None else account,
        whole_ledger() if owned is None else owned,
        targets=frozenset(map(at, targets)),
        **options,
    )


def with_changes() -> Any:
    """The whole set with a rule, a callback and a job that differ, and an app that is new."""
    return desired(
        bucket(),
        app(),
        rule(members=RULE_WITH_OTHER_CYCLE),
        callback(url="https://hooks.example.com/v2"),
        mode(),
        job(mix={"max_idle_time": 90}),
        app("z"),
    )


def test_without_a_target_the_plan_is_whole() -> None:
    found = targeted(wanted=with_changes())
    assert (found.targets, found.left_out) == ((), 0)
    assert len(found.changes) == 7


def test_an_app_covers_what_hangs_on_it_and_nothing_else() -> None:
    found = targeted("App/a", wanted=with_changes())
    updated = {where for where, action in actions(found).items() if action == "update"}
    assert updated == {"RecordRule/a/default", "RecordCallback/a", "MixStreamJob/a/room1"}
    assert "App/z" not in actions(found)
    assert found.left_out == 1


def test_what_is_left_out_is_counted_only_where_it_would_make_a_call() -> None:
    assert targeted("AutoRecordMode/a", wanted=with_changes()).left_out == 4
    assert targeted("AutoRecordMode/a").left_out == 0


def test_a_child_brings_its_app_its_rule_and_the_bucket_that_the_rule_uses() -> None:
    found = targeted("MixStreamJob/a/room1", account=live(), owned=ledger())
    assert set(actions(found)) == {"BucketAuthorization/rec", "App/a", "RecordRule/a/default", "MixStreamJob/a/room1"}
    assert found.left_out == 2  # the settings come before a job in a whole plan, but it can do without them


def test_several_targets_add_up() -> None:
    found = targeted("RecordCallback/a", "App/z", wanted=with_changes())
    assert {where for where, action in actions(found).items() if action != "no-op"} == {"RecordCallback/a", "App/z"}
    assert found.targets == (at("App/z"), at("RecordCallback/a"))


def test_a_replaced_app_takes_all_its_children_along_whichever_was_asked_for() -> None:
    renamed = desired(bucket(), app(app_name="new"), rule(), callback(), mode(), job(), app("z"))
    found = targeted("RecordRule/a/default", wanted=renamed)
    gone = {where for where, action in actions(found).items() if action == "replace"}
    assert gone == {"App/a", "RecordRule/a/default", "RecordCallback/a", "AutoRecordMode/a", "MixStreamJob/a/room1"}
    assert found.left_out == 1


def test_what_uses_an_object_that_goes_comes_along() -> None:
    found = targeted("RecordRule/a/default", wanted=desired(bucket(), app(), app("z")))
    assert set(actions(found)) >= {"RecordRule/a/default", "AutoRecordMode/a", "MixStreamJob/a/room1"}
    assert "RecordCallback/a" not in actions(found)


def test_a_moved_object_is_found_under_either_name() -> None:
    moved = desired(app("c", app_name="a"), rule("RecordRule/c/default"), app("z"))
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    account = live(live_app(), live_rule())
    for target in ("App/a", "App/c"):
        found = targeted(target, wanted=moved, account=account, owned=owned)
        assert set(actions(found)) == {"App/c", "RecordRule/c/default"}, target


@pytest.mark.parametrize("target", ["RecordCallback/c", "RecordRule/c/default"])
def test_an_app_moves_with_all_its_children_even_if_one_was_asked_for(target: str) -> None:
    """Under its old name a job would look undeclared to the next plan, and be stopped."""
    moved = desired(
        app("c", app_name="a"),
        rule("RecordRule/c/default"),
        callback("RecordCallback/c", url="https://new.example.com"),
    )
    moved = desired(*moved.resources.values(), job("MixStreamJob/c/room1"), app("z"))
    found = targeted(target, wanted=moved, owned=whole_ledger(BucketAuthorization=None))
    assert {str(change.address) for change in found.changes if change.moved_from} == {
        "App/c",
        "RecordRule/c/default",
        "RecordCallback/c",
        "AutoRecordMode/c",
        "MixStreamJob/c/room1",
    }
    assert not change_of(found, "MixStreamJob/c/room1").steps


def test_what_was_refused_outside_the_target_does_not_stop_it() -> None:
    twice = live(live_app(), live_app("z", "z1"), live_app("z", "z2"))
    wanted, owned = desired(app(members={"state": "DEACTIVATION"}), app("z")), ledger({"App/a": owned_app()})
    assert rules_broken(planned(wanted, twice, owned)) == [("ambiguous", "App/z")]
    assert rules_broken(targeted("App/a", wanted=wanted, account=twice, owned=owned)) == []
    assert rules_broken(targeted("App/z", wanted=wanted, account=twice, owned=owned)) == [("ambiguous", "App/z")]


def test_a_part_says_nothing_about_the_number_of_files() -> None:
    owned = whole_ledger()
    assert targeted("App/a", owned=owned, wanted=whole_set(sources=5)).sources == owned.sources
    assert planned(whole_set(sources=5), whole_account(), owned).sources == 5


def test_a_pending_object_may_be_named() -> None:
    from rtcctl.model.ledger import Pending

    begun = ledger({"App/a": owned_app()}, pending=(Pending(at("MixStreamJob/a/x"), "start", "2024-01-15T08:30:00Z"),))
    found = targeted("MixStreamJob/a/x", wanted=desired(app()), account=live(live_app()), owned=begun)
    assert found.changes == ()


@pytest.mark.parametrize(
    ("target", "says", "mend"),
    [
        ("RecordRule/a/defualt", "--target RecordRule/a/defualt", "did you mean RecordRule/a/default?"),
        ("App/quite-another", "--target App/quite-another", "did you mean"),
    ],
)
def test_a_target_that_names_nothing_is_a_mistake(target: str, says: str, mend: str) -> None:
    with pytest.raises(UsageError, match=says) as error:
        targeted(target)
    assert error.value.exit_code == ExitCode.INVALID
    if "default" in mend:
        assert error.value.mend == mend


def test_where_nothing_is_near_what_there_is_is_listed() -> None:
    with pytest.raises(UsageError) as error:
        targeted("IndividualStreamJob/qqqqqqqq/wwwwww")
    assert "App/a" in error.value.mend
    with pytest.raises(UsageError) as error:
        targeted("App/x", wanted=desired(), account=live(), owned=ledger())
    assert error.value.mend == "known are none"


def replaced(where: str, **more: Any) -> Plan:
    found = {"wanted": whole_set(), "account": whole_account(), "owned": whole_ledger(), **more}
    return planned(found["wanted"], found["account"], found["owned"], replace=frozenset({at(where)}))


def test_a_running_job_is_replaced_on_request() -> None:
    found = replaced("MixStreamJob/a/room1")
    change = change_of(found, "MixStreamJob/a/room1")
    assert (change.action, change.reason) == ("replace", "asked for by --replace")
    assert [step.verb for step in change.steps] == ["start", "stop"]
    assert ("destroy", "MixStreamJob/a/room1") in rules_broken(found)


def test_a_job_known_to_be_over_is_started_anew_on_request_although_a_person_stopped_it() -> None:
    found = replaced("MixStreamJob/a/room1", owned=whole_ledger(MixStreamJob=owned_job(stopped="TENANT_STOP")))
    change = change_of(found, "MixStreamJob/a/room1")
    assert (change.action, change.reason) == ("create", "the job ended (TENANT_STOP); asked for by --replace")
    assert not found.refusals


def test_a_job_that_was_never_there_is_just_created() -> None:
    found = replaced(
        "MixStreamJob/a/room1", owned=whole_ledger(MixStreamJob=None), account=live(live_app(), live_rule())
    )
    assert change_of(found, "MixStreamJob/a/room1").reason == ""


@pytest.mark.parametrize("where", ["App/a", "RecordRule/a/default", "RecordCallback/a", "BucketAuthorization/rec"])
def test_only_jobs_can_be_replaced_on_request(where: str) -> None:
    with pytest.raises(UsageError, match="only jobs can be made anew"):
        replaced(where)


def test_what_is_not_declared_can_not_be_replaced() -> None:
    with pytest.raises(UsageError, match="the manifest does not declare it") as error:
        replaced("MixStreamJob/a/roam1")
    assert error.value.mend == "did you mean MixStreamJob/a/room1?"
    with pytest.raises(UsageError, match="the manifest does not declare it"):
        replaced("MixStreamJob/a/room1", wanted=desired(app()), owned=ledger({"MixStreamJob/a/room1": owned_job()}))


def test_a_job_that_is_replaced_stays_in_its_app() -> None:
    found = replaced("MixStreamJob/a/room1", account=live(live_app(), live_rule(), live_job(state="INIT")))
    step = change_of(found, "MixStreamJob/a/room1").steps[0]
    assert step.call.ids["app_id"] == APP
