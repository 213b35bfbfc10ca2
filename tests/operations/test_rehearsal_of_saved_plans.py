"""Saved plans are rehearsed as they are, against what they were made for."""

from __future__ import annotations

import pytest

from rtcctl.errors import ExitCode, StalePlanError
from rtcctl.operations.loading import load
from rtcctl.planner.options import Options
from rtcctl.reports.rehearsal import rehearsal_document, rehearsal_text
from tests.operations.rehearsing import BUCKET, SHARE, Account, app, outcomes
from tests.simulator.driver import Json


def test_a_saved_plan_with_its_manifest_ends_with_a_second_plan(account: Account):
    account.apply(app() + "---" + app("other", jobs="") + BUCKET)
    saved = account.save(app(layout=SHARE) + "---" + app("other", jobs="", cycle=1800) + BUCKET)
    found = account.rehearse_saved(saved, manifest=True)
    assert outcomes(found) == {
        "MixStreamJob/rtctest/lesson": "replace done",
        "RecordRule/other/default": "update done",
    }
    assert found.afterwards is not None
    assert found.afterwards.plan is not None


def test_a_saved_plan_alone_ends_with_a_look_at_drift(account: Account):
    account.apply(app() + "---" + app("other", jobs="") + BUCKET)
    saved = account.save(app(layout=SHARE) + "---" + app("other", jobs="", cycle=1800) + BUCKET)
    found = account.rehearse_saved(saved, manifest=False)
    assert found.afterwards is not None
    assert found.afterwards.drift is not None
    assert "Everything is as it was applied" in rehearsal_text(found)
    assert rehearsal_document(found)["afterwards"]["drift"]["has_drift"] is False


def test_a_saved_plan_alone_shows_drift_that_it_leaves(account: Account):
    account.apply(app("other", jobs="") + "---" + app(jobs=""))
    stranger = account.stranger()
    apps = {each["app_name"]: each["app_id"] for each in stranger.done("GET", "/v2/apps")["apps"]}
    stranger.done("PUT", f"/v2/apps/{apps['other']}/record-callback", {"url": "http://127.0.0.1:9/theirs"})
    account.write(app("other", jobs="") + "---" + app(jobs="", cycle=1800))
    rule = next(each for each in load(account.settings).resources if str(each) == "RecordRule/rtctest/default")
    saved = account.save((account.folder / "m.yaml").read_text(), Options(targets=frozenset({rule})))
    found = account.rehearse_saved(saved, manifest=False, code=ExitCode.CHANGES_PENDING)
    assert outcomes(found) == {"RecordRule/rtctest/default": "update done"}
    assert "Afterwards not everything is as it was applied:" in rehearsal_text(found)
    account.server.heard.clear()
    account.rehearse_saved(saved, manifest=True)  # the second plan is limited as the first was


def test_a_saved_plan_is_refused_when_the_account_has_moved(account: Account):
    account.apply(app(jobs=""))
    saved = account.save(app(jobs="", cycle=1800))
    stranger = account.stranger()
    path = f"/v2/apps/{stranger.done('GET', '/v2/apps')['apps'][0]['app_id']}/record-rules"
    rule: Json = stranger.done("GET", path)["rules"][0]
    body = {name: rule[name] for name in ("obs_addr", "record_formats")} | {"mp4_config": {"record_cycle": 900}}
    stranger.done("PUT", f"{path}/{rule['rule_id']}", body)
    for manifest in (True, False):
        account.server.heard.clear()
        with pytest.raises(StalePlanError) as error:
            account.rehearse_saved(saved, manifest=manifest)
        assert any("record_cycle was 3600, is 900 now" in line for line in error.value.details)


def test_a_saved_plan_of_another_manifest_is_refused_before_any_call(account: Account):
    account.apply(app(jobs=""))
    saved = account.save(app(jobs="", cycle=1800))
    account.write(app(jobs="", cycle=900))
    with pytest.raises(StalePlanError, match="another version of the manifest"):
        account.rehearse_saved(saved, manifest=True)
    assert account.server.heard == []
