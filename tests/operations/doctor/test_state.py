"""The state is looked at without leaving a trace, wherever it is."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from rtcctl.errors import ExitCode, RtcctlError
from rtcctl.model.checkup import Check
from rtcctl.model.resource import Project
from rtcctl.operations.doctor import state as checks
from rtcctl.operations.settings import Settings
from rtcctl.state.folder import FolderState
from tests.state.places import Place
from tests.state.servers import ACCESS_KEY, BUCKET, SECRET_KEY
from tests.state.support import BINDING, full_ledger, lock_holder

URL = "https://rtc-api.example.com"
PROJECT = Project(name="classroom")


def looked(folder: Path, identity: dict[str, str] | None = None, **environ: str) -> dict[str, Check]:
    settings = Settings((), URL, environ=environ, folder=folder)
    found = asyncio.run(checks.state(settings, PROJECT, identity or {}))
    assert [each.name for each in found] == ["state", "state lock", "state writable"] or found[0].status == "failed"
    return {each.name: each for each in found}


@pytest.fixture
def kept(tmp_path: Path) -> FolderState:
    state = FolderState(tmp_path / ".rtcctl" / "classroom" / "default.state.json", BINDING)
    state.save(full_ledger())
    return state


def test_none_yet_is_well_and_none_is_made(tmp_path):
    found = looked(tmp_path)
    assert {each.status for each in found.values()} == {"ok"}
    assert found["state"].found == ".rtcctl/classroom/default.state.json: none yet, the first apply makes it"
    assert found["state writable"].found == ".rtcctl/classroom, which will be made"
    assert list(tmp_path.iterdir()) == []


def test_what_it_holds_is_told(tmp_path, kept):
    found = looked(tmp_path)
    assert found["state"].found.startswith(".rtcctl/classroom/default.state.json: 3 objects owned, serial 7")
    assert found["state writable"].found == ".rtcctl/classroom"


def test_what_a_run_that_was_cut_off_left_is_a_warning(tmp_path, kept):
    check = looked(tmp_path)["state"]
    assert (check.status, check.mend) == ("warning", "`rtcctl plan` settles it")
    assert check.found.endswith("a run that was cut off left 1 operation of unknown end")
    from msgspec.structs import replace

    kept.save(replace(full_ledger(), pending=()))
    assert looked(tmp_path)["state"].status == "ok"
    kept.begin(kept.load())
    assert looked(tmp_path)["state"].found.endswith("a run that was cut off left a journal")


def test_a_run_under_way_was_not_cut_off(tmp_path, kept):
    with lock_holder(kept.path.with_name(kept.path.name + ".lock")):
        found = looked(tmp_path)
    assert (found["state"].status, found["state lock"].status) == ("ok", "warning")
    assert found["state"].found.endswith("; a run is under way")


def test_a_file_is_no_place_for_a_state(tmp_path):
    (tmp_path / "kept").write_text("")
    check = looked(tmp_path, RTCCTL_STATE="kept")["state"]
    assert (check.status, check.found) == ("failed", "the state's place kept is a file, not a folder")


def test_a_local_state_on_a_runner_is_a_warning(tmp_path):
    assert "which most CI runners forget" in looked(tmp_path, CI="true")["state"].found


def test_a_state_of_somebody_else_is_a_failure(tmp_path, kept):
    assert looked(tmp_path, {"project_id": "0123"})["state"].status == "warning"
    check = looked(tmp_path, {"project_id": "9999"})["state"]
    assert (check.status, check.exit_code) == ("failed", ExitCode.FOREIGN)


def test_a_damaged_state_is_a_failure_and_the_rest_is_looked_at(tmp_path, kept):
    kept.path.write_text("{")
    found = looked(tmp_path)
    assert (found["state"].status, found["state"].exit_code) == ("failed", ExitCode.FOREIGN)
    assert found["state lock"].status == found["state writable"].status == "ok"


def test_the_holder_of_the_lock_is_named(tmp_path, kept):
    path = kept.path.with_name(kept.path.name + ".lock")
    with lock_holder(path) as process:
        check = looked(tmp_path)["state lock"]
        assert check.status == "warning"
        assert f"held by alice@{os.uname().nodename}, process {process.pid}" in check.found
        assert "the lock goes with its process" in check.mend


def test_a_folder_that_can_not_be_written_is_a_failure(tmp_path, kept, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    check = looked(tmp_path)["state writable"]
    assert (check.status, check.exit_code) == ("failed", ExitCode.FAILED)
    assert str(kept.path.parent) in check.found


def test_a_file_where_the_folder_should_be_is_a_failure(tmp_path):
    (tmp_path / ".rtcctl").write_text("")
    assert [each.status for each in looked(tmp_path).values()] == ["failed", "skipped", "skipped"]


def test_a_file_above_the_folder_is_a_failure(tmp_path):
    (tmp_path / ".rtcctl").mkdir()
    (tmp_path / ".rtcctl" / "classroom").write_text("")
    assert looked(tmp_path)["state writable"].status == "failed"


def test_a_folder_elsewhere_is_named_in_full(tmp_path):
    (tmp_path / "work").mkdir()
    found = looked(tmp_path / "work", RTCCTL_STATE=str(tmp_path / "kept"))
    assert found["state"].found.startswith(str(tmp_path / "kept" / "classroom"))


@pytest.mark.parametrize("backend", ["ftp://host/x", "s3://bucket/prefix", "s3://b/%"])
def test_a_place_that_can_not_be_opened_is_a_failure(tmp_path, backend):
    found = looked(tmp_path, RTCCTL_STATE=backend)
    assert found["state"].status == "failed"
    assert found["state lock"].status == found["state writable"].status == "skipped"


@pytest.fixture(params=["s3", "postgresql"])
def remote(request: pytest.FixtureRequest) -> tuple[Place, dict[str, str]]:
    """A remote place, and the variables that lead to it."""
    if request.param == "s3":
        url = request.getfixturevalue("endpoint")
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "RTCCTL_S3_ENDPOINT": url}
        return Place("s3", url, "classroom"), {**keys, "RTCCTL_STATE": f"s3://{BUCKET}/some/prefix"}
    url = request.getfixturevalue("database")
    return Place("postgresql", url, "classroom"), {"RTCCTL_STATE": url}


def test_a_remote_lock_is_taken_and_given_back(tmp_path, remote):
    place, environ = remote
    found = looked(tmp_path, **environ)
    assert found["state writable"].found == "its lock was taken and given back"
    assert place.open().holder() is None
    assert not any(SECRET_KEY in f"{each.found}{each.mend}" or "fake-p" in each.found for each in found.values())


def test_a_remote_lock_that_is_held_is_left_alone(tmp_path, remote):
    place, environ = remote
    with place.open().locked():
        found = looked(tmp_path, **environ)
        assert found["state lock"].status == "warning"
        assert "rtcctl state unlock -f FILE" in found["state lock"].mend
        assert found["state writable"].status == "skipped"


class Refusing:
    """A remote place whose lock can neither be looked at nor taken."""

    is_local = False
    place = "s3://bucket/x"

    def __init__(self, *, looking: bool) -> None:
        self.looking = looking

    def holder(self) -> None:
        if self.looking:
            raise RtcctlError("no such bucket", mend="make it")

    def locked(self) -> None:
        raise RtcctlError("not allowed to write", mend="allow it")


def test_a_remote_place_that_refuses_is_a_failure():
    looking, taking = Refusing(looking=True), Refusing(looking=False)
    assert checks._lock(looking).mend == "make it"  # type: ignore[arg-type]
    found = checks._writable(taking, Path(), is_held=False)  # type: ignore[arg-type]
    assert (found.status, found.found) == ("failed", "not allowed to write")


def test_a_place_that_never_answers_is_a_failure_in_time(tmp_path, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(checks, "_SECONDS", 0.01)
    monkeypatch.setattr(checks, "state_of", lambda *_: release.wait(20))
    found = looked(tmp_path)
    release.set()
    assert found["state"].found == "no answer from its place after 0.01 s"
    assert found["state lock"].status == found["state writable"].status == "skipped"
