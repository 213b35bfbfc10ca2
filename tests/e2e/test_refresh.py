"""`--refresh`: what is read while planning, and that what was not read is looked at before the first call."""

from __future__ import annotations

import pytest

from tests.e2e.saved import APP, EVERYTHING, MANIFEST, RULE_BODY, applied, apply_file, edited, paths, refused, save
from tests.e2e.support import DATA, SIMULATED_STATE, Cli, Json, Since, Stranger, calls

BUCKET = """---
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {name: rec}
spec: {bucket: b, location: cn-north-4}
"""
OTHER = "---\n" + APP.replace("name: a", "name: b")


def since_then(before: int) -> list[Json]:
    """Every request since then, those that look included."""
    return calls(DATA, writes=False)[before:]


def asked() -> int:
    return len(calls(DATA, writes=False))


def test_none_makes_no_call_while_planning(cli: Cli):
    applied(cli)
    manifest = edited(cli, *EVERYTHING)
    before = asked()
    said = save(cli, manifest, "--refresh", "none")
    assert since_then(before) == []
    assert "were not read and taken to be as last applied (--refresh=none)" in said.out
    assert said.out.endswith("Plan: 0 to add, 3 to change, 0 to destroy.\n")


def test_none_without_a_change_makes_no_call_at_all(cli: Cli):
    manifest = applied(cli)
    before = asked()
    cli.apply(manifest, "--refresh", "none")
    assert since_then(before) == []


@pytest.mark.parametrize("through_a_file", [True, False])
def test_what_was_not_read_is_read_before_it_is_changed(cli: Cli, through_a_file: bool):
    applied(cli)
    manifest = edited(cli, *EVERYTHING)
    since, before = Since(), asked()
    if through_a_file:
        save(cli, manifest, "--refresh", "none")
        apply_file(cli)
    else:
        cli.apply(manifest, "--refresh", "none")
    assert len(since.told) == 3
    methods = [each["method"] for each in since_then(before)]
    assert methods == ["GET"] * (len(methods) - 3) + ["PUT"] * 3
    cli.converged(manifest)


@pytest.mark.parametrize("refresh", ["none", "changed"])
@pytest.mark.parametrize("through_a_file", [True, False])
def test_what_was_not_read_and_moved_is_refused(cli: Cli, refresh: str, through_a_file: bool):
    text = MANIFEST + BUCKET
    applied(cli, text)
    manifest = edited(cli, EVERYTHING[0], text=text)
    grant = {"bucket": "b", "location": "cn-north-4", "operation": 0}
    words = ("BucketAuthorization/rec: it is gone (bucket b, location cn-north-4)", "nothing was changed; plan again")
    if through_a_file:
        save(cli, manifest, "--refresh", refresh)
        Stranger().send("PUT", "/v2/rtc-ops/buckets/authentication", grant)
        refused(cli, *words)
        return
    Stranger().send("PUT", "/v2/rtc-ops/buckets/authentication", grant)
    since = Since()
    said = " ".join(cli.apply(manifest, "--refresh", refresh, code=5).err.split())
    assert all(word in said for word in words)
    assert since.requests == []


@pytest.mark.parametrize("through_a_file", [True, False])
def test_a_member_that_moved_unread_is_named(cli: Cli, through_a_file: bool):
    applied(cli)
    manifest = edited(cli, *EVERYTHING)
    stranger = Stranger()
    stranger.send("PUT", paths(stranger)[1], {**RULE_BODY, "mp4_config": {"record_cycle": 5000}})
    word = "RecordRule/a/default: mp4_config.record_cycle was 3600, is 5000 now"
    if through_a_file:
        save(cli, manifest, "--refresh", "none")
        refused(cli, word)
    else:
        assert word in cli.apply(manifest, "--refresh", "none", code=5).err


@pytest.mark.parametrize("through_a_file", [True, False])
def test_a_whole_body_keeps_what_nobody_declared_and_nobody_read(cli: Cli, through_a_file: bool):
    applied(cli)
    stranger = Stranger()
    config = {"record_cycle": 3600, "record_prefix": "by-hand/{stream}"}
    stranger.send("PUT", paths(stranger)[1], {**RULE_BODY, "mp4_config": config})
    manifest = edited(cli, EVERYTHING[0])
    since = Since()
    if through_a_file:
        save(cli, manifest, "--refresh", "none")
        apply_file(cli)
    else:
        cli.apply(manifest, "--refresh", "none")
    [request] = since.requests
    assert request["body"]["mp4_config"]["record_cycle"] == 7000
    assert request["body"]["mp4_config"]["record_prefix"] == "by-hand/{stream}"
    cli.converged(manifest)


def test_changed_reads_only_the_apps_that_are_declared_otherwise(cli: Cli):
    applied(cli, MANIFEST + OTHER)
    manifest = edited(cli, EVERYTHING[0], text=MANIFEST + OTHER)
    stranger = Stranger()
    ids = {name: app["app_id"] for name, app in stranger.apps().items()}
    before = asked()
    save(cli, manifest, "--refresh", "changed")
    looked_at = [each["path"] for each in since_then(before)]
    assert f"/v2/apps/{ids['a']}/record-rules" in looked_at
    assert not any(ids["b"] in path for path in looked_at)
    apply_file(cli)
    cli.converged(manifest)


HLS = {"record_cycle": 900}
IGNORING = (
    MANIFEST[: MANIFEST.index("  record_callback:")]
    + """  record_callback: {url: http://one.example/cb}
  auto_record_mode: {mode: AUTO_RECORD_OFF}
  lifecycle:
    ignore_changes: [record_callback, auto_record_mode.mode, record_rules.default.record_formats]
"""
)


@pytest.mark.parametrize("refresh", ["all", "changed", "none"])
@pytest.mark.parametrize("formats", [["MP4"], ["HLS"]])
def test_ignored_members_that_are_not_read_make_no_change(cli: Cli, refresh: str, formats: list[str]):
    manifest = applied(cli, IGNORING)
    stranger = Stranger()
    stranger.send("PUT", paths(stranger)[1], {**RULE_BODY, "record_formats": formats, "hls_config": HLS})
    cli.apply(manifest)
    before = SIMULATED_STATE.read_text()
    assert cli.sim("plan", manifest, "--refresh", refresh).out.endswith("No changes.\n")
    cli.apply(manifest, "--refresh", refresh)
    assert SIMULATED_STATE.read_text() == before
    cli.converged(manifest)


@pytest.mark.parametrize("through_a_file", [True, False])
@pytest.mark.parametrize("formats", [["MP4", "HLS"], ["MP4"]])
def test_ignored_members_that_were_not_read_stay_as_they_are(cli: Cli, through_a_file: bool, formats: list[str]):
    applied(cli, IGNORING)
    stranger = Stranger()
    stranger.send("PUT", paths(stranger)[1], {**RULE_BODY, "record_formats": formats, "hls_config": HLS})
    manifest = edited(cli, EVERYTHING[0], text=IGNORING)
    since = Since()
    if through_a_file:
        assert save(cli, manifest, "--refresh", "none").out.endswith("Plan: 0 to add, 1 to change, 0 to destroy.\n")
        apply_file(cli)
    else:
        cli.apply(manifest, "--refresh", "none")
    [request] = since.requests
    assert sorted(request["body"]["record_formats"]) == sorted(formats)
    assert request["body"]["mp4_config"]["record_cycle"] == 7000
    assert request["body"].get("hls_config", {}).get("record_cycle") == (900 if "HLS" in formats else None)
    cli.converged(manifest)
