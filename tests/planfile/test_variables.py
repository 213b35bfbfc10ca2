"""Secrets of a saved plan are looked up where the manifest found them, by the manifest's own rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtcctl.errors import Place, UsageError
from rtcctl.manifest.interpolation import LARGEST_FILE
from rtcctl.model.values import Secret
from rtcctl.planfile.values import Unresolved
from rtcctl.planfile.variables import Variables

PLACE = Place("live/a.yaml", 7, 3)


def found(folder: Path, origin: str, **environ: str) -> Secret:
    return Variables(environ, folder).secret(Unresolved(origin), "auth_key of RecordCallback/a", PLACE)


def test_a_variable_is_read_from_the_environment(tmp_path):
    secret = found(tmp_path, "env:KEY", KEY="fake-key")
    assert (secret.reveal(), secret.origin) == ("fake-key", "env:KEY")


def test_a_file_is_read_without_its_last_line_break(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "one").write_text("fake-key\n")
    secret = found(tmp_path, "file:keys/one")
    assert (secret.reveal(), secret.origin) == ("fake-key", "file:keys/one")


@pytest.mark.parametrize("origin", ["env:EMPTY", "file:empty"])
def test_what_is_empty_now_is_refused_for_it_would_take_the_key_away(tmp_path, origin):
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(UsageError, match="is empty") as caught:
        found(tmp_path, origin, EMPTY="")
    assert "taken away" in caught.value.mend


def test_a_secret_that_is_known_stays(tmp_path):
    secret = Secret("fake-key", "env:KEY")
    assert Variables({"KEY": "another"}, tmp_path).secret(secret, "it", None) is secret


def test_a_missing_variable_is_named_with_its_place(tmp_path):
    with pytest.raises(UsageError) as raised:
        found(tmp_path, "env:KEY")
    assert raised.value.message == "variable KEY is not set; auth_key of RecordCallback/a (live/a.yaml:7:3) needs it"
    assert raised.value.mend == "nothing was changed; set KEY"


def test_without_a_place_none_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"^variable KEY is not set; it needs it$"):
        Variables({}, tmp_path).secret(Unresolved("env:KEY"), "it", None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "file key can't be read: no such file or directory"),
        (b"\xff", "file key does not hold UTF-8 text"),
        (b"x" * (LARGEST_FILE + 1), "file key is larger than 64 KiB"),
    ],
)
def test_a_file_that_can_not_be_used_is_named(tmp_path, content, message):
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError) as raised:
        found(tmp_path, "file:key")
    assert raised.value.message == f"{message}; auth_key of RecordCallback/a (live/a.yaml:7:3) needs it"
    assert "the path starts at the current directory" in raised.value.mend


def test_a_variable_that_is_no_text_is_named(tmp_path):
    with pytest.raises(UsageError, match="variable KEY does not hold UTF-8 text"):
        found(tmp_path, "env:KEY", KEY="\udcff")


def test_a_text_is_filled_in_as_in_the_manifest(tmp_path):
    variables = Variables({"STATE": "states", "EMPTY": ""}, tmp_path)
    assert variables.text("plain") == "plain"
    assert variables.text("${env:STATE}/${env:EMPTY:-one}") == "states/one"


def test_a_text_with_a_missing_variable_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="variable STATE is not set"):
        Variables({}, tmp_path).text("${env:STATE}")
