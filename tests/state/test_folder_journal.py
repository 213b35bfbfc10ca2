"""A folder's journal: one flush for each append, private, fitting its snapshot, as it was where a write failed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from rtcctl.errors import ExitCode, ForeignStateError, RtcctlError
from rtcctl.model.ledger import Delta, after
from rtcctl.state.folder import FolderState

from .support import folder_state, full_ledger
from .test_journal import sealed

DELTAS = (Delta(serial=8), Delta(sources=9))


def begun(folder: Path) -> FolderState:
    """A state in which an apply is under way."""
    state = folder_state(folder)
    state.save(full_ledger())
    state.begin(state.load())
    return state


def full_disk(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_the_journal_stands_beside_the_snapshot_and_is_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        state = begun(tmp_path)
        state.append(DELTAS)
    finally:
        os.umask(before)
    assert state.journal.name == "default.state.journal"
    assert stat.S_IMODE(state.journal.stat().st_mode) == 0o600
    state.save(full_ledger())
    assert {path.name for path in state.path.parent.iterdir()} == {"default.state.json", "default.state.json.backup"}


def test_the_head_and_the_folder_are_flushed_and_each_append_costs_one_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = folder_state(tmp_path)
    state.save(full_ledger())
    seen: list[str] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    state.begin(full_ledger())
    assert seen == ["file", "folder"]
    for delta in DELTAS:
        state.append([delta])
    state.append(DELTAS)
    assert seen == ["file", "folder", "file", "file", "file"]


def test_a_crash_at_any_byte_of_the_last_append_leaves_what_was_there_before(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.append(DELTAS[:1])
    before = state.journal.stat().st_size
    state.append(DELTAS[1:])
    content = state.journal.read_bytes()
    for length in range(before, len(content)):
        state.journal.write_bytes(content[:length])
        assert folder_state(tmp_path).load() == after(full_ledger(), DELTAS[:1])
    state.journal.write_bytes(content)
    assert folder_state(tmp_path).load() == after(full_ledger(), DELTAS)


def test_after_a_torn_line_the_next_apply_goes_on_with_what_is_whole(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.append(DELTAS[:1])
    with state.journal.open("ab") as file:
        file.write(b'0badc0de {"deltas":[')
    again = folder_state(tmp_path)
    again.begin(again.load())
    again.append(DELTAS[1:])
    assert folder_state(tmp_path).load() == after(full_ledger(), DELTAS)


@pytest.mark.parametrize("where", ["fsync", "write", "open"])
def test_an_append_that_fails_says_so_and_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    state = begun(tmp_path)
    state.append(DELTAS[:1])
    content = state.journal.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, where, full_disk)
        with pytest.raises(RtcctlError) as caught:
            state.append(DELTAS[1:])
    assert caught.value.message == f"can't write the journal {state.journal}: No space left on device"
    assert "nothing was called" in caught.value.mend
    assert caught.value.exit_code == ExitCode.FAILED
    assert state.journal.read_bytes() == content
    state.save(after(full_ledger(), DELTAS))
    assert folder_state(tmp_path).load() == after(full_ledger(), DELTAS)


def test_a_disk_that_is_full_in_the_middle_of_a_line_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = begun(tmp_path)
    content = state.journal.read_bytes()
    real, calls = os.write, []

    def some(descriptor: int, data: bytes) -> int:
        calls.append(data)
        if len(calls) > 1:
            full_disk()
        return real(descriptor, data[:10])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", some)
        with pytest.raises(RtcctlError):
            state.append(DELTAS)
    assert len(calls) == 2
    assert state.journal.read_bytes() == content


def test_a_journal_that_somebody_removed_is_not_begun_anew_by_an_append(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.journal.unlink()
    with pytest.raises(RtcctlError, match="can't write the journal"):
        state.append(DELTAS)


@pytest.mark.parametrize("where", ["fsync", "open"])
def test_a_begin_that_fails_says_so_and_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    state = folder_state(tmp_path)
    state.save(full_ledger())
    with monkeypatch.context() as patch:
        patch.setattr(os, where, full_disk)
        with pytest.raises(RtcctlError, match="can't write the state"):
            state.begin(full_ledger())
    assert [path.name for path in state.path.parent.iterdir()] == ["default.state.json"]


def test_a_journal_whose_removal_was_cut_off_is_ignored(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.append(DELTAS)
    left = state.journal.read_bytes()
    state.save(replace(after(full_ledger(), DELTAS), entries={}))
    state.journal.write_bytes(left)
    assert folder_state(tmp_path).load() == replace(after(full_ledger(), DELTAS), entries={})


def test_a_fold_that_was_cut_off_before_the_removal_is_as_good_as_done(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.append([Delta(sources=9)])
    left = state.journal.read_bytes()
    folded = folder_state(tmp_path).load()
    state.save(folded)
    state.journal.write_bytes(left)
    assert folder_state(tmp_path).load() == folded


def test_a_journal_without_its_snapshot_is_an_error_that_names_it(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.path.unlink()
    with pytest.raises(ForeignStateError, match="is gone, but a journal") as caught:
        folder_state(tmp_path).load()
    assert str(state.journal) in caught.value.mend


def test_a_journal_of_another_lineage_is_an_error(tmp_path: Path) -> None:
    state = begun(tmp_path)
    left = state.journal.read_bytes()
    state.save(replace(full_ledger(), lineage="f" * 32))
    state.journal.write_bytes(left)
    with pytest.raises(ForeignStateError, match="of another state") as caught:
        folder_state(tmp_path).load()
    assert caught.value.exit_code == ExitCode.FOREIGN
    assert "bring back the state" in caught.value.mend


def test_a_snapshot_older_than_its_journal_is_an_error(tmp_path: Path) -> None:
    state = begun(tmp_path)
    left = state.journal.read_bytes()
    state.save(replace(full_ledger(), serial=6))
    state.journal.write_bytes(left)
    with pytest.raises(ForeignStateError, match="has serial 6, older than 7"):
        folder_state(tmp_path).load()


def test_a_damaged_journal_is_told_with_what_to_do(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.append(DELTAS[:1])
    state.append(DELTAS[1:])
    head, one, two = state.journal.read_bytes().splitlines(keepends=True)
    state.journal.write_bytes(head + one.replace(b"8", b"9") + two)
    with pytest.raises(ForeignStateError, match="line 2: its checksum does not fit") as caught:
        folder_state(tmp_path).load()
    assert f"move {state.journal} away" in caught.value.mend


def test_a_journal_of_a_later_version_asks_for_a_later_rtcctl(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.journal.write_bytes(sealed(format_version=2))
    with pytest.raises(ForeignStateError, match="written by a later rtcctl") as caught:
        folder_state(tmp_path).load()
    assert "later rtcctl" in caught.value.mend


def test_a_journal_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    state = begun(tmp_path)
    state.journal.unlink()
    state.journal.mkdir()
    with pytest.raises(ForeignStateError, match="can't read the state"):
        state.load()


def test_the_place_is_the_snapshots_path_and_local(tmp_path: Path) -> None:
    state = folder_state(tmp_path)
    assert state.place == str(state.path)
    assert state.is_local
