"""Wrong usage is exit 3 with the flag named; help and version are quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rtcctl import __version__
from tests.e2e.processes import PATIENCE, run
from tests.e2e.support import DATA, EXAMPLE2, Cli, check_document

HEAVY = {"httpx", "deepdiff", "jsonschema", "starlette", "uvicorn", "yaml", "asyncio"}
WRONG: dict[str, tuple[list[str | Path], str]] = {
    "unknown flag": (["plan", "--bogus", "-f", EXAMPLE2], "--bogus"),
    "no manifest": (["plan", "--simulator"], "--file"),
    "no manifest for validate": (["validate"], "--file"),
    "no manifest for apply": (["apply", "--auto-approve"], "--file"),
    "no manifest for destroy": (["destroy", "--auto-approve"], "--file"),
    "flag without value": (["plan", "-f"], "-f"),
    "unknown command": (["aply"], "No such command 'aply'. Did you mean 'apply'?"),
    "unknown command like no other": (["zzzzzz"], "No such command 'zzzzzz'.\n"),
    "manifest without its flag": (
        ["plan", "m.yaml", "--simulator"],
        "Name the manifest with it: rtcctl plan -f m.yaml",
    ),
    "manifest as a plan file": (["apply", EXAMPLE2], "writes one; a manifest is given with -f"),
    "unknown format": (["plan", "-f", EXAMPLE2, "--output", "xml"], "xml"),
    "unknown schema": (["schema", "nothing"], "nothing"),
    "stray argument": (["plan", "-f", EXAMPLE2, "stray"], "stray"),
    "two targets": (["plan", "-f", EXAMPLE2, "--simulator", "--endpoint", "http://127.0.0.1:1"], "--endpoint"),
    "simulator and iam": (["apply", "-f", EXAMPLE2, "--simulator", "--iam-endpoint", "http://127.0.0.1:1"], "exclude"),
    "port out of range": (["simulator", "serve", "--port", "70000"], "70000"),
    "data that is a folder": (["plan", "-f", EXAMPLE2, "--simulator", "--simulator-data", "."], "directory"),
    "plan file without a name": (["apply", ""], "the name is empty"),
    "plan file to show without a name": (["show", ""], "the name is empty"),
    "plan file to write without a name": (["plan", "-f", EXAMPLE2, "--simulator", "--out", ""], "the name is empty"),
    "data without a name": (["plan", "-f", EXAMPLE2, "--simulator", "--simulator-data", ""], "the name is empty"),
    "account of thousands of characters": (
        ["state", "show", "-f", EXAMPLE2, "--simulator", "x" * 5000 + ":App/a"],
        f"is of the account '{'x' * 40}…{'x' * 40}', this manifest",
    ),
    "destroy does not start jobs": (["destroy", "-f", EXAMPLE2, "--start-unknown-jobs"], "--start-unknown-jobs"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_is_exit_3_and_names_what_is_wrong(cli: Cli, name):
    arguments, words = WRONG[name]
    ran = cli(*arguments, code=3)
    assert ran.out == ""
    assert words in ran.err
    assert not DATA.exists()


def test_the_version_is_a_command_and_a_flag(cli: Cli):
    assert cli("--version").out == cli("version").out == f"rtcctl {__version__}\n"


def test_data_that_is_no_simulators_is_an_error_of_usage(cli: Cli):
    cli.write("something else", "other.txt")
    ran = cli("plan", "-f", EXAMPLE2, "--simulator", "--simulator-data", "other.txt", code=3)
    assert "other.txt is not usable as data of the simulator" in ran.err
    assert (cli.folder / "other.txt").read_text() == "something else"


def test_the_simulators_data_may_lie_elsewhere_and_takes_its_state_along(cli: Cli):
    cli("apply", "-f", EXAMPLE2, "--simulator", "--simulator-data", "x/trial.db", "--auto-approve")
    assert {"trial.db", "trial.db.state"} <= {each.name for each in (cli.folder / "x").iterdir()}
    assert not (cli.folder / ".rtcctl").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["plan", "--help"], ["simulator", "serve", "-h"]], ids=str)
def test_help_is_a_result(cli: Cli, arguments):
    ran = cli(*arguments)
    assert ran.out.startswith("Usage: rtcctl")
    assert ran.err == ""
    assert max(map(len, ran.out.splitlines())) <= 100


def test_help_lists_every_command(cli: Cli):
    text = cli("--help").out
    for name in ("validate", "plan", "diff", "apply", "destroy", "schema", "simulator", "version"):
        assert f"\n  {name} " in text


def test_version_is_one_line(cli: Cli):
    assert cli("version").out == f"rtcctl {__version__}\n"


@pytest.mark.parametrize("arguments", [["version"], ["--help"], ["plan", "--help"], ["apply", "--help"]], ids=str)
def test_nothing_heavy_is_imported_for(arguments):
    command = [sys.executable, "-X", "importtime", "-m", "rtcctl", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "click" in loaded
    assert loaded & HEAVY == set()


def test_validate_needs_no_http(cli: Cli):
    command = [sys.executable, "-X", "importtime", "-m", "rtcctl", "validate", "-f", str(EXAMPLE2)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert loaded & {"httpx", "starlette", "deepdiff"} == set()


def test_a_closed_standard_input_is_no_traceback(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdin", None)
    cli.sim("plan", EXAMPLE2)
    assert "<stdin>" in cli.sim("plan", "-", code=3).err


def test_unknown_flags_end_the_process_with_3():
    assert run("plan", "--bogus").returncode == 3


def test_no_arguments_show_the_help(cli: Cli):
    assert cli(code=3).err.startswith("Usage: rtcctl")


def test_a_usage_error_in_json_is_a_document_too(cli: Cli):
    check_document(cli("plan", "--output", "json", code=3).document, "result")


def test_a_target_of_thousands_of_characters_is_shown_without_its_middle(cli: Cli):
    ran = cli.sim("plan", EXAMPLE2, "--target", "App/" + "x" * 5000, code=3)
    assert f"'App/{'x' * 36}…{'x' * 40}' is not an address" in ran.err
