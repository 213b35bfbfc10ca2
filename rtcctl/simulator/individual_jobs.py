"""Single-stream jobs: one user's stream; only the recording rule can change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtcctl.simulator import jobs, record_rules, validation

if TYPE_CHECKING:
    from rtcctl.simulator.call import Answer, Call

KIND = "individual_job"


def create_individual_stream_job(call: Call) -> Answer:
    """CreateIndividualStreamJob; unconfirmed: a missing video_type means CAMERASTREAM."""
    job_id = jobs.new_job_id(call)
    wanted = validation.with_defaults("IndividualStreamJobReq", call.body)
    stream_name = f"s_{job_id}_{wanted['room_id']}_{wanted['user_id']}"
    job = {"job_id": job_id, "stream_name": stream_name, "app_id": call.path["app_id"], **wanted}
    return jobs.add(call, KIND, job)


def show_individual_stream_job(call: Call) -> Answer:
    """ShowIndividualStreamJob."""
    return jobs.show(call, KIND)


def update_individual_stream_job(call: Call) -> Answer:
    """UpdateIndividualStreamJob; unconfirmed: possible whenever the job runs, an empty body changes nothing."""
    jobs.running(call, KIND)
    if "record_param" in call.body:
        record_rules.require_rule(call, call.body["record_param"]["record_rule_id"])
    return jobs.update(call, KIND, call.body)


def stop_individual_stream_job(call: Call) -> Answer:
    """StopIndividualStreamJob."""
    return jobs.stop(call, KIND)
