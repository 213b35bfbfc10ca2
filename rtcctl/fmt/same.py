"""What must not change: values, quotes, anchors, documents and comments. Two readers say so, ours and ruamel.yaml."""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rtcctl.errors import Diagnostic, UsageError
from rtcctl.fmt.spans import Offsets
from rtcctl.manifest.parse import parse
from rtcctl.manifest.sources import Source
from rtcctl.manifest.tree import Node

_COMMENT = re.compile(r"#[^\n]*")


class NotSameError(Exception):
    """The text can't be arranged without changing more than its arrangement; says why in a clause."""


def check_same(before: str, after: str) -> None:
    """Compare a text with its arranged form.

    Raises:
        NotSameError: they differ in more than arrangement.
        UsageError: ruamel.yaml is not installed.
    """
    for read, what in (
        (values, "its values"),
        (_scalars, "its texts, quotes or anchors"),
        (_comments, "its comments"),
        (_second_reading, "its values, as ruamel.yaml reads them,"),
    ):
        if read(before) != read(after):
            raise NotSameError(f"{what} would not stay the same")


def values(text: str) -> list[Any]:
    """Return the documents as plain values; mappings compare equal in whatever order.

    Raises:
        NotSameError: the text is not one that the manifest's parser takes.
    """
    problems: list[Diagnostic] = []
    trees, _ = parse(Source("", text, Path()), problems)
    if problems:
        raise NotSameError(f"once arranged it could not be read: {problems[0].message}")
    return [_plain(tree.root) for tree in trees]


def _plain(node: Node) -> Any:
    match node.value:
        case dict() as members:
            return {name: _plain(below) for name, below in members.items()}
        case list() as items:
            return [_plain(item) for item in items]
        case scalar:
            return scalar.__class__.__name__, scalar


def _scalars(text: str) -> Counter[Any]:
    """Every text with its quotes and anchor, every collection with its brackets and anchor, every alias, document."""
    import yaml

    return Counter(
        (
            event.__class__,
            getattr(event, "value", None),
            getattr(event, "style", None),
            getattr(event, "flow_style", None),
            getattr(event, "anchor", None),
        )
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    )


def _comments(text: str) -> Counter[str]:
    return Counter(found.rstrip() for found in comments(text))


def comments(text: str) -> Iterator[str]:
    """Yield every comment."""
    for start, end in _gaps(text):
        yield from _COMMENT.findall(text[start:end])


def _gaps(text: str) -> Iterator[tuple[int, int]]:
    """Yield where comments may be: what no token of YAML holds, and what follows the sign of a block text."""
    import yaml

    at = Offsets(text)
    done = 0
    for token in yaml.scan(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        start, end = at(token.start_mark), at(token.end_mark)
        if start > done:
            yield done, start
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            yield start, start + len(text[start:end].partition("\n")[0])
        done = max(done, end)
    yield done, len(text)


def _without_tabs(text: str) -> str:
    """Put blanks for tabs between tokens, which YAML allows there and ruamel.yaml does not."""
    parts: list[str] = []
    done = 0
    for start, end in _gaps(text):
        parts += [text[done:start], text[start:end].replace("\t", " ")]
        done = end
    return "".join([*parts, text[done:]])


def _second_reading(text: str) -> list[Any]:
    try:
        from ruamel.yaml import YAML
    except ImportError:
        raise UsageError("fmt needs ruamel.yaml", mend="pip install 'rtcctl[fmt]'") from None
    from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
    from ruamel.yaml.parser import ParserError
    from ruamel.yaml.scanner import ScannerError

    reader = YAML(typ="safe", pure=True)
    reader.allow_duplicate_keys = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            return list(reader.load_all(io.StringIO(_without_tabs(text) if "\t" in text else text)))
    except (YAMLError, ValueError) as error:  # the latter where a date is none
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark is not None else " it"
        why = f": {error.problem}" if isinstance(error, (ScannerError, ParserError)) else ""  # others may tell a value
        raise NotSameError(f"ruamel.yaml, which reads it again, can't read{where}{why}") from None
