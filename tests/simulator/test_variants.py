"""Variants: each unconfirmed point the other way, one by one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtcctl.simulator import ACCOUNT, Options, create_app
from rtcctl.simulator.variants import VARIANTS

from .driver import GRID, MP4_RULE, Clock, Driver, Json, send

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "8923ab8c2dcef4538923ab8c2dcef453"
SOURCES = Path(__file__).parents[2] / "rtcctl" / "simulator"


@pytest.fixture
def varied(clock: Clock) -> Callable[..., Driver]:
    def make(*variants: str) -> Driver:
        return Driver(create_app(options=Options(now=clock, variants=frozenset(variants))), clock)

    return make


Make = Any


def set_callback(sim: Driver, path: str, **members: str) -> Json:
    return sim.done("PUT", path + "/record-callback", {"url": "http://a/", **members})


def test_every_variant_is_asked_for_somewhere_and_every_one_asked_for_is_in_the_table() -> None:
    quoted = {
        name
        for path in SOURCES.glob("*.py")
        if path.name != "variants.py"
        for name in re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)" (?:not )?in ', path.read_text())
    }
    assert quoted == set(VARIANTS)


def test_every_variant_says_what_it_does_and_where_the_point_is_left_open() -> None:
    assert all(each.what and re.fullmatch(r"\d+(\.\d)?", each.where) for each in VARIANTS.values())
    assert list(VARIANTS) == sorted(VARIANTS)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["masked-key"], "no variant is called 'masked-key'; did you mean 'masked-keys'?"),
        (["zzz"], "no variant is called 'zzz'"),
        (["callback-404", "callback-null"], "the variants callback-404 and callback-null exclude each other"),
    ],
)
def test_unknown_and_contradictory_variants_are_refused(names: list[str], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Options(variants=frozenset(names))
    assert str(caught.value) == message


def test_control_api_tells_which_are_on(varied: Make) -> None:
    shown = send(varied("masked-keys").app, "GET", "/_simulator/variants").json()
    assert [name for name, each in shown.items() if each["on"]] == ["masked-keys"]
    assert shown["list-lag"]["where"] == "14"


def test_masked_keys(varied: Make) -> None:
    sim = varied("masked-keys")
    path = sim.new_app()
    assert set_callback(sim, path, auth_key=KEY)["record_callback"]["auth_key"] == KEY
    shown = [sim.done("GET", path), sim.done("GET", "/v2/apps")["apps"][0]]
    assert {app["authentication"]["app_key"] for app in shown} == {"********"}
    assert {app["callbacks"]["record_callback"]["auth_key"] for app in shown} == {"********"}
    assert sim.done("GET", path + "/record-callback")["record_callback"]["auth_key"] == "********"


def test_callback_404(varied: Make) -> None:
    sim = varied("callback-404")
    path = sim.new_app()
    sim.refused(404, "RTC.00001003", "GET", path + "/record-callback")
    set_callback(sim, path)
    assert sim.done("GET", path + "/record-callback")["record_callback"]["url"] == "http://a/"


def test_callback_null(varied: Make) -> None:
    sim = varied("callback-null")
    path = sim.new_app()
    for answer in (
        send(sim.app, "GET", path + suffix, headers=sim.headers).json() for suffix in ("/record-callback", "")
    ):
        assert answer.get("callbacks", answer)["record_callback"] is None


def test_callback_empty(varied: Make) -> None:
    sim = varied("callback-empty")
    path = sim.new_app()
    assert sim.done("GET", path + "/record-callback")["record_callback"] == {"url": ""}
    assert sim.done("GET", path)["callbacks"] == {"record_callback": {"url": ""}}
    set_callback(sim, path)
    assert sim.done("GET", path)["callbacks"]["record_callback"]["url"] == "http://a/"


def test_fresh_rule_id(varied: Make) -> None:
    sim = varied("fresh-rule-id")
    path = sim.new_app()
    old = sim.new_rule(path)
    sim.clock.advance(60)
    new = sim.done("POST", path + "/record-rules", MP4_RULE, 200)
    assert new["rule_id"] != old
    assert new["create_time"] == "2024-01-15T08:31:00Z"
    assert [rule["rule_id"] for rule in sim.done("GET", path + "/record-rules")["rules"]] == [new["rule_id"]]


def test_deleted_listed(varied: Make) -> None:
    sim = varied("deleted-listed")
    path = sim.new_app()
    sim.done("DELETE", path, status=204)
    assert [app["state"]["state"] for app in sim.done("GET", "/v2/apps")["apps"]] == ["DELETED"]
    assert sim.done("GET", path)["state"]["state"] == "DELETED"
    sim.refused(404, "RTC.00001003", "DELETE", path)
    sim.refused(404, "RTC.00001003", "GET", path + "/record-rules")
    for number in range(20):  # neither its name nor its place in the quota is taken
        sim.new_app(f"app{number}" if number else "rtctest")


def test_name_reserved(varied: Make) -> None:
    sim = varied("name-reserved")
    sim.done("DELETE", sim.new_app(), status=204)
    sim.refused(400, "RTC.00001020", "POST", "/v2/apps", {"app_name": "rtctest"})
    sim.clock.advance(60)
    sim.new_app()


def names(sim: Driver, query: str = "") -> list[str]:
    return [app["app_name"] for app in sim.done("GET", "/v2/apps" + query)["apps"]]


def test_offset_is_record(varied: Make) -> None:
    sim = varied("offset-is-record")
    for number in range(4):
        sim.new_app(str(number))
    assert [names(sim, f"?offset={offset}&limit=2") for offset in (0, 1, 2, 3)] == [
        ["0", "1"],
        ["1", "2"],
        ["2", "3"],
        ["3"],
    ]


def test_newest_first(varied: Make) -> None:
    sim = varied("newest-first")
    for number in range(3):
        sim.new_app(str(number))
    assert names(sim) == ["2", "1", "0"]
    assert names(sim, "?offset=1&limit=2") == ["0"]


def test_count_ignores_filter(varied: Make) -> None:
    sim = varied("count-ignores-filter")
    sim.new_app()
    assert sim.done("GET", "/v2/apps?state=ARREARS") == {"count": 1, "apps": []}


def test_float_numbers(varied: Make) -> None:
    sim = varied("float-numbers")
    path = sim.new_app()
    answer = sim.send("POST", path + "/record-rules", MP4_RULE)
    assert '"record_cycle":7200.0' in answer.text
    assert '"enable":true' in sim.send("GET", path).text


def test_text_numbers(varied: Make) -> None:
    sim = varied("text-numbers")
    path = sim.new_app()
    answer = send(sim.app, "POST", path + "/record-rules", json=MP4_RULE, headers=sim.headers)
    assert answer.json()["mp4_config"]["record_cycle"] == "7200"
    assert send(sim.app, "GET", path, headers=sim.headers).json()["authentication"]["enable"] is True


def test_delete_app_needs_disable(varied: Make) -> None:
    sim = varied("delete-app-needs-disable")
    path = sim.new_app()
    sim.refused(400, "RTC.00001003", "DELETE", path)
    sim.done("POST", path + "/disable")
    sim.done("DELETE", path, status=204)


def test_app_delete_takes_rules(varied: Make) -> None:
    sim = varied("app-delete-takes-rules")
    path = sim.new_app()
    sim.new_rule(path)
    sim.done("DELETE", path, status=204)


def test_jobs_block_app_delete(varied: Make) -> None:
    sim = varied("jobs-block-app-delete")
    path = sim.new_app()
    job = sim.new_mix_job(path)
    sim.refused(400, "RTC.00001006", "DELETE", path)
    sim.done("DELETE", job, status=204)
    sim.done("DELETE", path, status=204)


def test_list_lag_ends_with_the_third_listing_or_after_two_seconds(varied: Make) -> None:
    sim = varied("list-lag")
    sim.new_app("one")
    assert [names(sim) for _ in range(3)] == [[], [], ["one"]]
    sim.done("DELETE", sim.new_app("two"), status=204)
    path = sim.new_app("three")
    assert names(sim, "?state=ACTIVATION&limit=1") == ["one"]
    sim.clock.advance(2)
    assert names(sim) == ["one", "three"]
    rule_id = sim.new_rule(path)
    assert sim.done("GET", path + "/record-rules") == {"rules": []}
    sim.clock.advance(2)
    assert len(sim.done("GET", path + "/record-rules")["rules"]) == 1
    sim.done("DELETE", f"{path}/record-rules/{rule_id}", status=204)
    assert len(sim.done("GET", path + "/record-rules")["rules"]) == 1
    sim.refused(404, "RTC.00001003", "GET", f"{path}/record-rules/{rule_id}")


def test_prefix_as_documented(varied: Make) -> None:
    sim = varied("prefix-as-documented")
    rule = sim.done("POST", sim.new_app() + "/record-rules", MP4_RULE, 201)
    expected = "{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}"
    assert rule["mp4_config"]["record_prefix"] == expected


def test_unrequested_config_absent(varied: Make) -> None:
    sim = varied("unrequested-config-absent")
    assert "hls_config" not in sim.done("POST", sim.new_app() + "/record-rules", MP4_RULE, 201)


def test_off_keeps_rule(varied: Make) -> None:
    sim = varied("off-keeps-rule")
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id})
    mode = sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})["auto_record_mode"]
    assert (mode["mode"], mode["record_rule_id"]) == ("AUTO_RECORD_OFF", rule_id)
    sim.done("DELETE", f"{path}/record-rules/{rule_id}", status=204)  # OFF doesn't use it


def test_omitted_key_kept(varied: Make) -> None:
    sim = varied("omitted-key-kept")
    path = sim.new_app()
    assert "auth_key" not in set_callback(sim, path)["record_callback"]
    set_callback(sim, path, auth_key=KEY)
    assert set_callback(sim, path)["record_callback"]["auth_key"] == KEY
    assert "auth_key" not in set_callback(sim, path, auth_key="")["record_callback"]


def use_rule(sim: Driver, path: str) -> str:
    rule_id = sim.new_rule(path)
    sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule_id})
    return f"{path}/record-rules/{rule_id}"


def test_rule_in_use_code(varied: Make) -> None:
    sim = varied("rule-in-use-code")
    sim.refused(400, "RTC.00001013", "DELETE", use_rule(sim, sim.new_app()))


def test_rule_free_after_job_only(varied: Make) -> None:
    sim = varied("rule-free-after-job-only")
    sim.done("DELETE", use_rule(sim, sim.new_app()), status=204)


def test_stopped_jobs_vanish(varied: Make) -> None:
    sim = varied("stopped-jobs-vanish")
    job = sim.new_mix_job(sim.new_app())
    sim.done("DELETE", job, status=204)
    sim.clock.advance(59)
    assert sim.done("GET", job)["state"] == "STOPPED"
    sim.clock.advance(1)
    sim.refused(404, "RTC.00001003", "GET", job)
    sim.refused(404, "RTC.00001003", "DELETE", job)


def test_listing_without_settings(varied: Make) -> None:
    sim = varied("listing-without-settings")
    path = sim.new_app()
    assert {"callbacks", "auto_record_mode"}.isdisjoint(sim.done("GET", "/v2/apps")["apps"][0])
    assert {"callbacks", "auto_record_mode"} <= set(sim.done("GET", path))


def test_fresh_app_without_mode(varied: Make) -> None:
    sim = varied("fresh-app-without-mode")
    path = sim.new_app()
    assert sim.done("GET", path + "/auto-record-mode") == {"app_id": path[9:]}
    assert "auto_record_mode" not in sim.done("GET", path)
    sim.done("PUT", path + "/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    assert sim.done("GET", path)["auto_record_mode"]["mode"] == "AUTO_RECORD_OFF"


def test_apig_prefix(varied: Make) -> None:
    sim = varied("apig-prefix")
    sim.refused(404, "APIG.0101", "GET", "/nowhere")
    sim.refused(401, "APIG.0301", "GET", "/v2/apps", headers={})
    sim.refused(404, "RTC.00001003", "GET", "/v2/apps/x")
    send(sim.app, "PUT", "/_simulator/faults", json={"faults": [{"fault": "status", "status": 429}]})
    sim.refused(429, "APIG.0308", "GET", "/v2/apps")


def test_star_templates(varied: Make) -> None:
    sim = varied("star-templates")
    path = sim.new_app()
    assert sim.done("GET", sim.new_mix_job(path))["mix_param"]["encode_template"] == "1920*1080_30_4620"


def test_idle_time_fixed(varied: Make) -> None:
    sim = varied("idle-time-fixed")
    job = sim.new_mix_job(sim.new_app(), max_idle_time=30)
    sim.refused(400, "RTC.00001003", "PUT", job, {"mix_param": {"max_idle_time": 31}})
    sim.done("PUT", job, {"mix_param": {"max_idle_time": 30}})
    sim.done("PUT", job, {"mix_param": {}})


def test_layout_reset(varied: Make) -> None:
    sim = varied("layout-reset")
    job = sim.new_mix_job(sim.new_app(), background_image="s3://b/one.jpg", max_idle_time=30)
    changed = sim.done("PUT", job, {"mix_param": {"screen_background_image": "s3://b/two.jpg"}})["mix_param"]
    assert changed == {**GRID, "max_idle_time": 30, "screen_background_image": "s3://b/two.jpg"}


def test_state_not_idempotent(varied: Make) -> None:
    sim = varied("state-not-idempotent")
    path = sim.new_app()
    sim.refused(400, "RTC.00001003", "POST", path + "/enable")
    sim.done("POST", path + "/disable")


def test_unknown_bucket_empty(varied: Make) -> None:
    query = "/v2/rtc-ops/buckets/objects?bucket=x&type=objects&location=cn-north-4"
    assert varied("unknown-bucket-empty").done("GET", query) == {"count": 0, "objects": []}


def test_unknown_members_refused(varied: Make) -> None:
    sim = varied("unknown-members-refused")
    sim.refused(400, "RTC.00001003", "POST", "/v2/apps", {"app_name": "a", "app_type": "b"})
    path = sim.new_app()
    sim.refused(400, "RTC.00001003", "POST", path + "/record-rules", {**MP4_RULE, "mp4_config": {"x": 1}})
    sim.new_rule(path)


def test_unknown_rule_404(varied: Make) -> None:
    sim = varied("unknown-rule-404")
    body = {"mix_param": GRID, "record_param": {"record_rule_id": "x"}}
    sim.refused(404, "RTC.00001003", "POST", sim.new_app() + "/mix-stream-jobs", body)


def test_content_type_mandatory(varied: Make) -> None:
    sim = varied("content-type-mandatory")
    sim.refused(400, "RTC.00001005", "GET", "/v2/apps")
    headers = {**sim.headers, "Content-Type": "application/json"}
    assert sim.send("GET", "/v2/apps", headers=headers).status_code == 200
    sim.done("GET", "/v2/rtc-ops/buckets")


def test_token_only_for_buckets(varied: Make) -> None:
    sim = varied("token-only-for-buckets")
    sim.done("GET", "/v2/rtc-ops/buckets")
    signed = {"Authorization": f"SDK-HMAC-SHA256 Access={ACCOUNT.access_key}, SignedHeaders=host, Signature=x"}
    assert "x-auth-token not found" in sim.refused(401, "APIGW.0301", "GET", "/v2/rtc-ops/buckets", headers=signed)
    assert "must be signed" in sim.refused(401, "APIGW.0301", "GET", "/v2/apps", headers=signed)
