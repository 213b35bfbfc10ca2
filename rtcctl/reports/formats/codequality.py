"""Code quality for GitLab's merge requests: a list in the form of Code Climate's issues (GitLab, Code Quality).

GitLab shows only what has a file and a line, so that what belongs to no file is left to the other formats.
"""

from __future__ import annotations

import json
from typing import Any

from rtcctl.model.finished import Finished
from rtcctl.reports.as_json import escaped
from rtcctl.reports.findings import Finding, findings
from rtcctl.reports.style import Style
from rtcctl.reports.wording import plain

_SEVERITIES = {"error": "critical", "warning": "minor"}


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write the findings as a list."""
    met: dict[str, int] = {}
    issues = []
    for finding in findings(finished):
        if finding.file:
            known = finding.fingerprint
            met[known] = met.get(known, 0) + 1
            issues.append(_issue(finding, known if met[known] == 1 else f"{known}-{met[known]}"))
    return escaped(json.dumps(issues, indent=2, ensure_ascii=False))


def _issue(finding: Finding, known: str) -> dict[str, Any]:
    return {
        "description": plain(finding.text),
        "check_name": f"rtcctl/{plain(finding.rule)}",
        "fingerprint": known,
        "severity": _SEVERITIES[finding.level],
        "location": {"path": plain(finding.file), "lines": {"begin": max(finding.line, 1)}},
    }
