"""Recording notifications, a line each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rtcctl.model.cells import columns
from rtcctl.reports.style import Paint, Tone, uncoloured
from rtcctl.reports.wording import plain

_LONGEST = 300
_DEEPER = 10
_TONES: dict[str, Tone] = {"verified": "good", "unsigned": "quiet", "not checked": "changed"}


def line(
    time: datetime, verdict: str, event: Mapping[str, Any], *, paint: Paint = uncoloured, width: int | None = None
) -> str:
    """Write a notification for people: when, what, where, which file, and whether its signature is right.

    With a width it goes on in further lines, each of whole parts.
    """
    what = f"{_text(event, 'event_type') or '(no event)':<24}"
    parts = [f"{time:%H:%M:%S}", what]
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
    lines = [""]
    tones: dict[int, Tone] = {1: "strong", len(parts): _TONES.get(verdict, "bad")}
    used = 0
    for index, part in enumerate([*parts, f"[{verdict}]"]):
        painted = paint(tones[index], part) if index in tones else part
        if not index:
            lines, used = [painted], len(part)
        elif width is not None and used + 2 + columns(part) > width:
            lines.append(f"{'':{_DEEPER}}{painted}")
            used = _DEEPER + columns(part)
        else:
            lines[-1] += f"  {painted}"
            used += 2 + columns(part)
    return "\n".join(lines)


def json_line(time: datetime, verdict: str, event: Mapping[str, Any]) -> str:
    """Write a notification as a line of JSON."""
    document = {"time": f"{time:%Y-%m-%dT%H:%M:%S.%f}Z", "verdict": verdict, "event": event}
    return json.dumps(document, ensure_ascii=True)


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name, "")
    return plain(str(value)[:_LONGEST])
