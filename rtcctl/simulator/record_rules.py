"""Recording rules: at most one per app and location, defaults filled in as the worked example echoes them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from rtcctl.simulator import buckets, errors, pages, recording, times, validation
from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import Refused

if TYPE_CHECKING:
    from rtcctl.simulator.call import Call
    from rtcctl.simulator.store import Collection, Document

# The worked example echoes this one, not the default of the field tables.
RECORD_PREFIX = (
    "Record/{publish_domain}/{app}/{record_type}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}"
)
DOCUMENTED_PREFIX = "{app_id}/{record_format}/{stream}_{file_start_time}/{stream}_{file_start_time}"
CONFIGS = {"HLS": ("hls_config", "HLSRecordConfig"), "MP4": ("mp4_config", "MP4RecordConfig")}


def create_record_rule(call: Call) -> Answer:
    """CreateRecordRule: 201 for a new location, 200 when it replaces the rule of that location."""
    rules = _rules(call)
    old = rules.by_key(call.body["obs_addr"]["location"])
    if old is None:
        now = times.seconds(call.now)
        return Answer(201, _save(call, rules, {"rule_id": secrets.token_hex(16), "create_time": now}))
    if "fresh-rule-id" in call.options.variants:
        pages.before_write(call, rules)
        rules.delete(old["rule_id"])
        new = {"rule_id": secrets.token_hex(16), "create_time": times.seconds(call.now)}
        return Answer(200, _save(call, rules, new))
    # unconfirmed: a replaced rule keeps rule_id and create_time
    return Answer(200, _save(call, rules, old))


def list_record_rules(call: Call) -> Answer:
    """ListRecordRules: without a count."""
    return Answer(200, {"rules": pages.page(call, _rules(call))})


def show_record_rule(call: Call) -> Answer:
    """ShowRecordRule."""
    return Answer(200, _rule(call, _rules(call)))


def update_record_rule(call: Call) -> Answer:
    """UpdateRecordRule: a full replacement; what is left out returns to its default."""
    rules = _rules(call)
    return Answer(200, _save(call, rules, _rule(call, rules)))


def delete_record_rule(call: Call) -> Answer:
    """DeleteRecordRule: refused while a job that is not over or automatic recording uses the rule."""
    rules = _rules(call)
    rule_id = _rule(call, rules)["rule_id"]
    if _in_use(call, rule_id):
        of_backup = "rule-in-use-code" in call.options.variants
        # unconfirmed: what counts as use, and the code
        raise Refused(errors.RULE_FORBIDDEN_DELETE if of_backup else errors.INVALID_VALUE, "the rule is in use")
    pages.before_write(call, rules)
    rules.delete(rule_id)
    return Answer(204)


def require_rule(call: Call, rule_id: str) -> None:
    """Refuse a reference to a rule that the app does not have."""
    if call.collection("record_rule", call.path["app_id"]).get(rule_id) is None:
        is_404 = "unknown-rule-404" in call.options.variants
        raise Refused(errors.NOT_FOUND if is_404 else errors.INVALID_VALUE, "record_rule_id")  # unconfirmed: the code


def _rules(call: Call) -> Collection:
    return call.collection("record_rule", call.app()["app_id"])


def _rule(call: Call, rules: Collection) -> Document:
    return call.existing(rules, call.path["rule_id"], "no such record rule")


def _save(call: Call, rules: Collection, old: Document) -> Document:
    address = call.body["obs_addr"]
    rule = {
        "app_id": call.path["app_id"],
        "rule_id": old["rule_id"],
        "obs_addr": address,
        "record_formats": call.body["record_formats"],
        **_configs(call),
        "create_time": old["create_time"],
        "update_time": times.seconds(call.now),
    }
    # unconfirmed: a bucket that is not authorized is accepted here
    buckets.name_bucket(call, address["bucket"], address["location"])
    pages.before_write(call, rules)
    if "update_time" in old:
        recording.remember_rule(call.scene(), old)
    rules.put(rule["rule_id"], rule, key=address["location"])
    return rule


def _configs(call: Call) -> Document:
    shown = [
        record_format
        for record_format in CONFIGS
        if record_format in call.body["record_formats"] or "unrequested-config-absent" not in call.options.variants
    ]
    return {CONFIGS[record_format][0]: _config(call, record_format) for record_format in shown}


def _config(call: Call, record_format: str) -> Document:
    member, schema = CONFIGS[record_format]
    if record_format not in call.body["record_formats"]:
        # Seen for HLS; unconfirmed: the mirror case, and that a config sent for such a format is dropped.
        return {"record_cycle": 0, "record_max_duration_to_merge_file": 0}
    config = call.body[member]
    # unconfirmed: an empty prefix counts as unset
    default = DOCUMENTED_PREFIX if "prefix-as-documented" in call.options.variants else RECORD_PREFIX
    return validation.with_defaults(schema, {**config, "record_prefix": config.get("record_prefix") or default})


def _in_use(call: Call, rule_id: str) -> bool:
    app = call.app()
    # OFF can keep its rule id under a variant, and then doesn't use it.
    mode = app["auto_record_mode"]
    is_on = mode["mode"] == "AUTO_INDIVIDUAL_RECORD" and "rule-free-after-job-only" not in call.options.variants
    if is_on and mode["record_rule_id"] == rule_id:
        return True
    jobs = [
        row["job"]
        for kind in ("mix_job", "individual_job")
        for state in ("INIT", "RUNNING")
        for row in call.collection(kind, app["app_id"]).list(state)
    ]
    return any(job.get("record_param", {}).get("record_rule_id") == rule_id for job in jobs)
