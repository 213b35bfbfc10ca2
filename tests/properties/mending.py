"""Making a random app's spec valid: references that lead somewhere, nothing that a disabled app would refuse."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]

OFF = "AUTO_RECORD_OFF"
JOBS = ("mix_stream_jobs", "individual_stream_jobs")


def mended(spec: Spec) -> Spec:
    """Return the spec with what can't stand together taken out."""
    found = dict(spec)
    rules = [rule["name"] for rule in found.get("record_rules", ())]
    if not rules or found.get("state") == "DEACTIVATION":
        for key in JOBS:
            found.pop(key, None)
        if "auto_record_mode" in found:
            found["auto_record_mode"] = {"mode": OFF}
    else:
        for key in JOBS:
            if key in found:
                found[key] = [{**job, "record_param": {"record_rule": rules[0]}} for job in found[key]]
        if "record_rule" in found.get("auto_record_mode", {}):
            found["auto_record_mode"] = {**found["auto_record_mode"], "record_rule": rules[0]}
    if "lifecycle" in found:
        found["lifecycle"] = _existing_paths_only(found)
    return found


def _existing_paths_only(spec: Spec) -> dict[str, Any]:
    lifecycle = dict(spec["lifecycle"])
    known = set(ignorable(spec))
    ignored = [path for path in lifecycle.get("ignore_changes", ()) if path in known]
    return {**lifecycle, "ignore_changes": ignored} if ignored else {k: v for k, v in lifecycle.items() if k[0] == "p"}


_OF_A_RULE = ("", ".record_formats", ".obs_addr", ".obs_addr.bucket", ".hls_config", ".mp4_config.record_cycle")
_OF_A_MIX_JOB = ("", ".mix_param.layout_panes", ".mix_param.max_idle_time", ".mix_param.layout_template")
_OF_A_SINGLE_JOB = ("", ".record_param.record_rule", ".select_stream_type")


def ignorable(spec: Spec) -> list[str]:
    """Return paths that `ignore_changes` of this app may name."""
    found = ["state", "app_name"]
    if "record_callback" in spec:
        found += ["record_callback", "record_callback.url", "record_callback.auth_key"]
    if "auto_record_mode" in spec:
        found += ["auto_record_mode", "auto_record_mode.mode", "auto_record_mode.record_rule"]
    for key, ends in (("record_rules", _OF_A_RULE), (JOBS[0], _OF_A_MIX_JOB), (JOBS[1], _OF_A_SINGLE_JOB)):
        found += [f"{key}.{one['name']}{end}" for one in spec.get(key, ()) for end in ends]
    return found


def judging_recording(spec: Spec) -> Spec:
    """Return the spec without automatic recording in `ignore_changes`.

    A change that drops a rule can't be made while the manifest says to leave alone what records by it.
    """
    lifecycle = spec.get("lifecycle", {})
    kept = [path for path in lifecycle.get("ignore_changes", ()) if not path.startswith("auto_record_mode")]
    return {**spec, "lifecycle": {**lifecycle, "ignore_changes": kept}} if lifecycle else spec
