"""A first manifest, from few answers: what `init` writes. What an answer may be is what the kinds declare."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from rtcctl import manifest
from rtcctl.errors import ManifestError, UsageError
from rtcctl.kinds import KINDS, Member
from rtcctl.model.address import is_name
from rtcctl.operations.first_manifest import KEY, SCHEMA, Answers, Recording, lines

RECORDINGS: Mapping[Recording, str] = {
    "automatic": "every stream of every new room, by itself",
    "mixed": "one room as one picture, by a job that apply starts",
    "single": "one user's stream, by a job that apply starts",
    "none": "no recording, the app alone",
}


def locations() -> tuple[str, ...]:
    """Return the regions in which a rule may record."""
    return _declared("RecordRule", "obs_addr", "location").enum


def default_name(folder: Path) -> str:
    """Return the folder's name as far as it may name an app."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-._")[:63]
    return name if is_name(name) else "rtc"


def default_bucket(name: str) -> str:
    """Return a name for a bucket: OBS takes small letters, digits, `-` and `.`."""
    return f"{re.sub(r'[^a-z0-9-]+', '-', name.lower()).strip('-') or 'rtc'}-recordings"[:63]


def problem(what: str, text: str) -> str:
    """Tell what is wrong with an answer; empty where nothing is. `what` is a member of `Answers`."""
    if what == "name":
        return (
            ""
            if is_name(text)
            else "a name is 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or digit"
        )
    member = {
        "bucket": ("RecordRule", "obs_addr", "bucket"),
        "callback_url": ("RecordCallback", "url"),
        "room": ("MixStreamJob", "mix_param", "room_id"),
        "user": ("IndividualStreamJob", "user_id"),
    }[what]
    declared = _declared(*member)
    if "${" in text or not text.isprintable():
        return "variables and control characters are for the manifest: change it there"
    fits = len(text) >= (declared.min_length or 1) and re.search(declared.pattern, text)
    return "" if fits else declared.doc


def _declared(kind: str, *path: str) -> Member:
    members = KINDS[kind].members
    for name in path[:-1]:
        members = next(member for member in members if member.name == name).members
    return next(member for member in members if member.name == path[-1])


def compose(answers: Answers) -> str:
    """Return the manifest's text, in canonical form.

    Raises:
        UsageError: an answer is not allowed; the message says which and why.
    """
    text = "".join(f"{line}\n" for line in lines(answers))
    try:
        manifest.load(("-",), stdin=text.encode, environ={KEY: "k" * 32}, cwd=Path())
    except ManifestError as error:
        first = next(each for each in error.diagnostics if each.severity == "error")
        raise UsageError(f"no manifest can be made of that: {first.message}", mend=first.mend) from None
    return text


def write(folder: Path, out: Path, text: str) -> tuple[Path, ...]:
    """Write the manifest, and beside it the schema that its first line names unless one is there; return both.

    Raises:
        UsageError: the manifest exists already, or can't be written.
    """
    from rtcctl.schema import path as schema_path

    schema = out.with_name(SCHEMA)
    written = [out]
    try:
        with (folder / out).open("x", encoding="utf-8") as file:
            file.write(text)
        if not (folder / schema).exists():
            (folder / schema).write_text(schema_path("manifest").read_text(encoding="utf-8"), encoding="utf-8")
            written.append(schema)
    except FileExistsError:
        raise UsageError(f"{out} exists already", mend="name another file with --out; nothing was written") from None
    except OSError as error:
        raise UsageError(f"can't write {out}: {error.strerror or error}", mend="name another file with --out") from None
    return tuple(written)
