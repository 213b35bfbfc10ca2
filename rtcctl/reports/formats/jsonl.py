"""JSON Lines: an object a line, each with its `type`; `schemas/events.schema.json` describes them.

What was planned comes as `change`, `refusal` and `warning` and is closed by `plan`; what became of it as `outcome`,
closed by `result`. While an apply runs, `step_started` and `step_finished` stand between the two, as they happen; a
report in a file has them not. The last line says how the run ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rtcctl.errors import RtcctlError
from rtcctl.model.finished import Applied, Compared, Failed, Finished, Planned, Validated
from rtcctl.model.plan import Plan, Step
from rtcctl.model.result import ApplyResult
from rtcctl.reports.as_json import error_document, line, plan_document, result_document, valid_document
from rtcctl.reports.drift import drift_document
from rtcctl.reports.style import Style


def render(finished: Finished, style: Style) -> str:  # noqa: ARG001 - every format has the same face
    """Write how a command ended as lines."""
    return "\n".join(map(line, _lines(finished)))


def _lines(finished: Finished) -> Iterator[dict[str, Any]]:
    if isinstance(finished, Validated):
        yield from _closed(valid_document(finished), {"warnings": "warning"})
    elif isinstance(finished, Planned):
        yield from _plan(finished.plan)
    elif isinstance(finished, Compared):
        yield from _closed(drift_document(finished.drift), {"objects": "drifted"})
    elif isinstance(finished, Applied):
        yield from _plan(finished.plan)
        yield from _result(finished.plan, finished.result)
    else:
        if finished.plan is not None:
            yield from _plan(finished.plan)
        yield _failed(finished)


def _failed(finished: Failed) -> dict[str, Any]:
    document = error_document(finished.error, finished.plan)
    return {"type": "error", **{name: value for name, value in document.items() if name not in ("kind", "plan")}}


def _plan(plan: Plan) -> Iterator[dict[str, Any]]:
    yield from _closed(plan_document(plan), {"changes": "change", "refusals": "refusal", "warnings": "warning"})


def _result(plan: Plan, result: ApplyResult) -> Iterator[dict[str, Any]]:
    document = result_document(plan, result)
    del document["plan"]
    yield from _closed(document, {"changes": "outcome"})


def _closed(document: dict[str, Any], parts: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the items of a document's lists as lines of their own, and then what is left of it."""
    for name, type_ in parts.items():
        for item in document[name]:
            yield {"type": type_, **item}
    yield {
        "type": document["kind"],
        **{name: value for name, value in document.items() if name not in (*parts, "kind")},
    }


def planned(plan: Plan) -> str:
    """Write a plan that is about to be applied."""
    return "\n".join(map(line, _plan(plan)))


def started(step: Step) -> str:
    """Write that a call is made."""
    return line({"type": "step_started", **_step(step)})


def finished(step: Step, seconds: float, error: RtcctlError | None) -> str:
    """Write how a call ended; `seconds` is what it took."""
    failed = error_document(error)["error"] if error is not None else None
    return line({"type": "step_finished", **_step(step), "seconds": round(seconds, 3), "error": failed})


def ended(plan: Plan, result: ApplyResult) -> str:
    """Write how the apply of a plan ended that was written before."""
    return "\n".join(map(line, _result(plan, result)))


def failed(finished: Failed) -> str:
    """Write the error that ended an apply whose plan was written before."""
    return line(_failed(finished))


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "address": str(step.address),
        "verb": step.verb,
        "method": step.call.method,
        "path": step.call.path,
    }
