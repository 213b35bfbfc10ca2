"""Syntax errors in our own words: every complaint of the parser, at the place a person would point at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rtcctl.manifest.parse import parse
from rtcctl.manifest.sources import Source

CASES = [
    ("a:\n\tb: 1", "2:1 a tab where indentation is due"),
    ("a: >\n\tfoo", "2:1 a tab where indentation is due"),
    ("a:\n  - b\n \t- c", "3:2 a tab where indentation is due"),
    ("-\t- a", "1:2 a tab is not allowed here"),
    ("a: b: c", "1:5 a ':' is not allowed here"),
    ("a\nb: 1", "2:2 a ':' is not allowed here"),
    ("a: - b", "1:4 a '-' item is not allowed here"),
    ("a: ? b", "1:4 a '?' key is not allowed here"),
    ("a: 1\nb\nc: 2", "2:1 this key has no ':'"),
    ("- a\nb: 1", "2:1 a '- ' item was due here"),
    ("a: [1, 2\nb: 3", "2:2 this list is not closed"),
    ("a: [1, 2", "1:4 this list is not closed"),
    ("a: {b: 1\nc: 2", "2:2 this mapping is not closed"),
    ('a: "x\nb: 2', "1:4 this quoted text is not closed"),
    ("a: 'x\n---\nb", "1:4 this quoted text is not closed"),
    ('a: "\\q"', "1:5 unknown escape"),
    ('a: "\\xzz"', "1:7 unknown escape"),
    ('a: "\\ud800"', "1:7 unknown escape"),
    ("a: |x\n b", "1:5 only a comment may follow"),
    ("a: |0\n b", "1:5 a text block's indentation"),
    ("a: & b", "1:5 '&' and '*' begin"),
    ("a: *\nb: 1", "1:5 '&' and '*' begin"),
    ("%foo\n---\na", "1:5 this line begins with '%'"),
    ("%YAML 3.0\n---\na", "1:1 this version of YAML"),
    ("a: 1\n...\nb: 2\n--- x", "3:1 only '---' may follow"),
    ("a: ]", "1:4 a value was due here"),
    ("a:\n  b: 1\n c: 2", "3:2 this line's indentation fits nothing"),
    ("a: 'x'y", "1:7 nothing may follow"),
    ("a: @x", "1:4 a text can't begin with '@'"),
    ("a: `x`", "1:4 a text can't begin with '`'"),
    ("a: !foo!bar x", "1:4 YAML tags are not supported"),
    ("a: !<x y", "1:7 YAML tags are not supported"),
    ("a: {b: ${env:X}}", "1:9 this bracket is not closed"),
    ("a: [", "1:5 the file ends before this is complete"),
    ("a: [\n\n", "1:5 the file ends before this is complete"),
]


def said(text: str) -> str:
    problems: list[Any] = []
    parse(Source("f", text, Path()), problems)
    (problem,) = problems
    assert problem.mend
    return f"{problem.place.line}:{problem.place.column} {problem.message}"


@pytest.mark.parametrize(("text", "start"), CASES)
def test_a_complaint_in_our_words(text, start):
    assert said(text).startswith(start)


@pytest.mark.parametrize("text", [text for text, _ in CASES if "ud800" not in text])
def test_without_the_c_loader_there_is_a_complaint_too(text, monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader")
    problems: list[Any] = []
    parse(Source("f", text, Path()), problems)
    assert all(problem.mend and problem.place.line >= 1 and problem.place.column >= 1 for problem in problems)


def test_an_unknown_complaint_is_still_one_of_ours(monkeypatch):
    def fail(text, Loader):  # noqa: N803
        raise yaml.MarkedYAMLError(problem="the moon is full", problem_mark=yaml.Mark("", 0, 0, 1, None, 0))

    monkeypatch.setattr(yaml, "parse", fail)
    assert said("abc") == "1:2 this is not valid YAML"


def test_a_complaint_without_a_place(monkeypatch):
    def fail(text, Loader):  # noqa: N803
        raise yaml.MarkedYAMLError

    monkeypatch.setattr(yaml, "parse", fail)
    assert said("abc\n") == "1:4 the file ends before this is complete"
    assert said("\n") == "1:1 the file ends before this is complete"
