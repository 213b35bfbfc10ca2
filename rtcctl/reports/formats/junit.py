"""JUnit XML, as build servers show it: what was looked at as test cases, findings as their failures.

A manifest that can't be used gives a case a finding; a valid one a case a resource; a plan or an apply a case a
change; drift a case an object. What concerns none of them is a case of its own. Where there is nothing to tell the run
is one case: build servers take a suite without any for a failure (Jenkins, JUnit plugin).
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from msgspec import Struct

from rtcctl.model.address import Address
from rtcctl.model.finished import Applied, Compared, Finished, Validated
from rtcctl.reports.digest import plan_of
from rtcctl.reports.findings import Finding, findings
from rtcctl.reports.style import Style
from rtcctl.reports.wording import inert, plain


class _Case(Struct, frozen=True):
    """One test case: passed where nothing was found."""

    group: str
    name: str
    found: tuple[Finding, ...] = ()
    seconds: float = 0.0
    skipped: bool = False


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write what was looked at as a test suite."""
    cases = tuple(_cases(finished)) or (_Case("rtcctl", finished.run.command or "rtcctl"),)
    name = _text(f"rtcctl {finished.run.command}".strip())
    failures = sum(any(map(_fails, case.found)) and not case.skipped for case in cases)
    skipped = sum(case.skipped for case in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="{name}" {counts}>']
    lines.append(f'  <testsuite name="{name}" {counts} skipped="{skipped}">')
    lines += [line for case in cases for line in _written(case)]
    return inert("\n".join([*lines, "  </testsuite>", "</testsuites>"]))


def _cases(finished: Finished) -> Iterator[_Case]:
    found = findings(finished)
    seconds: dict[Address, float] = {}
    skipped: set[Address] = set()
    if isinstance(finished, Applied):
        seconds = {each.change.address: each.seconds for each in finished.result.changes}
        skipped = {each.change.address for each in finished.result.of("not attempted") if each.error is None}
    addresses = tuple(_addresses(finished))
    for address in addresses:
        own = tuple(each for each in found if each.address == address)
        yield _Case(address.kind, str(address), own, seconds.get(address, 0.0), address in skipped)
    for each in found:
        if each.address is None or each.address not in addresses:
            where = f"{each.file}:{each.line}" if each.file and each.line else each.file
            yield _Case(each.file or each.rule, f"{where}: {each.message}" if where else each.message, (each,))


def _addresses(finished: Finished) -> Iterator[Address]:
    if isinstance(finished, Validated):
        yield from finished.resources
    elif isinstance(finished, Compared):
        yield from (each.address for each in finished.drift.objects)
    plan = plan_of(finished)
    if plan is not None:
        yield from dict.fromkeys(change.address for change in plan.changes)


def _fails(finding: Finding) -> bool:
    """Tell whether a finding fails its case: whatever stops an apply does, what is only to be known does not."""
    return finding.level == "error" or finding.rule != "warning"


def _written(case: _Case) -> Iterator[str]:
    head = f'    <testcase classname="{_text(case.group)}" name="{_text(case.name)}" time="{case.seconds:.3f}"'
    if not case.found and not case.skipped:
        yield f"{head}/>"
        return
    yield f"{head}>"
    failing = tuple(filter(_fails, case.found))
    if case.skipped:
        yield '      <skipped message="not attempted"/>'
    elif failing:
        first = failing[0]
        body = "\n".join(_line(each) for each in failing)
        yield f'      <failure type="{_text(first.rule)}" message="{_text(first.message)}">{body}</failure>'
    noted = [_line(each) for each in case.found if not _fails(each)]
    if noted:
        body = "\n".join(noted)
        yield f"      <system-out>{body}</system-out>"
    yield "    </testcase>"


def _line(finding: Finding) -> str:
    place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part)
    return _text(f"{place}: {finding.level}: {finding.text}" if place else f"{finding.level}: {finding.text}")


def _text(text: str) -> str:
    """Escape for XML; what XML can't hold at all is written out by then."""
    return escape(plain(text))
