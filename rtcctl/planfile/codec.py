"""A Plan as JSON and back: the same value, but for secrets, which become references, and their fingerprints.

Fingerprints stay in the state. `schemas/plan.schema.json` describes the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtcctl.errors import Diagnostic, Place
from rtcctl.model.address import Address
from rtcctl.model.budget import Budget, Calls
from rtcctl.model.call import Call
from rtcctl.model.ledger import Entry
from rtcctl.model.plan import Change, MemberChange, Plan, Refusal, Step
from rtcctl.planfile.facts import fact_from, fact_to
from rtcctl.planfile.values import address, decode, encode


def plan_to(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON."""
    return {
        "changes": [_change_to(change) for change in plan.changes],
        "refusals": [
            {"rule": each.rule, "message": each.message, "address": _text(each.address), "lifted_by": each.lifted_by}
            for each in plan.refusals
        ],
        "warnings": [warning_to(each) for each in plan.warnings],
        "unmanaged": dict(plan.unmanaged),
        "sources": plan.sources,
        "budget": {
            "categories": [
                {"category": each.category, "calls": each.calls, "at_most": each.at_most, "seconds": each.seconds}
                for each in plan.budget.categories
            ],
            "seconds": plan.budget.seconds,
            "shared_seconds": plan.budget.shared_seconds,
            "assumes": plan.budget.assumes,
        },
        "blast": list(plan.blast),
        "facts": [fact_to(fact) for fact in plan.facts],
        "targets": [str(each) for each in plan.targets],
        "left_out": plan.left_out,
        "refresh": plan.refresh,
        "assumed": plan.assumed,
    }


def plan_from(data: Mapping[str, Any]) -> Plan:
    """Read what `plan_to` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    budget = data["budget"]
    return Plan(
        changes=tuple(_change_from(each) for each in data["changes"]),
        refusals=tuple(
            Refusal(each["rule"], each["message"], _address(each["address"]), each["lifted_by"])
            for each in data["refusals"]
        ),
        warnings=tuple(map(warning_from, data["warnings"])),
        unmanaged=dict(data["unmanaged"]),
        sources=data["sources"],
        budget=Budget(
            tuple(Calls(**each) for each in budget["categories"]),
            budget["seconds"],
            budget["shared_seconds"],
            budget["assumes"],
        ),
        blast=tuple(data["blast"]),
        facts=tuple(fact_from(each) for each in data["facts"]),
        targets=tuple(map(address, data["targets"])),
        left_out=data["left_out"],
        refresh=data["refresh"],
        assumed=data["assumed"],
    )


def _change_to(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "action": change.action,
        "reason": change.reason,
        "members": [
            {
                "path": list(member.path),
                "old": encode(member.old),
                "new": encode(member.new),
                "place": _place_to(member.place),
                "forces_replacement": member.forces_replacement,
                "drift": member.drift,
            }
            for member in change.members
        ],
        "steps": [_step_to(step) for step in change.steps],
        "consequences": list(change.consequences),
        "adopt": change.adopt,
        "moved_from": _text(change.moved_from),
        "not_ours": change.not_ours,
        "place": _place_to(change.place),
        "entry": _entry_to(change.entry),
        "secrets": encode(dict(change.secrets)),
        "records": change.records,
        "unchanged": change.unchanged,
        "lost": change.lost,
    }


def _change_from(data: Mapping[str, Any]) -> Change:
    return Change(
        address=address(data["address"]),
        action=data["action"],
        reason=data["reason"],
        members=tuple(
            MemberChange(
                tuple(each["path"]),
                decode(each["old"]),
                decode(each["new"]),
                _place_from(each["place"]),
                each["forces_replacement"],
                each["drift"],
            )
            for each in data["members"]
        ),
        steps=tuple(_step_from(each) for each in data["steps"]),
        consequences=tuple(data["consequences"]),
        adopt=data["adopt"],
        moved_from=_address(data["moved_from"]),
        not_ours=data["not_ours"],
        place=_place_from(data["place"]),
        entry=_entry_from(data["entry"]),
        secrets=decode(data["secrets"]),
        records=data["records"],
        unchanged=data["unchanged"],
        lost=data["lost"],
    )


def _step_to(step: Step) -> dict[str, Any]:
    call = step.call
    return {
        "id": step.id,
        "address": str(step.address),
        "verb": step.verb,
        "call": {
            "method": call.method,
            "path": call.path,
            "category": call.category,
            "ids": encode(dict(call.ids)),
            "body": encode(call.body),
            "query": dict(call.query),
            "expect": list(call.expect),
            "returns": list(call.returns),
            "done_statuses": list(call.done_statuses),
            "done_codes": list(call.done_codes),
        },
        "effect": step.effect,
        "settles": list(step.settles),
        "after": list(step.after),
        "only_if_refused": step.only_if_refused,
    }


def _step_from(data: Mapping[str, Any]) -> Step:
    call = data["call"]
    return Step(
        id=data["id"],
        address=address(data["address"]),
        verb=data["verb"],
        call=Call(
            method=call["method"],
            path=call["path"],
            category=call["category"],
            ids=decode(call["ids"]),
            body=decode(call["body"]),
            query=dict(call["query"]),
            expect=tuple(call["expect"]),
            returns=tuple(call["returns"]),
            done_statuses=tuple(call["done_statuses"]),
            done_codes=tuple(call["done_codes"]),
        ),
        effect=data["effect"],
        settles=tuple(data["settles"]),
        after=tuple(data["after"]),
        only_if_refused=data["only_if_refused"],
    )


def _entry_to(entry: Entry | None) -> dict[str, Any] | None:
    """Write an entry without its fingerprints: a hash of a secret leaves the state for nowhere."""
    if entry is None:
        return None
    return {
        "ids": encode(dict(entry.ids)),
        "members": encode(dict(entry.members)),
        "adopted": entry.adopted,
        "prevent_destroy": entry.prevent_destroy,
        "deposed": [dict(ids) for ids in entry.deposed],
        "stopped": entry.stopped,
    }


def _entry_from(data: Mapping[str, Any] | None) -> Entry | None:
    if data is None:
        return None
    return Entry(
        ids=decode(data["ids"]),
        members=decode(data["members"]),
        adopted=data["adopted"],
        prevent_destroy=data["prevent_destroy"],
        deposed=tuple(dict(ids) for ids in data["deposed"]),
        stopped=data["stopped"],
    )


def warning_to(warning: Diagnostic) -> dict[str, Any]:
    """Return a warning as JSON."""
    return {
        "message": warning.message,
        "place": _place_to(warning.place),
        "mend": warning.mend,
        "source": warning.source,
        "severity": warning.severity,
        "caret": warning.caret,
    }


def warning_from(data: Mapping[str, Any]) -> Diagnostic:
    """Read what `warning_to` wrote.

    Raises:
        KeyError, TypeError: it is something else.
    """
    return Diagnostic(**{**data, "place": _place_from(data["place"])})


def _text(where: Address | None) -> str | None:
    return str(where) if where else None


def _address(text: str | None) -> Address | None:
    return address(text) if text else None


def _place_to(place: Place | None) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line, "column": place.column} if place else None


def _place_from(data: Mapping[str, Any] | None) -> Place | None:
    return Place(data["file"], data["line"], data["column"]) if data else None
