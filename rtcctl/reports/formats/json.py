"""One JSON document; `schemas/` describes those of plans, results and errors, drift, and validation."""

from __future__ import annotations

from typing import Any

from rtcctl.model.finished import Applied, Compared, Finished, Planned, Validated
from rtcctl.reports.as_json import dumps, error_document, plan_document, result_document, valid_document
from rtcctl.reports.drift import drift_document
from rtcctl.reports.style import Style


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write how a command ended as a document."""
    return dumps(_document(finished))


def _document(finished: Finished) -> dict[str, Any]:
    if isinstance(finished, Validated):
        return valid_document(finished)
    if isinstance(finished, Planned):
        return plan_document(finished.plan)
    if isinstance(finished, Compared):
        return drift_document(finished.drift)
    if isinstance(finished, Applied):
        return result_document(finished.plan, finished.result)
    return error_document(finished.error, finished.plan)
