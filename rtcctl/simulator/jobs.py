"""What mixed-stream and single-stream jobs have in common: states, times, stopping.

A stored job is `{"job": what the API shows, "running_from": epoch seconds}`. Its state is brought up to date whenever a
request touches it. Rooms count as occupied, so no job ends by itself.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from rtcctl.simulator import errors, record_rules, times
from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import Refused

if TYPE_CHECKING:
    from rtcctl.simulator.call import Call
    from rtcctl.simulator.store import Collection, Document


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
    row = {"job": job, "running_from": call.now.timestamp() + call.options.start_delay}
    _save(_jobs(call, kind), row)
    return Answer(201, job)


def show(call: Call, kind: str) -> Answer:
    """The job as it is now; unconfirmed: a stopped job stays readable until its app is deleted."""
    return Answer(200, _current(call, _jobs(call, kind))["job"])


def running(call: Call, kind: str) -> Document:
    """The job of the path, which must be RUNNING to be changed."""
    job: Document = _running_row(call, _jobs(call, kind))["job"]
    return job


def update(call: Call, kind: str, members: Document) -> Answer:
    """Change members of a running job."""
    jobs = _jobs(call, kind)
    row = _running_row(call, jobs)
    row["job"] |= {**members, "update_time": times.seconds(call.now)}
    _save(jobs, row)
    return Answer(200, row["job"])


def stop(call: Call, kind: str) -> Answer:
    """End a running job for good."""
    jobs = _jobs(call, kind)
    row = _running_row(call, jobs)
    row["job"] |= {"state": "STOPPED", "stop_reason": "TENANT_STOP", "stop_time": times.seconds(call.now)}
    _save(jobs, row)
    return Answer(204)


def _jobs(call: Call, kind: str) -> Collection:
    return call.collection(kind, call.app()["app_id"])


def _current(call: Call, jobs: Collection) -> Document:
    row = call.existing(jobs, call.path["job_id"], "no such job")
    if row["job"]["state"] == "INIT" and call.now.timestamp() >= row["running_from"]:
        row["job"]["state"] = "RUNNING"
        _save(jobs, row)
    return row


def _running_row(call: Call, jobs: Collection) -> Document:
    row = _current(call, jobs)
    if row["job"]["state"] == "INIT":
        raise Refused(errors.JOB_NOT_INITIALIZED)
    if row["job"]["state"] == "STOPPED":
        raise Refused(errors.JOB_DONE)
    return row


def _save(jobs: Collection, row: Document) -> None:
    jobs.put(row["job"]["job_id"], row, state=row["job"]["state"])
