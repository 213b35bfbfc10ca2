"""Manifests put into canonical form: which files, what becomes of each, and writing them."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from rtcctl.errors import Diagnostic, RtcctlError
from rtcctl.fmt import NotSameError, formatted
from rtcctl.manifest.parse import parse
from rtcctl.manifest.redact import HIDDEN, secret_spans
from rtcctl.manifest.report import finish
from rtcctl.manifest.sources import STDIN, Source, is_kustomization, read_sources
from rtcctl.manifest.tree import Node, child
from rtcctl.operations.loading import standard_input
from rtcctl.operations.settings import Settings
from rtcctl.schema.manifest import API_VERSION

Fate: TypeAlias = Literal["changed", "unchanged", "not a manifest", "left as it is"]
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAYS_OURS = re.compile(
    rf"""^["']?apiVersion["']?[ \t]*:[ \t]*["']?{re.escape(API_VERSION.partition("/")[0])}/""", re.MULTILINE
)


class Formatted(Struct, frozen=True):
    """A file before and after; `path` is None for standard input.

    `why` says in a clause why it was left as it is, or that it is no manifest since it could not be read as one.
    """

    name: str
    path: Path | None
    fate: Fate
    before: str
    after: str
    why: str = ""


def arrange(
    settings: Settings, problems: list[Diagnostic], *, stdin: Callable[[], bytes] = standard_input
) -> tuple[Formatted, ...]:
    """Read every file and put it into canonical form, without writing anything.

    What is wrong with manifests, and with files that are not there, goes into `problems`; the others are arranged all
    the same. A file that can't be read as a manifest is none, unless one of its lines says that it is one.

    Raises:
        UsageError: ruamel.yaml is not installed.
    """
    unread: list[Diagnostic] = []
    sources = read_sources(settings.files, stdin, settings.folder, unread)
    found: list[Formatted] = []
    wrong = [each for each in unread if _is_wrong(each, settings.folder)]
    found += [_foreign(each, settings.folder) for each in unread if each not in wrong]
    streamed: list[Node] = []
    for source in sources:
        if is_kustomization(source.name):
            continue
        own: list[Diagnostic] = []
        trees, _ = parse(source, own)
        is_ours = any(_is_ours(tree.root) for tree in trees)
        if own and (is_ours or _SAYS_OURS.search(source.text)):
            wrong += own
            streamed = [tree.root for tree in trees] if source.name == STDIN else streamed
        else:
            found.append(_formatted(source, own, settings.folder, is_ours=is_ours))
    problems += finish(wrong, sources, streamed)
    return tuple(found)


def _is_wrong(problem: Diagnostic, folder: Path) -> bool:
    """Tell whether what could not be read has to be told of: it is not there, or may be a manifest."""
    place = problem.place
    if place is None or not place.line or place.file == STDIN:
        return True
    try:
        content = (folder / place.file).read_bytes()
    except OSError:
        return True
    text = content.decode("utf-16" if content[:2] in _UTF16 else "utf-8-sig", errors="replace")
    return not is_kustomization(place.file) and _SAYS_OURS.search(text) is not None


def _foreign(problem: Diagnostic, folder: Path) -> Formatted:
    name = problem.place.file if problem.place is not None else ""
    return Formatted(name, folder / name, "not a manifest", "", "", problem.message)


def _formatted(source: Source, problems: Sequence[Diagnostic], folder: Path, *, is_ours: bool) -> Formatted:
    path = None if source.name == STDIN else folder / source.name
    if problems:
        first = min(problems, key=lambda each: (each.place.line, each.place.column) if each.place else (0, 0))
        line = f"line {first.place.line}: " if first.place is not None else ""
        return Formatted(source.name, path, "not a manifest", source.text, source.text, f"{line}{first.message}")
    if not is_ours:
        return Formatted(source.name, path, "not a manifest", source.text, source.text)
    try:
        after = formatted(source.text)
    except NotSameError as error:
        return Formatted(source.name, path, "left as it is", source.text, source.text, str(error))
    return Formatted(source.name, path, "unchanged" if after == source.text else "changed", source.text, after)


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
