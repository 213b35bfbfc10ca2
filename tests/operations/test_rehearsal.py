"""A rehearsal: what would happen is seen on a copy, and the account that is copied gets reads alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.api.credentials import TokenCredentials
from rtcctl.errors import ExitCode, NotAuthenticatedError, StalePlanError, UsageError
from rtcctl.model.call import Call
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Secret
from rtcctl.operations.loading import load
from rtcctl.operations.rehearsing_copy import shown
from rtcctl.operations.rehearsing_live import ReadsOnly
from rtcctl.operations.rehearsing_stage import Conditions, MemoryState, staged
from rtcctl.operations.workflow import open_session
from rtcctl.planner.options import Options
from rtcctl.reports.rehearsal import rehearsal_document, rehearsal_text
from rtcctl.simulator import VirtualClock
from tests.operations.rehearsing import (
    BUCKET,
    JOBS,
    KEY,
    OTHER_KEY,
    SHARE,
    SINGLE,
    Account,
    app,
    faults,
    outcomes,
    requests,
)


def test_everything_new_is_made_on_the_copy_alone(account: Account):
    found = account.rehearse(app(more=SINGLE) + BUCKET)
    assert set(outcomes(found).values()) == {"create done"}
    assert requests(found) == {
        ("POST", "apps"): 1,
        ("POST", "record-rules"): 1,
        ("PUT", "auto-record"): 1,
        ("PUT", "callbacks"): 1,
        ("POST", "mix-stream-jobs"): 1,
        ("POST", "individual-stream-jobs"): 1,
        ("PUT", "rtc-ops"): 1,
    }
    assert found.copied == {}
    assert "A plan afterwards: no changes." in rehearsal_text(found)
    assert account.stranger().done("GET", "/v2/apps")["count"] == 0


def test_jobs_run_although_nobody_read_whether_their_bucket_is_open(account: Account):
    found = account.rehearse(app(more=SINGLE))
    assert found.afterwards is not None
    assert found.afterwards.plan is not None
    assert all(not change.reason for change in found.afterwards.plan.changes)


def test_where_nothing_differs_nothing_is_called(account: Account):
    account.apply(app(more=SINGLE) + BUCKET)
    found = account.rehearse(app(more=SINGLE) + BUCKET)
    assert found.made == ()
    assert "No changes." in rehearsal_text(found)
    assert found.copied["App"] == found.copied["IndividualStreamJob"] == found.copied["BucketAuthorization"] == 1


def test_an_update_a_new_key_and_a_running_job_that_is_replaced(account: Account):
    account.apply(app(more=SINGLE) + BUCKET)
    account.environ["RTC_KEY"] = OTHER_KEY
    found = account.rehearse(app(more=SINGLE, layout=SHARE, cycle=1800) + BUCKET)
    assert outcomes(found) == {
        "RecordRule/rtctest/default": "update done",
        "RecordCallback/rtctest": "update done",
        "MixStreamJob/rtctest/lesson": "replace done",
    }
    assert requests(found)["DELETE", "mix-stream-jobs"] == 1
    assert found.needs == ("--allow-destroy",)
    assert "Needs --allow-destroy: MixStreamJob/rtctest/lesson: a recording would be" in rehearsal_text(found)


def test_an_app_that_goes_takes_what_hangs_on_it(account: Account):
    account.apply(app() + "---" + app("other", jobs="") + BUCKET)
    found = account.rehearse(app("other", jobs="") + BUCKET)
    assert outcomes(found)["App/rtctest"] == "delete done"
    assert outcomes(found)["MixStreamJob/rtctest/lesson"] == "delete done"


def test_apps_of_others_are_copied_and_left_alone(account: Account):
    for number in range(3):
        account.stranger().new_app(f"theirs{number}")
    found = account.rehearse(app(jobs=""))
    assert found.copied["App"] == 3
    assert found.afterwards is not None
    assert found.afterwards.plan is not None
    assert found.afterwards.plan.unmanaged == {"App": 3}


def test_the_quota_is_that_of_the_project(account: Account):
    project = "---\napiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: p}\nspec: {quota: {apps: 25}}\n"
    for number in range(20):
        account.stranger().new_app(f"theirs{number}")
    refused = account.rehearse(app(jobs=""), code=ExitCode.REFUSED)
    assert "Not rehearsed: apply would refuse this plan.\n" in rehearsal_text(refused)
    account.app.state.simulator.throttle.set(None)
    account.server.heard.clear()
    assert outcomes(account.rehearse(app(jobs="") + project))["App/rtctest"] == "create done"


def test_a_refusal_that_another_flag_lifts_says_so_and_is_lifted_by_it_here_too(account: Account):
    account.stranger().new_app("rtctest")
    refused = account.rehearse(app(), code=ExitCode.REFUSED)
    assert refused.result is None
    assert "With --start-unknown-jobs it would not, and this neither." in " ".join(rehearsal_text(refused).split())
    account.server.heard.clear()
    found = account.rehearse(app(), Options(start_unknown_jobs=True))
    assert outcomes(found)["MixStreamJob/rtctest/lesson"] == "create done"


def test_a_job_that_is_replaced_on_purpose_is_not_replaced_again_by_the_second_plan(account: Account):
    account.apply(app() + BUCKET)
    address = next(each for each in load(account.settings).resources if each.kind == "MixStreamJob")
    found = account.rehearse(app() + BUCKET, Options(replace=frozenset({address})))
    assert outcomes(found) == {"MixStreamJob/rtctest/lesson": "replace done"}


def test_a_part_of_the_plan_leaves_the_rest_out_of_the_second_plan_as_well(account: Account):
    account.apply(app(jobs=""))
    address = next(each for each in load(account.settings).resources if each.kind == "RecordRule")
    account.environ["RTC_KEY"] = OTHER_KEY
    found = account.rehearse(app(jobs="", cycle=1800), Options(targets=frozenset({address})))
    assert outcomes(found) == {"RecordRule/rtctest/default": "update done"}


def test_a_masked_key_makes_no_difference(masking: Account):
    masking.apply(app(jobs=""))
    assert masking.rehearse(app(jobs="")).made == ()
    masking.server.heard.clear()
    changed = app(jobs="").replace("/cb", "/elsewhere")
    assert outcomes(masking.rehearse(changed)) == {"RecordCallback/rtctest": "update done"}


def test_a_masked_key_that_would_have_to_be_sent_again_is_a_refusal(masking: Account):
    masking.apply(app(jobs=""))
    path = f"/v2/apps/{masking.stranger().done('GET', '/v2/apps')['apps'][0]['app_id']}/record-callback"
    (masking.folder / ".rtcctl/default/default.state.json").unlink()
    masking.stranger().done("PUT", path, {"url": "http://127.0.0.1:9/x", "auth_key": KEY})
    without = app(jobs="").replace(', auth_key: "${env:RTC_KEY}"', "")
    found = masking.rehearse(without, code=ExitCode.REFUSED)
    assert "masked" in rehearsal_text(found)


@pytest.mark.parametrize(
    ("refresh", "jobs", "reads"),
    [("changed", JOBS, ["/v2/apps"]), ("none", JOBS, [])],
)
def test_what_was_not_read_and_nothing_relies_on_is_taken_for_granted(account: Account, refresh, jobs, reads):
    account.apply(app(jobs=jobs) + BUCKET)
    found = account.rehearse(app(jobs=jobs) + BUCKET, Options(refresh=refresh))
    assert [each.path for each in account.server.heard] == reads
    assert found.made == ()


def test_what_a_change_relies_on_is_read_although_the_plan_took_it_for_granted(account: Account):
    others = "---" + app("other", jobs="") + BUCKET
    account.apply(app(more=SINGLE) + others)
    found = account.rehearse(app(more=SINGLE, layout=SHARE, cycle=1800) + others, Options(refresh="none"))
    assert outcomes(found) == {
        "RecordRule/rtctest/default": "update done",
        "MixStreamJob/rtctest/lesson": "replace done",
    }
    assert any("/mix-stream-jobs/" in each.path for each in account.server.heard)
    assert found.copied["RecordRule"] == 2  # the other one was not read and is as it was last applied


def test_what_was_taken_for_granted_and_is_otherwise_ends_the_rehearsal_as_it_would_the_apply(account: Account):
    account.apply(app(jobs="") + BUCKET)
    stranger = account.stranger()
    path = f"/v2/apps/{stranger.done('GET', '/v2/apps')['apps'][0]['app_id']}"
    stranger.done("PUT", f"{path}/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    rule = stranger.done("GET", f"{path}/record-rules")["rules"][0]["rule_id"]
    assert stranger.send("DELETE", f"{path}/record-rules/{rule}").status_code == 204
    with pytest.raises(StalePlanError) as error:
        account.rehearse(app(jobs="", cycle=1800) + BUCKET, Options(refresh="none"))
    assert any("RecordRule/rtctest/default: it is gone" in line for line in error.value.details)


def test_a_service_that_is_out_of_order_is_told_as_apply_would(account: Account):
    found = account.rehearse(app(), conditions=faults(account.folder, "fault: status, calls: [CreateApp]"), code=1)
    assert outcomes(found)["App/rtctest"] == "create failed"
    assert outcomes(found)["MixStreamJob/rtctest/lesson"] == "create not attempted"
    assert found.afterwards is not None
    assert not found.afterwards.is_settled
    assert "A plan afterwards is not empty:" in rehearsal_text(found)


def test_an_outage_without_end_ends_before_the_second_plan(account: Account):
    found = account.rehearse(app(), conditions=faults(account.folder, "fault: status, status: 500"), code=6)
    assert outcomes(found)["App/rtctest"] == "create unknown"
    assert found.afterwards is not None
    assert found.afterwards.error is None


def test_an_app_whose_answer_was_lost_is_looked_for_and_found(account: Account):
    lost = faults(account.folder, "fault: reset, when: after, calls: [CreateApp], count: 1")
    found = account.rehearse(app(jobs=""), conditions=lost)
    assert outcomes(found)["App/rtctest"] == "create done"
    assert found.afterwards is not None
    assert found.afterwards.plan is not None
    assert not found.afterwards.plan.has_changes


def test_nobody_waits_for_the_waits_of_a_scenario(account: Account):
    # An hour per call, twice: this test would not end.
    slow = account.folder / "slow.yaml"
    slow.write_text(
        "faults:\n  - {fault: latency, seconds: 3600}\n"
        "  - {fault: timeout, seconds: 3600, calls: [CreateApp], count: 1}\nthrottle: {scope: shared}\n"
    )
    found = account.rehearse(app(jobs=""), conditions=Conditions(slow), code=ExitCode.PARTIAL)
    assert outcomes(found)["App/rtctest"] == "create unknown"


def test_a_new_job_does_not_wait_for_a_clock_that_stands_still():
    assert Conditions().options().start_delay == 0


@pytest.mark.parametrize("limits", [True, False])
def test_time_goes_on_where_limits_are_held_and_these_end_before_the_second_plan(account: Account, limits: bool):
    path = account.folder / "limits.yaml"
    path.write_text("throttle: {scope: shared}\n" if limits else "faults: []\n")
    account.write(app())
    session = open_session(account.settings, load(account.settings))
    stored = session.connection.state.load()
    stage = staged(session, stored, Live(), Conditions(path).options(), quota=20, knows_buckets=True)
    simulator = stage.app.state.simulator
    assert isinstance(simulator.options.now, VirtualClock) is not limits
    assert (simulator.throttle.options is not None) is limits
    stage.calm()
    assert simulator.throttle.options is None
    for each in (session, stage.session):
        asyncio.run(each.close())


def test_a_point_settled_the_other_way_shows_what_apply_would_do(account: Account):
    account.apply(app() + "---" + app("other", jobs="") + BUCKET)
    needs_disable = Conditions(variants=("delete-app-needs-disable",))
    found = account.rehearse(app("other", jobs="") + BUCKET, conditions=needs_disable)
    assert requests(found)["DELETE", "apps"] == 2
    assert requests(found)["POST", "apps"] == 1


def test_a_listing_that_lags_behind_has_caught_up_when_the_second_plan_is_made(account: Account):
    account.apply(app(jobs="") + BUCKET)
    lag = Conditions(variants=("list-lag",))
    found = account.rehearse(app(jobs="", cycle=1800) + BUCKET, conditions=lag)
    assert outcomes(found) == {"RecordRule/rtctest/default": "update done"}


def test_what_can_not_be_told_afterwards_is_an_error_of_the_second_plan_alone(account: Account):
    account.apply(app(jobs=""))
    tokens = Conditions(variants=("token-only-for-buckets",))
    project = app(jobs="") + BUCKET
    found = account.rehearse(project, conditions=tokens, code=ExitCode.NOT_ALLOWED)
    assert outcomes(found) == {"BucketAuthorization/recordings": "create failed"}
    assert found.afterwards is not None
    assert isinstance(found.afterwards.error, NotAuthenticatedError)
    assert "What there is afterwards can't be told:" in rehearsal_text(found)
    assert rehearsal_document(found)["afterwards"]["error"]["type"] == "NotAuthenticatedError"
    went_well = replace(found, result=replace(found.result, changes=()))  # type: ignore[type-var]
    assert went_well.exit_code == ExitCode.NOT_ALLOWED


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (Conditions(variants=("no-such",)), "no variant is called 'no-such'"),
        (Conditions(Path("missing.yaml")), "missing.yaml can't be read"),
    ],
)
def test_conditions_that_make_no_sense_are_refused_before_any_call(account: Account, conditions, message):
    with pytest.raises(UsageError, match=message):
        account.rehearse(app(), conditions=conditions)
    assert account.server.heard == []


def test_nothing_but_reads_leaves_a_rehearsal(account: Account):
    client = Client(
        account.server.url, account.server.url, TokenCredentials(Secret("fake-token", "test"), source="test")
    )

    async def work() -> None:
        async with ReadsOnly(client) as reads:
            with pytest.raises(RuntimeError, match="POST /v2/apps would have left a rehearsal"):
                await reads.send(Call("POST", "/v2/apps", "apps", body={"app_name": "a"}))

    asyncio.run(work())
    assert account.server.heard == []


def test_a_setting_of_an_app_that_is_not_listed_is_left_out():
    assert shown(Live((RemoteObject("RecordCallback", {"app_id": "gone"}, {"url": "http://127.0.0.1:9"}),))) == {}


def test_a_state_in_memory_gives_back_what_was_saved():
    binding = Binding("p", "default", "https://127.0.0.1:1")
    state = MemoryState("named.json", binding, Ledger(binding, "lineage"))
    with state.locked():
        state.save(replace(state.load(), serial=7))
    assert state.load().serial == 7
