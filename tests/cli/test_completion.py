"""Completion: scripts that each shell takes, and answers that are quick, silent and never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rtcctl.cli import COMPLETES, completing
from rtcctl.cli.main import rtcctl
from tests.e2e.accounts import RULE, SECRETS, app, both
from tests.e2e.processes import PATIENCE, environment
from tests.e2e.support import EXAMPLE2, Cli

HEAVY = ("httpx", "jsonschema", "deepdiff", "starlette", "uvicorn")


def asked(*words: str) -> list[str]:
    """What is offered for the last word, by a process as a shell starts it."""
    line = {
        "COMP_WORDS": " ".join(("rtcctl", *words)),
        "COMP_CWORD": str(len(words)),
        "_RTCCTL_COMPLETE": "bash_complete",
    }
    found = subprocess.run(
        [sys.executable, "-m", "rtcctl"],
        env=environment(**line),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    return [each.partition(",")[2] for each in found.stdout.splitlines() if each]


def offered(cli: Cli, *words: str) -> list[str]:
    """The same inside this process."""
    cli.environ(
        {
            "COMP_WORDS": " ".join(("rtcctl", *words)),
            "COMP_CWORD": str(len(words)),
            COMPLETES: "bash_complete",
        }
    )
    cli.capsys.readouterr()
    assert completing.answer(rtcctl) == 0
    captured = cli.capsys.readouterr()
    assert captured.err == ""
    return [each.partition(",")[2] for each in captured.out.splitlines() if each]


def test_commands_are_offered(cli: Cli):
    assert asked("ex") == ["explain", "export"]


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_addresses_of_the_manifest_are_offered_as_targets(cli: Cli, command):
    found = offered(cli, command, "-f", str(EXAMPLE2), "--target", "R")
    assert found == ["RecordRule/rtctest/default", "RecordCallback/rtctest"]


def test_only_jobs_are_offered_to_be_replaced_and_imported(cli: Cli):
    job = ["MixStreamJob/rtctest/room001"]
    assert offered(cli, "plan", "-f", str(EXAMPLE2), "--replace", "") == job
    assert offered(cli, "import", "-f", str(EXAMPLE2), "") == job


def test_only_mixed_jobs_are_offered_for_a_picture(cli: Cli):
    assert offered(cli, "preview", "-f", str(EXAMPLE2), "") == ["MixStreamJob/rtctest/room001"]
    single = EXAMPLE2.with_name("single-stream-recording.yaml")
    assert offered(cli, "preview", "-f", str(single), "") == []


def test_what_the_state_owns_is_offered(cli: Cli):
    cli.apply(EXAMPLE2)
    flags = ("-f", str(EXAMPLE2), "--simulator")
    assert "App/rtctest" in offered(cli, "state", "show", *flags, "")
    assert offered(cli, "state", "forget", *flags, "Mix") == ["MixStreamJob/rtctest/room001"]
    assert offered(cli, "state", "mv", *flags, "App") == ["App/rtctest"]
    assert offered(cli, "jobs", "stop", *flags, "") == ["MixStreamJob/rtctest/room001", "App/rtctest"]
    assert offered(cli, "state", "show", "-f", str(EXAMPLE2), "") == [], "that of another place"


ACCOUNTS = ("plan", "-f", "manifest.yaml", "--simulator")


@pytest.fixture
def two_accounts(cli: Cli) -> None:
    cli.environ(SECRETS)
    cli.apply(cli.write(both(RULE) + app("events", "more")))


def test_accounts_are_offered(cli: Cli, two_accounts: None):
    assert offered(cli, *ACCOUNTS, "--account", "") == ["edu", "events"]
    assert offered(cli, *ACCOUNTS, "--account", "ev") == ["events"]
    assert offered(cli, "plan", "-f", str(EXAMPLE2), "--account", "") == ["default"]


def test_addresses_with_their_account_are_offered(cli: Cli, two_accounts: None):
    found = offered(cli, *ACCOUNTS, "--target", "e")
    assert found[0] == "edu:App/a"
    assert "events:App/more" in found
    assert offered(cli, *ACCOUNTS, "--target", "events:App/") == ["events:App/a", "events:App/more"]
    owned = offered(cli, "state", "show", "-f", "manifest.yaml", "--simulator", "")
    assert "edu:RecordRule/a/default" in owned
    assert "RecordRule/a/default" not in owned


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (("events", ":", "App/"), ["App/a", "App/more"]),
        (("events", ":"), ["App/a", "RecordRule/a/default", "App/more"]),
        (("edu", ":", "App/a", "--target", "events", ":", "App/m"), ["App/more"]),
        (("none", ":", "App/"), []),
    ],
)
def test_bash_takes_an_address_with_a_colon_for_several_words(cli: Cli, two_accounts: None, typed, found):
    assert offered(cli, *ACCOUNTS, "--target", *typed) == found


def test_a_word_after_an_address_with_a_colon_is_another(cli: Cli, two_accounts: None):
    assert offered(cli, *ACCOUNTS, "--target", "edu", ":", "App/a", "--account", "ev") == ["events"]
    assert offered(cli, *ACCOUNTS, "--endpoint", "http", ":", "//127.0.0.1", ":", "80", "--account", "ev") == ["events"]


def test_kinds_and_then_members_are_offered(cli: Cli):
    assert offered(cli, "explain", "Mix") == ["MixStreamJob"]
    found = offered(cli, "explain", "MixStreamJob.mix_param.max")
    assert found == ["MixStreamJob.mix_param.max_idle_time"]
    assert offered(cli, "explain", "App.metadata.labels.") == []


def test_a_file_is_left_to_the_shell(cli: Cli):
    for words in (("plan", "-f", "x"), ("fmt", "x"), ("doctor", "-f", "x")):
        assert offered(cli, *words) == ["x"]


@pytest.mark.parametrize("text", ["{", "\x00", "a: &a [*a, *a]\n", "- 1\n", "kind: App\n"])
def test_a_broken_manifest_offers_nothing_and_says_nothing(cli: Cli, text):
    manifest = cli.write(text)
    assert offered(cli, "plan", "-f", str(manifest), "--target", "") == []


def test_a_broken_state_offers_nothing_and_says_nothing(cli: Cli):
    cli.write("{ not json", ".rtcctl/default/default.state.json")
    assert offered(cli, "plan", "-f", str(EXAMPLE2), "--target", "App") == []


@pytest.mark.parametrize("words", [("plan", "--nosuch", ""), ("plan", "--report", "x=/no/y", "--target", "")])
def test_a_line_that_makes_no_sense_offers_nothing(cli: Cli, words):
    assert offered(cli, *words) == []


def test_a_fault_of_ours_is_silent_too(cli: Cli, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(rtcctl, "main", broken)
    assert completing.answer(rtcctl) == 1
    assert cli.capsys.readouterr() == ("", "")


def test_another_kind_of_end_is_a_failure(monkeypatch):
    def ends(*_, **__):
        raise SystemExit("words")

    monkeypatch.setattr(rtcctl, "main", ends)
    assert completing.answer(rtcctl) == 1


def test_completing_an_address_loads_nothing_heavy(cli: Cli):
    code = (
        "import sys; from rtcctl.cli import completing; from rtcctl.cli.main import rtcctl; completing.answer(rtcctl); "
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    line = {
        "COMP_WORDS": f"rtcctl plan -f {EXAMPLE2} --target ",
        "COMP_CWORD": "5",
        COMPLETES: "bash_complete",
    }
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment(**line), capture_output=True, text=True, check=False
    )
    assert "plain,App/rtctest" in found.stdout
    assert found.stderr.split() == []


def _shell(cli: Cli, name: str) -> Path:
    """A folder with the script of a shell and an rtcctl for it to run."""
    if shutil.which(name) is None:
        pytest.skip(f"needs {name}")
    (cli.folder / "script").write_text(cli("completion", name).out)
    command = cli.folder / "bin" / "rtcctl"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m rtcctl "$@"\n')
    command.chmod(0o755)
    shutil.copy(EXAMPLE2, cli.folder / "rtc.yaml")
    return command.parent


def _ran(cli: Cli, folder: Path, *command: str) -> str:
    found = subprocess.run(
        command,
        env=environment(PATH=f"{folder}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=cli.folder,
        check=False,
    )
    assert found.stderr == ""
    return found.stdout


def test_bash_completes(cli: Cli):
    folder = _shell(cli, "bash")
    program = (
        "source ./script; COMP_WORDS=(rtcctl plan -f rtc.yaml --target Mix); COMP_CWORD=5; "
        '_rtcctl_completion rtcctl; echo "${COMPREPLY[@]}"'
    )
    assert _ran(cli, folder, "bash", "-c", program) == "MixStreamJob/rtctest/room001\n"


def test_bash_completes_an_address_after_its_account(cli: Cli):
    folder = _shell(cli, "bash")
    cli.write(both(), "rtc.yaml")
    program = (
        "source ./script; COMP_WORDS=(rtcctl plan -f rtc.yaml --target events : Ap); COMP_CWORD=7; "
        '_rtcctl_completion rtcctl; echo "${COMPREPLY[@]}"'
    )
    assert _ran(cli, folder, "bash", "-c", program) == "App/a\n"


def test_zsh_takes_the_script(cli: Cli):
    folder = _shell(cli, "zsh")
    program = (
        "compdef() { :; }; compadd() { print -r -- $completions; }; source ./script; "
        "words=(rtcctl plan -f rtc.yaml --target Mix); CURRENT=6; _rtcctl_completion"
    )
    assert "MixStreamJob/rtctest/room001" in _ran(cli, folder, "zsh", "-f", "-c", program)


def test_fish_completes(cli: Cli):
    folder = _shell(cli, "fish")
    program = 'source ./script; complete -C "rtcctl plan -f rtc.yaml --target Mix"'
    assert _ran(cli, folder, "fish", "--no-config", "-c", program) == "MixStreamJob/rtctest/room001\n"


def test_another_shell_is_an_error(cli: Cli):
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in cli("completion", "tcsh", code=3).err
