"""Plans and results as JSON documents; `schemas/plan.schema.json` and `schemas/result.schema.json` describe them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rtcctl.errors import Diagnostic, ManifestError, RtcctlError
from rtcctl.model.budget import Budget
from rtcctl.model.finished import Validated
from rtcctl.model.plan import Broken, Change, MemberChange, Plan, Step
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.reports.following import followed_document
from rtcctl.reports.sums import summary
from rtcctl.reports.wording import jsonable, member_name

FORMAT_VERSION = 1
_COMMAND = re.compile(r"##(?=\w*\[)")


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document in its one form; what is not printable, and halves of surrogates, are escaped."""
    return escaped(json.dumps(document, indent=2, ensure_ascii=False))


def line(document: Mapping[str, Any]) -> str:
    """Write a document in one line, as safely."""
    return escaped(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def escaped(text: str) -> str:
    """Escape within JSON what is not printable, and what a build's log would take for a command (`##[…]`)."""
    safe = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return _COMMAND.sub(r"#\\u0023", safe) if "##" in safe else safe


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan as a document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "plan",
        "has_changes": known(plan.has_changes, plan.broken),
        "summary": {
            "text": summary(plan),
            "add": plan.count("create", "replace"),
            "change": plan.count("update"),
            "destroy": plan.count("delete", "replace"),
            "record": plan.to_record,
        },
        "changes": [_change(change) for change in plan.changes],
        "refusals": [
            {
                "rule": refusal.rule,
                "message": refusal.message,
                "address": str(refusal.address) if refusal.address else None,
                "lifted_by": refusal.lifted_by or None,
            }
            for refusal in plan.refusals
        ],
        "warnings": [diagnostic_document(warning) for warning in plan.warnings],
        "unmanaged": dict(plan.unmanaged),
        "blast_radius": list(plan.blast),
        "budget": _budget(plan.budget),
        "scope": {
            "targets": [str(address) for address in plan.targets],
            "left_out": plan.left_out,
            "refresh": plan.refresh,
            "assumed": plan.assumed,
        },
        **broken_documents(plan.broken),
    }


def known(found: bool, broken: Sequence[Broken]) -> bool | None:
    """Return whether something was found; where nothing was and an account is missing, that is not known."""
    return found or (None if broken else False)


def broken_documents(broken: Sequence[Broken]) -> dict[str, Any]:
    """Return the member that tells of accounts that are missing; there is none where none is."""
    found = [{"account": each.account, "error": error_document(each.error)["error"]} for each in broken]
    return {"broken": found} if found else {}


def _budget(budget: Budget) -> dict[str, Any]:
    return {
        "calls": budget.calls,
        "at_most": budget.at_most,
        "categories": {
            each.category: {"calls": each.calls, "at_most": each.at_most, "seconds": each.seconds}
            for each in budget.categories
        },
        "seconds": {"category": budget.seconds, "shared": budget.shared_seconds},
        "assumes": budget.assumes,
    }


def valid_document(found: Validated) -> dict[str, Any]:
    """Return what `validate` found in a manifest without errors."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "validation",
        "has_changes": None,
        "valid": True,
        "resources": sorted(map(str, found.resources)),
        "warnings": [diagnostic_document(warning) for warning in found.warnings],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "action": change.action,
        "reason": change.reason,
        "adopt": change.adopt,
        "moved_from": str(change.moved_from) if change.moved_from else None,
        "not_ours": change.not_ours,
        "repairs_drift": change.repairs_drift,
        "records": change.records,
        "place": str(change.place) if change.place else None,
        "members": [_member(member) for member in change.members],
        "unchanged": change.unchanged,
        "consequences": list(change.consequences),
        "steps": [_step(step) for step in change.steps],
    }


def _member(member: MemberChange) -> dict[str, Any]:
    return {
        "path": member_name(member),
        "old": jsonable(member.old),
        "new": jsonable(member.new),
        "place": str(member.place) if member.place else None,
        "forces_replacement": member.forces_replacement,
        "drift": member.drift,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "verb": step.verb,
        "method": step.call.method,
        "path": step.call.path,
        "ids": {name: str(value) for name, value in step.call.ids.items() if f"{{{name}}}" in step.call.path},
        "category": step.call.category,
        "after": list(step.after),
        "only_if_refused": step.only_if_refused or None,
    }


def result_document(plan: Plan, result: ApplyResult) -> dict[str, Any]:
    """Return how an apply ended, with the plan that was applied."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "result",
        "has_changes": known(plan.has_changes, result.broken),
        "exit_code": int(result.exit_code),
        "interrupted": result.interrupted,
        "ended": result.ended or None,
        "calls": result.calls,
        "recorded": result.recorded,
        "error": error_document(result.error)["error"] if result.error else None,
        "changes": [_result(each) for each in result.changes],
        "followed": [followed_document(each) for each in result.followed],
        **broken_documents(result.broken),
        "plan": plan_document(plan),
    }


def _result(result: ChangeResult) -> dict[str, Any]:
    return {
        "address": str(result.change.address),
        "action": result.change.action,
        "outcome": result.outcome,
        "ids": dict(result.ids),
        "status": dict(result.status),
        "seconds": round(result.seconds, 3),
        "error": error_document(result.error)["error"] if result.error else None,
    }


def error_document(error: RtcctlError, plan: Plan | None = None) -> dict[str, Any]:
    """Return an error that ended a command, with the plan where one had been made; nothing of it was done."""
    diagnostics = error.diagnostics if isinstance(error, ManifestError) else ()
    return {
        "format_version": FORMAT_VERSION,
        "kind": "error",
        "has_changes": known(plan.has_changes, plan.broken) if plan is not None else None,
        "exit_code": int(error.exit_code),
        "error": {
            "type": type(error).__name__,
            "message": error.message,
            "mend": error.mend,
            "details": list(error.details),
            "diagnostics": [diagnostic_document(each) for each in diagnostics],
        },
        **({"plan": plan_document(plan)} if plan is not None else {}),
    }


def diagnostic_document(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a finding as a document."""
    place = diagnostic.place
    return {
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "mend": diagnostic.mend,
        "file": place.file if place else None,
        "line": place.line if place and place.line else None,
        "column": place.column if place and place.column else None,
    }
