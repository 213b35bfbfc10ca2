"""A first manifest, from few answers: what `init` writes. What an answer may be is what the kinds declare."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from rtcctl import manifest
from rtcctl.errors import ManifestError, UsageError
from rtcctl.kinds import KINDS, Member
from rtcctl.model.address import is_name

Recording: TypeAlias = Literal["automatic", "mixed", "single", "none"]

RECORDINGS: Mapping[Recording, str] = {
    "automatic": "every stream of every new room, by itself",
    "mixed": "one room as one picture, by a job that apply starts",
    "single": "one user's stream, by a job that apply starts",
    "none": "no recording, the app alone",
}
SCHEMA = "manifest.schema.json"
"""The file beside the manifest that its first line names to editors."""
KEY = "RTC_CALLBACK_KEY"
"""The variable that the manifest takes the callback's auth_key from."""
PROJECT_ID = "HUAWEICLOUD_SDK_PROJECT_ID"
NO_PROJECT = "0" * 32
"""What stands for the project ID until there is one; good enough for the simulator."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the manifest is made of. Without `project_id` it is taken from the environment each time."""

    name: str
    recording: Recording = "automatic"
    bucket: str = ""
    location: str = ""
    project_id: str = ""
    callback_url: str = ""
    room: str = "room001"
    user: str = "user001"


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
            "" if is_name(text) else "letters, digits, '.', '_' and '-', 63 at most, beginning with a letter or digit"
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
    text = "".join(f"{line}\n" for line in _lines(answers))
    try:
        manifest.load(("-",), stdin=text.encode, environ={KEY: "k" * 32}, cwd=Path())
    except ManifestError as error:
        first = next(each for each in error.diagnostics if each.severity == "error")
        raise UsageError(f"no manifest can be made of that: {first.message}", mend=first.mend) from None
    return text


def _lines(answers: Answers) -> Iterator[str]:
    records = answers.recording != "none"
    yield f"# yaml-language-server: $schema={SCHEMA}"
    yield "# Check it: rtcctl validate -f FILE    try it: rtcctl plan -f FILE --simulator    members: rtcctl explain"
    if records:
        yield from _document("BucketAuthorization", "recordings", "lets the service write into the bucket")
        yield f"  bucket: {_text(answers.bucket)}"
        yield f"  location: {answers.location}"
        yield f"  project_id: {_project(answers)}"
        yield "---"
    yield from _document("App", answers.name, "")
    if not records and not answers.callback_url:
        yield "  state: ACTIVATION"
    if records:
        yield from _rule(answers)
    yield from _callback(answers)
    if answers.recording == "automatic":
        yield "  auto_record_mode: # affects rooms created from then on"
        yield "    mode: AUTO_INDIVIDUAL_RECORD"
        yield "    record_rule: default"
    elif answers.recording == "mixed":
        yield from _mixed(answers)
    elif answers.recording == "single":
        yield from _single(answers)


def _document(kind: str, name: str, comment: str) -> Iterator[str]:
    yield "apiVersion: rtcctl.dev/v1"
    yield f"kind: {kind}"
    yield "metadata:"
    yield f"  name: {_text(name)}"
    yield f"spec:{f' # {comment}' if comment else ''}"


def _rule(answers: Answers) -> Iterator[str]:
    yield "  record_rules:"
    yield "    - name: default # a local name, for references"
    yield "      obs_addr:"
    yield f"        location: {answers.location}"
    yield f"        project_id: {_project(answers)}"
    yield f"        bucket: {_text(answers.bucket)}"
    yield "      record_formats: [MP4]"
    yield "      mp4_config: {} # files of two hours; record_cycle sets another length"


def _callback(answers: Answers) -> Iterator[str]:
    if answers.callback_url:
        yield "  record_callback:"
        yield f"    url: {_text(answers.callback_url)}"
        yield f"    auth_key: ${{env:{KEY}}} # signs the events; 32 to 64 characters, never in this file"
    else:
        yield "  # record_callback: # where events about recordings are sent"
        yield "  #   url: https://example.com/callback"
        yield f"  #   auth_key: ${{env:{KEY}}}"


def _mixed(answers: Answers) -> Iterator[str]:
    yield "  mix_stream_jobs: # starts with apply, ends by itself when nobody is in the room"
    yield f"    - name: {_text(answers.room)}"
    yield "      mix_param:"
    yield f"        room_id: {_text(answers.room)}"
    yield "        encode_template: 1920x1080_30_4620"
    yield "        max_idle_time: 300 # seconds without anybody in the room until the job ends"
    yield "        layout_template: nine_grids_view"
    yield "      record_param:"
    yield "        record_rule: default"


def _single(answers: Answers) -> Iterator[str]:
    yield "  individual_stream_jobs: # starts with apply, ends by itself when nobody is in the room"
    yield f"    - name: {_text(answers.user)}"
    yield f"      room_id: {_text(answers.room)}"
    yield f"      user_id: {_text(answers.user)}"
    yield "      max_idle_time: 300 # seconds without anybody in the room until the job ends"
    yield "      record_param:"
    yield "        record_rule: default"


def _project(answers: Answers) -> str:
    if answers.project_id:
        return json.dumps(answers.project_id, ensure_ascii=False)
    return f"${{env:{PROJECT_ID}:-{NO_PROJECT}}} # the account's project ID in that region"


def _text(text: str) -> str:
    """Write a text in YAML, in quotes where it could be read as something else."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


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
