"""The quick look at a value: it never lets pass what jsonschema refuses, and lets pass what manifests are made of."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.manifest.validate import _validators
from rtcctl.schema import holds, manifest_schema
from rtcctl.schema.holds import _RULES

SCHEMAS = manifest_schema()["$defs"]
VALIDATORS = _validators(SCHEMAS)
EXAMPLES = [
    document
    for file in sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
    for document in yaml.safe_load_all(re.sub(r"\$\{.*?:-(.*?)\}", r"\1", file.read_text()))
    if document.get("kind") in SCHEMAS
]
STRAY: list[Any] = [
    *(None, True, False, 0, 1, -1, 59, 1.5, 3600.0, float("nan"), 10**9),
    *("", "x", "é", "a\n", "x" * 5000, "MP4", "default", "nine_grids_view", "https://a.example"),
    *([], [1], ["MP4", "MP4"], [{}], {}, {"name": "x"}, {"x": 1}),
]


def keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from keywords(each)
    elif isinstance(schema, dict):
        yield from schema
        for name, below in schema.items():
            inner = below.values() if name == "properties" else [below]
            for each in inner if name not in ("default", "const", "enum", "required") else ():
                yield from keywords(each)


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield before
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in steps:
        yield from paths(below, (*before, step))


def test_every_keyword_of_the_schema_is_known():
    assert {each for schema in SCHEMAS.values() for each in keywords(schema)} == set(_RULES)


def test_examples_hold():
    assert len(EXAMPLES) > 5
    assert all(holds(SCHEMAS[each["kind"]], each) for each in EXAMPLES)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [0, -5], [True, "1", 1.5, None]),
        ({"type": "number"}, [0, 1.5], [False, "1"]),
        ({"type": "boolean"}, [True, False], [0, 1, "true"]),
        ({"type": "string", "pattern": "^a+$"}, ["a", "aa"], ["", "b", "a\n", 1]),
        ({"type": "string", "minLength": 1, "maxLength": 2}, ["a", "ab"], ["", "abc"]),
        ({"type": "string", "enum": ["a", "b"]}, ["a"], ["c", 1]),
        ({"type": "integer", "minimum": 2, "maximum": 4}, [2, 4], [1, 5]),
        ({"type": "integer", "anyOf": [{"const": 0}, {"minimum": 60}]}, [0, 60], [1, 59]),
        ({"const": 1}, [1], [True, 1.0, "1"]),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1}, [["a"]], [[], [1], "a"]),
        ({"type": "array", "uniqueItems": True}, [["a", "b"]], [["a", "a"]]),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, [{}, {"a": "", "b": 1}], [{"a": 1}, []]),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, [{"a": 1}], [{"b": 1}]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, [{}, {"b": ""}], [{"b": 1}]),
        ({"type": "object", "propertyNames": {"pattern": "^a"}, "minProperties": 1}, [{"a": 1}], [{}, {"b": 1}]),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1}, {"b": 1}], [{}, {"a": 1, "b": 1}]),
        ({"not": {"required": ["a", "b"]}}, [{}, {"a": 1}], [{"a": 1, "b": 1}]),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, dict) else "",
)
def test_a_rule(schema, good, bad):
    assert [holds(schema, each) for each in good] == [True] * len(good)
    assert [holds(schema, each) for each in bad] == [False] * len(bad)


@pytest.mark.parametrize(
    "schema", [{"not": {"type": "string"}}, {"oneOf": [{"type": "string"}, {"required": ["a"]}]}, {"$ref": "#"}]
)
def test_what_is_not_known_for_sure_is_left_to_jsonschema(schema):
    assert not holds(schema, {"a": 1})


@given(st.data())
def test_nothing_passes_that_jsonschema_refuses(data):
    document = copy.deepcopy(data.draw(st.sampled_from(EXAMPLES)))
    for _ in range(data.draw(st.integers(1, 2))):
        *to, last = data.draw(st.sampled_from([path for path in paths(document) if path]))
        parent = document
        for step in to:
            parent = parent[step]
        if data.draw(st.booleans()) and isinstance(parent, dict):
            name = data.draw(st.sampled_from(["name", "mp4_config", "record_rule", "x", "user_id"]))
            parent[name] = copy.deepcopy(data.draw(st.sampled_from(STRAY)))
        elif data.draw(st.booleans()):
            parent[last] = copy.deepcopy(data.draw(st.sampled_from(STRAY)))
        else:
            del parent[last]
    kind = data.draw(st.sampled_from(sorted(SCHEMAS)))
    for each in (kind, document["kind"]) if document.get("kind") in list(SCHEMAS) else (kind,):
        assert not holds(SCHEMAS[each], document) or not list(VALIDATORS[each].iter_errors(document))
