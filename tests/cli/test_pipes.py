"""A reader that leaves early does not end an apply halfway, nor hide how a command ended."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rtcctl.cli.main import main
from rtcctl.cli.output import Lines
from tests.cli.test_terminal import APPLY, PLAN
from tests.e2e.processes import COMMAND, environment
from tests.e2e.support import Cli, calls


class Gone(io.StringIO):
    """A stream whose reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def without_a_reader(*arguments: str) -> subprocess.CompletedProcess[str]:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        return subprocess.run(
            [*COMMAND, *arguments], stdout=gone, stderr=subprocess.PIPE, text=True, env=environment(), check=False
        )


def test_an_apply_goes_on_to_its_end(cli: Cli):
    ran = without_a_reader(*map(str, APPLY), "--auto-approve")
    assert (ran.returncode, len(calls())) == (0, 5)
    assert "Traceback" not in ran.stderr


def onto_a_full_disk(*arguments: str) -> subprocess.CompletedProcess[str]:
    with Path("/dev/full").open("w") as full:
        return subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), check=False
        )


FULL = "error: can't write to standard output: No space left on device\n  = look at where it is redirected to\n"


@pytest.mark.parametrize("command", [PLAN, (*PLAN, "--output", "json"), ("version",), ("plan", "--help")], ids=str)
def test_a_full_disk_is_an_error_of_one_line(cli: Cli, command: tuple[str, ...]):
    ran = onto_a_full_disk(*map(str, command))
    assert (ran.returncode, ran.stderr) == (1, FULL)


def test_an_error_document_that_cannot_be_written_hides_no_error(cli: Cli):
    ran = onto_a_full_disk("plan", "-f", "missing.yaml", "--simulator", "--output", "json")
    assert ran.returncode == 3
    assert "missing.yaml" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_nothing_is_sent_by_an_apply_whose_plan_cannot_be_shown(cli: Cli):
    ran = onto_a_full_disk(*map(str, APPLY), "--auto-approve", "--report", "json=out.json")
    assert (ran.returncode, ran.stderr, calls()) == (1, FULL, [])
    assert json.loads(Path("out.json").read_text())["kind"] == "error"


def test_the_result_of_an_apply_goes_to_stderr_and_into_reports_where_stdout_is_full(cli: Cli):
    ran = onto_a_full_disk(*map(str, APPLY), "--auto-approve", "--output", "json", "--report", "json=out.json")
    assert (ran.returncode, len(calls())) == (1, 5)
    assert "Applied: 5 added, 0 changed, 0 destroyed." in ran.stderr
    assert ran.stderr.endswith(FULL)
    assert json.loads(Path("out.json").read_text())["kind"] == "result"


def test_a_loop_goes_on_though_its_events_cannot_be_written(cli: Cli):
    arguments = ("reconcile", *map(str, PLAN[1:]), "--once")
    ran = onto_a_full_disk(*arguments)
    assert (ran.returncode, len(calls())) == (0, 5)
    assert ran.stderr == "can't write to standard output: No space left on device; going on without\n"
    assert without_a_reader(*arguments).returncode == 0


class Full(io.StringIO):
    """A file on a disk that is full once so many texts are written."""

    def __init__(self, room: int = 0) -> None:
        super().__init__()
        self._room = room

    def write(self, text: str) -> int:
        if text:  # click tries with nothing whether it can write
            if self._room == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            self._room -= 1
        return super().write(text)


@pytest.mark.parametrize(("arguments", "code"), [(["version"], 1), (["--help"], 1), (["plan", "--output=json"], 3)])
def test_a_disk_that_is_full_is_told_by_whatever_prints(cli: Cli, arguments: list[str], code: int):
    cli.monkeypatch.setattr(sys, "stdout", Full())
    assert main(arguments) == code
    assert FULL in cli.capsys.readouterr().err
    sys.stdout.close()


def test_a_disk_that_becomes_full_while_an_apply_works_hides_nothing(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdout", Full(room=1))  # for the plan
    assert main([*map(str, APPLY), "--auto-approve", "--report", "text=out.txt"]) == 1
    shown = cli.capsys.readouterr().err
    assert "Applied: 5 added, 0 changed, 0 destroyed." in shown
    assert shown.endswith(FULL)
    assert Path("out.txt").read_text().endswith("Applied: 5 added, 0 changed, 0 destroyed.\n")
    sys.stdout.close()


def test_lines_go_on_and_tell_once_each_time_that_they_begin_to_fail(cli: Cli):
    lines = Lines()
    for stream in (Full(), Full(), io.StringIO(), Full()):
        cli.monkeypatch.setattr(sys, "stdout", stream)
        lines("{}")
    told = "can't write to standard output: No space left on device; going on without\n"
    assert cli.capsys.readouterr().err == 2 * told


def test_an_error_of_another_kind_is_a_defect_and_not_hidden(cli: Cli):
    def broken(arguments: object) -> int:
        raise OSError(errno.EBADF, "Bad file descriptor")

    cli.monkeypatch.setattr("rtcctl.cli.output.result", broken)
    with pytest.raises(OSError, match="Bad file"):
        main(["version"])


def test_a_plan_keeps_its_exit_code(cli: Cli):
    assert without_a_reader(*map(str, PLAN), "--detailed-exitcode").returncode == 2


def test_both_streams_may_be_gone(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdout", Gone())
    cli.monkeypatch.setattr(sys, "stderr", Gone())
    assert main(["version"]) == 0
    assert main(["plan", "-f", "missing.yaml"]) == 3
    sys.stdout.close()
    sys.stderr.close()
