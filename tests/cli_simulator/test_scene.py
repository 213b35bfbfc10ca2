"""`rtcctl simulator join|leave|room|clock|fail|variants`, served and on a data file; and `rtcctl recordings`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rtcctl.simulator import ACCOUNT

from .running import EXAMPLE, line_with, rtcctl, started

DEMO = EXAMPLE.with_name("demo.yaml")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A simulator with a virtual clock, to which Example 2 was applied."""
    with started("simulator", "serve", "--port", "0", "--clock", "virtual", "--deliver-callbacks", "none") as process:
        found = line_with(process.stdout, "SparkRTC simulator").split()[-1]
        for name, value in {
            "RTCCTL_ENDPOINT": found,
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": found,
            "HUAWEICLOUD_SDK_AK": ACCOUNT.access_key,
            "HUAWEICLOUD_SDK_SK": ACCOUNT.secret_key,
            "HUAWEICLOUD_SDK_PROJECT_ID": ACCOUNT.project_id,
            "RTCCTL_STATE": str(tmp_path / "state"),
        }.items():
            monkeypatch.setenv(name, value)
        assert rtcctl("apply", "-f", str(DEMO), "--auto-approve") == 0
        yield found


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What a command prints on stdout, or on stderr when it fails."""
    capsys.readouterr()
    assert rtcctl(*arguments) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--output", "json"))


def test_users_come_and_go_until_the_job_ends_and_its_file_is_listed(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(capsys, "simulator", "join", "room001", "alice", "bob", "--screen")
    assert out.splitlines() == [
        "alice joined room001 as joiner, sending camera, screen, audio.",
        "bob joined room001 as joiner, sending camera, screen, audio.",
    ]
    assert "player, sends nothing" in said(capsys, "simulator", "join", "room001", "carla", "--role", "player") + said(
        capsys, "simulator", "room", "room001"
    )
    said(capsys, "simulator", "clock", "--advance", "10m")
    out = said(capsys, "simulator", "room")
    assert "rtctest/room001: 3 users" in out
    assert "mixed stream, RUNNING" in out
    assert said(capsys, "simulator", "leave", "room001", "alice", "bob", "carla").endswith("carla left room001.\n")
    assert "(virtual clock)" in said(capsys, "simulator", "clock", "--advance", "30s")
    (room,) = as_json(capsys, "simulator", "room", "--app", "rtctest")
    (job,) = room["jobs"]
    assert (room["users"], job["stop_reason"]) == ([], "EXCEED_MAX_IDLE_TIME")

    for selection in (
        [],
        ["App/rtctest"],
        ["MixStreamJob/rtctest/room001"],
        ["--app", "rtctest"],
        ["--room", "room001"],
    ):
        found = as_json(capsys, "recordings", "-f", str(DEMO), *selection)
        (file,) = found["files"]
        assert f"m_{job['job_id']}_room001_" in file["file_name"]
        assert (file["app"], file["bucket"], file["size_kb"] > 0) == ("rtctest", "obsName", True)
        assert found["places"][0]["authorized"]
    assert as_json(capsys, "recordings", "-f", str(DEMO), "--room", "room002")["files"] == []
    out = said(capsys, "recordings", "-f", str(DEMO), "RecordRule/rtctest/default")
    assert out.startswith("obsName/Record/ (cn-north-4)\n  rtctest ")
    assert out.splitlines()[-1].startswith("1 file, ")


def test_bucket_that_is_not_authorized_is_named(url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    app_only = tmp_path / "app.yaml"
    documents = DEMO.read_text().split("---\n")
    app_only.write_text(documents[1].replace("obsName", "another"))
    found = said(capsys, "recordings", "-f", str(app_only))
    assert "the account lists no such bucket" in found
    body = {"bucket": "another", "location": "cn-north-4", "operation": 0}
    httpx.put(f"{url}/v2/rtc-ops/buckets/authentication", json=body, headers={"X-Auth-Token": token(url)})
    found = said(capsys, "recordings", "-f", str(app_only))
    assert "not authorized: SparkRTC can't write there" in found
    assert found.endswith("No recordings.\n")


def token(url: str) -> str:
    from tests.simulator.driver import token_request

    answer = httpx.post(f"{url}/v3/auth/tokens", json=token_request())
    return str(answer.headers["X-Subject-Token"])


def test_job_fails_on_request(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    (room,) = as_json(capsys, "simulator", "room")
    job_id = room["jobs"][0]["job_id"]
    assert said(capsys, "simulator", "fail", job_id) == f"The job {job_id} has failed.\n"
    assert "STOPPED INTERNAL_ERROR" in said(capsys, "simulator", "room")
    assert "the job is over" in said(capsys, "simulator", "fail", job_id, code=3)


def test_app_has_to_be_named_where_there_are_several(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    httpx.post(f"{url}/v2/apps", json={"app_name": "second"}, headers={"X-Auth-Token": token(url)})
    assert "name one with --app, for example of rtctest, second" in said(
        capsys, "simulator", "join", "room001", "alice", code=3
    )
    assert "alice joined" in said(capsys, "simulator", "join", "room001", "alice", "--app", "second")
    assert "no such app" in said(capsys, "simulator", "join", "room001", "alice", "--app", "third", code=3)


def test_embedded_simulator_is_acted_upon_by_its_data_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data = ("--simulator-data", str(tmp_path / "sim.db"))
    assert "there is no" in said(capsys, "simulator", "room", *data, code=3)
    assert rtcctl("apply", "-f", str(EXAMPLE), "--simulator", *data, "--auto-approve") == 0
    assert "alice joined room001" in said(capsys, "simulator", "join", "room001", "alice", *data)
    assert "rtctest/room001: 1 user\n" in said(capsys, "simulator", "room", *data)
    assert "(real clock)" in said(capsys, "simulator", "clock", *data)
    assert "virtual clock" in said(capsys, "simulator", "clock", "--advance", "5", *data, code=3)
    found = as_json(capsys, "recordings", "-f", str(EXAMPLE), "--simulator", *data)
    assert found["missing_apps"] == []


def test_nobody_answering_and_somebody_else_answering_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no simulator answers at http://127.0.0.1:9" in said(
        capsys, "simulator", "room", "--endpoint", "http://127.0.0.1:9", code=1
    )
    with started("callback", "listen", "--port", "0") as process:
        other = line_with(process.stderr, "Listening on").split()[2]
        found = said(capsys, "simulator", "room", "--endpoint", other, code=1)
    assert "is no simulator (405)" in found


def test_variants_are_listed_with_what_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert "masked-keys" in said(capsys, "simulator", "variants")
    assert as_json(capsys, "simulator", "variants")["masked-keys"]["what"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("simulator", "serve", "--variant", "masked-key"), "did you mean 'masked-keys'?"),
        (("simulator", "clock", "--advance", "soon"), "'soon' is not a time such as 30s, 5m or 12h"),
        (("recordings", "-f", str(DEMO), "Nothing"), "'Nothing' is not an address"),
        (("recordings", "-f", str(DEMO), "App/rtctest", "--app", "rtctest"), "exclude each other"),
        (("recordings", "-f", str(DEMO), "--simulator", "App/other"), "does not declare App/other"),
        (("recordings", "-f", str(DEMO), "--simulator", "--app", "other"), "it has rtctest"),
        (("recordings", "-f", str(DEMO), "--simulator", "RecordCallback/rtctest"), "makes no recordings"),
    ],
)
def test_usage_errors(
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in said(capsys, *arguments, code=3)


def test_recordings_of_an_app_that_is_not_there_yet_are_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "App rtctest is not in the account yet." in said(capsys, "recordings", "-f", str(DEMO), "--simulator")
