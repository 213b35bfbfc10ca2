"""The lines of a first manifest, in canonical form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

Recording: TypeAlias = Literal["automatic", "mixed", "single", "none"]

SCHEMA = "manifest.schema.json"
"""The file beside the manifest that its first line names to editors."""
KEY = "RTC_CALLBACK_KEY"
"""The variable that the manifest takes the callback's auth_key from."""
PROJECT_ID = "HUAWEICLOUD_SDK_PROJECT_ID"
NO_PROJECT = "0" * 32
"""What stands for the project ID until there is one; good enough for the simulator."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


class Answers(Struct, frozen=True):
    """What the manifest is made of. Without `project_id` it is taken from the environment each time."""

    name: str
    recording: Recording = "automatic"
    bucket: str = ""
    location: str = ""
    project_id: str = ""
    callback_url: str = ""
    room: str = "room001"
    user: str = "user001"


def lines(answers: Answers) -> Iterator[str]:
    """Yield the lines."""
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
