"""What a plan takes for granted, as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtcctl.model.fact import Absent, Alone, Fact, Present
from rtcctl.planfile.values import address, decode, encode


def fact_to(fact: Fact) -> dict[str, Any]:
    """Return a fact as JSON."""
    common = {"address": str(fact.address), "assumed": fact.assumed}
    match fact:
        case Present():
            return common | {
                "fact": "present",
                "kind": fact.kind,
                "ids": dict(fact.ids),
                "members": encode(dict(fact.members)),
                "whole": fact.whole,
                "secrets": dict(fact.secrets),
                "over": fact.over,
            }
        case Absent():
            key = list(fact.key) if fact.key is not None else None
            return common | {"fact": "absent", "kind": fact.kind, "parent": dict(fact.parent), "key": key}
        case Alone():
            below = [{"kind": kind, "ids": dict(ids)} for kind, ids in fact.children]
            return common | {"fact": "alone", "ids": dict(fact.ids), "children": below}


def fact_from(data: Mapping[str, Any]) -> Fact:
    """Read what `fact_to` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    where, assumed = address(data["address"]), data["assumed"]
    match data["fact"]:
        case "present":
            members = decode(data["members"])
            told = (data["kind"], dict(data["ids"]), members, data["whole"], dict(data["secrets"]), data["over"])
            return Present(where, *told, assumed)
        case "absent":
            key = tuple(data["key"]) if data["key"] is not None else None
            return Absent(where, data["kind"], dict(data["parent"]), key, assumed)
        case "alone":
            below = tuple((each["kind"], dict(each["ids"])) for each in data["children"])
            return Alone(where, dict(data["ids"]), below, assumed)
        case other:
            raise ValueError(f"{other!r} is no fact")
