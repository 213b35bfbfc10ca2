"""The plan file: private, whole or not there, and recognised when it is something else or was edited."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from rtcctl.errors import Diagnostic, ManifestError, RtcctlError, StalePlanError, UsageError
from rtcctl.model.plan import Broken, Plan
from rtcctl.model.values import Secret
from rtcctl.planfile import file
from rtcctl.planfile.saved import SavedPart
from tests.planfile.support import ACCOUNT, saved
from tests.planfile.test_codec import FULL
from tests.planner.support import callback, desired

SAVED = saved(FULL)
TWO = replace(
    SAVED,
    parts=tuple(SavedPart(replace(ACCOUNT, name=name), FULL) for name in ("edu", "events")),
    several=True,
    max_deletes=7,
    warnings=(Diagnostic("odd", severity="warning"),),
)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_is_private_and_comes_back(tmp_path):
    path = tmp_path / "plan.json"
    file.write(path, SAVED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == file.dumps(SAVED)
    assert file.dumps(file.read(path)) == file.dumps(SAVED)
    assert names(tmp_path) == ["plan.json"]


def test_the_head_comes_back():
    found = file.loads(file.dumps(SAVED))
    assert [part.account for part in found.parts] == [part.account for part in SAVED.parts]
    assert (found.project, found.backend) == (SAVED.project, SAVED.backend)
    assert (found.manifest, found.created, found.rtcctl) == (SAVED.manifest, SAVED.created, SAVED.rtcctl)


def test_a_plan_over_two_accounts_comes_back_with_its_parts():
    text = file.dumps(TWO)
    assert file.dumps(TWO) == text
    found = file.loads(text)
    assert file.dumps(found) == text
    assert [part.account for part in found.parts] == [part.account for part in TWO.parts]
    assert (found.several, found.max_deletes, found.warnings) == (True, 7, TWO.warnings)
    assert [str(each.address) for each in found.plan.changes] == [str(each.address) for each in TWO.plan.changes]
    assert {each.address.account for each in found.plan.changes} == {"edu", "events"}
    assert all(not each.address.account for part in found.parts for each in part.plan.changes)


def test_a_plan_of_one_of_several_accounts_still_says_which():
    found = file.loads(file.dumps(replace(TWO, parts=TWO.parts[:1])))
    assert {each.address.account for each in found.plan.changes} == {"edu"}


@pytest.mark.parametrize(
    "form",
    [
        lambda found: {**found, "several": False},
        lambda found: {**found, "accounts": [found["accounts"][0]] * 2},
        lambda found: {**found, "accounts": [{**found["accounts"][0], "name": "../elsewhere"}]},
        lambda found: {**found, "accounts": []},
        lambda found: {**found, "project": "../elsewhere"},
        lambda found: {**found, "max_deletes": "many"},
    ],
    ids=[
        "not several",
        "one twice",
        "account that leads elsewhere",
        "none",
        "project that leads elsewhere",
        "no number",
    ],
)
def test_a_file_over_accounts_of_another_form_is_refused(form):
    document = form(json.loads(file.dumps(TWO)))
    del document["digest"]
    document["digest"] = file._digest(document)
    with pytest.raises(StalePlanError, match="a member is missing or of the wrong type"):
        file.loads(json.dumps(document))


def test_a_plan_that_lacks_accounts_is_put_into_no_file(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("older")
    broken = (Broken("edu", RtcctlError("no")), Broken("events", RtcctlError("no")))
    with pytest.raises(RtcctlError, match="the plan lacks the accounts edu, events: it is not put into"):
        file.write(path, replace(TWO, broken=broken))
    assert path.read_text() == "older"


def test_a_file_takes_the_place_of_an_older_one(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("older")
    path.chmod(0o644)
    file.write(path, SAVED)
    assert file.read(path).project == "live"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_an_error_with_the_reason(tmp_path):
    with pytest.raises(RtcctlError, match=r"can't write the plan file .*: No such file or directory"):
        file.write(tmp_path / "missing" / "plan.json", SAVED)


def test_what_is_no_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(RtcctlError, match="something else than a file is there"):
            file.write(tmp_path / name, SAVED)
    assert names(tmp_path) == ["pipe"]


def test_nothing_is_left_where_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "plan.json"
    path.write_text("older")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RtcctlError, match="No space left on device"):
        file.write(path, SAVED)
    assert names(tmp_path) == ["plan.json"]
    assert path.read_text() == "older"


def test_every_byte_counts():
    text = file.dumps(saved(Plan()))
    meaning = json.loads(text)
    for position, was in enumerate(text):
        for change in (1, 32):
            edited = text[:position] + chr(ord(was) ^ change) + text[position + 1 :]
            try:
                found = file.loads(edited)
            except (UsageError, StalePlanError):
                continue
            assert json.loads(edited) == meaning
            assert file.dumps(found) == text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b"[]",
        b"null",
        b"kind: plan-file",
        b'{"kind": "plan", "format_version": 1}',
        b"[" * 100_000,
        b'{"kind": "plan-file", "a": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "binary", "object", "list", "null", "yaml", "printed", "deep", "huge"],
)
def test_what_is_no_plan_file_says_so(tmp_path, content):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        file.read(path)
    assert raised.value.message == f"{path}: it is not a plan file"
    assert "plan --out" in raised.value.mend


def test_a_file_too_deep_to_be_checked_is_refused():
    for depth in range(200, 1200, 20):
        deep = '{"kind": "plan-file", "format_version": 2, "a": ' + "[" * depth + "]" * depth + "}"
        with pytest.raises((UsageError, StalePlanError)):
            file.loads(deep)


def test_what_can_not_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        file.read(tmp_path / "plan.json")
    with pytest.raises(UsageError, match="Is a directory"):
        file.read(tmp_path)


def test_a_file_larger_than_any_plan_is_not_taken_in(tmp_path, monkeypatch):
    monkeypatch.setattr(file, "LARGEST", 10)
    (tmp_path / "plan.json").write_text(" " * 11)
    with pytest.raises(UsageError, match="larger than any plan file"):
        file.read(tmp_path / "plan.json")


def resigned(document: dict[str, object]) -> str:
    document.pop("digest", None)
    return json.dumps({**document, "digest": file._digest(document)})


@pytest.mark.parametrize("version", [0, 1, "2", None])
def test_another_format_version_is_refused(tmp_path, version):
    path = tmp_path / "plan.json"
    path.write_text(resigned({**json.loads(file.dumps(SAVED)), "format_version": version}))
    with pytest.raises(StalePlanError) as raised:
        file.read(path)
    assert raised.value.message == f"{path}: its format_version is {version!r}, this rtcctl reads 2"
    assert raised.value.exit_code == 5


@pytest.mark.parametrize(
    "change",
    [
        {"accounts": []},
        {"accounts": [{"name": "a"}]},
        {"accounts": [{**json.loads(file.dumps(SAVED))["accounts"][0], "region": "x"}]},
        {"plan": {}},
        {"plan": []},
        {"plan": None},
    ],
)
def test_members_that_are_missing_or_wrong_are_refused(change):
    with pytest.raises(StalePlanError, match="a member is missing or of the wrong type"):
        file.loads(resigned({**json.loads(file.dumps(SAVED)), **change}))


def test_an_edited_file_is_refused(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(file.dumps(SAVED).replace('"it hurts"', '"it is nothing"'))
    with pytest.raises(StalePlanError, match="edited after it was written"):
        file.read(path)


def test_a_literal_secret_is_named_by_its_line():
    literal = callback(key=Secret("fake-key-0123456789abcdef0123456789", "manifest"))
    with pytest.raises(ManifestError) as raised:
        file.check_no_literal_secret(desired(literal))
    [found] = raised.value.diagnostics
    assert str(found.place) == "rtc.yaml:3:3"
    assert found.message == "auth_key of RecordCallback/a stands in the manifest, and a plan file holds no secret"
    assert "${env:NAME}" in found.mend


@pytest.mark.parametrize(
    "secret",
    [None, Secret("fake", "env:KEY"), Secret("fake", "file:key"), Secret("", "env:KEY"), Secret("", "manifest")],
)
def test_references_and_empty_texts_are_no_literal_secrets(secret):
    file.check_no_literal_secret(desired(callback(key=secret)))
