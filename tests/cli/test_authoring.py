"""`init`, `explain` and `graph` as commands: flags, questions, exit codes, colour."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET

import pytest

from rtcctl.operations import beginning
from tests.cli.test_terminal import COLOUR, Typed
from tests.e2e.processes import Terminal, environment, run
from tests.e2e.support import AUTH_KEY, EXAMPLE2, Cli

KEY = {"RTC_CALLBACK_KEY": AUTH_KEY}


def test_init_writes_what_validates_plans_and_is_in_form(cli: Cli):
    cli.environ(KEY)
    ran = cli("init", "--callback-url", "https://example.com/cb")
    assert ran.err == "Wrote rtc.yaml and manifest.schema.json.\n"
    assert "export RTC_CALLBACK_KEY=$(openssl rand -hex 16)" in ran.out
    assert cli("validate", "-f", "rtc.yaml").out == "Valid: 5 resources.\n"
    assert cli.sim("plan", "rtc.yaml").out.endswith("Plan: 5 to add, 0 to change, 0 to destroy.\n")
    cli("fmt", "--check", "rtc.yaml")
    cli.apply("rtc.yaml")
    cli.converged("rtc.yaml")


@pytest.mark.parametrize("recording", ["automatic", "mixed", "single", "none"])
def test_init_needs_no_flag_and_no_variable(cli: Cli, recording):
    cli("init", "--recording", recording)
    cli("fmt", "--check", "rtc.yaml")
    cli.sim("plan", "rtc.yaml")


def test_init_takes_every_answer_from_flags(cli: Cli):
    flags = {
        "--name": "class",
        "--recording": "single",
        "--bucket": "mine",
        "--location": "cn-north-4",
        "--project-id": "0123",
        "--room": "r1",
        "--user": "u1",
        "--out": "one.yaml",
    }
    cli("init", *(word for pair in flags.items() for word in pair))
    text = (cli.folder / "one.yaml").read_text()
    for line in ("name: class", "bucket: mine", 'project_id: "0123"', "room_id: r1", "user_id: u1"):
        assert line in text


def test_init_writes_to_stdout_nothing_but_the_manifest(cli: Cli):
    ran = cli("init", "--out", "-")
    assert ran.err == ""
    assert list(cli.folder.iterdir()) == []
    cli.write(ran.out, "rtc.yaml")
    cli("validate", "-f", "rtc.yaml")
    cli("fmt", "--check", "rtc.yaml")


def test_init_overwrites_nothing(cli: Cli):
    cli.write("mine", "rtc.yaml")
    assert "rtc.yaml exists already" in cli("init", code=3).err
    assert (cli.folder / "rtc.yaml").read_text() == "mine"
    assert not (cli.folder / "manifest.schema.json").exists()


@pytest.mark.parametrize(
    ("flag", "value", "why"),
    [
        ("--name", "a b", "letters, digits"),
        ("--location", "mars", "one of cn-north-4, where rules record"),
        ("--recording", "sinlge", "did you mean 'single'?"),
        ("--name", "My Class!", "a name is 1 to 63 letters"),
        ("--callback-url", "ftp://x", "Absolute http or https URL"),
        ("--room", "a/b", "Room to record"),
    ],
)
def test_init_refuses_what_can_not_be(cli: Cli, flag, value, why):
    ran = cli("init", "--recording", "mixed", flag, value, code=3)
    assert f"{flag} can't be '{value}'" in ran.err
    assert why in ran.err
    assert not (cli.folder / "rtc.yaml").exists()


def test_init_asks_at_a_terminal(cli: Cli):
    with Terminal("init", env=environment(**KEY)) as terminal:
        terminal.until("Name of the app [work]")
        terminal.type("my class\n")
        terminal.until("letters, digits")
        terminal.type("class\n")
        shown = terminal.until("What is recorded [automatic]")
        assert "one room as one picture" in shown
        terminal.type("mixed\n")
        terminal.until("OBS bucket for recordings [class-recordings]")
        terminal.type("\n")
        terminal.until("Room to record [room001]")
        terminal.type("lesson\n")
        terminal.until("URL for events about recordings (empty: none)")
        terminal.type("\n")
        assert terminal.end() == 0
        assert "Region" not in terminal.text, "there is but one"
    text = (cli.folder / "rtc.yaml").read_text()
    assert "name: class\n" in text
    assert "room_id: lesson" in text
    cli.sim("plan", "rtc.yaml")


def test_init_asks_only_what_no_flag_says(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdin", Typed("\n"))
    ran = cli("init", "--name", "a", "--recording", "none")
    assert "Name of the app" not in ran.text
    assert "URL for events" in ran.text


def test_init_asks_for_the_region_once_there_is_a_choice(cli: Cli):
    cli.monkeypatch.setattr(beginning, "locations", lambda: ("mars-1", "cn-north-4"))
    cli.monkeypatch.setattr(sys, "stdin", Typed("venus-1\ncn-north-4\n\n"))
    ran = cli("init", "--name", "a", "--recording", "automatic", "--bucket", "b")
    assert "Region of the bucket [mars-1]" in ran.text
    assert "one of mars-1, cn-north-4" in ran.text
    assert "location: cn-north-4" in (cli.folder / "rtc.yaml").read_text()


def test_init_that_is_broken_off_writes_nothing(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdin", Typed("class\n"))
    cli("init", code=130)
    assert list(cli.folder.glob("*.yaml")) == []


def test_explain_lists_kinds_and_tells_of_one(cli: Cli):
    assert "MixStreamJob" in cli("explain").out
    assert cli("explain", "--output", "json").document["kind"] == "kinds"
    ran = cli("explain", "App.mix_stream_jobs.mix_param.max_idle_time")
    assert "5 to 43200" in ran.out
    document = cli("explain", "MixStreamJob.mix_param.max_idle_time", "--output", "json").document
    assert (document["unit"], document["limits"]) == ("seconds", ["5 to 43200"])


def test_explain_guesses_what_was_meant(cli: Cli):
    ran = cli("explain", "App.stat", code=3)
    assert "did you mean 'state'?" in ran.err


def test_explain_is_coloured_on_a_terminal_only(cli: Cli):
    assert "\x1b" not in run("explain", "App").stdout
    with Terminal("explain", "App") as terminal:
        assert terminal.end() == 0
        assert COLOUR.search(terminal.text)
    with Terminal("explain", "App", env=environment(NO_COLOR="1")) as terminal:
        assert terminal.end() == 0
        assert "\x1b" not in terminal.text


def test_graph_draws_in_three_formats_without_a_call(cli: Cli):
    assert cli("graph", "-f", EXAMPLE2).out.splitlines()[1] == "flowchart LR"
    assert re.search(r"^digraph rtcctl \{$", cli("graph", "-f", EXAMPLE2, "--output", "dot").out, re.MULTILINE)
    assert ET.fromstring(cli("graph", "-f", EXAMPLE2, "--output", "svg").out).tag.endswith("svg")
    assert list(cli.folder.iterdir()) == []


def test_graph_of_a_broken_manifest_is_an_error(cli: Cli):
    assert "2 errors in the manifest" in cli("graph", "-f", cli.write("{}"), "--output", "svg", code=3).err
