"""Which handler answers which operation of the OpenAPI file. Written out so that start-up need not read the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from rtcctl.simulator import apps, buckets, individual_jobs, mix_jobs, objects, presence, record_rules, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtcctl.simulator.call import Answer, Call


class Operation(Struct, frozen=True):
    """An operation by its operationId, and the function that performs it."""

    name: str
    method: str
    path: str
    handler: Callable[[Call], Answer]


APP = "/v2/apps/{app_id}"
RULES = APP + "/record-rules"
RULE = RULES + "/{rule_id}"
CALLBACK = APP + "/record-callback"
AUTO_RECORD = APP + "/auto-record-mode"
MIX_JOBS = APP + "/mix-stream-jobs"
MIX_JOB = MIX_JOBS + "/{job_id}"
INDIVIDUAL_JOBS = APP + "/individual-stream-jobs"
INDIVIDUAL_JOB = INDIVIDUAL_JOBS + "/{job_id}"
ROOM = APP + "/rooms/{room_id}"
BUCKETS = "/v2/rtc-ops/buckets"

OPERATIONS = (
    Operation("CreateApp", "POST", "/v2/apps", apps.create_app),
    Operation("ListApps", "GET", "/v2/apps", apps.list_apps),
    Operation("ShowApp", "GET", APP, apps.show_app),
    Operation("DeleteApp", "DELETE", APP, apps.delete_app),
    Operation("StartApp", "POST", APP + "/enable", apps.start_app),
    Operation("StopApp", "POST", APP + "/disable", apps.stop_app),
    Operation("CreateRecordRule", "POST", RULES, record_rules.create_record_rule),
    Operation("ListRecordRules", "GET", RULES, record_rules.list_record_rules),
    Operation("ShowRecordRule", "GET", RULE, record_rules.show_record_rule),
    Operation("UpdateRecordRule", "PUT", RULE, record_rules.update_record_rule),
    Operation("DeleteRecordRule", "DELETE", RULE, record_rules.delete_record_rule),
    Operation("ShowRecordCallback", "GET", CALLBACK, settings.show_record_callback),
    Operation("UpdateRecordCallback", "PUT", CALLBACK, settings.update_record_callback),
    Operation("ShowAutoRecord", "GET", AUTO_RECORD, settings.show_auto_record),
    Operation("UpdateAutoRecord", "PUT", AUTO_RECORD, settings.update_auto_record),
    Operation("CreateMixJob", "POST", MIX_JOBS, mix_jobs.create_mix_job),
    Operation("ShowMixJob", "GET", MIX_JOB, mix_jobs.show_mix_job),
    Operation("UpdateMixJob", "PUT", MIX_JOB, mix_jobs.update_mix_job),
    Operation("StopMixJob", "DELETE", MIX_JOB, mix_jobs.stop_mix_job),
    Operation("CreateIndividualStreamJob", "POST", INDIVIDUAL_JOBS, individual_jobs.create_individual_stream_job),
    Operation("ShowIndividualStreamJob", "GET", INDIVIDUAL_JOB, individual_jobs.show_individual_stream_job),
    Operation("UpdateIndividualStreamJob", "PUT", INDIVIDUAL_JOB, individual_jobs.update_individual_stream_job),
    Operation("StopIndividualStreamJob", "DELETE", INDIVIDUAL_JOB, individual_jobs.stop_individual_stream_job),
    Operation("RemoveRoom", "POST", ROOM + "/dismiss", presence.remove_room),
    Operation("RemoveUsers", "POST", ROOM + "/batch-remove-users", presence.remove_users),
    Operation("ListObsBuckets", "GET", BUCKETS, buckets.list_obs_buckets),
    Operation("ListObsBucketObjects", "GET", BUCKETS + "/objects", objects.list_obs_bucket_objects),
    Operation("UpdateObsBucketAuthority", "PUT", BUCKETS + "/authentication", buckets.update_obs_bucket_authority),
)
