"""Files beside stdout: what would not do is known beforehand, and nothing is left half written."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from rtcctl.cli import outfile
from rtcctl.errors import UsageError


def content_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_that_can_be_made_is_not_made_by_looking(tmp_path: Path) -> None:
    outfile.check(tmp_path / "out.json")
    assert content_of(tmp_path) == []


def test_a_file_that_is_there_is_not_touched_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("before")
    outfile.check(path)
    assert path.read_text() == "before"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "it is a folder"),
        ("missing/out", "there is no folder"),
        ("file/out", "Not a directory"),
        ("n" * 300, "File name too long"),
        ("\0", "no file name"),
        ("m.yaml", "looks like a manifest"),
        ("m.yml", "looks like a manifest"),
        ("x.state.json", "looks like a manifest or a state"),
    ],
)
def test_what_would_not_do_is_refused(tmp_path: Path, name: str, why: str) -> None:
    for there in ("file", "m.yaml", "m.yml", "x.state.json"):
        (tmp_path / there).write_text("before")
    with pytest.raises(UsageError, match=why):
        outfile.check(tmp_path / name)


def test_a_link_to_nowhere_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name, to in (("good", "new"), ("lost", "missing/new"), ("odd", "file/new")):
        (tmp_path / name).symlink_to(tmp_path / to)
    outfile.check(tmp_path / "good")
    with pytest.raises(UsageError, match="there is no folder"):
        outfile.check(tmp_path / "lost")
    with pytest.raises(UsageError):
        outfile.check(tmp_path / "odd")


@pytest.mark.parametrize("closed", ["folder", "file"])
def test_a_place_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str) -> None:
    if closed == "file":
        (tmp_path / "out").write_text("before")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(UsageError, match=r"may not be written"):
        outfile.check(tmp_path / "out")


def test_a_new_file_has_the_permissions_that_are_usual(tmp_path: Path) -> None:
    outfile.write(tmp_path / "out", b"text")
    (tmp_path / "like").write_text("")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "like").stat().st_mode
    assert content_of(tmp_path) == ["like", "out"]


def test_a_file_that_was_there_keeps_its_permissions_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("before, and longer")
    real.chmod(0o640)
    link.symlink_to("real")
    outfile.write(link, b"after")
    assert (real.read_text(), real.stat().st_mode & 0o777, link.is_symlink()) == ("after", 0o640, True)


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "out"
    path.write_text("before")
    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(OSError, match="No space"):
        outfile.write(path, b"after")
    assert (path.read_text(), content_of(tmp_path)) == ("before", ["out"])


def test_a_file_in_a_folder_that_may_not_be_written_to_is_written_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    path.write_text("before, and longer")
    number = path.stat().st_ino
    monkeypatch.setattr(os, "access", lambda where, mode: where != tmp_path)
    outfile.check(path)
    outfile.write(path, b"after")
    assert (path.read_text(), path.stat().st_ino) == ("after", number)


def test_a_device_is_written_to_and_stays_one() -> None:
    outfile.check(Path(os.devnull))
    outfile.write(Path(os.devnull), b"text")
    assert Path(os.devnull).is_char_device()


def test_a_named_pipe_gets_the_content(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    outfile.check(pipe)
    outfile.write(pipe, b"text")
    reader.join()
    assert (read, pipe.is_fifo()) == ([b"text"], True)


def test_a_named_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outfile, "READER_SECONDS", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="nobody reads this pipe"):
        outfile.write(pipe, b"text")
