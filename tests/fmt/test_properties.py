"""Whatever way a manifest is written in: the canonical form says the same, keeps its comments, and is its own form."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rtcctl.fmt import NotSameError, formatted
from rtcctl.fmt.order import orders
from rtcctl.fmt.same import values
from rtcctl.model.resource import Desired
from tests.manifest.loading import load_text

ROOT = Path(__file__).parents[2]
ENVELOPE: dict[str, Any] = {
    "apiVersion": "rtcctl.dev/v1",
    "kind": "App",
    "metadata": {"name": "a", "labels": {"z": "1", "b": "2"}},
}
SPEC: dict[str, Any] = {
    "app_name": "${env:NAME:-one}",
    "state": "ACTIVATION",
    "record_rules": [
        {
            "name": name,
            "obs_addr": {"location": location, "project_id": "0123", "bucket": "b", "object": "x/"},
            "record_formats": ["MP4", "HLS"],
            "hls_config": {"record_cycle": 0},
            "mp4_config": {},
        }
        for name, location in (("one", "cn-north-4"),)
    ],
    "record_callback": {"url": "https://a.example/cb", "auth_key": "${env:KEY:-x: # y}"},
    "auto_record_mode": {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule": "one"},
    "mix_stream_jobs": [
        {
            "name": "lesson",
            "mix_param": {"room_id": "r", "encode_template": "1280x720_15_1130", "layout_template": "nine_grids_view"},
            "record_param": {"record_rule": "one"},
            "restart": "Never",
        }
    ],
    "lifecycle": {"prevent_destroy": True, "ignore_changes": ["record_callback.url"]},
}


class Writer:
    """Writes a document by chance: order, indentation, quotes, braces, comments, blank lines."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0

    def maybe(self, odds: float = 0.3) -> bool:
        return self.chance.random() < odds

    def lead(self, indent: int) -> Iterator[str]:
        if self.maybe(0.2):
            yield ""
        if self.maybe():
            self.count += 1
            yield f"{' ' * indent}# {self.count}: 'not' {{closed"

    def end(self) -> str:
        self.count += 1
        return f"{' ' * self.chance.randint(1, 3)}# {self.count}" if self.maybe(0.2) else ""

    def mapping(self, value: dict[str, Any], indent: int) -> Iterator[str]:
        names = list(value)
        if self.maybe(0.7):
            self.chance.shuffle(names)
        for name in names:
            yield from self.lead(indent)
            yield from self.entry(f"{' ' * indent}{self.quoted(name)}:", value[name], indent)
        if self.maybe(0.1):
            yield f"{' ' * indent}# at the end"

    def entry(self, key: str, value: Any, indent: int) -> Iterator[str]:
        if not isinstance(value, (dict, list)) or not value or self.maybe(0.2):
            yield f"{key} {self.inline(value)}{self.end()}"
        elif isinstance(value, dict):
            yield key + self.end()
            yield from self.mapping(value, indent + self.chance.choice([1, 2, 4]))
        else:
            yield key + self.end()
            yield from self.items(value, indent + self.chance.choice([0, 2, 3]))

    def items(self, value: list[Any], indent: int) -> Iterator[str]:
        for item in value:
            yield from self.lead(indent)
            dash = f"{' ' * indent}-{' ' * self.chance.choice([1, 1, 3])}"
            if isinstance(item, dict) and self.maybe(0.8):
                lines = list(self.mapping(item, len(dash)))
                first = next(number for number, line in enumerate(lines) if line and not line.lstrip().startswith("#"))
                yield from (line.strip() and f"{' ' * indent}{line.strip()}" for line in lines[:first])
                yield dash + lines[first].lstrip(" ")
                yield from lines[first + 1 :]
            else:
                yield f"{dash}{self.inline(item)}{self.end()}"

    def inline(self, value: Any) -> str:
        if isinstance(value, dict):
            names = self.chance.sample(list(value), len(value))
            return "{" + ", ".join(f"{name}: {self.inline(value[name])}" for name in names) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.inline(item) for item in value) + "]"
        return self.quoted(value)

    def quoted(self, value: Any) -> str:
        if not isinstance(value, str):
            return str(value).lower()
        bare = value[0] not in "0123$" and ": " not in value and self.maybe(0.6)
        style = None if bare else self.chance.choice(["'", '"'])
        return yaml.safe_dump(value, default_style=style, width=1000).removesuffix("\n").removesuffix("\n...")


def written(chance: random.Random) -> str:
    """Write two apps and something between them."""
    texts = []
    for name in ("a", "b"):
        document = {**ENVELOPE, "metadata": {**ENVELOPE["metadata"], "name": name}, "spec": {**SPEC, "app_name": name}}
        texts.append("\n".join(Writer(chance).mapping(document, 0)) + "\n")
    return "# head\n\n" + "---\n".join(texts)


def meant(text: str) -> Desired:
    """Load, and forget where things stood."""
    found = load_text(text)
    resources = {address: replace(each, places={}) for address, each in found.resources.items()}
    return replace(found, resources=resources, digest="", warnings=())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_the_canonical_form_means_the_same_and_is_its_own_form(seed):
    text = written(random.Random(seed))
    done = formatted(text)
    assert meant(done) == meant(text)
    assert formatted(done) == done


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_members_are_in_order_everywhere(seed):
    def look(value: Any, order: Any) -> None:
        if isinstance(value, dict):
            known = [name for name in value if name in order.names]
            assert known == sorted(known, key=order.names.index)
            for name, below in value.items():
                look(below, order.of(name))
        elif isinstance(value, list):
            for item in value:
                look(item, order)

    for document in yaml.safe_load_all(formatted(written(random.Random(seed)))):
        look(document, orders()["App"])


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab:-#&*x|>'\"{}[], \n\n  "), max_size=60))
def test_any_text_that_parses_is_formatted_or_refused_and_keeps_its_values(rest):
    text = f"kind: App\napiVersion: rtcctl.dev/v1\nspec:\n  zz: 1\n{rest}"
    try:
        before = values(text)
    except NotSameError:
        return
    try:
        done = formatted(text)
    except NotSameError:
        return
    assert values(done) == before
    assert formatted(done) == done


LINES = [
    "state: x", "app_name: 'y'", "record_rules:", "- name: a", "- - b", "lifecycle: {prevent_destroy: true}", "# c", "",
    "? k", ": v", "zz: |", "zz: >", "  text", "auth_key: |+", "-", "- # d", "&a", "x: &b 1", "y: *b", 'url: "a', '  b"',
    "[1, {b: 2, name: 3}]", "---", "...", "k: [", "]",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((0, 2, 2, 2, 4, 4, 6)), st.sampled_from(LINES)), min_size=1, max_size=7))
def test_lines_in_any_order_are_formatted_or_refused_and_keep_their_values(lines):
    rest = "".join(f"{' ' * indent}{line}\n" for indent, line in lines)
    text = f"kind: App\napiVersion: rtcctl.dev/v1\nspec:\n{rest}"
    try:
        before = values(text)
        done = formatted(text)
    except NotSameError:
        return
    assert values(done) == before
    assert formatted(done) == done


def test_every_example_is_in_canonical_form():
    files = sorted(path for path in (ROOT / "examples").rglob("*.yaml"))
    ours = [path for path in files if path.read_text(encoding="utf-8").find("apiVersion: rtcctl.dev/v1") >= 0]
    assert len(ours) > 5
    for path in ours:
        text = path.read_text(encoding="utf-8")
        assert formatted(text) == text, path
