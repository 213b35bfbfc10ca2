"""Where credentials are found, in which order, and what is said where they are not. Never a value."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from huaweicloudsdkcore.auth.provider import ProfileCredentialProvider
from msgspec.structs import replace

from rtcctl.api import credentials
from rtcctl.api.credentials import AkSkCredentials, PasswordCredentials, TokenCredentials, find
from rtcctl.errors import CredentialsError, ExitCode
from rtcctl.model.values import Secret

TOKEN = {"RTCCTL_TOKEN": "fake-token"}
KEYS = {
    "HUAWEICLOUD_SDK_AK": "FAKEAK",
    "HUAWEICLOUD_SDK_SK": "fake-sk",
    "HUAWEICLOUD_SDK_PROJECT_ID": "fake-project",
}
USER = {"RTCCTL_USERNAME": "alice", "RTCCTL_PASSWORD": "fake-password", "RTCCTL_DOMAIN": "acme"}
VALUES = ("fake-", "FAKEAK", "alice", "acme")


def failure(environ: dict[str, str], prefix: str = "") -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        find(environ, prefix)
    assert caught.value.exit_code is ExitCode.NOT_ALLOWED
    assert not any(value in f"{caught.value.message} {caught.value.mend}" for value in VALUES)
    assert caught.value.__cause__ is None
    return caught.value


def credentials_file(folder: Path, text: str) -> Path:
    path = folder / "credentials"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_token_comes_first() -> None:
    assert find({**USER, **KEYS, **TOKEN}) == TokenCredentials(Secret("fake-token", ""))


def test_keys_come_before_the_file_and_the_user(tmp_path: Path) -> None:
    path = credentials_file(tmp_path, "[basic]\nak = B\nsk = b\nproject_id = c\n")
    found = find({**USER, **KEYS, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)})
    assert found == AkSkCredentials("FAKEAK", Secret("fake-sk", ""), "fake-project")


def test_temporary_keys_bring_a_security_token() -> None:
    found = find({**KEYS, "HUAWEICLOUD_SDK_SECURITY_TOKEN": "fake-security"})
    assert isinstance(found, AkSkCredentials)
    assert found.security_token == Secret("fake-security", "")
    assert found.describe().startswith("temporary AK/SK from HUAWEICLOUD_SDK_AK,")


def test_the_file_comes_before_the_user(tmp_path: Path) -> None:
    path = credentials_file(tmp_path, "[basic]\nAK = FAKEAK\nsk = fake-sk\nproject_id: fake-project\n")
    found = find({**USER, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)})
    assert found == AkSkCredentials("FAKEAK", Secret("fake-sk", ""), "fake-project", source=str(path))
    assert found.describe() == f"AK/SK from {path}"


def test_a_user_comes_last() -> None:
    found = find({**USER, "HUAWEICLOUD_SDK_PROJECT_ID": "ignored"})
    assert found == PasswordCredentials("alice", Secret("fake-password", ""), "acme")


@pytest.mark.parametrize(
    ("environ", "identity", "words"),
    [
        (TOKEN, {}, "a token from RTCCTL_TOKEN"),
        (
            KEYS,
            {"project_id": "fake-project"},
            "AK/SK from HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, HUAWEICLOUD_SDK_PROJECT_ID",
        ),
        (
            USER,
            {"domain": "acme"},
            "an IAM user with password from RTCCTL_USERNAME, RTCCTL_PASSWORD, RTCCTL_DOMAIN",
        ),
    ],
)
def test_identity_and_description(environ: dict[str, str], identity: dict[str, str], words: str) -> None:
    found = find(environ)
    assert found.identity == identity
    assert found.describe() == words
    assert "fake-sk" not in repr(found)
    assert "fake-password" not in repr(found)
    assert "FAKEAK" not in repr(found)


@pytest.mark.parametrize("environ", [TOKEN, KEYS, USER])
def test_a_prefix_reads_other_names(environ: dict[str, str]) -> None:
    found, without = find({f"EDU_{name}": value for name, value in environ.items()}, "EDU"), find(environ)
    assert replace(found, source=without.source) == without
    assert all(name.startswith("EDU_") for name in found.source.split(", "))
    error = failure(environ, "EDU")
    assert "prefix EDU" in error.message
    assert "EDU_RTCCTL_TOKEN" in error.mend


def test_the_usual_file_is_not_used_for_a_prefix(tmp_path: Path) -> None:
    (tmp_path / ".huaweicloud").mkdir()
    credentials_file(tmp_path / ".huaweicloud", "[basic]\nak = FAKEAK\nsk = fake-sk\nproject_id = fake-project\n")
    for name in ("HOME", "USERPROFILE"):
        found = find({name: str(tmp_path)})
        assert found == replace(find(KEYS), source=found.source)
        assert found.source.startswith(str(tmp_path))
    failure({"HOME": str(tmp_path)}, "EDU")


def test_the_usual_file_may_be_missing_or_about_something_else(tmp_path: Path) -> None:
    assert find({**USER, "HOME": str(tmp_path)}) == find(USER)
    (tmp_path / ".huaweicloud").mkdir()
    credentials_file(tmp_path / ".huaweicloud", "[global]\nak = FAKEAK\nsk = fake-sk\n")
    assert find({**USER, "HOME": str(tmp_path)}) == find(USER)


def test_none_at_all_names_the_three_ways() -> None:
    error = failure({"PATH": "/bin"})
    for name in ("RTCCTL_TOKEN", "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_CREDENTIALS_FILE", "RTCCTL_PASSWORD"):
        assert name in error.mend


@pytest.mark.parametrize("environ", [KEYS, USER])
def test_what_is_missing_is_named(environ: dict[str, str]) -> None:
    for name in list(environ)[1:]:
        error = failure({**environ, name: " "})
        assert f"not {name}" in error.message
        assert name in error.mend


def test_a_secret_key_alone_is_incomplete() -> None:
    error = failure({"HUAWEICLOUD_SDK_SK": "fake-sk", **USER})
    assert "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_PROJECT_ID" in error.message


def test_blanks_around_a_value_are_dropped_but_not_around_a_password() -> None:
    assert find({"RTCCTL_TOKEN": " fake-token\n"}) == find(TOKEN)
    found = find({**USER, "RTCCTL_PASSWORD": " fake-password "})
    assert isinstance(found, PasswordCredentials)
    assert found.password.reveal() == " fake-password "


@pytest.mark.parametrize("value", ["fake-to ken", "fake-to\nken", "fake-tökn", "fake-\x00", "fake-\udc80"])
def test_what_no_header_can_carry_is_refused_at_once(value: str) -> None:
    assert "RTCCTL_TOKEN" in failure({"RTCCTL_TOKEN": value}).message
    for name in (*KEYS, "HUAWEICLOUD_SDK_SECURITY_TOKEN"):
        assert name in failure({**KEYS, name: value}).message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[basic]\nak = FAKEAK\n", "sk and project_id not set"),
        ("[basic]\nak = FAKEAK\nsk = fake-sk\n", "project_id not set"),
        ("[global]\nak = FAKEAK\n", "no section [basic]"),
        ("fake-sk without any section\n", "not an INI file"),
        ("[basic]\nfake-sk\n", "not an INI file"),
        ("[basic]\nak = FAKEAK\nsk = fake-%s\nproject_id = p\n", "single %"),
        ("[basic]\nak = FAKE AK\nsk = fake-sk\nproject_id = p\n", "ak in"),
    ],
)
def test_a_broken_file_is_named_without_its_content(tmp_path: Path, text: str, words: str) -> None:
    path = credentials_file(tmp_path, text)
    error = failure({**USER, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)})
    assert words in error.message
    assert str(path) in error.message


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    error = failure({**USER, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path / "none")})
    assert "HUAWEICLOUD_SDK_CREDENTIALS_FILE" in error.message
    assert "does not exist" in error.message
    assert "can't be read" in failure({**USER, "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path)}).message


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "credentials"
    path.write_bytes(b"[basic]\nak = \xff\n")
    assert "not an INI file" in failure({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)}).message


def test_the_file_is_read_as_the_official_sdk_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[DEFAULT]\nproject_id = shared\n[basic]\nak = FAKEAK\nsk = fake%%sk\nsecurity_token = fake-security\n"
    path = credentials_file(tmp_path, text)
    monkeypatch.setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", str(path))
    official = ProfileCredentialProvider.get_basic().get_credentials()
    found = find({"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(path)})
    assert isinstance(found, AkSkCredentials)
    assert found.security_token
    assert (official.ak, official.sk, official.project_id, official.security_token) == (
        found.access_key,
        found.secret_key.reveal(),
        found.project_id,
        found.security_token.reveal(),
    )


def test_looking_for_credentials_does_not_load_httpx() -> None:
    program = f"import sys, {credentials.__name__}; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
