"""Trees from YAML: places, documents, and everything that is refused while events arrive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rtcctl.manifest.parse import DEEPEST, parse
from rtcctl.manifest.sources import Source
from rtcctl.manifest.tree import Node, child, key_place, value_place
from tests.manifest.loading import APP, faults


def read(text: str) -> tuple[list[Any], list[str], bool]:
    """Return plain documents, what was said (`line:column message`), and whether the file was read whole."""
    problems: list[Any] = []
    trees, whole = parse(Source("f", text, Path()), problems)
    said = [f"{problem.place.line}:{problem.place.column} {problem.message}" for problem in problems]
    return [plain(tree.root) for tree in trees], said, whole


def plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {name: plain(below) for name, below in node.value.items()}
    if isinstance(node.value, list):
        return [plain(below) for below in node.value]
    return node.value


def root(text: str) -> Any:
    (tree,), _ = parse(Source("f", text, Path()), [])
    return tree.root


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("a: 1\n", [{"a": 1}]),
        ("a: '1'\nb: \"2\"\nc: |\n  3\n", [{"a": "1", "b": "2", "c": "3\n"}]),
        ("{a: [1, {b: c}], d: }", [{"a": [1, {"b": "c"}], "d": None}]),
        ("- a\n- - b\n", [["a", ["b"]]]),
        ("a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("---\na: 1\n---\n---\n# none\n---\nb: 2\n...\n", [{"a": 1}, {"b": 2}]),
        ("%YAML 1.2\n---\na: 1\n", [{"a": 1}]),
        ("null", [None]),
        ("", []),
        ("# only a comment", []),
        ("text", ["text"]),
        ("a: &x 1\nb: *x\n", [{"a": 1, "b": 1}]),
        ("a: &x [1, 2]\nb: *x\nc: {d: *x}\n", [{"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}]),
        ("&k a: 1\nb: *k\n", [{"a": 1, "b": "a"}]),
    ],
)
def test_documents(text, documents):
    assert read(text) == (documents, [], True)


def test_places_of_keys_and_values():
    node = root("a:\n  b: [x, ö, y]\n  c: z\n")
    b = node.value["a"].value["b"]
    assert str(key_place("f", b)) == "f:2:3"
    assert str(value_place("f", b)) == "f:2:6"
    assert [str(key_place("f", item)) for item in b.value] == ["f:2:7", "f:2:10", "f:2:13"]


def test_an_alias_has_a_place_of_its_own():
    node = root("a: &x {b: 1}\nc: *x\n")
    repeated = child(node, "c")
    assert repeated is not None
    assert str(key_place("f", repeated)) == "f:2:1"
    assert str(value_place("f", repeated)) == "f:2:4"
    inner = child(repeated, "b")
    assert inner is not None
    assert str(key_place("f", inner)) == "f:1:8"


@pytest.mark.parametrize("step", ["x", 7, 0])
def test_there_is_nothing_under_what_is_not_there(step):
    assert child(root("a: 1"), step) is None
    assert child(root("[a]"), "a") is None
    assert child(root("[a]"), 1) is None


@pytest.mark.parametrize(
    ("text", "document", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", {"a": 1, "b": 2}, "3:1 this key was given before, in line 1"),
        ("a: !!str 1", {"a": "1"}, "1:4 YAML tags are not supported"),
        ("a: !x [1]", {"a": [1]}, "1:4 YAML tags are not supported"),
        ("a: !!python/name:os.system ''", {"a": ""}, "1:4 YAML tags are not supported"),
        ("1: x\nb: 2\n", {"b": 2}, "1:1 a key must be text"),
        ("true: x", {}, "1:1 a key must be text"),
        ("? \n: x", {}, "1:2 a key must be text"),
        ("? [a]\n: [b]\nc: 1", {"c": 1}, "1:3 a key must be text"),
        ("? {a: 1}\n: 2\nc: 1", {"c": 1}, "1:3 a key must be text"),
        ("<<: {a: 1}\nb: 2", {"b": 2}, "1:1 merge keys are not supported"),
    ],
)
def test_what_is_refused_while_reading_goes_on(text, document, said):
    assert read(text) == ([document], [said], True)


def test_a_quoted_merge_sign_is_a_key():
    assert read("'<<': 1") == ([{"<<": 1}], [], True)


@pytest.mark.parametrize("text", ["1: x", "<<: {a: 1}", "? [a]\n: b"])
def test_a_document_that_lost_a_part_is_broken(text):
    trees, _ = parse(Source("f", f"{text}\n---\na: 1\n", Path()), [])
    assert [tree.broken for tree in trees] == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\n---\nb: *x\n", "3:4 this alias has no anchor before it in the document"),
        ("a: &x 1\n---\nb: *x\n", "3:4 this alias has no anchor before it in the document"),
        ("a: 1\n---\nb: &x [1, *x]\n", "3:11 this alias stands inside what it repeats"),
        ("a: 1\n---\nb: [\n", "3:5 the file ends before this is complete"),
    ],
)
def test_what_ends_the_reading_keeps_the_documents_before(text, said):
    documents, problems, whole = read(text)
    assert len(documents) == 1
    assert (problems, whole) == ([said], False)


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_depth_is_limited_while_events_arrive(opening):
    closing = {"[": "]"}.get(opening, "}")
    assert read(opening * DEEPEST + closing * DEEPEST)[1:] == ([], True)
    _, said, whole = read(opening * (DEEPEST + 1) + closing * (DEEPEST + 1))
    assert said == [f"1:{DEEPEST * len(opening) + 1} nested more than 100 deep"]
    assert not whole


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_forty_thousand_brackets(opening):
    (problem,) = faults(opening * 40_000)
    assert "nested more than 100 deep" in problem.message


def test_aliases_can_not_go_around_the_depth():
    text = "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 60 + "*a" + "]" * 60
    assert "aliases blow this file up" in read(text)[1][0]


def test_depth_of_aliases_counts_through_anchors():
    text = "a: &a [[[[1]]]]\nb: &b [[*a]]\nc: " + "[" * 94 + "*b" + "]" * 94
    assert "aliases blow this file up" in read(text)[1][0]
    assert read(text.replace("[" * 94, "[" * 93).replace("]" * 94, "]" * 93))[1] == []


def test_a_bomb_of_aliases():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    (problem,) = faults(APP + "".join(f"  {line}\n" for line in lines))
    assert "aliases blow this file up" in problem.message
    assert problem.mend


def test_without_the_c_loader_the_same_comes_out(monkeypatch):
    text = "a: &x [1, 'b', {c: }]\nd: *x\n---\ne: 12:30\n"
    with_c = read(text)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert read(text) == with_c
    assert read("a: [1,\nb: }")[2] is False


def test_what_the_parser_can_not_place(monkeypatch):
    def fail(text, Loader):  # noqa: N803
        raise yaml.YAMLError

    monkeypatch.setattr(yaml, "parse", fail)
    assert read("a: 1") == ([], ["1:1 this is not valid YAML"], False)
