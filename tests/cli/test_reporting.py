"""`--report FORMAT=FILE`: the outcome in files as well, on every way out."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from rtcctl.cli import outfile
from tests.e2e.support import AUTH_KEY, DESTROY, EXAMPLE2, Cli


def report(cli: Cli, command: str, *more: str, manifest: str | Path = EXAMPLE2, code: int = 0) -> tuple[str, str]:
    """Run a command with both reports; return them."""
    where = ("--report", "json=out.json", "--report=text=out.txt")
    cli(command, "-f", manifest, "--simulator", *where, *more, code=code)
    return Path("out.json").read_text(), Path("out.txt").read_text()


def test_a_plan_an_apply_and_drift_are_reported(cli: Cli):
    document, text = report(cli, "plan")
    assert json.loads(document)["kind"] == "plan"
    assert text.endswith("Plan: 5 to add, 0 to change, 0 to destroy.\n")
    document, text = report(cli, "apply", "--auto-approve")
    assert json.loads(document)["kind"] == "result"
    assert "Plan: 5 to add" in text
    assert text.endswith("Applied: 5 added, 0 changed, 0 destroyed.\n")
    document, text = report(cli, "drift")
    assert json.loads(document)["has_drift"] is False
    assert text.startswith("No drift")
    document, text = report(cli, "destroy", "--auto-approve", "--allow-destroy")
    assert json.loads(document)["exit_code"] == 0
    assert AUTH_KEY not in document + text


def test_what_stdout_shows_is_what_the_report_holds(cli: Cli):
    ran = cli("plan", "-f", EXAMPLE2, "--simulator", "--output", "json", "--report", "json=out.json")
    assert Path("out.json").read_text() == ran.out


def test_a_manifest_error_is_reported(cli: Cli):
    document, text = report(cli, "plan", manifest=cli.write("apiVersion: rtcctl.dev/v1\nkind: Ap\n"), code=3)
    found = json.loads(document)
    assert (found["kind"], found["exit_code"]) == ("error", 3)
    assert found["error"]["diagnostics"]
    assert "did you mean" in text


def test_a_usage_error_is_reported(cli: Cli):
    cli("plan", "--report", "json=out.json", code=3)
    assert json.loads(Path("out.json").read_text())["exit_code"] == 3


def test_a_refusal_is_reported(cli: Cli):
    report(cli, "apply", "--auto-approve")
    document, text = report(cli, "destroy", "--auto-approve", code=7)
    assert json.loads(document)["exit_code"] == 7
    assert "--allow-destroy" in text


@pytest.mark.parametrize("wrong", ["json", "json=", "xml=out", "=out", ""])
def test_a_report_needs_a_format_and_a_file(cli: Cli, wrong: str):
    assert "FORMAT=FILE" in cli("plan", "-f", EXAMPLE2, "--simulator", "--report", wrong, code=3).err


MISSING = "json=missing/out.json"


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "--detailed-exitcode"),
        ("drift",),
        ("apply", "--auto-approve"),
        ("destroy", *DESTROY),
        ("jobs", "stop", "App/rtctest", *DESTROY),
    ],
    ids=lambda command: command[0],
)
def test_a_report_that_cannot_be_written_is_known_before_the_first_call(cli: Cli, command: tuple[str, ...]):
    good = ("--report", "text=out.txt")
    ran = cli(*command, "-f", EXAMPLE2, "--simulator", "--report", MISSING, *good, code=3)
    assert "can't write missing/out.json: there is no folder" in ran.err
    assert ran.out == ""
    assert [path.name for path in Path().iterdir()] == ["out.txt"]
    assert "there is no folder" in Path("out.txt").read_text()


@pytest.mark.parametrize(
    "command", [("plan", "--detailed-exitcode"), ("drift",), ("apply", "--auto-approve")], ids=lambda each: each[0]
)
def test_a_report_that_fails_after_all_is_told_beside_the_outcome(cli: Cli, command: tuple[str, ...]):
    def full(path: Path, content: bytes) -> None:
        if path.name == "out.json":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    write = outfile.write
    cli.monkeypatch.setattr(outfile, "write", full)
    both = ("--report", "json=out.json", "--report", "text=out.txt")
    ran = cli(*command, "-f", EXAMPLE2, "--simulator", "--output", "json", *both, code=1)
    assert ran.document["kind"] in ("plan", "drift", "result")
    assert "can't write the report out.json: No space left on device" in ran.err
    assert "error" not in Path("out.txt").read_text()


def test_a_report_that_became_unfit_meanwhile_does_not_hide_the_exit_code(cli: Cli):
    cli.monkeypatch.setattr("rtcctl.cli.output.show", lambda outcome, format_: Path("out.json").mkdir())
    ran = cli.sim("plan", EXAMPLE2, "--report", "json=out.json", "--detailed-exitcode", code=1)
    assert "it is a folder" in ran.err


@pytest.mark.parametrize("flag", [("--out", "m.yaml"), ("--report", "json=m.yaml")], ids=["out", "report"])
def test_a_manifest_is_not_written_over(cli: Cli, flag: tuple[str, str]):
    Path("m.yaml").write_text(EXAMPLE2.read_text())
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    assert "looks like a manifest or a state" in cli("plan", "-f", "m.yaml", "--simulator", *flag, code=3).err
    assert Path("m.yaml").read_text() == EXAMPLE2.read_text()


@pytest.mark.parametrize("other", ["p.json", "./p.json", "{here}/p.json", "link.json", "below/../p.json"])
def test_a_plan_file_and_the_reports_are_different_files_however_they_are_spelled(cli: Cli, other: str):
    Path("below").mkdir()
    Path("link.json").symlink_to("p.json")
    other = other.format(here=cli.folder)
    clashes = (("--out", "p.json"), ("--report", "markdown=p.json"))
    for clash in clashes:
        ran = cli("plan", "-f", EXAMPLE2, "--simulator", *clash, "--report", f"json={other}", code=3)
        assert "name two files" in ran.err
        assert "Plan:" not in ran.out


def test_one_device_takes_several_reports(cli: Cli):
    both = ("--report", f"json={os.devnull}", "--report", f"text={os.devnull}")
    cli("plan", "-f", EXAMPLE2, "--simulator", *both)


@pytest.mark.parametrize("flag", [("--report", "json=-"), ("--report=json=-",)])
def test_standard_output_is_no_report(cli: Cli, flag: tuple[str, ...]):
    ran = cli("plan", "-f", EXAMPLE2, "--simulator", *flag, code=3)
    assert "use --output json for standard output" in ran.err
    assert list(Path().iterdir()) == []
