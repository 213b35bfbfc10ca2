"""Conformance: the official SDK drives a served simulator; nothing of it is changed but its endpoint."""

from __future__ import annotations

import time
import warnings
from typing import Any

import httpx
import pytest

from rtcctl.simulator import ACCOUNT

from .driver import token_request, while_serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own affair
    from huaweicloudsdkcloudrtc import v2 as rtc
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

EX2_PREFIX = (
    "Record/{publish_domain}/{app}/{record_type}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}"
)


def sdk(url: str, secret_key: str = ACCOUNT.secret_key) -> Any:
    credentials = BasicCredentials(ACCOUNT.access_key, secret_key, ACCOUNT.project_id)
    return rtc.CloudRTCClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def refused(status: int, code: str, call: Any, request: Any) -> None:
    with pytest.raises(ClientRequestException) as caught:
        call(request)
    assert (caught.value.status_code, caught.value.error_code) == (status, code)
    assert caught.value.request_id


def record_rule(record_cycle: int | None = None) -> Any:
    return rtc.RecordRuleReq(
        obs_addr=rtc.RecordObsFileAddr("cn-north-4", ACCOUNT.project_id, "obsName", "Record/"),
        record_formats=["MP4"],
        mp4_config=rtc.MP4RecordConfig(record_cycle=record_cycle),
    )


def wait_until_running(show: Any, request: Any) -> Any:
    for _ in range(200):
        job = show(request)
        if job.state == "RUNNING":
            return job
        time.sleep(0.01)  # the served simulator has the real clock
    raise AssertionError("the job stays INIT")


def drive_apps(client: Any) -> None:
    body = rtc.AppReq("rtctest")
    app_id = client.create_app(rtc.CreateAppRequest(body=body)).app_id
    refused(400, "RTC.00001020", client.create_app, rtc.CreateAppRequest(body=body))
    found = client.list_apps(rtc.ListAppsRequest(state="ACTIVATION", offset=0, limit=10))
    assert (found.count, [app.app_id for app in found.apps]) == (1, [app_id])
    app = client.show_app(rtc.ShowAppRequest(app_id=app_id))
    assert (app.app_name, app.state.state, app.tenant_name) == ("rtctest", "ACTIVATION", "simulator")
    assert app.x_request_id
    assert client.stop_app(rtc.StopAppRequest(app_id=app_id)).state.state == "DEACTIVATION"
    job = rtc.MixJobReq(mix_param=rtc.MixParam("room001", "audio_only"))
    refused(400, "RTC.00001016", client.create_mix_job, rtc.CreateMixJobRequest(app_id=app_id, body=job))
    assert client.start_app(rtc.StartAppRequest(app_id=app_id)).state.state == "ACTIVATION"
    assert client.delete_app(rtc.DeleteAppRequest(app_id=app_id)).status_code == 204
    refused(404, "RTC.00001003", client.show_app, rtc.ShowAppRequest(app_id=app_id))


def drive_rules(client: Any) -> None:
    app_id = client.create_app(rtc.CreateAppRequest(body=rtc.AppReq("rules"))).app_id
    rule = client.create_record_rule(rtc.CreateRecordRuleRequest(app_id=app_id, body=record_rule()))
    assert (rule.status_code, rule.mp4_config.record_cycle, rule.hls_config.record_cycle) == (201, 7200, 0)
    assert rule.mp4_config.record_prefix == EX2_PREFIX
    again = client.create_record_rule(rtc.CreateRecordRuleRequest(app_id=app_id, body=record_rule(60)))
    assert (again.status_code, again.rule_id) == (200, rule.rule_id)
    listed = client.list_record_rules(rtc.ListRecordRulesRequest(app_id=app_id, offset=0, limit=5)).rules
    assert [item.mp4_config.record_cycle for item in listed] == [60]
    names = {"app_id": app_id, "rule_id": rule.rule_id}
    client.update_record_rule(rtc.UpdateRecordRuleRequest(body=record_rule(90), **names))
    assert client.show_record_rule(rtc.ShowRecordRuleRequest(**names)).mp4_config.record_cycle == 90
    bad = rtc.UpdateRecordRuleRequest(body=record_rule(59), **names)
    refused(400, "RTC.00001003", client.update_record_rule, bad)
    refused(400, "RTC.00001019", client.delete_app, rtc.DeleteAppRequest(app_id=app_id))
    assert client.delete_record_rule(rtc.DeleteRecordRuleRequest(**names)).status_code == 204
    refused(404, "RTC.00001003", client.delete_record_rule, rtc.DeleteRecordRuleRequest(**names))


def drive_settings(client: Any) -> None:
    app_id = client.create_app(rtc.CreateAppRequest(body=rtc.AppReq("settings"))).app_id
    assert client.show_record_callback(rtc.ShowRecordCallbackRequest(app_id=app_id)).record_callback is None
    body = rtc.AppCallbackUrlReq("http://mydomain.com/callback", "8923ab8c2dcef453")
    callback = client.update_record_callback(rtc.UpdateRecordCallbackRequest(app_id=app_id, body=body)).record_callback
    assert (callback.url, callback.auth_key) == ("http://mydomain.com/callback", "8923ab8c2dcef453")
    bad = rtc.UpdateRecordCallbackRequest(app_id=app_id, body=rtc.AppCallbackUrlReq("mydomain.com"))
    refused(400, "RTC.00001003", client.update_record_callback, bad)
    on = rtc.AutoRecordModeReq("AUTO_INDIVIDUAL_RECORD", "unknown")
    request = rtc.UpdateAutoRecordRequest(app_id=app_id, body=on)
    refused(400, "RTC.00001003", client.update_auto_record, request)
    rule = client.create_record_rule(rtc.CreateRecordRuleRequest(app_id=app_id, body=record_rule()))
    on.record_rule_id = rule.rule_id
    client.update_auto_record(request)
    mode = client.show_auto_record(rtc.ShowAutoRecordRequest(app_id=app_id)).auto_record_mode
    assert (mode.mode, mode.record_rule_id) == ("AUTO_INDIVIDUAL_RECORD", rule.rule_id)
    shown = client.show_app(rtc.ShowAppRequest(app_id=app_id))
    assert shown.callbacks.record_callback.url == "http://mydomain.com/callback"
    assert shown.auto_record_mode.record_rule_id == rule.rule_id


def drive_jobs(client: Any) -> None:
    granted = rtc.ObsAuthorityConfig("obsName", 1, "cn-north-4")
    client.update_obs_bucket_authority(rtc.UpdateObsBucketAuthorityRequest(body=granted))
    app_id = client.create_app(rtc.CreateAppRequest(body=rtc.AppReq("jobs"))).app_id
    rule = client.create_record_rule(rtc.CreateRecordRuleRequest(app_id=app_id, body=record_rule()))
    drive_mix_job(client, app_id, rtc.RecordParam(rule.rule_id))
    drive_individual_job(client, app_id, rtc.RecordParam(rule.rule_id))


def drive_mix_job(client: Any, app_id: str, record_param: Any) -> None:
    mix_param = rtc.MixParam("room001", "1920*1080_30_4620", 30, "nine_grids_view")
    body = rtc.MixJobReq(mix_param, record_param)
    job = client.create_mix_job(rtc.CreateMixJobRequest(app_id=app_id, body=body))
    assert (job.state, job.stream_name) == ("INIT", f"m_{job.job_id}_room001")
    names = {"app_id": app_id, "job_id": job.job_id}
    wait_until_running(client.show_mix_job, rtc.ShowMixJobRequest(**names))
    update = rtc.UpdateMixJobReq(rtc.UpdateMixParam(background_image="s3://b/one.jpg"))
    changed = client.update_mix_job(rtc.UpdateMixJobRequest(body=update, **names))
    assert (changed.mix_param.background_image, changed.mix_param.max_idle_time) == ("s3://b/one.jpg", 30)
    assert client.stop_mix_job(rtc.StopMixJobRequest(**names)).status_code == 204
    stopped = client.show_mix_job(rtc.ShowMixJobRequest(**names))
    assert (stopped.state, stopped.stop_reason) == ("STOPPED", "TENANT_STOP")
    refused(400, "RTC.00001009", client.stop_mix_job, rtc.StopMixJobRequest(**names))


def drive_individual_job(client: Any, app_id: str, record_param: Any) -> None:
    body = rtc.IndividualStreamJobReq("room001", "user001", record_param=record_param)
    job = client.create_individual_stream_job(rtc.CreateIndividualStreamJobRequest(app_id=app_id, body=body))
    assert (job.state, job.video_type, job.select_stream_type) == ("INIT", "CAMERASTREAM", "FHD")
    names = {"app_id": app_id, "job_id": job.job_id}
    wait_until_running(client.show_individual_stream_job, rtc.ShowIndividualStreamJobRequest(**names))
    update = rtc.UpdateIndividualJobReq(record_param)
    client.update_individual_stream_job(rtc.UpdateIndividualStreamJobRequest(body=update, **names))
    assert client.stop_individual_stream_job(rtc.StopIndividualStreamJobRequest(**names)).status_code == 204
    unknown = rtc.ShowIndividualStreamJobRequest(app_id=app_id, job_id="unknown")
    refused(404, "RTC.00001003", client.show_individual_stream_job, unknown)


def drive_buckets(client: Any) -> None:
    body = rtc.ObsAuthorityConfig("my-bucket", 1, "cn-north-4", ACCOUNT.project_id)
    client.update_obs_bucket_authority(rtc.UpdateObsBucketAuthorityRequest(body=body))
    buckets = {bucket.bucket: bucket for bucket in client.list_obs_buckets(rtc.ListObsBucketsRequest()).buckets}
    assert buckets["my-bucket"].is_authorized is True
    request = rtc.ListObsBucketObjectsRequest("my-bucket", "Record/a b~c*", "folders", "cn-north-4")
    assert client.list_obs_bucket_objects(request).count == 0
    request.bucket = "unknown"
    refused(404, "RTC.00001003", client.list_obs_bucket_objects, request)


def drive_with_a_wrong_key(url: str) -> None:
    with_wrong_key = sdk(url, "wrong")
    refused(401, "APIGW.0301", with_wrong_key.list_apps, rtc.ListAppsRequest())
    with_wrong_key.close()


def drive_unicode(client: Any) -> None:
    app_id = client.create_app(rtc.CreateAppRequest(body=rtc.AppReq("课堂"))).app_id
    assert client.show_app(rtc.ShowAppRequest(app_id=app_id)).app_name == "课堂"


def test_official_sdk_with_a_signature() -> None:
    def work(url: str) -> None:
        client = sdk(url)
        for drive in (drive_apps, drive_rules, drive_settings, drive_jobs, drive_buckets, drive_unicode):
            drive(client)
        client.close()
        drive_with_a_wrong_key(url)

    while_serving(work)


def test_official_sdk_with_a_token() -> None:
    def work(url: str) -> None:
        issued = httpx.post(url + "/v3/auth/tokens", json=token_request()).headers["X-Subject-Token"]
        client = sdk(url, "a wrong key does not matter beside a token")
        info = client._list_apps_http_info(rtc.ListAppsRequest())  # the request models have no member for a token
        info["header_params"]["X-Auth-Token"] = issued
        assert client.do_http_request(**info).count == 0
        client.close()

    while_serving(work)
