"""What became of jobs that were waited for: lines, and parts of documents."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rtcctl.model.jobs import Followed, Standing
from rtcctl.reports.wording import plain

if TYPE_CHECKING:
    from rtcctl.reports.style import Paint

_INDENT = 6
_AGAIN = "trying again"


def stands(standing: Standing | None) -> str:
    """Say how a job stands, in the service's own words where it has any."""
    if standing is None:
        return "not read"
    if standing.stop_reason and standing.state:
        return plain(f"{standing.state} ({standing.stop_reason})")
    return plain(standing.state) or (f"not found ({standing.stop_reason})" if standing.stop_reason else "not told")


def progress_line(seen: Followed) -> str:
    """Say that something changed while a job is waited for, in one line."""
    found = f"can't be read, {_AGAIN}" if seen.error and not seen.ending else _ended(seen)
    return f"{plain(str(seen.address))}: {found}"


def followed_lines(jobs: Iterable[Followed], *, width: int, paint: Paint) -> Iterator[str]:
    """Yield for each job where it got and when; where that is not what was waited for, why."""
    for seen in jobs:
        head, found = f"  {plain(str(seen.address))}", _ended(seen)
        painted = paint("good" if seen.ending == "reached" else "bad", found)
        if len(head) + len(found) + 2 <= width:
            yield f"{head}  {painted}"
        else:
            yield head
            yield from (paint("good" if seen.ending == "reached" else "bad", line) for line in _wrapped(found, width))
        if seen.error is not None:
            yield from (paint("bad", line) for line in _wrapped(seen.error.message, width))
            yield from _wrapped(f"= {seen.error.mend}", width) if seen.error.mend else ()


def followed_document(seen: Followed) -> dict[str, Any]:
    """Return a job that was waited for as a part of a document."""
    standing, error = seen.standing, seen.error
    return {
        "address": str(seen.address),
        "ids": dict(seen.ids),
        "aim": seen.aim,
        "ending": seen.ending,
        "state": (standing.state or None) if standing else None,
        "stop_reason": (standing.stop_reason or None) if standing else None,
        "seconds": round(seen.seconds, 3),
        "error": {"type": type(error).__name__, "message": error.message, "mend": error.mend} if error else None,
    }


def _ended(seen: Followed) -> str:
    after, now = f"after {seen.seconds:.1f} s", stands(seen.standing)
    if seen.ending in ("reached", None):
        return f"{now} {after}"
    if seen.ending == "ended":
        return f"{now} {after}: it will not run any more"
    if seen.ending == "failed":
        return f"can't be read {after}"
    if seen.ending == "late":
        return f"NOT {seen.aim} {after}: {now}"
    return f"not followed any longer {after}: {now}"


def _wrapped(text: str, width: int) -> list[str]:
    pad = " " * _INDENT
    return textwrap.wrap(plain(text), width, initial_indent=pad, subsequent_indent=f"{pad}  ", break_on_hyphens=False)
