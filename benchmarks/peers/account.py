"""One account through the official SDK: what it has, and the calls that bring one app to what it shall be."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huaweicloudsdkcloudrtc import v2 as rtc
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException

PAGE = 100
TOO_MANY_CALLS = 429
PAUSE = 10
"""Seconds to wait after a call that the limits refused."""


def wanted() -> list[dict[str, Any]]:
    """Return the list in the file that the command line names."""
    found: list[dict[str, Any]] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return found


def connect(prefix: str = "") -> Any:
    """Return the SDK's client, from the environment; `prefix` stands before the names of an account's variables."""
    names = ("AK", "SK", "PROJECT_ID")
    credentials = BasicCredentials(*(os.environ[f"{prefix}HUAWEICLOUD_SDK_{name}"] for name in names))
    builder = rtc.CloudRTCClient.new_builder().with_credentials(credentials)
    return builder.with_endpoint(os.environ["RTCCTL_ENDPOINT"]).build()


def patiently(call: Callable[[Any], Any], request: Any) -> Any:
    """Make a call; wait and try again where the limits refuse it."""
    while True:
        try:
            return call(request)
        except ServiceResponseException as error:
            if error.status_code != TOO_MANY_CALLS:
                raise
            time.sleep(PAUSE)


def listed(client: Any) -> dict[str, Any]:
    """Return the apps that there are, by name."""
    found: dict[str, Any] = {}
    page = 0
    while True:
        answer = patiently(client.list_apps, rtc.ListAppsRequest(offset=page, limit=PAGE))
        found |= {app.app_name: app for app in answer.apps}
        if len(answer.apps) < PAGE or len(found) >= answer.count:
            return found
        page += 1


def bring(client: Any, app: dict[str, Any], live: Any) -> None:
    """Create or update what differs of one app; `live` is what the listing shows of it, None where it is not there."""
    if live is None:
        body = rtc.AppReq(app_name=app["app_name"])
        app_id = patiently(client.create_app, rtc.CreateAppRequest(body=body)).app_id
        rules: list[Any] = []
        callback = mode = None
    else:
        app_id = live.app_id
        request = rtc.ListRecordRulesRequest(app_id=app_id, offset=0, limit=PAGE)
        rules = patiently(client.list_record_rules, request).rules
        callback = live.callbacks.record_callback if live.callbacks else None
        mode = live.auto_record_mode
    rule_id = _bring_rule(client, app_id, app["record_rule"], rules)
    _bring_callback(client, app_id, app["record_callback"], callback)
    _bring_mode(client, app_id, app["auto_record_mode"], rule_id, mode)


def _bring_rule(client: Any, app_id: str, rule: dict[str, Any], rules: list[Any]) -> str:
    address = rtc.RecordObsFileAddr(**rule["obs_addr"])
    body = rtc.RecordRuleReq(
        obs_addr=address, record_formats=rule["record_formats"], mp4_config=rtc.MP4RecordConfig(**rule["mp4_config"])
    )
    live = next((each for each in rules if each.obs_addr.location == address.location), None)
    if live is None:
        created = patiently(client.create_record_rule, rtc.CreateRecordRuleRequest(app_id=app_id, body=body))
        return str(created.rule_id)
    same = (
        live.obs_addr == address
        and live.record_formats == body.record_formats
        and all(getattr(live.mp4_config, name) == value for name, value in rule["mp4_config"].items())
    )
    if not same:
        request = rtc.UpdateRecordRuleRequest(app_id=app_id, rule_id=live.rule_id, body=body)
        patiently(client.update_record_rule, request)
    return str(live.rule_id)


def _bring_callback(client: Any, app_id: str, callback: dict[str, Any], live: Any) -> None:
    key = os.environ["RTC_CALLBACK_KEY"]
    if live is None or (live.url, live.auth_key) != (callback["url"], key):
        body = rtc.AppCallbackUrlReq(url=callback["url"], auth_key=key)
        patiently(client.update_record_callback, rtc.UpdateRecordCallbackRequest(app_id=app_id, body=body))


def _bring_mode(client: Any, app_id: str, mode: str, rule_id: str, live: Any) -> None:
    if live is None or (live.mode, live.record_rule_id) != (mode, rule_id):
        body = rtc.AutoRecordModeReq(mode=mode, record_rule_id=rule_id)
        patiently(client.update_auto_record, rtc.UpdateAutoRecordRequest(app_id=app_id, body=body))
