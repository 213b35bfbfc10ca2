"""Which figures are judged, and how they are written."""

from __future__ import annotations

import pytest

from benchmarks._report import Aim, Figure, Report, number, table


@pytest.mark.parametrize(
    ("kind", "value", "reached"),
    [
        ("at most", 2.0, True),
        ("at most", 2.1, False),
        ("at least", 2.0, True),
        ("at least", 1.9, False),
        ("exactly", 2, True),
        ("exactly", 3, False),
    ],
)
def test_an_aim_is_reached_or_not(kind, value, reached):
    assert Aim(kind, 2).reached(value) is reached


def test_a_missed_time_is_not_wrong_and_a_missed_count_is():
    slow = Figure("time", 2.0, "×", Aim("at most", 1.0))
    miscounted = Figure("calls", 402, "", Aim("exactly", 401))
    assert (slow.missed, slow.wrong) == (True, False)
    assert (miscounted.missed, miscounted.wrong) == (True, True)
    assert not Report("a", "b", (slow,)).wrong
    assert Report("a", "b", (slow,)).missed
    assert Report("a", "b", (slow, miscounted)).wrong


def test_a_figure_without_an_aim_is_only_shown():
    figure = Figure("bound", 64, "s")
    assert not figure.missed
    assert figure.row(judged=True) == ("bound", "64 s", "", "")


def test_times_are_judged_in_the_full_form_only_and_counts_in_both():
    slow = Figure("time", 1.333, "×", Aim("at most", 1.25))
    counted = Figure("calls", 401, "", Aim("exactly", 401))
    assert slow.row(judged=True) == ("time", "1.33 ×", "at most 1.25 ×", "no")
    assert slow.row(judged=False)[-1] == "not judged"
    assert counted.row(judged=False) == ("calls", "401", "exactly 401", "yes")


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [(0.0312, "s", "0.0312 s"), (1.266, "×", "1.27 ×"), (8347.6, "reads", "8,348 reads"), (21, "", "21")],
)
def test_numbers_have_as_many_digits_as_say_something(value, unit, written):
    assert number(value, unit) == written


def test_a_table_is_in_line_with_numbers_to_the_right():
    assert table((("", "median"), ("rtcctl", "1 s"))).splitlines() == [
        "|        | median |",
        "|--------|-------:|",
        "| rtcctl |    1 s |",
    ]
