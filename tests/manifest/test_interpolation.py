"""Variables and files in texts of spec, and where what they gave came from."""

from __future__ import annotations

import pytest

from rtcctl.manifest.interpolation import LARGEST_FILE, Filled
from rtcctl.model.address import Address
from rtcctl.model.values import Secret
from tests.manifest.loading import APP, faults, file_faults, load_files, load_text

CALLBACK = Address("RecordCallback", "a")
ENVIRON = {"HOST": "h.example", "EMPTY": "", "KEY": "k" * 32, "BAD": "\udcff", "DOLLAR": "${env:HOST}"}


def callback(url: str = "https://a.example", key: str | None = None) -> str:
    """Quote both texts in single quotes."""
    auth_key = "" if key is None else f"    auth_key: '{key}'\n"
    return f"{APP}  record_callback:\n    url: '{url}'\n{auth_key}"


def url(text: str) -> object:
    return load_text(callback(f"https://{text}"), ENVIRON).resources[CALLBACK].members["url"]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${env:HOST}", "h.example"),
        ("${env:HOST}:80/${env:HOST}", "h.example:80/h.example"),
        ("${env:NONE:-x.example}", "x.example"),
        ("${env:EMPTY:-x.example}", "x.example"),
        ("${env:HOST:-x.example}", "h.example"),
        ("${env:NONE:-}x", "x"),
        ("x${env:EMPTY}", "x"),
        ("${env:NONE:-a:-b}", "a:-b"),
        ("$${env:HOST}", "${env:HOST}"),
        ("$$${env:HOST}", "$${env:HOST}"),
        ("$HOST/$/{x}", "$HOST/$/{x}"),
        ("${env:DOLLAR}", "${env:HOST}"),
        ("$${x}${env:HOST}", "${x}h.example"),
    ],
)
def test_texts_are_filled_in(text, filled):
    assert url(text) == f"https://{filled}"
    assert type(url(text)) is str


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${env:NONE}", "variable NONE is not set"),
        ("${env:BAD}", "variable BAD does not hold UTF-8 text"),
        ("${HOST}", "this ${ does not begin a variable"),
        ("${env:}", "this ${ does not begin a variable"),
        ("${env:1A}", "this ${ does not begin a variable"),
        ("${env:A B}", "this ${ does not begin a variable"),
        ("${env:HOST", "this ${ does not begin a variable"),
        ("${file:}", "this ${ does not begin a variable"),
        ("${vault:x}", "this ${ does not begin a variable"),
        ("${}", "this ${ does not begin a variable"),
    ],
)
def test_what_can_not_be_filled_in(text, said):
    (problem,) = faults(callback(f"https://{text}"), ENVIRON)
    assert problem.message.endswith(said)
    assert str(problem.place) == "<stdin>:6:10"
    assert problem.mend


def test_each_missing_variable_is_told_of():
    problems = faults(callback("https://${env:ONE}/${env:TWO}", "${env:THREE}"))
    assert [problem.message.rpartition("variable ")[2] for problem in problems] == [
        "ONE is not set",
        "TWO is not set",
        "THREE is not set",
    ]


def test_a_file_is_found_beside_the_manifest(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "key").write_text("0" * 32 + "\r\n")
    (tmp_path / "deep" / "a.yaml").write_text(callback(key="${file:key}"))
    key = load_files(tmp_path, "deep/a.yaml").resources[CALLBACK].members["auth_key"]
    assert isinstance(key, Secret)
    assert (key.reveal(), key.origin) == ("0" * 32, "file:deep/key")


def test_a_file_of_standard_input_is_found_in_the_current_directory(tmp_path):
    (tmp_path / "key").write_text("0" * 32 + "\n\n")
    found = load_text(callback(key="${file:key}"), cwd=tmp_path)
    key = found.resources[CALLBACK].members["auth_key"]
    assert isinstance(key, Secret)
    assert key.reveal() == "0" * 32 + "\n"


def test_an_absolute_file(tmp_path):
    (tmp_path / "host").write_text("h.example")
    found = load_text(callback(f"https://${{file:{tmp_path}/host}}"))
    assert found.resources[CALLBACK].members["url"] == "https://h.example"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff", "file key does not hold UTF-8 text"),
        (b"x" * (LARGEST_FILE + 1), "file key is larger than 64 KiB"),
        (None, "file key can't be read: no such file or directory"),
    ],
)
def test_files_that_can_not_be_used(tmp_path, content, said):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    (tmp_path / "a.yaml").write_text(callback(key="${file:key}"))
    (problem,) = file_faults(tmp_path, "a.yaml")
    assert problem.message == said
    assert str(problem.place) == "a.yaml:7:15"


def test_a_file_whose_name_holds_a_zero():
    (problem,) = faults(f'{APP}  app_name: "${{file:a\\0b}}"\n')
    assert "can't be read" in problem.message or "does not hold" in problem.message


@pytest.mark.parametrize(
    ("key", "origin"),
    [
        ("${env:KEY}", "env:KEY"),
        ("${env:KEY:-other}", "env:KEY"),
        ("k", "manifest"),
        ("$${KEY}", "manifest"),
        ("${env:NONE:-default}", "manifest"),
        ("${env:KEY}x", "manifest"),
        ("${env:KEY}${env:HOST}", "manifest"),
    ],
)
def test_where_a_secret_came_from(key, origin):
    secret = load_text(callback(key=key), ENVIRON).resources[CALLBACK].members["auth_key"]
    assert isinstance(secret, Secret)
    assert secret.origin == origin


def test_an_empty_secret_is_not_set():
    for key in ("", "${env:EMPTY}"):
        resource = load_text(callback(key=key), ENVIRON).resources[CALLBACK]
        assert "auth_key" not in resource.members
        assert ("auth_key",) not in resource.places


def test_variables_are_read_in_spec_alone():
    (problem,) = faults(APP.replace("{name: a}", "{name: '${env:HOST}'}") + "  state: ACTIVATION\n", ENVIRON)
    assert "is no name" in problem.message


def test_what_follows_from_a_missing_variable_is_not_told():
    text = f"{APP}  app_name: ${{env:NONE}}\n  state: ${{env:NONE}}\n"
    assert [problem.message.rpartition(": ")[2] for problem in faults(text)] == ["variable NONE is not set"] * 2


def test_what_was_filled_in_is_not_shown():
    (problem,) = faults(f"{APP}  state: ${{env:KEY}}\n", ENVIRON)
    assert "kkk" not in problem.message + problem.mend + problem.source


def test_a_filled_text_is_a_text():
    text = Filled("a", "env:A")
    assert text == "a"
    assert (text.origin, text.known) == ("env:A", True)
