"""Which call waits for which: building up from the bucket to the jobs, taking down the other way round."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from rtcctl.model.plan import Plan
from rtcctl.model.resource import Desired

from .support import (
    APP,
    RULE,
    actions,
    app,
    assert_order_is_possible,
    bucket,
    callback,
    change_of,
    declared,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_bucket,
    live_callback,
    live_job,
    live_mode,
    live_rule,
    mode,
    owned_app,
    owned_bucket,
    owned_job,
    owned_rule,
    planned,
    rule,
    waits_for,
    whole_account,
    whole_ledger,
    whole_set,
)


def before(made: Plan, first: str, then: str) -> bool:
    return first in waits_for(made, then) and then not in waits_for(made, first)


def test_everything_is_built_from_the_bucket_to_the_job() -> None:
    made = planned(whole_set(), live(), ledger())
    chain = [
        "BucketAuthorization/rec authorize",
        "RecordRule/a/default create",
        "AutoRecordMode/a set",
        "MixStreamJob/a/room1 start",
    ]
    for first, then in pairwise(chain):
        assert before(made, first, then)
    assert before(made, "App/a create", "RecordRule/a/default create")
    assert before(made, "App/a create", "RecordCallback/a set")
    assert before(made, "RecordCallback/a set", "MixStreamJob/a/room1 start")


def test_a_rule_does_not_wait_for_another_bucket() -> None:
    made = planned(desired(bucket(bucket="other"), app(), rule()), live(), ledger())
    assert waits_for(made, "RecordRule/a/default create") == {"App/a create"}


def test_an_app_that_is_to_be_disabled_is_disabled_after_all_that_hangs_on_it() -> None:
    made = planned(desired(app(members={"state": "DEACTIVATION"}), rule(), callback()), live(), ledger())
    assert waits_for(made, "App/a disable") == {"App/a create", "RecordRule/a/default create", "RecordCallback/a set"}


def test_an_app_that_is_to_be_enabled_is_enabled_before_all_that_hangs_on_it() -> None:
    made = planned(
        desired(app(members={"state": "ACTIVATION"}), rule(), job()),
        live(live_app(state="DEACTIVATION"), live_rule()),
        ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()}),
    )
    assert before(made, "App/a enable", "MixStreamJob/a/room1 start")


def test_everything_is_taken_down_from_the_job_to_the_bucket() -> None:
    made = planned(desired(), whole_account(), whole_ledger(), destroy=True)
    assert before(made, "MixStreamJob/a/room1 stop", "RecordRule/a/default delete")
    assert before(made, "AutoRecordMode/a switch off", "RecordRule/a/default delete")
    assert before(made, "RecordRule/a/default delete", "App/a delete")
    assert before(made, "RecordRule/a/default delete", "BucketAuthorization/rec withdraw")


def test_an_app_is_disabled_only_between_a_refused_delete_and_the_next() -> None:
    made = planned(desired(), live(live_app()), ledger({"App/a": owned_app()}), destroy=True)
    first, disable, again = change_of(made, "App/a").steps
    assert (first.only_if_refused, disable.only_if_refused, again.only_if_refused) == ("", first.id, first.id)
    assert (disable.after, again.after) == ((first.id,), (disable.id,))


def test_only_a_call_that_removes_a_predecessor_counts_as_its_removal() -> None:
    replaced = planned(desired(app(app_name="b")), live(live_app()), ledger({"App/a": owned_app()}))
    assert [(step.verb, step.effect) for step in replaced.steps()] == [
        ("create", "created"),
        ("delete", "deposed-deleted"),
        ("disable", "none"),
        ("delete again", "deposed-deleted"),
    ]


def test_a_replaced_app_goes_after_the_new_one_and_all_that_hangs_on_both() -> None:
    made = planned(
        desired(bucket(), app(app_name="b"), rule(), callback(), mode(), job()), whole_account(), whole_ledger()
    )
    others = {step.id for step in made.steps() if not (step.address.kind == "App" and step.effect != "created")}
    assert waits_for(made, "App/a delete") == others - {"BucketAuthorization/rec authorize"}


def test_a_job_is_replaced_by_starting_the_new_one_first() -> None:
    made = planned(
        desired(app(), rule(), job(mix={"room_id": "room2"})),
        live(live_app(), live_rule(), live_job()),
        ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()}),
    )
    assert actions(made)["MixStreamJob/a/room1"] == "replace"
    assert change_of(made, "MixStreamJob/a/room1").steps[1].after == ("MixStreamJob/a/room1 start",)


def test_a_replaced_bucket_is_withdrawn_after_the_rule_points_to_the_new_one() -> None:
    members = {**rule().members, "obs_addr": {"bucket": "new", "location": "cn-north-4", "project_id": "0123"}}
    made = planned(
        desired(bucket(bucket="new"), app(), rule(members=members)),
        live(live_bucket(), live_app(), live_rule()),
        ledger(
            {
                "BucketAuthorization/rec": owned_bucket(),
                "App/a": owned_app(),
                "RecordRule/a/default": owned_rule(),
            }
        ),
    )
    assert before(made, "BucketAuthorization/rec authorize", "RecordRule/a/default update")
    assert before(made, "RecordRule/a/default update", "BucketAuthorization/rec withdraw")


def test_foreign_things_go_before_their_app_and_a_rule_after_the_recording_that_uses_it() -> None:
    made = planned(
        desired(),
        live(live_app(), live_rule(), live_mode(), live_callback()),
        ledger({"App/a": owned_app()}),
        destroy=True,
    )
    assert before(made, "AutoRecordMode/a switch off", f"RecordRule/a/{RULE} delete")
    assert before(made, f"RecordRule/a/{RULE} delete", "App/a delete")


def test_several_predecessors_of_one_address_have_steps_of_their_own() -> None:
    deposed = tuple({"app_id": APP, "job_id": each} for each in ("j1", "j2"))
    made = planned(
        desired(app(), rule(), job()),
        live(live_app(), live_rule(), live_job(), live_job("j1"), live_job("j2")),
        ledger(
            {
                "App/a": owned_app(),
                "RecordRule/a/default": owned_rule(),
                "MixStreamJob/a/room1": owned_job(deposed=deposed),
            }
        ),
    )
    assert [step.id for step in made.steps()] == ["MixStreamJob/a/room1 stop", "MixStreamJob/a/room1 stop #2"]
    assert [step.call.ids["job_id"] for step in made.steps()] == ["j1", "j2"]


def _mixed(app_name: str, *, switch: str = "ACTIVATION") -> Desired:
    members = {"state": switch}
    return desired(bucket(bucket="new"), app(app_name=app_name, members=members), rule(), callback(), mode(), job())


@pytest.mark.parametrize("wanted", [_mixed("a"), _mixed("b"), _mixed("a", switch="DEACTIVATION"), desired(app("z"))])
@pytest.mark.parametrize("deposed", [(), ({"app_id": "old"},)])
def test_no_step_waits_for_one_that_waits_for_it(wanted: Desired, deposed: tuple[dict[str, str], ...]) -> None:
    account = live(*whole_account().objects, live_app("a", "old"), live_rule("old", "r-old"))
    made = planned(wanted, account, whole_ledger(App=owned_app(deposed=deposed)))
    assert made.has_changes
    assert_order_is_possible(made)


def test_the_time_to_order_grows_with_the_number_of_jobs_and_not_with_its_square() -> None:
    def seconds(count: int) -> float:
        jobs = [declared(f"MixStreamJob/a/j{number}", job().members) for number in range(count)]
        wanted = desired(app(), rule(), *jobs)
        begun = time.process_time()
        made = planned(wanted, live(), ledger())
        assert made.count("create") == count + 2
        return time.process_time() - begun

    seconds(50)
    assert seconds(4000) < 30 * max(seconds(400), 0.01)
