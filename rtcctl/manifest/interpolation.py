"""Variables in texts of `spec`: `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}`; `$${` is a plain `${`.

As in a shell, the default also stands in for an empty variable. A file's last line break is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any, Self, TypeAlias

from msgspec import Struct, field

from rtcctl.errors import Diagnostic
from rtcctl.manifest.redact import is_sensitive_name
from rtcctl.manifest.sources import STDIN
from rtcctl.manifest.tree import Node, value_place
from rtcctl.manifest.words import harmless, twin

LARGEST_FILE = 64 * 1024
"""Bytes that a `${file:…}` may hold."""

Data: TypeAlias = "str | int | float | bool | list[Data] | dict[str, Data] | None"
Step: TypeAlias = "str | int"

_TOKEN = re.compile(r"\$\$\{|\$\{(?:([^:{}]*):([^{}]*)\})?")
_ENV = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


class Filled(str):
    """A text that variables went into. `origin` may be shown, the text may not.

    The origin is `env:NAME` or `file:PATH` where the text is that and nothing else, `manifest` where part of it
    (a default counts) stands in the manifest. `known` is False where something was missing.
    """

    __slots__ = ("known", "origin")

    origin: str
    known: bool

    def __new__(cls, text: str, origin: str, *, known: bool = True) -> Self:
        """Make the text."""
        self = super().__new__(cls, text)
        self.origin = origin
        self.known = known
        return self


class Filler(Struct):
    """Turns the nodes of one document into plain data, with variables filled in.

    `missing` are the paths of texts that could not be filled in.
    """

    file: str
    folder: Path
    environ: Mapping[str, str]
    problems: list[Diagnostic]
    missing: list[tuple[Step, ...]] = field(default_factory=list)

    def data(self, node: Node, path: tuple[Step, ...], *, fill: bool) -> Any:
        """Return the plain data of a node; texts are left alone unless `fill`."""
        value = node.value
        if isinstance(value, dict):
            return {name: self.data(below, (*path, name), fill=fill) for name, below in value.items()}
        if isinstance(value, list):
            return [self.data(below, (*path, index), fill=fill) for index, below in enumerate(value)]
        if fill and isinstance(value, str) and "${" in value:
            return self.text(value, node, path)
        return value

    def text(self, text: str, node: Node, path: tuple[Step, ...]) -> str:
        """Fill one text in."""
        parts: list[str] = []
        origins: list[str] = []
        known = True
        end = 0
        for token in _TOKEN.finditer(text):
            parts.append(text[end : token.start()])
            end = token.end()
            if token.group() == "$${":
                parts.append("${")
                continue
            found = self.resolve(token, node, path)
            known = known and found is not None
            value, origin = found or ("", "")
            parts.append(value)
            origins.append(origin)
        parts.append(text[end:])
        if not origins:
            return "".join(parts)
        if not known:
            self.missing.append(path)
        alone = _TOKEN.fullmatch(text) is not None
        return Filled("".join(parts), origins[0] if alone else "manifest", known=known)

    def resolve(self, token: re.Match[str], node: Node, path: tuple[Step, ...]) -> tuple[str, str] | None:
        """Return a variable's text and origin; None, and a diagnostic, where there is none."""
        scheme, rest = token.group(1), token.group(2)
        if scheme == "env" and (name := _ENV.fullmatch(rest)):
            return self.variable(name.group(1), name.group(2), node, path)
        if scheme == "file" and rest:
            return self.content(rest, node)
        mend = "write ${env:NAME}, ${env:NAME:-default} or ${file:PATH}; a plain ${ is written $${"
        self.report("this ${ does not begin a variable", mend, node)
        return None

    def variable(
        self, name: str, default: str | None, node: Node, path: tuple[Step, ...] = ()
    ) -> tuple[str, str] | None:
        """Return an environment variable."""
        value = self.environ.get(name)
        if default is not None and not value:
            return default, "manifest"
        if value is None:
            self.report(f"variable {name} is not set", self.mend(name, path), node)
            return None
        if not _is_text(value):
            self.report(f"variable {name} does not hold UTF-8 text", "set it to plain text", node)
            return None
        return value, f"env:{name}"

    def mend(self, name: str, path: tuple[Step, ...]) -> str:
        """Say what to do about a variable that is not set; a secret's default would stand in the manifest."""
        if any(isinstance(step, str) and is_sensitive_name(step) for step in path):
            mend = f"set it (export {name}=...), or take it from a file: ${{file:PATH}}"
        else:
            mend = f"set it, or write ${{env:{name}:-default}}"
        meant = twin(name, self.environ)
        return f"did you mean {meant}, which is set? Otherwise {mend}" if meant else mend

    def content(self, name: str, node: Node) -> tuple[str, str] | None:
        """Return a file's text."""
        shown = harmless(name)
        try:
            with (self.folder / name).open("rb") as stream:
                data = stream.read(LARGEST_FILE + 1)
            text = data.decode()
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            self.report(f"file {shown} can't be read: {reason}", "the path starts at the manifest's folder", node)
            return None
        except ValueError:
            self.report(f"file {shown} does not hold UTF-8 text", "name a text file", node)
            return None
        if len(data) > LARGEST_FILE:
            self.report(f"file {shown} is larger than {LARGEST_FILE >> 10} KiB", "is it the right file?", node)
            return None
        return without_line_break(text), f"file:{self.beside(name)}"

    def beside(self, name: str) -> str:
        """Return a file's path as it can be found again from the current directory."""
        return name if self.file == STDIN else (PurePath(self.file).parent / name).as_posix()

    def report(self, message: str, mend: str, node: Node) -> None:
        """Note a diagnostic at a text."""
        self.problems.append(Diagnostic(message, value_place(self.file, node), mend=mend))


def without_line_break(text: str) -> str:
    """Drop a file's last line break: editors add one, and it is not part of a key."""
    return text.removesuffix("\n").removesuffix("\r")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
