"""Recording notifications, a line each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rtcctl.reports.style import Paint, Tone, uncoloured
from rtcctl.reports.wording import plain

_LONGEST = 300
_TONES: dict[str, Tone] = {"verified": "good", "unsigned": "quiet", "not checked": "changed"}


def line(time: datetime, verdict: str, event: Mapping[str, Any], *, paint: Paint = uncoloured) -> str:
    """Write a notification for people: when, what, where, which file, and whether its signature is right."""
    parts = [f"{time:%H:%M:%S}", paint("strong", f"{_text(event, 'event_type') or '(no event)':<24}")]
    parts += [
        f"{word} {_text(event, name)}" for word, name in (("app", "app_id"), ("room", "room_id")) if name in event
    ]
    if "obs_object" in event:
        seconds = f" ({_text(event, 'record_duration')} s)" if "record_duration" in event else ""
        parts.append(f"file {_text(event, 'obs_bucket')}/{_text(event, 'obs_object')}{seconds}")
    elif "stream_name" in event:
        parts.append(f"stream {_text(event, 'stream_name')}")
    if "detail_message" in event:
        parts.append(_text(event, "detail_message"))
    return "  ".join([*parts, paint(_TONES.get(verdict, "bad"), f"[{verdict}]")])


def json_line(time: datetime, verdict: str, event: Mapping[str, Any]) -> str:
    """Write a notification as a line of JSON."""
    document = {"time": f"{time:%Y-%m-%dT%H:%M:%S.%f}Z", "verdict": verdict, "event": event}
    return json.dumps(document, ensure_ascii=True)


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name, "")
    return plain(str(value)[:_LONGEST])
