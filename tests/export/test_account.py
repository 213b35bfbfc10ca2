"""An account as a manifest: what is in it, what is left out and why. Each export here is loaded and planned."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.model.address import Address
from rtcctl.planner.plan import plan
from tests.export.support import (
    KEY,
    RULE,
    Json,
    account,
    app,
    callback,
    export,
    exported,
    live_of,
    loaded,
    records,
    spec_of,
)
from tests.planner.support import change_of, ledger

BUCKET = {"bucket": "rec", "location": "cn-north-4", "is_authorized": True}


def rule(**more: Any) -> dict[str, list[Json]]:
    """The rules of an account whose only app is `a`."""
    return {"id-1": [{**RULE, **more}]}


def said(text: str) -> str:
    """The comments of an export, unwrapped."""
    return " ".join(line.strip().lstrip("# ") for line in text.splitlines() if line.strip().startswith("#"))


def comments(*apps: Json, **more: Any) -> str:
    found = export(account(*apps, **more))
    assert found.left_out
    return said(found.text)


def test_everything_of_an_app_is_written_in_a_fixed_order() -> None:
    one = app("a", **callback(auth_key=KEY, update_time="2024"), **records())
    found = export(account(one, rules=rule(create_time="2024"), buckets=[BUCKET]))
    assert (found.apps, found.buckets, found.left_out) == (1, 1, 0)
    assert found.text.partition("---\n")[2] == EXPECTED
    first, second, *_ = found.text.splitlines()
    assert (first, second) == ("# yaml-language-server: $schema=./manifest.schema.json", "#")
    assert "jobs can't be listed" in found.text


EXPECTED = """apiVersion: rtcctl.dev/v1
kind: App
metadata:
  name: a
spec:
  state: ACTIVATION
  record_rules:
    - name: default
      obs_addr:
        location: cn-north-4
        project_id: "00000000000000000000000000000000"
        bucket: rec
        object: x/
      record_formats: [MP4]
      mp4_config:
        record_cycle: 3600
  record_callback:
    url: https://hooks.example/rtc
    # The key itself is not exported. As long as RTC_CALLBACK_KEY_A was never set, the live key is left as it is. To
    # manage the key, set the variable, and then drop ':-': a variable that is empty later takes the key away.
    auth_key: ${env:RTC_CALLBACK_KEY_A:-}
  auto_record_mode:
    mode: AUTO_INDIVIDUAL_RECORD
    record_rule: default
"""


def test_apps_and_buckets_are_sorted_whatever_the_order_of_the_listing() -> None:
    apps = [app(name, app_id=name) for name in ("b", "a", "c")]
    buckets = [{**BUCKET, "bucket": name} for name in ("z", "y")]
    texts = {export(account(*order, buckets=buckets[::-1])).text for order in (apps, apps[::-1])}
    texts.add(export(account(*apps, buckets=buckets)).text)
    assert len(texts) == 1
    names = [each["metadata"]["name"] for each in exported(*apps, buckets=buckets)]
    assert names == ["y", "z", "a", "b", "c"]


def test_one_listing_of_apps_and_of_buckets_and_one_of_each_apps_rules_are_read() -> None:
    asked: list[str] = []
    live_of(account(app("a"), app("gone", state="DELETED"), app("abc")), asked)
    assert sorted(asked) == [
        "/v2/apps",
        "/v2/apps/id-1/record-rules",
        "/v2/apps/id-3/record-rules",
        "/v2/rtc-ops/buckets",
    ]


def test_settings_that_the_listing_leaves_out_are_asked_for() -> None:
    asked: list[str] = []
    bare = {"app_id": "id-1", "app_name": "a", "state": {"state": "ACTIVATION"}}
    document = {"apps": [bare], "settings": {"/v2/apps/id-1/record-callback": {"record_callback": {"url": "http://x"}}}}
    live_of(document, asked)
    assert asked[2:4] == ["/v2/apps/id-1/record-callback", "/v2/apps/id-1/auto-record-mode"]
    assert "record_callback:\n    url: http://x\n" in export(document).text


def test_an_empty_account_is_a_manifest_too() -> None:
    found = export(account(app(state="DELETED"), buckets=[{**BUCKET, "is_authorized": False}]))
    assert (found.apps, found.buckets, found.left_out) == (0, 0, 0)
    assert "The account holds nothing that a manifest could declare." in said(found.text)
    assert loaded(found.text).project.name == "default"


@pytest.mark.parametrize("name", ["Übung 1: été", "-x", "off", "12:30", "${env:HOME}", "a\nb: c", "\u202e", "n" * 300])
def test_a_name_that_is_none_here_is_kept_as_app_name(name: str) -> None:
    found = loaded(export(account(app(name))).text)
    [resource] = [each for each in found.resources.values() if each.address.kind == "App"]
    assert resource.members["app_name"] == name


def test_app_name_is_written_only_where_it_differs() -> None:
    first, second = exported(app("a-1"), app("a 1", app_id="other"))
    assert (first["metadata"]["name"], first["spec"]["app_name"]) == ("a-1-2", "a 1")
    assert (second["metadata"]["name"], "app_name" in second["spec"]) == ("a-1", False)


@pytest.mark.parametrize("state", ["ACTIVATION", "DEACTIVATION"])
def test_the_state_is_as_live(state: str) -> None:
    assert spec_of(app(state=state))["state"] == state


@pytest.mark.parametrize(("state", "why"), [("ARREARS", "in arrears"), ("FROZEN", 'shows state as "FROZEN"')])
def test_a_state_that_nobody_can_ask_for_is_left_out(state: str, why: str) -> None:
    assert "state" not in spec_of(app(state=state))
    assert why in comments(app(state=state))


def test_automatic_recording_of_a_disabled_app_is_left_out() -> None:
    one = app(state="DEACTIVATION", **records())
    assert spec_of(one, rules=rule()).keys() == {"state", "record_rules"}
    assert 'auto_record_mode is left out and stays "AUTO_INDIVIDUAL_RECORD"' in comments(one, rules=rule())


def test_a_rule_that_is_not_exported_is_named_by_its_id() -> None:
    assert spec_of(app(**records("elsewhere")))["auto_record_mode"] == {
        "mode": "AUTO_INDIVIDUAL_RECORD",
        "record_rule_id": "elsewhere",
    }


def test_off_takes_no_rule() -> None:
    off = {"mode": "AUTO_RECORD_OFF", "record_rule_id": "r1"}
    assert spec_of(app(auto_record_mode=off), rules=rule())["auto_record_mode"] == {"mode": "AUTO_RECORD_OFF"}


@pytest.mark.parametrize(
    ("mode", "why"),
    [({"mode": "LATER"}, 'shows mode as "LATER"'), ({"mode": "AUTO_INDIVIDUAL_RECORD"}, "needs a rule")],
)
def test_automatic_recording_that_does_not_fit_is_left_out(mode: Json, why: str) -> None:
    assert why in comments(app(auto_record_mode=mode))


def test_each_apps_key_has_a_variable_of_its_own() -> None:
    apps = [app(name, app_id=name, **callback(auth_key=KEY)) for name in ("a-b", "a.b")]
    keys = [each["spec"]["record_callback"]["auth_key"] for each in exported(*apps)]
    assert keys == ["${env:RTC_CALLBACK_KEY_A_B:-}", "${env:RTC_CALLBACK_KEY_A_B_2:-}"]


@pytest.mark.parametrize(("value", "changes"), [("", False), (KEY, False), ("fake-other-key-000000000000000000", True)])
def test_the_variable_manages_the_key(value: str, changes: bool) -> None:
    live = live_of(account(app(**callback(auth_key=KEY))))
    text = export(account(app(**callback(auth_key=KEY)))).text
    made = plan(loaded(text, {"RTC_CALLBACK_KEY_A": value}), live, ledger())
    assert made.has_changes is changes
    assert (change_of(made, "RecordCallback/a").action == "update") is changes


@pytest.mark.parametrize("key", [None, ""])
def test_no_key_has_no_line(key: str | None) -> None:
    assert spec_of(app(**callback(auth_key=key)))["record_callback"] == {"url": "https://hooks.example/rtc"}


def test_a_masked_key_is_said_to_be_masked() -> None:
    found = export(account(app(**callback(auth_key="********"))))
    assert "shows this key masked" in said(found.text)
    assert "auth_key: ${env:RTC_CALLBACK_KEY_A:-}" in found.text


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://hooks.example", 'shows url as "ftp://hooks.example", and it has not the form that is due'),
        ("ftp://me:fake-password@hooks.example", "has not the form"),
        ("https://me:fake-password@hooks.example/x", "credentials in the URL"),
        ("https://fake-password@hooks.example?x=/@", "credentials in the URL"),
    ],
)
def test_a_callback_that_can_not_be_declared_is_left_out(url: str, why: str) -> None:
    one = app(**callback(url))
    assert "record_callback" not in spec_of(one)
    text = comments(one)
    assert why in text
    assert "fake-password" not in text


def test_a_sign_in_a_path_is_no_credential() -> None:
    url = "https://hooks.example:8443/@me?to=a@b.example"
    assert spec_of(app(**callback(url)))["record_callback"]["url"] == url


def test_the_config_of_a_format_that_is_not_recorded_is_left_out_silently() -> None:
    unused = {"hls_config": {"record_cycle": 0, "record_max_duration_to_merge_file": 0}}
    found = export(account(app(), rules=rule(**unused)))
    assert "hls_config" not in found.text
    assert not found.left_out


def test_formats_are_sorted_so_that_a_service_may_change_their_order() -> None:
    hls = {"record_formats": ["MP4", "HLS"], "hls_config": {"record_cycle": 0}}
    assert spec_of(app(), rules=rule(**hls))["record_rules"][0]["record_formats"] == ["HLS", "MP4"]


def test_a_rule_without_the_config_of_its_format_gets_an_empty_one() -> None:
    assert spec_of(app(), rules=rule(mp4_config=None))["record_rules"][0]["mp4_config"] == {}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            {"mp4_config": {"record_cycle": 59}},
            "mp4_config.record_cycle as 59, and that is out of the documented range",
        ),
        ({"mp4_config": {"record_prefix": "\ud800"}}, "mp4_config.record_prefix"),
    ],
)
def test_a_member_that_does_not_fit_is_left_out(more: Json, why: str) -> None:
    assert spec_of(app(), rules=rule(**more))["record_rules"][0]["mp4_config"] == {}
    assert why in comments(app(), rules=rule(**more))


OBS: Json = RULE["obs_addr"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"obs_addr": {**OBS, "location": "eu-west-0"}}, 'location as "eu-west-0", and a manifest does not know'),
        ({"obs_addr": {**OBS, "bucket": ""}}, "it is empty"),
        ({"obs_addr": {**OBS, "bucket": "\ud800"}}, "it holds what is no character"),
        ({"obs_addr": {**OBS, "project_id": None}}, "does not show obs_addr.project_id"),
        ({"obs_addr": None}, "does not show obs_addr"),
        ({"record_formats": []}, "it is empty"),
        ({"record_formats": ["MP4", "MP4"]}, "it holds a value twice"),
        ({"record_formats": ["MP4", "FLV"]}, "a manifest does not know"),
        ({"record_formats": ["HLS"], "hls_config": {"record_cycle": 50_000}}, "format HLS needs hls_config"),
        ({"rule_id": "\x1b[2J\nname: x", "record_formats": ["x\u202ey"]}, r"\u001b[2J\nname: x"),
    ],
)
def test_a_rule_that_can_not_be_declared_is_left_out(more: Json, why: str) -> None:
    assert "record_rules" not in spec_of(app(), rules=rule(**more))
    assert why in comments(app(), rules=rule(**more))


def test_two_rules_of_one_location_are_left_out() -> None:
    rules = {"id-1": [RULE, {**RULE, "rule_id": "r2"}]}
    assert "record_rules" not in spec_of(app(), rules=rules)
    assert comments(app(), rules=rules).count("more than one of that location") == 2


def test_apps_of_one_name_are_left_out() -> None:
    """An app can't be renamed, and a plan that names one of the two is refused as ambiguous."""
    twins = [app("twin", app_id="first"), app("twin", app_id="second"), app("a")]
    assert [each["metadata"]["name"] for each in exported(*twins)] == ["a"]
    text = comments(*twins)
    assert 'App "twin" (app_id "first") is left out' in text
    assert 'App "twin" (app_id "second") is left out' in text
    assert "more than one of that name" in text


def test_an_app_without_a_name_is_left_out() -> None:
    assert 'shows app_name as "", and it is empty' in comments(app(""))
    assert "does not show app_name" in comments({**app(), "app_name": None})


def test_a_bucket_is_named_after_itself_and_its_location_where_needed() -> None:
    buckets = [BUCKET, {**BUCKET, "location": "cn-north-1"}, {**BUCKET, "bucket": "9"}]
    found = export(account(buckets=buckets))
    assert [each.name for each in loaded(found.text).resources] == ["9", "rec-cn-north-1", "rec-cn-north-4"]
    assert "project_id can be sent but not read back" in said(found.text)
    assert not found.left_out


def test_a_bucket_that_can_not_be_declared_is_left_out() -> None:
    text = comments(buckets=[{**BUCKET, "location": "mars"}])
    assert 'BucketAuthorization "rec" (bucket "rec", location "mars") is left out' in text


def test_several_rules_are_named_after_their_locations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service has one location today; a declaration with more is all that it takes."""
    from msgspec.structs import replace

    from rtcctl.kinds import KINDS

    kind = KINDS["RecordRule"]
    obs, *others = kind.members
    location, *rest = obs.members
    wider = replace(obs, members=(replace(location, enum=("cn-north-4", "cn-east-2")), *rest))
    monkeypatch.setattr(type(kind), "members", (wider, *others))
    second = {**RULE, "rule_id": "r2", "obs_addr": {**OBS, "location": "cn-east-2"}}
    spec = spec_of(app(**records("r2")), rules={"id-1": [RULE, second]})
    assert [each["name"] for each in spec["record_rules"]] == ["cn-east-2", "cn-north-4"]
    assert spec["auto_record_mode"]["record_rule"] == "cn-east-2"


def test_addresses_are_those_of_the_manifest() -> None:
    found = loaded(export(account(app("a b", **callback()), rules={"id-3": [RULE]})).text)
    assert set(found.resources) == {
        Address("App", "a-b"),
        Address("RecordRule", "a-b", "default"),
        Address("RecordCallback", "a-b"),
        Address("AutoRecordMode", "a-b"),
    }
