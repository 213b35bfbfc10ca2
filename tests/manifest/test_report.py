"""Diagnostics ready to be shown: order, lines, carets, cuts, and the names that streams need."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtcctl.errors import Diagnostic, Place
from rtcctl.manifest.report import finish
from rtcctl.manifest.sources import Source
from tests.manifest.loading import APP, faults, load_text


def line(text: str, number: int, column: int) -> tuple[str, int]:
    (found,) = finish([Diagnostic("x", Place("f", number, column))], [Source("f", text, Path())], [])
    return found.source, found.caret


def test_order_is_by_place_and_nothing_is_told_twice():
    problems = [
        Diagnostic("4", Place("b", 1, 1)),
        Diagnostic("3", Place("a", 10, 1)),
        Diagnostic("2", Place("a", 2, 9)),
        Diagnostic("1", Place("a", 2, 1)),
        Diagnostic("0"),
        Diagnostic("4", Place("b", 1, 1)),
    ]
    assert [found.message for found in finish(problems, [], [])] == ["0", "1", "2", "3", "4"]


def test_a_file_without_a_text_has_no_line():
    (found,) = finish([Diagnostic("x", Place("f", 1, 1))], [], [])
    assert (found.source, found.caret) == ("", 0)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_lines_end_as_the_parser_says(ending):
    text = f"one{ending}two{ending}three"
    assert line(text, 2, 2) == ("two", 2)
    assert line(text, 3, 1) == ("three", 1)


def test_places_beyond_the_text():
    assert line("one\n", 2, 1) == ("", 1)
    assert line("one\n", 7, 3) == ("", 1)
    assert line("one", 1, 9) == ("one", 4)


def test_what_a_terminal_would_obey_is_blank():
    assert line("a\tb\u202ec\x7fd", 1, 3) == ("a b c d", 3)


@pytest.mark.parametrize(
    ("column", "caret"),
    [(1, 1), (4, 4), (14, 14), (15, 15), (17, 15), (20, 15), (21, 23), (23, 25), (28, 30)],
)
def test_the_caret_follows_what_was_taken_out(column, caret):
    text = "a: {auth_key: GEHEIM, b: c}"
    shown, found = line(text, 1, column)
    assert shown == "a: {auth_key: (secret), b: c}"
    assert found == caret


def test_a_line_inside_a_secret():
    text = "a:\n  auth_key: |\n    GEHEIM\n    GEHEIM\n  b: c\n"
    assert line(text, 2, 13) == ("  auth_key: (secret)", 13)
    assert line(text, 3, 8) == ("    (secret)", 5)
    assert line(text, 4, 5) == ("    (secret)", 5)
    assert line(text, 5, 3) == ("  b: c", 3)


def test_a_blank_line_inside_a_secret_stays_blank():
    text = "auth_key: |\n  GEHEIM\n\n  GEHEIM\nb: c\n"
    assert line(text, 3, 1) == ("", 1)
    assert line(text, 5, 1) == ("b: c", 1)


def test_long_lines_are_cut_around_the_caret():
    text = "".join(str(number % 10) for number in range(1000))
    shown, caret = line(text, 1, 501)
    assert len(shown) == 72
    assert shown[caret - 1] == text[500]
    assert (shown[0], shown[-1]) == ("…", "…")
    shown, caret = line(text, 1, 1)
    assert (shown[caret - 1], shown[0], shown[-1]) == ("0", "0", "…")
    shown, caret = line(text, 1, 1000)
    assert (shown[caret - 1], shown[0], shown[-1]) == ("9", "…", "9")


def test_a_stream_says_document_and_member():
    text = (
        f"{APP}  state: ACTIVATION\n---\n{APP.replace('name: a', 'name: b')}  record_rules:\n  - name: x\n    foo: 1\n"
    )
    first = faults(text)[0]
    assert first.message == "document 2 (App/b), spec.record_rules[0]: item 1 of record_rules lacks obs_addr"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("kind: Ap\nmetadata: {name: [x]}\n", "document 1 (Ap): the document has no apiVersion"),
        ("- a\n", "document 1: a document is"),
        ("a: [\n", "the file ends"),
        ("a: 1\n---\nb: [\n", "document 1"),
    ],
)
def test_a_stream_of_anything(text, start):
    assert faults(text)[0].message.startswith(start)


def test_warnings_of_a_stream_are_named_too():
    (warning,) = load_text(APP + "  app_name: a.b\n").warnings
    assert warning.message.startswith("document 1 (App/a), spec.app_name: the console")
