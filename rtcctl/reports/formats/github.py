"""Annotations for GitHub Actions: a workflow command a line, which the runner shows at the file and line.

Escaped as the runner reads them: `%`, CR and LF everywhere, `:` and `,` in properties too (GitHub Actions, Workflow
commands).
"""

from __future__ import annotations

from rtcctl.model.finished import Finished
from rtcctl.reports.findings import Finding, findings
from rtcctl.reports.style import Style
from rtcctl.reports.wording import cut, plain

_LETTERS = 2000


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write the findings as annotations; nothing where there are none."""
    return "\n".join(map(_command, findings(finished)))


def _command(finding: Finding) -> str:
    properties = {"title": f"rtcctl: {finding.rule}"}
    if finding.file:
        properties["file"] = finding.file
        properties |= {"line": str(finding.line)} if finding.line else {}
        properties |= {"col": str(finding.column)} if finding.line and finding.column else {}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{finding.level} {written}::{_data(cut(plain(finding.text), _LETTERS))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(plain(text)).replace(":", "%3A").replace(",", "%2C")
