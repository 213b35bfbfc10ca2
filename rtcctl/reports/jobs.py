"""Jobs and how they stand, as text and as JSON documents."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rtcctl.errors import ExitCode
from rtcctl.model.jobs import Aim, Followed, JobStatus, Predecessor, Standing
from rtcctl.reports.as_json import FORMAT_VERSION
from rtcctl.reports.following import followed_document, followed_lines, stands
from rtcctl.reports.style import Paint, Tone, uncoloured
from rtcctl.reports.wording import plain

_INDENT = "      "
_NONE = "The state owns no job that is meant."


def status_text(jobs: Sequence[JobStatus], *, width: int = 80, paint: Paint = uncoloured) -> str:
    """Write each job with how it stands, what it records, and predecessors that still run; then the count."""
    lines = [line for job in jobs for line in _status(job, width, paint)]
    counts = Counter(_word(job) for job in jobs)
    parts = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    total = f"{len(jobs)} job{'' if len(jobs) == 1 else 's'}"
    lines.append(paint("strong", f"{total}: {parts}." if jobs else _NONE))
    return "\n".join(lines)


def status_document(jobs: Sequence[JobStatus]) -> dict[str, Any]:
    """Return how jobs stand as a document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "jobs",
        "jobs": [
            {
                "address": str(job.address),
                "ids": dict(job.ids),
                **_standing(job.standing),
                "room_id": job.room or None,
                "user_id": job.user or None,
                "declared": job.declared,
                "begun": job.begun or None,
                "predecessors": [{"ids": dict(each.ids), **_standing(each.standing)} for each in job.predecessors],
            }
            for job in jobs
        ],
    }


def waited_text(jobs: Sequence[Followed], aim: Aim, *, width: int = 80, paint: Paint = uncoloured) -> str:
    """Write what became of each job that was waited for, then the count."""
    lines = list(followed_lines(jobs, width=width, paint=paint))
    missing = sum(job.ending != "reached" for job in jobs)
    of = f"of {len(jobs)} job{'' if len(jobs) == 1 else 's'}"
    summed = f"{len(jobs) - missing} {of} {aim}" + (f", {missing} not." if missing else ".")
    lines.append(paint("strong", summed if jobs else _NONE))
    return "\n".join(lines)


def waited_document(jobs: Sequence[Followed], aim: Aim, exit_code: ExitCode) -> dict[str, Any]:
    """Return what became of waiting as a document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "jobs-wait",
        "exit_code": int(exit_code),
        "aim": aim,
        "jobs": [followed_document(job) for job in jobs],
    }


def _status(job: JobStatus, width: int, paint: Paint) -> Iterator[str]:
    address, found = plain(str(job.address)), _begun(job) if job.standing is None else stands(job.standing)
    running = job.standing is not None and job.standing.state == "RUNNING"
    tone: Tone = "good" if running else "bad" if job.standing is None else "changed"
    if len(address) + len(found) + 2 <= width:
        yield f"{paint('strong', address)}  {paint(tone, found)}"
    else:
        yield paint("strong", address)
        yield from (paint(tone, line) for line in _wrapped(found, width))
    facts = [
        f"room {job.room}" if job.room else "",
        f"user {job.user}" if job.user else "",
        f"since {job.standing.since}" if job.standing and job.standing.since else "",
        "" if job.declared else "not declared",
    ]
    yield from _wrapped(", ".join(fact for fact in facts if fact), width)
    if job.ids.get("job_id"):
        yield from _wrapped(f"job_id {job.ids['job_id']}", width)
    if job.begun and job.standing is not None:
        yield from (paint("bad", line) for line in _wrapped(_begun(job), width))
    for left in job.predecessors:
        yield from (paint("changed", line) for line in _wrapped(_predecessor(left), width))


def _begun(job: JobStatus) -> str:
    return plain(f"a start was begun {job.begun} and never heard of again")


def _predecessor(left: Predecessor) -> str:
    since = f" since {left.standing.since}" if left.standing.since else ""
    return f"predecessor still there: job_id {left.ids.get('job_id', '')}, {stands(left.standing)}{since}"


def _word(job: JobStatus) -> str:
    if job.standing is None:
        return "unknown"
    return plain(job.standing.state) or ("not found" if job.standing.over else "not told")


def _standing(standing: Standing | None) -> dict[str, Any]:
    found = standing or Standing()
    return {
        "state": found.state or None,
        "over": found.over if standing else None,
        "stop_reason": found.stop_reason or None,
        "since": found.since or None,
    }


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        plain(text), width, initial_indent=_INDENT, subsequent_indent=f"{_INDENT}  ", break_on_hyphens=False
    )
