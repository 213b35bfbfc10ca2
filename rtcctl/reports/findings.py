"""What a review shall be told of, as a list: the findings of a finished run, each with the place that it concerns."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from rtcctl.errors import Diagnostic, ManifestError, Place, RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.finished import Applied, Compared, Failed, Finished, Planned, Validated
from rtcctl.model.plan import Broken, Plan, Refusal
from rtcctl.model.run import Run
from rtcctl.reports.digest import is_refused
from rtcctl.reports.wording import happened

Level: TypeAlias = Literal["error", "warning"]

RULES: Mapping[str, str] = {
    "manifest": "The manifest is wrong.",
    "warning": "Something to know before it is applied.",
    "prevent_destroy": "What lifecycle.prevent_destroy protects would be deleted or replaced.",
    "empty-set": "The manifest declares no App while the state owns some.",
    "destroy": "Something would be taken away that needs consent.",
    "max_deletes": "More would be deleted or replaced than max_deletes allows.",
    "fewer-sources": "Objects would be pruned by a set of fewer files than the last one.",
    "lost-job": "A job may be running since an apply began to start it.",
    "drift": "An object is not as it was last applied.",
    "not-applied": "A change was not made, or it is not known whether it was.",
    "job-not-running": "A job that was waited for is not where it should be.",
    "account-missing": "An account could not be read or written.",
    "error": "The run ended with an error.",
}
"""The rules by their ids; a plan may refuse by others, whose id says enough."""


class Finding(Struct, frozen=True):
    """One finding. `file` is relative to the top of the repository and empty where no file is concerned.

    That of a file outside of the repository is absolute.
    `line` and `column` count from 1 and are 0 where they are not known. `mend` says what to do.
    """

    rule: str
    level: Level
    message: str
    mend: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    address: Address | None = None

    @property
    def text(self) -> str:
        """The message with what to do."""
        return f"{self.message}; {self.mend}" if self.mend else self.message

    @property
    def fingerprint(self) -> str:
        """What tells a finding from others, and stays the same when lines move.

        Made of rule, file and address; where there is no address, of the message, from which secrets are taken out
        already.
        """
        parts = (self.rule, self.file, str(self.address) if self.address else self.message)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def findings(finished: Finished) -> tuple[Finding, ...]:
    """Return all findings, in the order in which they are to be read."""
    return tuple(_findings(finished))


def _findings(finished: Finished) -> Iterator[Finding]:
    run = finished.run
    if isinstance(finished, Validated):
        yield from _diagnostics(finished.warnings, run)
    elif isinstance(finished, Planned):
        yield from _of_plan(finished.plan, run)
    elif isinstance(finished, Compared):
        for each in finished.drift.objects:
            if each.happened != "ended":
                yield _at(run, "drift", "warning", f"{each.address}: {happened(each)}", address=each.address)
        yield from _missing(finished.drift.broken, run)
    elif isinstance(finished, Applied):
        yield from _of_result(finished)
    else:
        yield from _of_failure(finished)


def _of_plan(plan: Plan, run: Run) -> Iterator[Finding]:
    places = {change.address: change.place for change in plan.changes if change.place is not None}
    yield from _missing(plan.broken, run)
    for refusal in plan.refusals:
        place = places.get(refusal.address) if refusal.address is not None else None
        level: Level = "warning" if refusal.lifted_by else "error"
        yield _at(run, refusal.rule, level, refusal.message, _lifted(refusal), place, refusal.address)
    yield from _diagnostics(plan.warnings, run)


def _lifted(refusal: Refusal) -> str:
    return f"{refusal.lifted_by} allows it" if refusal.lifted_by else ""


def _of_result(finished: Applied) -> Iterator[Finding]:
    run, result = finished.run, finished.result
    for each in result.changes:
        if each.outcome != "done":
            level: Level = "error" if each.error is not None else "warning"
            address = each.change.address
            said = f"{address}: {each.outcome}" + (f": {each.error.message}" if each.error else "")
            mend = each.error.mend if each.error else ""
            yield _at(run, "not-applied", level, said, mend, each.change.place, address)
    yield from _missing(result.broken, run)
    if result.error is not None:
        yield _error(result.error, run)
    for job in result.followed:
        if job.ending != "reached":
            message = f"{job.address} is not {job.aim}"
            yield _at(run, "job-not-running", "error", message, address=job.address)
    yield from _diagnostics(finished.plan.warnings, run)


def _of_failure(finished: Failed) -> Iterator[Finding]:
    error, plan, run = finished.error, finished.plan, finished.run
    if isinstance(error, ManifestError):
        yield from _diagnostics(error.diagnostics, run)
    elif not is_refused(finished):
        yield _error(error, run)
    if plan is not None:
        yield from _of_plan(plan, run)


def _missing(broken: Iterable[Broken], run: Run) -> Iterator[Finding]:
    for each in broken:
        message = f"account {each.account} is missing: {each.why}"
        yield _at(run, "account-missing", "error", message, each.error.mend)


def _error(error: RtcctlError, run: Run) -> Finding:
    return _at(run, "error", "error", ": ".join((error.message, *error.details)), error.mend)


def _diagnostics(diagnostics: Iterable[Diagnostic], run: Run) -> Iterator[Finding]:
    for each in diagnostics:
        rule = "manifest" if each.severity == "error" else "warning"
        yield _at(run, rule, each.severity, each.message, each.mend, each.place)


def _at(
    run: Run,
    rule: str,
    level: Level,
    message: str,
    mend: str = "",
    place: Place | None = None,
    address: Address | None = None,
) -> Finding:
    """Return a finding at its place, else at that of its resource, else at the first line of the manifest."""
    where = place or (run.places.get(address) if address is not None else None)
    if where is None and run.sources:
        where = Place(run.sources[0], 1)
    file = _file(where, run)
    line, column = (where.line, where.column) if where is not None and file else (0, 0)
    return Finding(rule, level, message, mend, file, line, column, address)


def _file(place: Place | None, run: Run) -> str:
    if place is None or place.file.startswith("<"):  # standard input is no file
        return ""
    path = posixpath.normpath(posixpath.join(run.folder, place.file))
    if run.tops and path.split("/")[0] == "..":
        path = posixpath.normpath(posixpath.join(run.tops[-1], path))
    inside = (path.removeprefix(f"{top.rstrip('/')}/") for top in run.tops)
    return next((each for each in inside if each != path), path)
