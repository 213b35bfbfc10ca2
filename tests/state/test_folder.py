"""The state file: replaced whole or not at all, durable, private, and refused when it is not what it should be."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from rtcctl.errors import ExitCode, ForeignStateError, RtcctlError, StateLockedError
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.state import codec, files

from .support import BINDING, KEY, folder_state, full_ledger


class Crash(BaseException):
    """The process dies here."""


def crash(*_: object, **__: object) -> None:
    raise Crash


def full_disk(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "classroom").iterdir()}


def test_an_absent_state_is_an_empty_ledger_of_a_new_lineage(tmp_path: Path) -> None:
    one, two = folder_state(tmp_path).load(), folder_state(tmp_path).load()
    assert one == Ledger(BINDING, one.lineage)
    assert len(one.lineage) == 32
    assert one.lineage != two.lineage
    assert not list(tmp_path.iterdir())


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    state.save(full_ledger())
    assert state.load() == full_ledger()
    assert names(tmp_path) == {"default.state.json"}


def test_the_version_before_stays_as_the_backup(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    for serial in (1, 2, 3):
        state.save(replace(full_ledger(), serial=serial))
    assert state.load().serial == 3
    assert codec.from_json(state.backup.read_text()).serial == 2
    assert names(tmp_path) == {"default.state.json", "default.state.json.backup"}


def test_state_and_backup_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    before = os.umask(0)
    try:
        state.save(full_ledger())
        state.save(full_ledger())
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (state.path, state.backup)} == {0o600}


def test_a_state_that_others_could_read_is_private_after_the_next_save(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    state.save(full_ledger())
    state.path.chmod(0o644)
    state.save(full_ledger())
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600


def test_the_file_is_flushed_before_it_takes_its_place_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = folder_state(tmp_path)
    state.path.parent.mkdir()
    seen: list[tuple[str, bool]] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        what = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        seen.append((what, state.path.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    state.save(full_ledger())
    assert seen == [("file", False), ("folder", True)]


@pytest.mark.parametrize("where", ["fsync", "link"])
def test_a_crash_before_the_rename_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    state = folder_state(tmp_path)
    state.save(replace(full_ledger(), serial=1))
    with monkeypatch.context() as patch:
        patch.setattr(os, where, crash)
        with pytest.raises(Crash):
            state.save(replace(full_ledger(), serial=2))
    assert state.load().serial == 1
    state.save(replace(full_ledger(), serial=3))
    assert state.load().serial == 3


def test_a_crash_between_backup_and_rename_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = folder_state(tmp_path)
    state.save(replace(full_ledger(), serial=1))
    real: Callable[[Path, Path], Path] = Path.replace

    def replacing(self: Path, target: Path) -> Path:
        if target == state.path:
            raise Crash
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replacing)
        with pytest.raises(Crash):
            state.save(replace(full_ledger(), serial=2))
    assert state.load().serial == 1
    assert codec.from_json(state.backup.read_text()).serial == 1


@pytest.mark.parametrize("locked", [False, True])
def test_folders_that_are_made_are_flushed_in_those_that_they_lie_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    state = folder_state(tmp_path / ".rtcctl")
    flushed: list[Path] = []
    real = files.flush_folder

    def watched(folder: Path) -> None:
        flushed.append(folder)
        real(folder)

    monkeypatch.setattr(files, "flush_folder", watched)
    if locked:
        with state.locked():
            pass
    state.save(full_ledger())
    assert flushed[:2] == [tmp_path, tmp_path / ".rtcctl"]
    assert set(flushed[2:]) == {state.path.parent}


def test_where_there_are_no_links_the_backup_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    state = folder_state(tmp_path)
    monkeypatch.setattr(os, "link", unknown)
    for serial in (1, 2, 3):
        state.save(replace(full_ledger(), serial=serial))
    assert state.load().serial == 3
    assert codec.from_json(state.backup.read_text()).serial == 2
    assert stat.S_IMODE(state.backup.stat().st_mode) == 0o600
    assert names(tmp_path) == {"default.state.json", "default.state.json.backup"}


def test_a_lock_whose_file_somebody_removed_is_not_held_any_more(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    with state.locked():
        assert state.is_held()
        state.path.with_name("default.state.json.lock").unlink()
        assert not state.is_held()


@pytest.mark.parametrize("where", ["fsync", "open"])
def test_a_failing_write_says_so_and_leaves_the_old_version_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    state = folder_state(tmp_path)
    state.save(replace(full_ledger(), serial=1))
    with monkeypatch.context() as patch:
        patch.setattr(os, where, full_disk)
        with pytest.raises(RtcctlError) as caught:
            state.save(replace(full_ledger(), serial=2))
    assert caught.value.message == f"can't write the state {state.path}: No space left on device"
    assert "the service may hold objects that the state does not know" in caught.value.mend
    assert caught.value.exit_code == ExitCode.FAILED
    assert state.load().serial == 1
    assert names(tmp_path) == {"default.state.json"}


def test_a_backup_that_can_not_take_its_place_leaves_no_temporary_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = folder_state(tmp_path)
    state.save(replace(full_ledger(), serial=1))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full_disk)
        with pytest.raises(RtcctlError):
            state.save(replace(full_ledger(), serial=2))
    assert state.load().serial == 1
    assert names(tmp_path) == {"default.state.json"}


def test_a_folder_that_can_not_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "classroom").write_text("a file where the folder should be")
    with pytest.raises(RtcctlError, match="can't write the state"):
        folder_state(tmp_path).save(full_ledger())


@pytest.mark.parametrize("content", [b"", b"{", b'{"format_version": 1}', b"\xff\xfe\x00", b"[1]"])
def test_a_damaged_state_is_refused_with_exit_5_and_says_how_to_go_on(tmp_path: Path, content: bytes) -> None:
    state = folder_state(tmp_path)
    state.path.parent.mkdir()
    state.path.write_bytes(content)
    with pytest.raises(ForeignStateError) as caught:
        state.load()
    assert caught.value.exit_code == ExitCode.FOREIGN
    assert str(state.path) in caught.value.message
    assert "restore it from a backup, or move it away" in caught.value.mend


def test_a_damaged_state_with_a_backup_names_the_backup(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    state.save(full_ledger())
    state.save(full_ledger())
    state.path.write_text("{")
    with pytest.raises(ForeignStateError) as caught:
        state.load()
    assert str(state.backup) in caught.value.mend


def test_a_state_of_a_later_version_asks_for_a_later_rtcctl_and_not_for_the_backup(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    state.save(full_ledger())
    state.save(full_ledger())
    state.path.write_text('{"format_version": 2}')
    with pytest.raises(ForeignStateError) as caught:
        state.load()
    assert "format_version is 2, this rtcctl reads 1" in caught.value.message
    assert "damaged" not in caught.value.message
    assert "backup" not in caught.value.mend
    assert "later rtcctl" in caught.value.mend


def test_a_state_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    state.path.mkdir(parents=True)
    with pytest.raises(ForeignStateError, match="can't read the state"):
        state.load()


def test_a_foreign_state_is_refused_when_it_is_loaded(tmp_path: Path) -> None:
    folder_state(tmp_path).save(full_ledger())
    with pytest.raises(
        ForeignStateError, match=r"belongs to endpoint 'https://rtc-api\.example\.com', not 'simulator'"
    ):
        folder_state(tmp_path, Binding("classroom", "default", "simulator")).load()


def test_no_secret_reaches_the_disk(tmp_path: Path) -> None:
    folder_state(tmp_path).save(full_ledger())
    assert all(KEY.reveal().encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_the_state_is_locked_for_the_time_of_the_block(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    with state.locked():
        with pytest.raises(StateLockedError), state.locked():
            raise AssertionError
        state.save(full_ledger())
    with state.locked():
        assert state.load() == full_ledger()
