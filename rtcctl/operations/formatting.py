"""Manifests put into canonical form: which files, what becomes of each, and writing them."""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from rtcctl.errors import Diagnostic, ManifestError, RtcctlError
from rtcctl.fmt import NotSameError, formatted
from rtcctl.manifest.parse import parse
from rtcctl.manifest.redact import HIDDEN, secret_spans
from rtcctl.manifest.report import finish
from rtcctl.manifest.sources import STDIN, Source, is_kustomization, read_sources
from rtcctl.manifest.tree import Node, Tree, child
from rtcctl.operations.loading import standard_input
from rtcctl.operations.settings import Settings
from rtcctl.schema.manifest import API_VERSION

Fate: TypeAlias = Literal["changed", "unchanged", "not a manifest", "left as it is"]
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file before and after; `path` is None for standard input."""

    name: str
    path: Path | None
    fate: Fate
    before: str
    after: str


def arrange(settings: Settings, *, stdin: Callable[[], bytes] = standard_input) -> tuple[Formatted, ...]:
    """Read every file and put it into canonical form, without writing anything.

    Raises:
        ManifestError: a file can't be read or is no valid YAML; with every finding.
        UsageError: ruamel.yaml is not installed.
    """
    problems: list[Diagnostic] = []
    sources = [
        source
        for source in read_sources(settings.files, stdin, settings.folder, problems)
        if not is_kustomization(source.name)
    ]
    read: list[tuple[Source, list[Tree]]] = []
    streamed: list[Node] = []
    for source in sources:
        trees, _ = parse(source, problems)
        read.append((source, trees))
        if source.name == STDIN:
            streamed = [tree.root for tree in trees]
    if problems:
        raise ManifestError(finish(problems, sources, streamed))
    return tuple(_formatted(source, trees, settings.folder) for source, trees in read)


def _formatted(source: Source, trees: Iterable[Tree], folder: Path) -> Formatted:
    path = None if source.name == STDIN else folder / source.name
    fate: Fate = "not a manifest"
    after = source.text
    if any(_is_ours(tree.root) for tree in trees):
        try:
            after = formatted(source.text)
            fate = "unchanged" if after == source.text else "changed"
        except NotSameError:
            fate = "left as it is"
    return Formatted(source.name, path, fate, source.text, after)


def _is_ours(root: Node) -> bool:
    version = child(root, "apiVersion")
    return version is not None and version.value == API_VERSION


def write(done: Formatted) -> None:
    """Replace a changed file as a whole; its mode stays, and a link stays one.

    Raises:
        RtcctlError: it can't be written; what was there is still there.
    """
    if done.path is None or done.fate != "changed":
        return
    path = Path(os.path.realpath(done.path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with path.open("rb") as old:
            mark = _BOM if old.read(len(_BOM)) == _BOM else b""
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(mark + done.after.encode())
        temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise RtcctlError(f"can't write {done.name}: {error.strerror or error}") from None


def difference(done: Formatted) -> Iterator[str]:
    """Yield the lines of a unified diff, with secrets taken out."""
    before, after = (_without_secrets(text).splitlines() for text in (done.before, done.after))
    yield from difflib.unified_diff(before, after, done.name, f"{done.name} (formatted)", lineterm="")


def _without_secrets(text: str) -> str:
    """Replace what is secret line by line, so that lines stay the same in number."""
    for start, end in reversed(secret_spans(text)):
        hidden = "\n".join(HIDDEN if line.strip() else line for line in text[start:end].split("\n"))
        text = text[:start] + hidden + text[end:]
    return text
