"""A first manifest validates, is in canonical form, and overwrites nothing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import get_args

import pytest

from rtcctl import manifest
from rtcctl.errors import UsageError
from rtcctl.model.resource import Desired
from rtcctl.model.values import get
from rtcctl.operations import beginning
from rtcctl.operations.first_manifest import KEY, NO_PROJECT, PROJECT_ID, Answers, Recording
from rtcctl.schema import load as schema

FULL = Answers("a", "mixed", "bucket", "cn-north-4", "1234", "https://example.com/cb?x=1", "room", "user")
KEYS = {KEY: "k" * 32}


def read(text: str, environ: dict[str, str] | None = None) -> Desired:
    return manifest.load(("-",), stdin=text.encode, environ=KEYS if environ is None else environ, cwd=Path())


@pytest.mark.parametrize(
    ("recording", "project_id", "url"),
    list(itertools.product(get_args(Recording), ("", "0123"), ("", "http://example.com/cb"))),
)
def test_every_combination_validates_without_a_warning(recording, project_id, url):
    found = read(beginning.compose(Answers("a", recording, "bucket", "cn-north-4", project_id, url)))
    assert found.warnings == ()
    kinds = {address.kind for address in found.resources}
    assert ("RecordCallback" in kinds) == bool(url)
    assert ("RecordRule" in kinds) == ("BucketAuthorization" in kinds) == (recording != "none")
    assert ("AutoRecordMode" in kinds) == (recording == "automatic")
    assert ("MixStreamJob" in kinds) == (recording == "mixed")
    assert ("IndividualStreamJob" in kinds) == (recording == "single")


def test_the_project_id_is_the_environment_s_unless_it_is_given():
    text = beginning.compose(Answers("a", "automatic", "bucket", "cn-north-4"))
    for environ, expected in (({}, NO_PROJECT), ({PROJECT_ID: "77"}, "77")):
        rules = [each for each in read(text, environ).resources.values() if each.address.kind == "RecordRule"]
        assert get(rules[0].members, ("obs_addr", "project_id")) == expected


def test_the_key_is_a_variable_and_the_schema_is_named():
    text = beginning.compose(FULL)
    assert text.startswith("# yaml-language-server: $schema=manifest.schema.json\n")
    assert f"auth_key: ${{env:{KEY}}}" in text


@pytest.mark.parametrize("word", ["yes", "null", "12", "1e5", "a: b", "# x", "[x", "'", '"', "é", "off"])
def test_texts_that_yaml_would_read_otherwise_are_quoted(word):
    found = read(beginning.compose(Answers("a", "automatic", word, "cn-north-4", word)))
    [rule] = [each for each in found.resources.values() if each.address.kind == "RecordRule"]
    assert get(rule.members, ("obs_addr", "bucket")) == word
    assert get(rule.members, ("obs_addr", "project_id")) == word


def test_what_makes_no_manifest_is_refused():
    with pytest.raises(UsageError, match="no manifest can be made of that"):
        beginning.compose(Answers("a", "automatic", "bucket", "mars-1"))


@pytest.mark.parametrize(
    ("folder", "name"),
    [("my-app", "my-app"), ("My App!", "My-App"), ("---", "rtc"), ("/", "rtc"), ("x" * 80, "x" * 63)],
)
def test_a_folder_s_name_becomes_an_app_s(folder, name):
    assert beginning.default_name(Path(folder)) == name


def test_a_bucket_is_named_after_the_app_in_small_letters():
    assert beginning.default_bucket("My_App") == "my-app-recordings"
    assert beginning.default_bucket("___") == "rtc-recordings"


@pytest.mark.parametrize(
    ("what", "good", "bad"),
    [
        ("name", "a.b-c_1", "a b"),
        ("bucket", "b", ""),
        ("callback_url", "https://example.com", "ftp://example.com"),
        ("callback_url", "https://example.com", "https://${env:X}"),
        ("room", "room_1", "room 1"),
        ("user", "u-1", "x" * 65),
        ("bucket", "b", "a\x1bb"),
    ],
)
def test_answers_are_judged_by_the_declarations(what, good, bad):
    assert beginning.problem(what, good) == ""
    assert beginning.problem(what, bad)


def test_the_schema_stands_beside_the_manifest(tmp_path):
    (tmp_path / "conf").mkdir()
    written = beginning.write(tmp_path, Path("conf/rtc.yaml"), "text")
    assert written == (Path("conf/rtc.yaml"), Path("conf/manifest.schema.json"))
    assert (tmp_path / "conf/rtc.yaml").read_text() == "text"
    assert (tmp_path / "conf/manifest.schema.json").read_text()
    assert schema("manifest")["title"] == "rtcctl manifest"


def test_a_schema_that_is_there_stays(tmp_path):
    (tmp_path / "manifest.schema.json").write_text("mine")
    assert beginning.write(tmp_path, Path("rtc.yaml"), "text") == (Path("rtc.yaml"),)
    assert (tmp_path / "manifest.schema.json").read_text() == "mine"


def test_a_manifest_that_is_there_stays(tmp_path):
    (tmp_path / "rtc.yaml").write_text("mine")
    with pytest.raises(UsageError, match=r"rtc\.yaml exists already"):
        beginning.write(tmp_path, Path("rtc.yaml"), "text")
    assert (tmp_path / "rtc.yaml").read_text() == "mine"


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(UsageError, match=r"can't write no/rtc\.yaml: No such file or directory"):
        beginning.write(tmp_path, Path("no/rtc.yaml"), "text")
