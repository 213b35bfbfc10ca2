"""Mixed-stream jobs: what the layout members need of each other, and which of them can change."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from rtcctl.simulator import errors, jobs, validation
from rtcctl.simulator.errors import Refused

if TYPE_CHECKING:
    from rtcctl.simulator.call import Answer, Call
    from rtcctl.simulator.store import Document

KIND = "mix_job"
LAYOUT = (
    "layout_panes",
    "user_background_images",
    "default_user_background_image",
    "screen_background_image",
    "background_image",
)
LAYOUT_TEMPLATES = ("nine_grids_view", "screen_share_left", "screen_share_right", "custom")


def create_mix_job(call: Call) -> Answer:
    """CreateMixJob."""
    mix_param = validation.with_defaults("MixParam", call.body["mix_param"])
    job_id = jobs.new_job_id(call)
    _check_layout(mix_param)
    room_id = mix_param["room_id"]
    job = {
        "job_id": job_id,
        "job_unique_id": secrets.token_hex(8),
        "stream_name": f"m_{job_id}_{room_id}",
        "app_id": call.path["app_id"],
        "room_id": room_id,
        "mix_param": mix_param,
        "push_param": {"rtmp_urls": None},
    }
    if "record_param" in call.body:
        job["record_param"] = call.body["record_param"]
    return jobs.add(call, KIND, job)


def show_mix_job(call: Call) -> Answer:
    """ShowMixJob."""
    return jobs.show(call, KIND)


def update_mix_job(call: Call) -> Answer:
    """UpdateMixJob: members that are left out stay as they are (unconfirmed)."""
    old = jobs.running(call, KIND)["mix_param"]
    changes = dict(call.body["mix_param"])
    old_idle = old.get("max_idle_time")
    if "layout_panes" in changes:
        changes["layout_panes"] = [validation.with_defaults("MixLayoutPane", pane) for pane in changes["layout_panes"]]
    if "idle-time-fixed" in call.options.variants and changes.get("max_idle_time", old_idle) != old_idle:
        raise Refused(errors.INVALID_VALUE, "mix_param.max_idle_time")
    kept = {name: old[name] for name in old if name not in LAYOUT} if "layout-reset" in call.options.variants else old
    mix_param = {**kept, **changes}
    _check_template_change(old, mix_param)
    _check_layout(mix_param)
    # unconfirmed: max_idle_time may change (in 2021 it had to equal the value given at creation)
    return jobs.update(call, KIND, {"mix_param": mix_param})


def stop_mix_job(call: Call) -> Answer:
    """StopMixJob."""
    return jobs.stop(call, KIND)


def _check_layout(mix_param: Document) -> None:
    if mix_param["encode_template"] == "audio_only":
        return  # every video member is ignored; unconfirmed: those sent are echoed
    # unconfirmed: the code when a member that another one needs is missing
    if "layout_template" not in mix_param:
        raise Refused(errors.INVALID_COMBINATION, "mix_param.layout_template")
    if mix_param["layout_template"] != "nine_grids_view" and not mix_param.get("layout_panes"):
        raise Refused(errors.INVALID_COMBINATION, "mix_param.layout_panes")


def _check_template_change(old: Document, new: Document) -> None:
    wanted = new.get("layout_template")
    if wanted == old.get("layout_template") or old["encode_template"] == "audio_only":
        return
    if wanted not in LAYOUT_TEMPLATES:
        raise Refused(errors.LAYOUT_NOT_EXIST)
    # Only custom to custom is supported, and that is no other name; unconfirmed: the code
    raise Refused(errors.INVALID_VALUE, "mix_param.layout_template")
