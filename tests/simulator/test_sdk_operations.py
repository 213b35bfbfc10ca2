"""Conformance: the official SDK drives each of the 28 v2 operations with a signature, well and refused."""

from __future__ import annotations

import warnings
from typing import Any

import httpx
import pytest

from rtcctl.simulator import ACCOUNT
from rtcctl.simulator.routes import OPERATIONS

from .driver import while_serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own affair
    from huaweicloudsdkcloudrtc import v2 as rtc
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException

from .test_sdk import record_rule, wait_until_running

CALLBACK = "https://hooks.example.com/rtc"


def sdk(url: str, secret_key: str = ACCOUNT.secret_key) -> Any:
    credentials = BasicCredentials(ACCOUNT.access_key, secret_key, ACCOUNT.project_id)
    return rtc.CloudRTCClient.new_builder().with_credentials(credentials).with_endpoint(url).build()


def every_request(app_id: str, rule_id: str, mix_id: str, single_id: str) -> list[tuple[str, Any]]:
    """Each method of the client with a good request, in an order in which all of them succeed."""
    app, rule = {"app_id": app_id}, {"app_id": app_id, "rule_id": rule_id}
    mix, single = {"app_id": app_id, "job_id": mix_id}, {"app_id": app_id, "job_id": single_id}
    room = {"app_id": app_id, "room_id": "room001"}
    param = rtc.RecordParam(rule_id)
    longer = rtc.UpdateMixParam(max_idle_time=60)
    mix_job = rtc.MixJobReq(rtc.MixParam("room001", "audio_only"), param)
    single_job = rtc.IndividualStreamJobReq("room001", "user001", record_param=param)
    authority = rtc.ObsAuthorityConfig("obsName", 1, "cn-north-4", ACCOUNT.project_id)
    return [
        ("create_app", rtc.CreateAppRequest(body=rtc.AppReq("another"))),
        ("list_apps", rtc.ListAppsRequest(state="ACTIVATION", offset=0, limit=10)),
        ("show_app", rtc.ShowAppRequest(**app)),
        ("create_record_rule", rtc.CreateRecordRuleRequest(body=record_rule(), **app)),
        ("list_record_rules", rtc.ListRecordRulesRequest(offset=0, limit=10, **app)),
        ("show_record_rule", rtc.ShowRecordRuleRequest(**rule)),
        ("update_record_rule", rtc.UpdateRecordRuleRequest(body=record_rule(90), **rule)),
        ("show_record_callback", rtc.ShowRecordCallbackRequest(**app)),
        ("update_record_callback", rtc.UpdateRecordCallbackRequest(body=rtc.AppCallbackUrlReq(CALLBACK), **app)),
        ("show_auto_record", rtc.ShowAutoRecordRequest(**app)),
        ("update_auto_record", rtc.UpdateAutoRecordRequest(body=rtc.AutoRecordModeReq("AUTO_RECORD_OFF"), **app)),
        ("create_mix_job", rtc.CreateMixJobRequest(body=mix_job, **app)),
        ("show_mix_job", rtc.ShowMixJobRequest(**mix)),
        ("update_mix_job", rtc.UpdateMixJobRequest(body=rtc.UpdateMixJobReq(longer), **mix)),
        ("stop_mix_job", rtc.StopMixJobRequest(**mix)),
        ("create_individual_stream_job", rtc.CreateIndividualStreamJobRequest(body=single_job, **app)),
        ("show_individual_stream_job", rtc.ShowIndividualStreamJobRequest(**single)),
        (
            "update_individual_stream_job",
            rtc.UpdateIndividualStreamJobRequest(body=rtc.UpdateIndividualJobReq(param), **single),
        ),
        ("stop_individual_stream_job", rtc.StopIndividualStreamJobRequest(**single)),
        ("remove_users", rtc.RemoveUsersRequest(body=rtc.RemoveUsersReq(["user001"]), **room)),
        ("remove_room", rtc.RemoveRoomRequest(**room)),
        ("update_obs_bucket_authority", rtc.UpdateObsBucketAuthorityRequest(body=authority)),
        ("list_obs_buckets", rtc.ListObsBucketsRequest()),
        ("list_obs_bucket_objects", rtc.ListObsBucketObjectsRequest("obsName", None, "folders", "cn-north-4")),
        ("stop_app", rtc.StopAppRequest(**app)),
        ("start_app", rtc.StartAppRequest(**app)),
        ("delete_record_rule", rtc.DeleteRecordRuleRequest(**rule)),
        ("delete_app", rtc.DeleteAppRequest(**app)),
    ]  # fmt: skip


def build_up(client: Any, url: str) -> tuple[str, str, str, str]:
    """An app with a rule, a running job of each kind, and a user in the room."""
    authority = rtc.ObsAuthorityConfig("obsName", 1, "cn-north-4", ACCOUNT.project_id)
    client.update_obs_bucket_authority(rtc.UpdateObsBucketAuthorityRequest(body=authority))
    app_id = client.create_app(rtc.CreateAppRequest(body=rtc.AppReq("rtctest"))).app_id
    rule_id = client.create_record_rule(rtc.CreateRecordRuleRequest(app_id=app_id, body=record_rule())).rule_id
    join = httpx.post(f"{url}/_simulator/apps/{app_id}/rooms/room001/join", json={"user_id": "user001"})
    join.raise_for_status()
    param = rtc.RecordParam(rule_id)
    mix_job = rtc.MixJobReq(rtc.MixParam("room001", "audio_only"), param)
    single_job = rtc.IndividualStreamJobReq("room001", "user001", record_param=param)
    mix_id = client.create_mix_job(rtc.CreateMixJobRequest(app_id=app_id, body=mix_job)).job_id
    request = rtc.CreateIndividualStreamJobRequest(app_id=app_id, body=single_job)
    single_id = client.create_individual_stream_job(request).job_id
    wait_until_running(client.show_mix_job, rtc.ShowMixJobRequest(app_id=app_id, job_id=mix_id))
    show = rtc.ShowIndividualStreamJobRequest(app_id=app_id, job_id=single_id)
    wait_until_running(client.show_individual_stream_job, show)
    return app_id, rule_id, mix_id, single_id


def let_go(client: Any, requests: list[tuple[str, Any]]) -> None:
    """End the jobs that were made by the way, which use the rule."""
    before = dict(requests)["delete_record_rule"]
    for name, show in (("stop_mix_job", "show_mix_job"), ("stop_individual_stream_job", "show_individual_stream_job")):
        request = dict(requests)[name]
        request.app_id = before.app_id
        shown = type(dict(requests)[show])(app_id=before.app_id, job_id=request.job_id)
        wait_until_running(getattr(client, show), shown)
        getattr(client, name)(request)


def test_every_operation_succeeds_and_its_parsed_answer_has_a_request_id() -> None:
    def work(url: str) -> None:
        client = sdk(url)
        requests = every_request(*build_up(client, url))
        made: dict[str, str] = {}
        for name, request in requests:
            if name == "stop_app":
                for kind in ("mix", "individual_stream"):
                    dict(requests)[f"stop_{kind}_job"].job_id = made[f"create_{kind}_job"]
                let_go(client, requests)
            answer = getattr(client, name)(request)
            made[name] = getattr(answer, "job_id", "")
            assert 200 <= answer.status_code < 300, name
        client.close()
        log = httpx.get(url + "/_simulator/requests").json()
        done = {entry["operation"] for entry in log if entry["status"] < 300}
        assert done == {operation.name for operation in OPERATIONS}

    while_serving(work)
    assert len(OPERATIONS) == 28


def test_every_operation_is_refused_as_it_should_be() -> None:
    def work(url: str) -> None:
        client, wrong = sdk(url), sdk(url, "wrong")
        for name, request in every_request("unknown", "unknown", "unknown", "unknown"):
            with pytest.raises(ClientRequestException) as caught:
                getattr(wrong, name)(request)
            assert (caught.value.status_code, caught.value.error_code) == (401, "APIGW.0301"), name
            if hasattr(request, "app_id"):
                with pytest.raises(ClientRequestException) as caught:
                    getattr(client, name)(request)
                assert (caught.value.status_code, caught.value.error_code) == (404, "RTC.00001003"), name
            assert caught.value.request_id
        bad = [
            ("create_app", rtc.CreateAppRequest(body=rtc.AppReq("")), "RTC.00001003"),
            ("list_apps", rtc.ListAppsRequest(limit=0), "RTC.00001003"),
            ("list_obs_bucket_objects", rtc.ListObsBucketObjectsRequest("b", None, "folders", "x"), "RTC.00001003"),
            (
                "update_obs_bucket_authority",
                rtc.UpdateObsBucketAuthorityRequest(body=rtc.ObsAuthorityConfig("b", 2, "cn-north-4")),
                "RTC.00001003",
            ),
        ]
        for name, request, code in bad:
            with pytest.raises(ClientRequestException) as caught:
                getattr(client, name)(request)
            assert (caught.value.status_code, caught.value.error_code) == (400, code), name
        client.close()
        wrong.close()

    while_serving(work)


def test_faults_and_limits_reach_the_sdk_as_its_own_exceptions() -> None:
    def work(url: str) -> None:
        client = sdk(url)
        fault = {"fault": "status", "status": 500, "calls": ["ListApps"]}
        httpx.put(url + "/_simulator/faults", json={"faults": [fault], "throttle": {"minute": 600}}).raise_for_status()
        with pytest.raises(ServerResponseException) as broken:
            client.list_apps(rtc.ListAppsRequest())
        assert (broken.value.status_code, broken.value.error_code) == (500, "RTC.00002001")
        for _ in range(2):
            client.list_obs_buckets(rtc.ListObsBucketsRequest())
        with pytest.raises(ClientRequestException) as throttled:
            client.list_obs_buckets(rtc.ListObsBucketsRequest())
        # The SDK keeps no body of a 429: its transport counts that as a retry that ran out.
        assert (throttled.value.status_code, throttled.value.error_code) == (429, "429")
        client.close()

    while_serving(work)
