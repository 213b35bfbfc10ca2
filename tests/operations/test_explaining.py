"""Everything that can stand in a manifest is explained, from its declarations alone."""

from __future__ import annotations

import pytest

from rtcctl.errors import UsageError
from rtcctl.kinds import KINDS
from rtcctl.operations.explaining import all_kinds, explain, find, paths

STOPPED = "no room can be created or joined, mixing and recording stop; rooms already joined go on"


def effects(path: str) -> list[str]:
    return [f"{each.when}: {each.says}" for each in explain(path).effects]


@pytest.mark.parametrize("path", list(paths()))
def test_every_path_is_explained(path):
    found = explain(path)
    assert "^" not in "".join(found.limits), "a pattern is not for reading"
    assert found.doc, "without a description nobody is helped"
    assert found.path.startswith(("App", "BucketAuthorization", "Project"))


def test_every_member_of_every_kind_is_among_the_paths():
    known = set(paths())
    for kind in KINDS.values():
        assert kind.name in known
        for path, _ in kind.leaves:
            assert f"{kind.name}.{'.'.join(path)}" in known


def test_a_member_is_the_same_by_its_app_and_by_its_kind():
    by_app = explain("App.mix_stream_jobs.mix_param.max_idle_time")
    assert by_app == explain("MixStreamJob.mix_param.max_idle_time")
    assert by_app == explain("App.spec.mix_stream_jobs[0].mix_param.max_idle_time")
    assert by_app.path == "App.spec.mix_stream_jobs[].mix_param.max_idle_time"


def test_bounds_unit_default_and_source_are_those_declared():
    found = explain("MixStreamJob.mix_param.max_idle_time")
    assert (found.type, found.unit, found.limits) == ("integer", "seconds", ("5 to 43200",))
    assert (found.default, found.default_of, found.required) == ("30", "the service", False)
    assert found.source == "API Reference, Starting a Mixed Stream Job"


def test_a_value_beside_the_bounds_is_told():
    assert explain("RecordRule.hls_config.record_cycle").limits == ("60 to 43200", "or 0")


@pytest.mark.parametrize(
    ("path", "limits"),
    [
        ("MixStreamJob.mix_param.room_id", ("1 to 64 characters",)),
        ("RecordRule.name", ("1 to 63 letters, digits, '.', '_' and '-', beginning with a letter or digit",)),
        ("MixStreamJob.mix_param.layout_panes.user_id", ("at most 64 characters",)),
        ("RecordRule.obs_addr.bucket", ("not empty",)),
        ("RecordRule.record_formats", ("at least 1 item", "no item twice")),
        ("Project.quota.apps", ("at least 1",)),
        ("RecordRule.hls_config.record_max_duration_to_merge_file", ("-1 to 300",)),
    ],
)
def test_bounds_in_words(path, limits):
    assert explain(path).limits == limits


def test_a_change_that_is_an_update_names_its_call():
    assert explain("RecordRule.mp4_config.record_cycle").change == (
        "calls PUT /v2/apps/{app_id}/record-rules/{rule_id}"
    )


def test_a_change_that_depends_on_the_value_names_each_call():
    assert explain("App.state").change == "calls POST /v2/apps/{app_id}/enable or POST /v2/apps/{app_id}/disable"


def test_a_change_of_what_is_immutable_makes_something_new():
    found = explain("App.app_name")
    assert found.change == "makes a new App, then removes the old one"
    assert "immutable" in found.notes
    assert effects("App.app_name") == [": the app gets a new app_id and a new app_key; clients need both"]


def test_what_stands_in_something_immutable_is_immutable():
    found = explain("MixStreamJob.record_param.record_rule_id")
    assert "immutable" in found.notes
    assert found.change == "makes a new MixStreamJob, then stops the old one"
    assert "immutable" not in explain("IndividualStreamJob.record_param.record_rule_id").notes


def test_consequences_are_those_of_the_planner():
    assert effects("RecordRule.record_formats") == [
        ": new recordings follow from 5 minutes on, running ones keep the old rule"
    ]
    assert effects("App.state") == [
        f"when state becomes DEACTIVATION: {STOPPED}",
        "when state becomes ACTIVATION or (server default): rooms can be created and joined again",
    ]


def test_consequences_of_other_members_are_left_out():
    assert len(explain("RecordCallback.url").effects) == 1
    assert [each.when for each in explain("RecordCallback.auth_key").effects] == [
        "when auth_key becomes set",
        "when auth_key becomes (not set)",
    ]


def test_an_object_has_the_consequences_of_what_is_in_it():
    assert "when record_param.record_rule_id changes: the job records by the other rule from now on" not in effects(
        "IndividualStreamJob.max_idle_time"
    )
    assert any("the other rule" in each for each in effects("IndividualStreamJob.record_param"))


def test_a_source_that_readers_can_not_open_is_not_named():
    sources = [each.source for path in paths() for each in explain(path).effects]
    assert any(sources)
    assert not any("NOTES" in source for source in sources)


def test_a_kind_tells_what_all_its_actions_mean():
    told = effects("MixStreamJob")
    assert "create: starts now in the room; it ends by itself when nobody is there for max_idle_time" in told
    assert "delete, when the job is RUNNING: stops a live recording of the room" in told
    assert "create or update or delete: affects rooms created from now on" in effects("AutoRecordMode")


def test_a_kind_tells_address_ids_and_limit():
    notes = explain("MixStreamJob").notes
    assert "address: MixStreamJob/APP/NAME" in notes
    assert "computed by the service: job_id" in notes
    assert "documented limit: 10 calls in 1 s (mix-stream-jobs)" in notes
    assert explain("RecordCallback").notes[0] == "address: RecordCallback/APP"
    assert any("never deleted" in note for note in explain("BucketAuthorization").notes)


def test_flags_in_words():
    assert explain("RecordCallback.auth_key").notes[0].startswith("sensitive")
    assert explain("BucketAuthorization.project_id").notes[0].startswith("write-only")
    assert explain("MixStreamJob.mix_param.layout_panes").notes == (
        "order does not matter; items are told apart by id",
    )
    assert explain("RecordRule.record_formats").notes == ("order does not matter",)
    assert "record_rule: NAME names a declared RecordRule of the same app instead" in (
        explain("AutoRecordMode.record_rule_id").notes
    )


def test_equal_spellings_are_listed_once():
    found = explain("MixStreamJob.mix_param.encode_template")
    assert "1920x1080_30_4620" in found.values
    assert not any("*" in value for value in found.values)
    assert "equal spellings: 1920*1080_30_4620 is 1920x1080_30_4620, and so with the others" in found.notes


def test_values_of_a_list_are_those_of_its_items():
    assert explain("RecordRule.record_formats").values == ("HLS", "MP4")


def test_a_reference_says_what_it_stands_for():
    found = explain("AutoRecordMode.record_rule")
    assert found.notes == ("stands for record_rule_id; give one of the two",)
    assert found.change == explain("AutoRecordMode.record_rule_id").change
    assert explain("MixStreamJob.record_param.record_rule").required


def test_what_only_the_manifest_knows_is_explained_too():
    restart = explain("MixStreamJob.restart")
    assert (restart.values, restart.default, restart.default_of) == (
        ("Never", "OnFailure", "Always"),
        "Never",
        "rtcctl",
    )
    assert explain("App.lifecycle.prevent_destroy").default == "false"
    assert explain("App.metadata.name").required
    assert explain("App.apiVersion").doc == "Always rtcctl.dev/v1."
    assert explain("Project.safety.max_deletes").default == "3"
    assert explain("App.account").change == ""


def test_members_under_any_name():
    assert explain("Project.accounts").members[0].name == "NAME"
    assert explain("Project.accounts.edu.credentials").path == "Project.spec.accounts.edu.credentials"
    assert explain("App.metadata.labels.team").type == "string"


def test_members_of_a_kind_are_those_of_its_spec():
    names = [each.name for each in explain("App").members]
    assert {"app_name", "state", "record_rules", "lifecycle"} <= set(names)
    assert "metadata" not in names
    assert [each.name for each in explain("RecordCallback").members] == ["url", "auth_key"]


def test_all_kinds_say_where_they_stand():
    found = {each.name: each.type for each in all_kinds()}
    assert list(found) == [*KINDS, "Project"]
    assert found["App"] == "a document"
    assert found["RecordRule"] == "App.spec.record_rules"


@pytest.mark.parametrize(
    ("path", "message", "mend"),
    [
        ("Ap", "there is no kind 'Ap'", "did you mean 'App'?"),
        ("app", "there is no kind 'app'", "did you mean 'App'?"),
        ("", "there is no kind ''", "one of: "),
        ("App.stat", "App has no member 'stat'", "did you mean 'state'?"),
        ("App.mix_stream_job", "App has no member", "did you mean 'mix_stream_jobs'?"),
        ("MixStreamJob.mix_param.max_idel_time", "has no member 'max_idel_time'", "did you mean 'max_idle_time'?"),
        ("App.state.x", "App.spec.state has no members", "`rtcctl explain App.spec.state`"),
        ("record_rule_id", "there is no kind", "did you mean AutoRecordMode.record_rule_id or"),
        ("MixStreamJob.max_idle_time", "has no member", "did you mean mix_param.max_idle_time?"),
        ("Project.max_deletes", "Project has no member", "did you mean safety.max_deletes?"),
        ("App" + ".x" * 60, "App has nothing so deep", "rtcctl explain App"),
    ],
)
def test_a_misspelt_name_is_an_error_that_guesses(path, message, mend):
    with pytest.raises(UsageError) as caught:
        explain(path)
    assert message in caught.value.message
    assert mend in caught.value.mend


def test_a_member_without_its_kind_is_found_where_one_is_of_that_name():
    assert explain("auth_key") == explain("RecordCallback.auth_key")
    assert explain("mix_param.max_idle_time") == explain("MixStreamJob.mix_param.max_idle_time")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("App.metadata.name", "without moved_from the old one is removed"),
        ("RecordRule.name", "without moved_from the old one is removed"),
        ("BucketAuthorization.metadata.name", "the bucket stays authorized"),
        ("Project.metadata.name", "not known there"),
        ("MixStreamJob.restart", "makes no call"),
        ("App.lifecycle.prevent_destroy", "makes no call"),
        ("Project.backend", "moves nothing"),
    ],
)
def test_what_a_change_does_is_told_of_members_that_no_kind_declares(path, says):
    assert says in explain(path).change


def test_a_hostile_name_is_shown_harmless():
    with pytest.raises(UsageError) as caught:
        find("App.\x1b[31mx")
    assert "\x1b" not in caught.value.message + caught.value.mend
