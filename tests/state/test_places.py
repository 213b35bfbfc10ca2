"""From the words of a backend to the place, and what is said of words that name none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rtcctl.errors import CredentialsError, ExitCode, UsageError
from rtcctl.state import places
from rtcctl.state.folder import FolderState
from rtcctl.state.objects import ObjectState
from rtcctl.state.postgres import PostgresState
from rtcctl.state.store import Store

from .support import BINDING

KEYS = {"AWS_ACCESS_KEY_ID": "FAKEACCESSKEY0000000", "AWS_SECRET_ACCESS_KEY": "fake-object-store-secret"}


def find(backend: str, environ: dict[str, str] | None = None, endpoint: str = "") -> Store:
    return places.find(backend, Path("/base"), BINDING, KEYS if environ is None else environ, endpoint=endpoint)


@pytest.mark.parametrize(("backend", "root"), [(".rtcctl/", "/base/.rtcctl"), ("/abs", "/abs"), ("c:x", "/base/c:x")])
def test_a_folder_is_relative_to_where_the_run_is(backend: str, root: str) -> None:
    state = find(backend)
    assert isinstance(state, FolderState)
    assert state.place == f"{root}/classroom/default.state.json"


@pytest.mark.parametrize(
    ("backend", "place"),
    [
        ("s3://bucket", "s3://bucket/classroom/default.state.json"),
        ("s3://bucket/", "s3://bucket/classroom/default.state.json"),
        ("S3://my.bucket-1/some/pre.fix/", "s3://my.bucket-1/some/pre.fix/classroom/default.state.json"),
    ],
)
def test_object_storage(backend: str, place: str) -> None:
    state = find(backend)
    assert isinstance(state, ObjectState)
    assert state.place == place


@pytest.mark.parametrize(
    "backend",
    ["s3://", "s3://u:fake-pw@bucket/x", "s3://ab", "s3://bucket//x", "s3://bucket/../x", "s3://bucket/a?fake-pw"],
)
def test_a_malformed_s3_url_is_refused_and_not_shown(backend: str) -> None:
    with pytest.raises(UsageError, match="s3:// URL is malformed") as caught:
        find(backend)
    assert "fake-pw" not in caught.value.message + caught.value.mend


@pytest.mark.parametrize("missing", [*KEYS, None])
def test_object_storage_without_credentials_names_their_variables(missing: str | None) -> None:
    environ = {name: value for name, value in KEYS.items() if missing not in (name, None)}
    with pytest.raises(CredentialsError) as caught:
        find("s3://bucket", environ)
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in caught.value.mend
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "endpoint", "expected"),
    [
        ({}, "", {"region": "us-east-1"}),
        ({"AWS_REGION": "r1", "AWS_DEFAULT_REGION": "r2"}, "", {"region": "r1"}),
        ({"AWS_DEFAULT_REGION": "r2", "AWS_SESSION_TOKEN": "fake"}, "", {"region": "r2", "session_token": "fake"}),
        ({}, "https://h.example", {"endpoint": "https://h.example", "virtual_hosted_style_request": "false"}),
        (
            {"AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "True"},
            "https://h.example:9",
            {"endpoint": "https://bucket.h.example:9", "virtual_hosted_style_request": "true"},
        ),
        (
            {},
            "https://obs.cn-north-4.myhuaweicloud.com",
            {
                "endpoint": "https://bucket.obs.cn-north-4.myhuaweicloud.com",
                "aws_endpoint_url_s3": "https://bucket.obs.cn-north-4.myhuaweicloud.com",
            },
        ),
    ],
)
def test_what_the_object_store_is_told(
    environ: dict[str, str], endpoint: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr("rtcctl.state.objects.ObjectState", lambda *arguments: told.update(arguments[2]))
    find("s3://bucket", {**KEYS, **environ}, endpoint)
    assert told.items() >= expected.items()


def test_a_database() -> None:
    state = find("PostgreSQL://u:fake-pw@db.example:6432/state")
    assert isinstance(state, PostgresState)
    assert state.place == "postgresql://db.example:6432/state (classroom/default)"


@pytest.mark.parametrize("scheme", ["ftp", "https", "postgres", "file"])
def test_another_scheme_is_refused_with_those_that_are_known(scheme: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(f"{scheme}://u:fake-pw@h/x")
    assert caught.value.message == f"a state can't be kept at {scheme}://…"
    assert caught.value.mend == f"name {places.KNOWN}"
    assert caught.value.exit_code == ExitCode.INVALID
