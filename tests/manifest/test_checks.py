"""Checks across resources, and that they speak even where a schema failure speaks too."""

from __future__ import annotations

from tests.manifest.loading import APP, JOB, RULE, faults, file_faults, load_text

APP_B = APP.replace("name: a", "name: b")
SECOND = RULE.partition("\n")[2].replace("default", "second")


def said(text: str) -> list[str]:
    return [problem.message.partition(": ")[2] for problem in faults(text)]


def test_everything_is_told_at_once():
    text = APP + RULE.replace("3600", "59") + SECOND + JOB.replace("record_rule: default", "record_rule: defualt")
    text += f"---\n{APP_B}  app_name: a\n"
    found = "\n".join(problem.message for problem in faults(text))
    assert "record_cycle is 59" in found
    assert "one object to the service" in found
    assert "'defualt' names nothing" in found
    assert "App/b and App/a" in found


def test_apps_of_one_name_may_stand_in_two_files(tmp_path):
    (tmp_path / "1.yaml").write_text(APP + "  state: ACTIVATION\n")
    (tmp_path / "2.yaml").write_text(APP_B + "  app_name: a\n")
    (problem,) = file_faults(tmp_path, ".")
    assert str(problem.place) == "2.yaml:5:3"
    assert "(at 1.yaml:3:18)" in problem.message


def test_rules_of_one_location_may_belong_to_two_apps():
    assert len(load_text(f"{APP}{RULE}---\n{APP_B}{RULE}").resources) == 4


def test_an_app_name_that_is_none_claims_nothing():
    assert len(faults(f"{APP}  app_name: 1\n---\n{APP_B}  app_name: a\n")) == 1


def test_items_and_names_of_the_wrong_type_leave_the_rest_to_be_judged():
    text = APP + RULE.replace("[MP4]", "[1, MP4]") + JOB.replace("record_rule: default", "record_rule: a b")
    text = text.replace("layout_template: nine_grids_view", "layout_template: custom, layout_panes: [1, {id: 1}]")
    found = [message.partition(",")[0] for message in said(text)]
    assert found == [
        "item 1 of record_formats must be text",
        "item 1 of layout_panes must be a mapping",
        "record_rule: 'a b' is no name",
    ]


def test_settings_share_no_key():
    callback = "  record_callback: {url: https://a.example}\n"
    assert len(load_text(f"{APP}{callback}---\n{APP_B}{callback}").resources) == 4


def test_a_kind_is_silent_where_the_schema_spoke():
    text = APP + RULE.replace("[MP4]", "[HLS, MP4]").replace("mp4_config: {", "hls_config: [")
    text = text.replace("record_cycle: 3600}", "]")
    found = "\n".join(problem.message for problem in faults(text))
    assert "hls_config must be a mapping" in found
    assert "needs hls_config" not in found


def test_faults_of_children_do_not_silence_their_app():
    text = APP.replace("name: a", "name: a.b") + RULE.replace("3600", "59")
    found = [problem.severity for problem in faults(text)]
    assert found == ["warning", "error"]


def test_warnings_alone_do_not_stop():
    (warning,) = load_text(APP + "  app_name: a.b\n").warnings
    assert warning.severity == "warning"
    assert warning.source == "  app_name: a.b"
    assert warning.caret == 3


def test_a_disabled_app_may_have_rules_and_an_automatic_recording_that_is_off():
    text = APP + "  state: DEACTIVATION\n" + RULE + "  auto_record_mode: {mode: AUTO_RECORD_OFF}\n"
    assert len(load_text(text).resources) == 3


def test_moves_of_apps():
    assert said(f"{APP}  moved_from: b\n---\n{APP_B}  state: ACTIVATION\n") == [
        "App/a is moved from App/b, which is still declared"
    ]
    assert said(f"{APP}  moved_from: c\n---\n{APP_B}  moved_from: c\n") == ["App/b and App/a are both moved from App/c"]


def test_moves_within_two_apps_do_not_meet():
    moved = RULE.replace("name: default", "name: default\n      moved_from: old")
    assert len(load_text(f"{APP}{moved}---\n{APP_B}{moved}").resources) == 4
