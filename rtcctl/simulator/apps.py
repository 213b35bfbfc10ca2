"""Apps: create, list, show, delete, enable, disable. An app's document is what ShowApp answers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from rtcctl.simulator import errors, pages, presence, times
from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import Refused
from rtcctl.simulator.variants import RESERVED_SECONDS

if TYPE_CHECKING:
    from rtcctl.simulator.call import Call
    from rtcctl.simulator.store import Document

CHILD_KINDS = ("record_rule", "mix_job", "individual_job")
RESERVED = "reserved_name"
SIGNATURE_VALIDITY_SECONDS = 300


def create_app(call: Call) -> Answer:
    """CreateApp: 201 with the new id only."""
    apps = call.collection("app")
    app_name = call.body["app_name"]
    if apps.by_key(app_name) is not None or _is_reserved(call, app_name):
        raise Refused(errors.APP_EXIST)
    if apps.count() - apps.count("DELETED") >= call.options.app_quota:
        raise Refused(errors.APPS_EXCEED)
    app_id = secrets.token_hex(16)
    save(call, _new_app(call, app_id, app_name))
    return Answer(201, {"app_id": app_id})


def list_apps(call: Call) -> Answer:
    """ListApps: `offset` is a page number."""
    apps = call.collection("app")
    state = call.query.get("state")
    # unconfirmed: the order (here: of creation), and whether count follows the filter (here: it does)
    count = apps.count(None if "count-ignores-filter" in call.options.variants else state)
    return Answer(200, {"count": count, "apps": pages.page(call, apps, state)})


def show_app(call: Call) -> Answer:
    """ShowApp."""
    return Answer(200, call.existing(call.collection("app"), call.path["app_id"], "no such app"))


def delete_app(call: Call) -> Answer:
    """DeleteApp: refused while rules exist; settings and jobs go with the app."""
    app = call.app()
    _check_deletable(call, app)
    # unconfirmed: an enabled app may be deleted, jobs without a rule do not hinder it, its name is free at once
    presence.forget_app(call.scene())
    for kind in CHILD_KINDS:
        call.collection(kind, app["app_id"]).clear()
    pages.before_write(call, call.collection("app"))
    if "name-reserved" in call.options.variants:
        call.collection(RESERVED).put(app["app_name"], {"until": call.now.timestamp() + RESERVED_SECONDS})
    if "deleted-listed" in call.options.variants:
        deleted = {**app, "state": {"state": "DELETED", "update_time": times.milliseconds(call.now)}}
        call.collection("app").put(app["app_id"], deleted, state="DELETED")
    else:
        call.collection("app").delete(app["app_id"])
    return Answer(204)


def start_app(call: Call) -> Answer:
    """StartApp."""
    return _set_state(call, "ACTIVATION")


def stop_app(call: Call) -> Answer:
    """StopApp."""
    return _set_state(call, "DEACTIVATION")


def save(call: Call, app: Document) -> None:
    """Store an app's document."""
    pages.before_write(call, call.collection("app"))
    call.collection("app").put(app["app_id"], app, key=app["app_name"], state=app["state"]["state"])


def _check_deletable(call: Call, app: Document) -> None:
    variants = call.options.variants
    if "delete-app-needs-disable" in variants and app["state"]["state"] == "ACTIVATION":
        raise Refused(errors.INVALID_VALUE, "the app is enabled")
    if "jobs-block-app-delete" in variants and _has_jobs(call, app["app_id"]):
        raise Refused(errors.JOB_RUNNING)
    if "app-delete-takes-rules" not in variants and call.collection("record_rule", app["app_id"]).count() > 0:
        raise Refused(errors.RECORD_RULE_EXIST)


def _has_jobs(call: Call, app_id: str) -> bool:
    jobs = [call.collection(kind, app_id) for kind in ("mix_job", "individual_job")]
    return any(collection.count(state) for collection in jobs for state in ("INIT", "RUNNING"))


def _is_reserved(call: Call, app_name: str) -> bool:
    if "name-reserved" not in call.options.variants:
        return False
    reserved = call.collection(RESERVED).get(app_name)
    return reserved is not None and call.now.timestamp() < reserved["until"]


def _set_state(call: Call, state: str) -> Answer:
    app = call.app()
    if app["state"]["state"] != state:  # unconfirmed: enabling an enabled app is 200 and changes nothing
        app["state"] = {"state": state, "update_time": times.milliseconds(call.now)}
        save(call, app)
    elif "state-not-idempotent" in call.options.variants:
        raise Refused(errors.INVALID_VALUE, "the app is in this state already")
    return Answer(200, {"app_id": app["app_id"], "state": app["state"]})


def _new_app(call: Call, app_id: str, app_name: str) -> Document:
    now = times.milliseconds(call.now)
    return {
        "app_name": app_name,
        "app_id": app_id,
        "state": {"state": "ACTIVATION", "update_time": now},
        "scope": "DOMESTIC",
        "tenant_name": call.account.domain,
        "domain": f"{app_id}.SparkRTC.myhuaweicloud.com",
        "create_time": now,
        "authentication": {
            "enable": True,
            "expire": SIGNATURE_VALIDITY_SECONDS,
            "app_key": secrets.token_hex(16),  # unconfirmed: in clear
            "update_time": now,
        },
        "callbacks": {},
        "auto_record_mode": {"mode": "AUTO_RECORD_OFF"},  # unconfirmed: the mode of a fresh app
    }
