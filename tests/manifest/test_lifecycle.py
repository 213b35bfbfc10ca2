"""`ignore_changes`: paths from an app's spec, handed to the resources they name."""

from __future__ import annotations

import pytest

from rtcctl.model.values import Path
from tests.manifest.loading import APP, JOB, RULE, faults, load_text

CALLBACK = "  record_callback: {url: https://a.example}\n"
AUTO = "  auto_record_mode: {mode: AUTO_INDIVIDUAL_RECORD, record_rule: default}\n"
DOTTED = RULE.partition("\n")[2].replace("default", "default.x").replace("cn-north-4", "cn-north-4")
EVERYTHING = APP + RULE + CALLBACK + AUTO + JOB


def ignored(*paths: str, text: str = EVERYTHING) -> dict[str, set[Path]]:
    found = load_text(f"{text}  lifecycle:\n    ignore_changes: [{', '.join(paths)}]\n")
    return {str(a): set(r.ignore_changes) for a, r in found.resources.items() if r.ignore_changes}


@pytest.mark.parametrize(
    ("path", "address", "members"),
    [
        ("state", "App/a", {("state",)}),
        ("record_callback.url", "RecordCallback/a", {("url",)}),
        ("record_callback", "RecordCallback/a", {("url",), ("auth_key",)}),
        ("auto_record_mode.record_rule", "AutoRecordMode/a", {("record_rule_id",)}),
        ("auto_record_mode.record_rule_id", "AutoRecordMode/a", {("record_rule_id",)}),
        ("record_rules.default.mp4_config.record_cycle", "RecordRule/a/default", {("mp4_config", "record_cycle")}),
        ("record_rules.default.mp4_config", "RecordRule/a/default", {("mp4_config",)}),
        ("record_rules.default.record_formats", "RecordRule/a/default", {("record_formats",)}),
        ("mix_stream_jobs.lesson.mix_param.max_idle_time", "MixStreamJob/a/lesson", {("mix_param", "max_idle_time")}),
        (
            "mix_stream_jobs.lesson.record_param.record_rule",
            "MixStreamJob/a/lesson",
            {("record_param", "record_rule_id")},
        ),
        ("mix_stream_jobs.lesson", "MixStreamJob/a/lesson", {("mix_param",), ("record_param",)}),
    ],
)
def test_a_path_leads_to_its_resource(path, address, members):
    assert ignored(path) == {address: members}


def test_several_paths():
    assert ignored("state", "app_name", "record_callback.url") == {
        "App/a": {("state",), ("app_name",)},
        "RecordCallback/a": {("url",)},
    }


def test_names_may_hold_dots():
    job = JOB.replace("name: lesson", "name: lesson.1")
    text = APP + RULE + JOB + job.partition("\n")[2]
    assert ignored("mix_stream_jobs.lesson.1.mix_param", text=text) == {"MixStreamJob/a/lesson.1": {("mix_param",)}}
    assert ignored("mix_stream_jobs.lesson.mix_param", text=text) == {"MixStreamJob/a/lesson": {("mix_param",)}}


@pytest.mark.parametrize(
    ("path", "said", "mend"),
    [
        ("stat", "'stat' names no member of spec", "did you mean 'state'?"),
        ("account", "'account' names no member of spec", "one of: app_name, state, record_rules"),
        ("record_callback.urls", "'record_callback.urls' names no member", "did you mean 'url'?"),
        ("record_rules", "'record_rules' names none of the record_rules", "one of: default"),
        ("record_rules.defalt.mp4_config", "names none of the record_rules", "did you mean 'default'?"),
        ("record_rules.default.record_formats.0", "names no member", "it counts as a whole"),
        ("state.x", "'state.x' names no member", "write 'state'"),
        ("individual_stream_jobs.x.room_id", "names none of", "write individual_stream_jobs.NAME.MEMBER"),
        ('""', "'' names no member of spec", "one of:"),
    ],
)
def test_a_path_that_leads_nowhere(path, said, mend):
    (problem,) = faults(f"{EVERYTHING}  lifecycle: {{ignore_changes: [{path}]}}\n")
    assert said in problem.message
    assert mend in problem.mend
    assert problem.source[problem.caret - 1 :].startswith(path)


def test_a_setting_that_is_not_declared():
    (problem,) = faults(f"{APP}  lifecycle: {{ignore_changes: [record_callback.url]}}\n")
    assert "the app declares no record_callback" in problem.message


def test_a_path_that_is_no_text():
    (problem,) = faults(f"{APP}  lifecycle: {{ignore_changes: [1]}}\n")
    assert "must be text" in problem.message
