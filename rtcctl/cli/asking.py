"""Questions that want a typed word."""

from __future__ import annotations

import sys

import click

from rtcctl.errors import UsageError


def check(flags: str) -> None:
    """Make sure that somebody can be asked; `flags` are what goes ahead without a question.

    Raises:
        UsageError: there is no terminal.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask at", mend=f"nothing was changed; add {flags} to go ahead")


def ask(question: str, word: str) -> None:
    """Ask for a word.

    Raises:
        click.Abort: the answer was another.
    """
    if click.prompt(question, err=True, default="", show_default=False).strip() != word:
        raise click.Abort
