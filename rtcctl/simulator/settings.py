"""The two singletons of an app: the recording callback and automatic recording. Both live in the app's document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator import apps, record_rules, times
from rtcctl.simulator.call import Answer

if TYPE_CHECKING:
    from rtcctl.simulator.call import Call
    from rtcctl.simulator.store import Document

# unconfirmed: the worked example shows these three, the field table the first two only
SUBSCRIPTION = ["RECORD_NEW_FILE_START", "RECORD_FILE_COMPLETE", "CLOUD_RECORD_OVER"]


def show_record_callback(call: Call) -> Answer:
    """ShowRecordCallback."""
    return _callback(call.app())


def update_record_callback(call: Call) -> Answer:
    """UpdateRecordCallback: a full replacement."""
    app = call.app()
    callback = {"url": call.body["url"]}
    # unconfirmed: no auth_key, or an empty one, clears the stored key; the key is echoed in clear
    if call.body.get("auth_key"):
        callback["auth_key"] = call.body["auth_key"]
    elif "omitted-key-kept" in call.options.variants and "auth_key" not in call.body:
        stored = app["callbacks"].get("record_callback", {})
        callback |= {name: value for name, value in stored.items() if name == "auth_key"}
    callback |= {"notify_event_subscription": SUBSCRIPTION, "update_time": times.four_digits(call.now)}
    app["callbacks"] = {"record_callback": callback}
    apps.save(call, app)
    return _callback(app)


def show_auto_record(call: Call) -> Answer:
    """ShowAutoRecord."""
    return _auto_record(call.app())


def update_auto_record(call: Call) -> Answer:
    """UpdateAutoRecord: a rule is needed to switch it on, and dropped when it is switched off."""
    app = call.app()
    mode = {"mode": call.body["mode"]}
    if mode["mode"] == "AUTO_INDIVIDUAL_RECORD":
        record_rules.require_rule(call, call.body["record_rule_id"])
        mode["record_rule_id"] = call.body["record_rule_id"]
    elif "off-keeps-rule" in call.options.variants:
        mode = {**app["auto_record_mode"], **mode}
    mode["update_time"] = times.milliseconds(call.now)
    app["auto_record_mode"] = mode  # unconfirmed: OFF drops the rule id
    apps.save(call, app)
    return _auto_record(app)


def _callback(app: Document) -> Answer:
    # unconfirmed: before anything was set the answer holds app_id only
    return Answer(200, {"app_id": app["app_id"], **app["callbacks"]})


def _auto_record(app: Document) -> Answer:
    return Answer(200, {"app_id": app["app_id"], "auto_record_mode": app["auto_record_mode"]})
