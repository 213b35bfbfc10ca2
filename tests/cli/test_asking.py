"""The question before an apply: when it comes, and every way of not saying yes."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys

import pytest

from tests.cli.test_terminal import APPLY, QUESTION, Typed
from tests.e2e.processes import Terminal
from tests.e2e.support import EXAMPLE2, Cli, calls


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_question_ends_it_and_nothing_is_sent(cli: Cli, number: signal.Signals):
    with Terminal(*APPLY) as terminal:
        terminal.until(QUESTION)
        assert ended_by(terminal.process, number) == 130
    assert calls() == []


def ended_by(process: subprocess.Popen[bytes], number: signal.Signals) -> int:
    """Send a signal, again where it came in the moment before the terminal is read, and return the exit code."""
    for _ in range(20):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(0.5)
    raise AssertionError("it does not end")


def test_the_question_comes_after_the_plan_also_when_a_document_is_asked_for(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdin", Typed("no\n"))
    ran = cli.sim("apply", EXAMPLE2, "--output", "json", code=130)
    assert ran.err.index("Plan: 5 to add") < ran.err.index(QUESTION)


def test_without_any_standard_input_there_is_nobody_to_ask(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdin", None)
    assert "no terminal to ask at" in cli.sim("apply", EXAMPLE2, code=3).err


def test_without_a_terminal_the_mend_names_every_flag_that_is_needed(cli: Cli):
    cli.apply(EXAMPLE2)
    assert "--auto-approve --allow-destroy" in cli.sim("destroy", EXAMPLE2, code=3).err


def test_a_no_is_not_called_an_interrupt(cli: Cli):
    cli.monkeypatch.setattr(sys, "stdin", Typed("no\n"))
    assert "nterrupted" not in cli.sim("apply", EXAMPLE2, code=130).err
