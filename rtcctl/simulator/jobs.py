"""What mixed-stream and single-stream jobs have in common: states, times, stopping.

A stored job is `{"job": what the API shows, "running_from": epoch seconds, "idle_since": the same, or None}`. It goes
INIT -> RUNNING -> STOPPED. While it runs, idle time counts as long as no joiner or publisher is in its room, and with a
rule it records as long as somebody sends what it takes.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from rtcctl.simulator import alarms, errors, record_rules, recording, rooms, streams, times
from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import Refused
from rtcctl.simulator.variants import VANISH_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtcctl.simulator.call import Call
    from rtcctl.simulator.scene import Scene
    from rtcctl.simulator.store import Document

KINDS = ("mix_job", "individual_job")


def new_job_id(call: Call) -> str:
    """An id for a job on the app of the path; refused when the app is unknown or not enabled."""
    if call.app()["state"]["state"] != "ACTIVATION":
        raise Refused(errors.APP_DEACTIVATION)
    if "record_param" in call.body:
        record_rules.require_rule(call, call.body["record_param"]["record_rule_id"])
    return secrets.token_hex(16)


def add(call: Call, kind: str, job: Document) -> Answer:
    """Store a new job in INIT and answer it with 201."""
    now = times.seconds(call.now)
    job |= {"state": "INIT", "create_time": now, "update_time": now, "start_time": now, "stop_time": times.UNSET}
    running_from = call.now.timestamp() + call.options.start_delay
    row = {"job": job, "running_from": running_from, "idle_since": None}
    scene = call.scene()
    _save(scene, kind, row)
    alarms.put(scene, kind, job["job_id"], running_from)
    return Answer(201, job)


def show(call: Call, kind: str) -> Answer:
    """The job as it is now; unconfirmed: a stopped job stays readable until its app is deleted."""
    return Answer(200, _row(call, kind)["job"])


def running(call: Call, kind: str) -> Document:
    """The job of the path, which must be RUNNING to be changed."""
    job: Document = _running_row(call, kind)["job"]
    return job


def update(call: Call, kind: str, members: Document) -> Answer:
    """Change members of a running job."""
    row = _running_row(call, kind)
    scene = call.scene()
    old_rule = row["job"].get("record_param")
    row["job"] |= {**members, "update_time": times.seconds(call.now)}
    if row["job"].get("record_param") != old_rule:
        # unconfirmed: another rule begins a recording of its own at once
        old = _recording(scene, row)
        if old is not None:
            recording.finish(scene, old)
        _begin_recording(scene, kind, row)
    _follow(scene, kind, row)
    return Answer(200, row["job"])


def stop(call: Call, kind: str) -> Answer:
    """End a running job for good."""
    end(call.scene(), kind, _running_row(call, kind), "TENANT_STOP")
    return Answer(204)


def end(scene: Scene, kind: str, row: Document, reason: str, description: str = "") -> None:
    """Stop a job, and with it its recording."""
    row["job"] |= {"state": "STOPPED", "stop_reason": reason, "stop_time": times.seconds(scene.now)}
    if description:
        row["job"]["description"] = description
    found = _recording(scene, row)
    if found is not None:
        recording.end(scene, found, description or reason)
    alarms.put(scene, kind, row["job"]["job_id"], None)
    _save(scene, kind, row)


def fail_recording(scene: Scene, job_id: str, why: str) -> None:
    """End the job whose recording cannot go on, if it is that of a job."""
    for kind in KINDS:
        row = scene.collection(kind).get(job_id)
        if row is not None:
            end(scene, kind, row, "INTERNAL_ERROR", why)


def wake(scene: Scene, kind: str, job_id: str) -> None:
    """Start a job that was initializing, or end one that has been idle for too long."""
    row = scene.collection(kind).get(job_id)
    if row is None:
        return  # gone with its app
    if row["job"]["state"] == "INIT":
        row["job"]["state"] = "RUNNING"
        _begin_recording(scene, kind, row)
        _follow(scene, kind, row)
    else:
        end(scene, kind, row, "EXCEED_MAX_IDLE_TIME")


def room_changed(scene: Scene, room_id: str) -> None:
    """Let the running jobs of a room follow what goes on in it."""
    for kind in KINDS:
        for row in scene.collection(kind).list("RUNNING"):
            if row["job"]["room_id"] == room_id:
                _follow(scene, kind, row)


def any_in(scene: Scene, room_id: str) -> bool:
    """Whether a job that is not over is in a room."""
    return any(row["job"]["room_id"] == room_id for _, row in not_over(scene))


def not_over(scene: Scene) -> Iterator[tuple[str, Document]]:
    """The jobs of an app that are INIT or RUNNING, with their kinds."""
    for kind in KINDS:
        for state in ("INIT", "RUNNING"):
            for row in scene.collection(kind).list(state):
                yield kind, row


def _follow(scene: Scene, kind: str, row: Document) -> None:
    """Let idle time and recording follow what goes on in the room; stores the job."""
    job = row["job"]
    room = rooms.find(scene, job["room_id"])
    if rooms.occupied(room, scene.options):
        row["idle_since"] = None
    elif row.get("idle_since") is None:
        row["idle_since"] = scene.at
    idle_since = row["idle_since"]
    due = None if idle_since is None else idle_since + streams.max_idle_time(job)
    alarms.put(scene, kind, job["job_id"], due)
    _save(scene, kind, row)
    found = _recording(scene, row)
    if found is not None:
        failure = recording.set_sending(scene, found, sending=streams.sends(job, room, scene.options))
        if failure is not None:
            # unconfirmed: what becomes of a job that may not write to its bucket
            end(scene, kind, row, "INTERNAL_ERROR", failure)


def _begin_recording(scene: Scene, kind: str, row: Document) -> None:
    job = row["job"]
    if "record_param" in job:
        rule_id = job["record_param"]["record_rule_id"]
        picture = streams.picture(job)
        recording.begin(scene, job["job_id"], job["room_id"], job["stream_name"], rule_id, picture, kind)


def _recording(scene: Scene, row: Document) -> Document | None:
    return scene.collection(recording.KIND).get(row["job"]["job_id"])


def _row(call: Call, kind: str) -> Document:
    row = call.existing(call.collection(kind, call.app()["app_id"]), call.path["job_id"], "no such job")
    if "stopped-jobs-vanish" in call.options.variants and row["job"]["state"] == "STOPPED":
        over_for = call.now - datetime.fromisoformat(row["job"]["stop_time"])
        if over_for.total_seconds() >= VANISH_SECONDS:
            raise Refused(errors.NOT_FOUND, "no such job")
    return row


def _running_row(call: Call, kind: str) -> Document:
    row = _row(call, kind)
    if row["job"]["state"] == "INIT":
        raise Refused(errors.JOB_NOT_INITIALIZED)
    if row["job"]["state"] == "STOPPED":
        raise Refused(errors.JOB_DONE)
    return row


def _save(scene: Scene, kind: str, row: Document) -> None:
    scene.collection(kind).put(row["job"]["job_id"], row, state=row["job"]["state"])
