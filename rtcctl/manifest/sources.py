"""Which files make up the manifest, and their text.

A path is a file, a directory (`*.yaml` and `*.yml` below it, sorted; dot-names and kustomizations skipped) or `-`
for standard input.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from rtcctl.errors import Diagnostic, Place

STDIN = "<stdin>"
LARGEST = 10 * 1024 * 1024
"""Bytes that one file may hold."""

_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml")
_ENDINGS = (".yaml", ".yml")
_PRINTABLE_ASCII = "\t\n\r\x20-\x7e"
_PRINTABLE = _PRINTABLE_ASCII + "\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Source(Struct, frozen=True):
    """One file: its name as shown, its text, and the folder that `${file:…}` starts from."""

    name: str
    text: str
    folder: Path


def read_sources(
    paths: Sequence[str], stdin: Callable[[], bytes], cwd: Path, problems: list[Diagnostic]
) -> list[Source]:
    """Read every file once, in the order given; what can't be read goes into `problems`."""
    if not paths:
        problems.append(Diagnostic("no manifest is given", mend="add -f FILE, -f DIRECTORY or -f -"))
    sources: list[Source] = []
    seen: set[str] = set()
    for given in paths:
        for name, file in _expand(given, cwd, problems):
            identity = STDIN if file is None else os.path.realpath(file)
            if identity in seen:
                problems.append(
                    Diagnostic("this file is read twice", Place(name), mend="name each file and folder once")
                )
                continue
            seen.add(identity)
            source = _read(name, file, stdin, cwd, problems)
            if source is not None:
                sources.append(source)
    return sources


def _expand(given: str, cwd: Path, problems: list[Diagnostic]) -> Iterator[tuple[str, Path | None]]:
    """Yield shown names and files; None stands for standard input."""
    if given == "-":
        yield STDIN, None
        return
    if not given or "\0" in given:
        problems.append(Diagnostic(f"{given!r} is no file name", mend="name a file, a folder or -"))
        return
    path = cwd / given
    try:
        files = _files_in(path) if path.is_dir() else None
    except OSError as error:
        problems.append(
            Diagnostic(f"this can't be read: {_reason(error)}", Place(given), mend="check its name and rights")
        )
        return
    if files is None:
        yield given, path
        return
    if not files:
        mend = "files in it must end in .yaml or .yml; dot-names and kustomizations are skipped"
        problems.append(Diagnostic("this folder holds no manifest", Place(given), mend=mend))
    for file in files:
        yield str(Path(given) / file.relative_to(path)), file


def _files_in(folder: Path) -> list[Path]:
    found: list[Path] = []

    def fail(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place) / name for name in names if _is_manifest(name)]
    return sorted(found)


def _is_manifest(name: str) -> bool:
    return name.endswith(_ENDINGS) and not name.startswith(".") and not is_kustomization(name)


def is_kustomization(name: str) -> bool:
    """Tell whether a file says how others are put together, by its name."""
    return Path(name).name in _KUSTOMIZATIONS


def _read(
    name: str, file: Path | None, stdin: Callable[[], bytes], cwd: Path, problems: list[Diagnostic]
) -> Source | None:
    try:
        data = stdin() if file is None else _bytes(file)
    except OSError as error:
        problems.append(
            Diagnostic(f"this can't be read: {_reason(error)}", Place(name), mend="check its name and rights")
        )
        return None
    if len(data) > LARGEST:
        mend = "split it into several files"
        problems.append(Diagnostic(f"this file is larger than {LARGEST >> 20} MiB", Place(name), mend=mend))
        return None
    text = _decode(name, data, problems)
    return None if text is None else Source(name, text, cwd if file is None else file.parent)


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()


def _decode(name: str, data: bytes, problems: list[Diagnostic]) -> str | None:
    """Return the text without a byte order mark; None where it is no text that YAML allows."""
    if data.startswith(_UTF16):
        problems.append(Diagnostic("this file is encoded in UTF-16", Place(name, 1, 1), mend="save it as UTF-8"))
        return None
    zero = data.find(b"\0")
    if zero >= 0:
        place = _place_of_byte(name, data, zero)
        problems.append(
            Diagnostic("this file is binary, not text: it holds a zero byte", place, mend="is it the right file?")
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (len(data) - len(error.object))
        place = _place_of_byte(name, data, at)
        message = f"this file is not UTF-8: byte 0x{data[at]:02x} at offset {at}"
        problems.append(Diagnostic(message, place, mend="save it as UTF-8"))
        return None
    return text if _is_printable(name, text, problems) else None


def _is_printable(name: str, text: str, problems: list[Diagnostic]) -> bool:
    # The pattern for all of Unicode takes longer to make than most files to be read.
    found = re.search(f"[^{_PRINTABLE_ASCII if text.isascii() else _PRINTABLE}]", text)
    if found is None:
        return True
    before = text[: found.start()]
    place = Place(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
    message = f"control character U+{ord(found.group()):04X} is not allowed in YAML"
    problems.append(Diagnostic(message, place, mend="remove it, or write it as an escape in double quotes"))
    return False


def _place_of_byte(name: str, data: bytes, at: int) -> Place:
    start = data.rfind(b"\n", 0, at) + 1
    column = len(data[start:at].decode("utf-8-sig" if start == 0 else "utf-8", "replace")) + 1
    return Place(name, data.count(b"\n", 0, at) + 1, column)
