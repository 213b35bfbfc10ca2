"""What `doctor` found, as text and as JSON; `schemas/doctor.schema.json` describes the latter."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from rtcctl.model.checkup import Check, Checkup, Status
from rtcctl.reports.as_json import FORMAT_VERSION
from rtcctl.reports.style import PLAIN, Style, Tone
from rtcctl.reports.wording import plain

_WORDS: dict[Status, tuple[str, Tone]] = {
    "ok": ("ok", "good"),
    "warning": ("warning", "changed"),
    "failed": ("FAILED", "bad"),
    "skipped": ("skipped", "quiet"),
}
_STATUSES: tuple[Status, ...] = ("failed", "warning", "ok", "skipped")
_WIDEST_STATUS = max(len(word) for word, _ in _WORDS.values())


def text(checkup: Checkup, style: Style = PLAIN) -> str:
    """Write a line for each check, with what to do below those that are not well, and the sum."""
    names = max((len(plain(check.name)) for check in checkup.checks), default=0)
    lines = [line for check in checkup.checks for line in _check(check, names, style)]
    tone: Tone = "bad" if checkup.count("failed") else "good"
    return "\n".join([*lines, "", *(style.paint(tone, line) for line in _wrapped(summary(checkup), style.width))])


def _check(check: Check, names: int, style: Style) -> Iterator[str]:
    word, tone = _WORDS[check.status]
    pad = " " * (_WIDEST_STATUS + names + 4)
    room = max(style.width - len(pad), 20)
    first, *rest = _wrapped(check.found, room) or [""]
    quiet = check.status == "skipped"
    found = [style.paint("quiet", line) if quiet else line for line in (first, *rest)]
    head = f"{style.paint(tone, word)}{' ' * (_WIDEST_STATUS - len(word))}"
    yield f"{head}  {plain(check.name):{names}}  {found[0]}"
    yield from (pad + line for line in found[1:])
    for index, line in enumerate(_wrapped(check.mend, room - 2)):
        yield pad + style.paint("strong", ("> " if not index else "  ") + line)


def _wrapped(words: str, width: int) -> list[str]:
    return textwrap.wrap(plain(words), width, break_on_hyphens=False)


def summary(checkup: Checkup) -> str:
    """Sum up in one line."""
    counts = ", ".join(f"{checkup.count(status)} {status}" for status in _STATUSES if checkup.count(status))
    verdict = "Something is wrong" if checkup.count("failed") else "Nothing is wrong"
    return f"{verdict} with {checkup.target}: {counts}."


def document(checkup: Checkup) -> dict[str, Any]:
    """Return what was found as a document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "doctor",
        "exit_code": int(checkup.exit_code),
        "target": checkup.target,
        "summary": {status: checkup.count(status) for status in ("ok", "warning", "failed", "skipped")},
        "checks": [
            {
                "name": check.name,
                "status": check.status,
                "found": check.found,
                "mend": check.mend or None,
                "exit_code": int(check.exit_code) if check.status == "failed" else None,
            }
            for check in checkup.checks
        ],
    }
