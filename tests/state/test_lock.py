"""One run at a time: who holds the lock, since when, and that it goes with its process."""

from __future__ import annotations

import fcntl
import getpass
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rtcctl.errors import ExitCode, RtcctlError, StateLockedError
from rtcctl.state import lock

from .support import lock_holder


def refused(path: Path) -> StateLockedError:
    with pytest.raises(StateLockedError) as caught, lock.hold(path):
        raise AssertionError
    return caught.value


def test_a_lock_of_another_process_names_holder_and_time_and_exits_8(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    begun = datetime.now(UTC).replace(microsecond=0)
    with lock_holder(path) as process:
        error = refused(path)
        assert error.exit_code == ExitCode.LOCKED
        assert int(error.exit_code) == 8
        assert f"alice@{os.uname().nodename}, process {process.pid}, since " in error.message
        assert str(path) in error.message
        since = datetime.fromisoformat(error.message.partition("since ")[2].partition(" ")[0])
        assert begun <= since <= datetime.now(UTC)
        assert "wait for that run" in error.mend


def test_the_lock_of_a_process_that_ended_is_free(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with lock_holder(path):
        pass
    with lock.hold(path):
        pass


def test_the_lock_of_a_killed_process_is_free_and_its_name_is_not_shown_any_more(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with lock_holder(path) as process:
        process.kill()
        process.wait()
        with lock.hold(path):
            assert f"process {os.getpid()}" in refused(path).message


def test_the_lock_is_free_after_an_error_inside_the_block(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with pytest.raises(KeyError), lock.hold(path):
        raise KeyError
    with lock.hold(path):
        pass
    assert path.read_bytes() == b""


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"{}", b"\xff\xfe"])
def test_a_holder_that_can_not_be_read_is_another_run(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.lock"
    with lock.hold(path):
        path.write_bytes(content)
        assert "the state is locked by another run" in refused(path).message


def test_a_user_without_a_name_is_told_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    path = tmp_path / "x.lock"
    with lock.hold(path):
        assert f"locked by {os.getuid()}@" in refused(path).message


def test_a_lock_that_can_not_be_opened_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "x.lock").mkdir()
    with pytest.raises(RtcctlError, match="can't open the lock") as caught, lock.hold(tmp_path / "x.lock"):
        raise AssertionError
    assert caught.value.exit_code == ExitCode.FAILED


def test_a_file_system_without_locks_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(RtcctlError, match="No locks available") as caught, lock.hold(tmp_path / "x.lock"):
        raise AssertionError
    assert not isinstance(caught.value, StateLockedError)


def test_a_full_disk_is_one_clear_error_and_leaves_the_lock_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    path = tmp_path / "x.lock"
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(RtcctlError, match="No space left on device"), lock.hold(path):
            raise AssertionError
    with lock.hold(path):
        pass
