"""SARIF 2.1.0 (OASIS): findings on the manifest's lines, as code review and code scanning show them.

An error that concerns no line of a file is a notification of the run, and no result: code scanning takes results only
with a place.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from rtcctl.model.finished import Applied, Failed, Finished
from rtcctl.reports.as_json import dumps
from rtcctl.reports.digest import broken
from rtcctl.reports.findings import RULES, Finding, findings
from rtcctl.reports.style import Style
from rtcctl.reports.wording import plain

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write the findings as a log of one run."""
    found = findings(finished)
    rules = sorted({each.rule for each in found})
    invocation: dict[str, Any] = {"executionSuccessful": not (isinstance(finished, Failed) or broken(finished))}
    if isinstance(finished, Failed):
        invocation["exitCode"] = int(finished.error.exit_code)
    elif isinstance(finished, Applied):
        invocation["executionSuccessful"] = finished.result.exit_code == 0
        invocation["exitCode"] = int(finished.result.exit_code)
    notes = [_notification(each) for each in found if not each.file]
    if notes:
        invocation["toolExecutionNotifications"] = notes
    run = {
        "tool": {"driver": {"name": "rtcctl", "rules": [_rule(each) for each in rules]}},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules.index(each.rule)) for each in found if each.file],
    }
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str) -> dict[str, Any]:
    return {"id": plain(name), "shortDescription": _message(RULES.get(name, name))}


def _result(finding: Finding, index: int) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": max(finding.line, 1)}
    if finding.line and finding.column:
        region["startColumn"] = finding.column
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}, "region": region},
    }
    if finding.address is not None:
        place["logicalLocations"] = [{"fullyQualifiedName": plain(str(finding.address)), "kind": "resource"}]
    return {
        "ruleId": plain(finding.rule),
        "ruleIndex": index,
        "level": finding.level,
        "message": _message(finding.text),
        "locations": [place],
        "partialFingerprints": {"rtcctl/v1": finding.fingerprint},
    }


def _notification(finding: Finding) -> dict[str, Any]:
    return {"level": finding.level, "message": _message(finding.text), "descriptor": {"id": plain(finding.rule)}}


def _message(text: str) -> dict[str, str]:
    """Write a message; `[text](target)` would be a link in it (SARIF, section 3.11.6)."""
    return {"text": plain(text).replace("](", "] (")}


def _uri(file: str) -> str:
    written = quote(plain(file), safe="/._-~")
    return f"file://{written}" if written.startswith("/") else written
