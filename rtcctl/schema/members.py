"""From one member's declaration to its JSON Schema.

`x-unit`, `x-due` and `x-sensitive` carry what a validator does not need but its messages do, `x-change` what a change
does to a member that no kind declares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from rtcctl.kinds import Member
from rtcctl.model.address import NAME_PATTERN

Schema: TypeAlias = dict[str, Any]

_VARIABLE = r"\$\{"


class Builder:
    """Builds schemas of members; `for_editors` also takes `${…}` wherever a text is limited.

    An editor sees the text before variables are filled in, the manifest check sees it afterwards.
    """

    def __init__(self, *, for_editors: bool) -> None:
        self._for_editors = for_editors

    def objects(self, members: Sequence[Member], doc: str, extra: Schema | None = None) -> Schema:
        """Return the schema of an object; `extra` are members beside the declared ones, all optional."""
        properties: Schema = {**(extra or {})}
        required: list[str] = []
        rules: Schema = {}
        for member in members:
            if member.refer_as:
                properties[member.refer_as] = self.name(f"Name of a {member.refers} of the same app.")
                rules = _one_of_both(member)
            elif member.required:
                required.append(member.name)
            properties[member.name] = self.member(member)
        schema: Schema = {"type": "object", "description": doc, "properties": properties}
        if required:
            schema["required"] = required
        return {**schema, **rules, "additionalProperties": False}

    def member(self, member: Member) -> Schema:
        """Return the schema of one member."""
        doc = describe(member)
        match member.type:
            case "object":
                return self.objects(member.members, doc)
            case "array":
                return self._array(member, doc)
            case "string":
                return self.text(doc, **_text_limits(member))
            case "boolean":
                return {"type": "boolean", "description": doc, **_default(member)}
            case _:
                return {"type": member.type, "description": doc, **_number_limits(member), **_default(member)}

    def text(self, doc: str, **limits: Any) -> Schema:
        """Return the schema of a text under limits (JSON Schema keywords)."""
        bounds = {name: value for name, value in limits.items() if name in _BOUNDS}
        rest = {name: value for name, value in limits.items() if name not in _BOUNDS}
        head: Schema = {"type": "string", "description": doc}
        if bounds and self._for_editors:
            return {**head, "anyOf": [bounds, {"pattern": _VARIABLE}], **rest}
        return {**head, **bounds, **rest}

    def name(self, doc: str) -> Schema:
        """Return the schema of a local name."""
        return self.text(doc, pattern=NAME_PATTERN)

    def _array(self, member: Member, doc: str) -> Schema:
        items = self.objects(member.members, doc) if member.members else {}
        if member.items is not None:
            items = self.member(member.items)
        schema: Schema = {"type": "array", "description": doc, "items": items}
        if member.min_items is not None:
            schema["minItems"] = member.min_items
        if member.unordered == "":
            schema["uniqueItems"] = True
        return schema


_BOUNDS = ("enum", "pattern", "minLength", "maxLength")


def describe(member: Member) -> str:
    """Return what is known of a member, in one paragraph."""
    parts = [member.doc]
    if member.unit:
        parts.append(f"Unit: {member.unit}.")
    if member.default is not None:
        shown = str(member.default).lower() if isinstance(member.default, bool) else member.default
        parts.append(f"Default of the service: {shown}.")
    if member.immutable:
        parts.append("A change replaces the object.")
    if member.source:
        parts.append(f"Source: {member.source}.")
    return " ".join(parts)


def _text_limits(member: Member) -> Schema:
    limits: Schema = {}
    if member.enum:
        limits["enum"] = list(member.enum)
    if member.pattern:
        limits["pattern"] = member.pattern
    if member.due or member.pattern:
        limits["x-due"] = member.due or member.doc
    if member.min_length is not None:
        limits["minLength"] = member.min_length
    if member.max_length is not None:
        limits["maxLength"] = member.max_length
    if member.sensitive:
        limits["x-sensitive"] = True
    return {**limits, **_default(member)}


def _number_limits(member: Member) -> Schema:
    bounds: Schema = {}
    if member.minimum is not None:
        bounds["minimum"] = member.minimum
    if member.maximum is not None:
        bounds["maximum"] = member.maximum
    if member.also is not None:
        bounds = {"anyOf": [{"const": member.also}, bounds]}
    return {**bounds, "x-unit": member.unit} if member.unit else bounds


def _default(member: Member) -> Schema:
    return {} if member.default is None else {"default": member.default}


def _one_of_both(member: Member) -> Schema:
    if member.required:
        return {"oneOf": [{"required": [member.refer_as]}, {"required": [member.name]}]}
    return {"not": {"required": [member.refer_as, member.name]}}
