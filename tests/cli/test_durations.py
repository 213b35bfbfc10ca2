"""Durations on the command line."""

from __future__ import annotations

import click
import pytest

from rtcctl.cli.durations import Duration


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("30s", 30.0), ("5m", 300.0), ("1h", 3600.0), ("90", 90.0), ("1.5m", 90.0), ("0", 0.0), ("0.25", 0.25)],
)
def test_a_duration_is_read_in_seconds(typed: str, seconds: float) -> None:
    assert Duration().convert(typed, None, None) == seconds


@pytest.mark.parametrize("number", [300, 0.5])
def test_a_number_is_a_duration_already(number: float) -> None:
    assert Duration().convert(number, None, None) == float(number)


@pytest.mark.parametrize(
    "typed", ["", "m", "5 m", "-1s", "1d", "5ms", "1e3", "inf", "nan", "5m30s", "٣s", "1" * 400, ".5s", "5.s", "5s\n"]
)
def test_anything_else_is_refused_with_the_forms_that_are_read(typed: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        Duration().convert(typed, None, None)
    assert str(caught.value) == f"{typed!r} is not a duration such as 30s, 5m or 1h"


def test_what_a_terminal_would_obey_is_written_out() -> None:
    with pytest.raises(click.BadParameter) as caught:
        Duration().convert("\x1b[2J\u202e5m", None, None)
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)
