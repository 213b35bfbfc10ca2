"""At a terminal: what is asked, what an answer does, colour, and lines that fit."""

from __future__ import annotations

import io
import re
import stat
import sys

import pytest

from tests.e2e.processes import Terminal, environment, run
from tests.e2e.support import EXAMPLE2, SIMULATED_STATE, Cli, calls

APPLY = ("apply", "-f", EXAMPLE2, "--simulator")
PLAN = ("plan", "-f", EXAMPLE2, "--simulator")
DESTROY = ("destroy", "-f", EXAMPLE2, "--simulator")
QUESTION = 'Type "yes" to make these calls at the embedded simulator'
SECOND = 'Type "destroy 4" to allow that as well'
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_a_typed_yes_applies(cli: Cli):
    with Terminal(*APPLY) as terminal:
        shown = terminal.until(QUESTION)
        assert "Plan: 5 to add" in shown
        assert calls() == []
        terminal.type("yes\n")
        assert terminal.end() == 0
        assert "Applied: 5 added" in terminal.text
    cli.converged(EXAMPLE2)


def test_a_typed_no_sends_nothing(cli: Cli):
    with Terminal(*APPLY) as terminal:
        terminal.until(QUESTION)
        terminal.type("no\n")
        assert terminal.end() == 130
        assert "nothing was changed" in terminal.text
    assert calls() == []
    assert not SIMULATED_STATE.exists()


class Typed(io.StringIO):
    """Standard input that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("answer", ["", "y\n", "\n", "YES\n", "yes please\n"], ids=repr)
def test_anything_but_yes_sends_nothing(cli: Cli, answer):
    cli.monkeypatch.setattr(sys, "stdin", Typed(answer))
    ran = cli.sim("apply", EXAMPLE2, code=130)
    assert QUESTION in ran.err
    assert "nothing was changed" in ran.err
    assert calls() == []
    assert not SIMULATED_STATE.exists()


def test_blanks_around_a_yes_do_not_matter(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdin", Typed("  yes \n"))
    assert "Applied: 5 added" in cli.sim("apply", EXAMPLE2).out


def test_destruction_asks_for_a_second_word_that_names_the_count(cli: Cli):
    cli.apply(EXAMPLE2)
    with Terminal(*DESTROY) as terminal:
        terminal.until(QUESTION)
        terminal.type("yes\n")
        terminal.until(SECOND)
        terminal.type("destroy 4\n")
        assert terminal.end() == 0
        assert "4 destroyed" in terminal.text


@pytest.mark.parametrize("answer", ["yes\n", "destroy 5\n", "destroy\n", "\n", ""], ids=repr)
def test_another_second_word_sends_nothing(cli: Cli, answer):
    cli.apply(EXAMPLE2)
    before, sent = SIMULATED_STATE.read_bytes(), len(calls())
    cli.monkeypatch.setattr(sys, "stdin", Typed(f"yes\n{answer}"))
    assert SECOND in cli.sim("destroy", EXAMPLE2, code=130).err
    assert len(calls()) == sent
    assert SIMULATED_STATE.read_bytes() == before


def test_the_second_word_allows_what_the_first_does_not(cli: Cli):
    cli.apply(EXAMPLE2)
    cli.monkeypatch.setattr(sys, "stdin", Typed("yes\ndestroy 4\n"))
    assert "4 destroyed" in cli.sim("destroy", EXAMPLE2).out


def test_with_allow_destroy_one_word_is_enough(cli: Cli):
    cli.apply(EXAMPLE2)
    cli.monkeypatch.setattr(sys, "stdin", Typed("yes\n"))
    assert SECOND not in cli.sim("destroy", EXAMPLE2, "--allow-destroy").err


def test_nothing_to_do_asks_nothing(cli: Cli):
    cli.apply(EXAMPLE2)
    cli.monkeypatch.setattr(sys, "stdin", Typed())
    ran = cli.sim("apply", EXAMPLE2)
    assert (ran.out, ran.err) == ("No changes.\n", "")


def test_what_no_answer_lifts_is_not_asked_about(cli: Cli):
    text = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {lifecycle: {prevent_destroy: true}}\n"
    manifest = cli.write(text)
    cli.apply(manifest)
    cli.monkeypatch.setattr(sys, "stdin", Typed("yes\n"))
    assert "Type" not in cli.sim("destroy", manifest, code=7).text


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_without_a_terminal_there_is_nobody_to_ask(cli: Cli, command):
    if command == "destroy":
        cli.apply(EXAMPLE2)
    sent = len(calls()) if command == "destroy" else 0
    ran = cli.sim(command, EXAMPLE2, code=3)
    assert "there is no terminal to ask at" in ran.err
    assert "--auto-approve" in ran.err
    assert len(calls()) == sent


def test_a_terminal_gets_colour(cli: Cli):
    with Terminal(*PLAN) as terminal:
        assert terminal.end() == 0
        assert COLOUR.search(terminal.text)
        assert "+ App/rtctest" in COLOUR.sub("", terminal.text)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_no_colour_where_it_is_not_wanted(cli: Cli, variables):
    with Terminal(*APPLY, "--auto-approve", env=environment(**variables)) as terminal:
        assert terminal.end() == 0
        assert "\x1b" not in terminal.text


def test_no_colour_in_a_pipe(cli: Cli):
    for arguments in ((*APPLY, "--auto-approve"), ("plan", "-f", "none.yaml")):
        ran = run(*arguments)
        assert "\x1b" not in ran.stdout + ran.stderr


def test_no_line_of_plan_and_result_is_longer_than_the_terminal(cli: Cli):
    for arguments in ((*APPLY, "--auto-approve"), (*DESTROY, "--auto-approve", "--allow-destroy")):
        with Terminal(*arguments, columns=80) as terminal:
            assert terminal.end() == 0
            lines = COLOUR.sub("", terminal.text).splitlines()
            assert [line for line in lines if len(line) > 80] == []


def test_a_wider_terminal_is_used(cli: Cli):
    with Terminal(*PLAN, columns=132) as terminal:
        assert terminal.end() == 0
        lines = COLOUR.sub("", terminal.text).splitlines()
        assert any(80 < len(line) <= 132 for line in lines)


def test_the_lock_is_readable_by_its_owner_only(cli: Cli):
    cli.apply(EXAMPLE2)
    lock = SIMULATED_STATE.with_name(SIMULATED_STATE.name + ".lock")
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600


def test_nothing_is_not_coloured(cli: Cli):
    with Terminal(*PLAN) as terminal:
        terminal.end()
        assert "\x1b[2m\x1b[0m" not in terminal.text
