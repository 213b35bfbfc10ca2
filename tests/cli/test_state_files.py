"""A state that is locked, damaged or not writable: said in one line, nothing called."""

from __future__ import annotations

import os
import re

import pytest

from tests.e2e.support import EXAMPLE2, SIMULATED_STATE, Cli, Since, check_document


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_a_locked_state_is_exit_8_and_names_the_holder(cli: Cli, command):
    cli.apply(EXAMPLE2)
    since = Since()
    with cli.holding():
        ran = cli.sim(command, EXAMPLE2, "--auto-approve", "--allow-destroy", "--output", "json", code=8)
    check_document(ran.document, "result")
    found = re.search(r"locked by (\S+)@(\S+), process (\d+), since (\S+) \(.*\.lock\)", ran.err)
    assert found is not None
    assert found[3] == str(os.getpid())
    assert "wait for that run to end" in ran.err
    assert since.requests == []


def test_a_plan_needs_no_lock(cli: Cli):
    cli.apply(EXAMPLE2)
    with cli.holding():
        assert cli.sim("plan", EXAMPLE2).out == "No changes.\n"


def test_the_lock_is_free_after_every_end(cli: Cli):
    for code, arguments in ((0, ["--auto-approve"]), (3, []), (0, ["--auto-approve"])):
        cli.sim("apply", EXAMPLE2 if arguments else "none.yaml", *arguments, code=code)
    with cli.holding():
        pass


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}", b'{"format_version": 1}'],
    ids=["empty", "cut", "list", "null", "binary", "nothing", "version only"],
)
def test_a_damaged_state_is_exit_5_and_names_the_backup(cli: Cli, content):
    cli.apply(EXAMPLE2)
    SIMULATED_STATE.write_bytes(content)
    since = Since()
    for command in (["plan"], ["apply", "--auto-approve"], ["destroy", "--auto-approve", "--allow-destroy"]):
        ran = cli.sim(command[0], EXAMPLE2, *command[1:], code=5)
        assert ran.out == ""
        assert str(SIMULATED_STATE) in ran.err
        assert f"{SIMULATED_STATE.name}.backup" in ran.err
    assert since.requests == []
    assert SIMULATED_STATE.read_bytes() == content
    document = cli.plan(EXAMPLE2, code=5).document
    check_document(document, "result")
    assert document["exit_code"] == 5


def test_a_state_of_a_later_version_is_exit_5_and_left_alone(cli: Cli):
    cli.apply(EXAMPLE2)
    SIMULATED_STATE.write_text('{"format_version": 99}')
    ran = cli.sim("apply", EXAMPLE2, "--auto-approve", code=5)
    assert "its format_version is 99, this rtcctl reads 1" in ran.err
    assert SIMULATED_STATE.read_text() == '{"format_version": 99}'


def test_the_backup_is_a_state_that_can_be_put_back(cli: Cli):
    manifest = cli.write(EXAMPLE2.read_text())
    cli.apply(manifest)
    cli.write(EXAMPLE2.read_text().replace("mydomain", "example"))
    cli.apply(manifest)
    backup = SIMULATED_STATE.with_name(SIMULATED_STATE.name + ".backup")
    SIMULATED_STATE.write_bytes(backup.read_bytes())
    cli.apply(manifest)
    cli.converged(manifest)


def test_a_place_that_can_not_be_written_is_one_line(cli: Cli):
    cli.write("a file, not a folder", ".rtcctl/simulator.db.state")
    ran = cli.sim("apply", EXAMPLE2, "--auto-approve", code=1)
    assert ran.err.startswith("error: can't open the lock ")
    assert "  = " in ran.err
