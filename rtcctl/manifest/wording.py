"""A JSON Schema failure in words: what is wrong, where, and what to do. The validator's own text is never used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from rtcctl.errors import Diagnostic, Place
from rtcctl.manifest.documents import Document
from rtcctl.manifest.interpolation import Filled, Step
from rtcctl.manifest.redact import is_sensitive_name, without_passwords
from rtcctl.manifest.scalars import is_long_number
from rtcctl.manifest.tree import child, key_place, value_place
from rtcctl.manifest.words import harmless, nearest, quoted, suggestion
from rtcctl.model.address import NAME_PATTERN

Told: TypeAlias = tuple[str, str]
"""Message and mend."""

_NAME_RULE = "a name is 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or digit"
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


class Failure(Struct, frozen=True):
    """What a validator found.

    `rule` is the JSON Schema keyword and `value` what it says; `instance` is the offending value at `path` and
    `schema` its schema. `missing` is the member that is missing; `of_name` tells that a key is wrong, not a value.
    """

    rule: str
    value: Any
    path: tuple[Step, ...]
    instance: Any
    schema: Mapping[str, Any]
    missing: str = ""
    of_name: bool = False

    @property
    def title(self) -> str:
        """Name the member shortly: its own key, or its list's where it is an item."""
        return _title(self.path)

    @property
    def is_sensitive(self) -> bool:
        """Tell whether the value is, or may hold, a secret."""
        names = (step for step in self.path if isinstance(step, str))
        return bool(self.schema.get("x-sensitive")) or any(is_sensitive_name(name) for name in names)

    @property
    def shown(self) -> str:
        """The value, fit to be shown."""
        if isinstance(self.instance, Filled):
            return "the value filled in"
        if self.is_sensitive:
            return "the value"
        if isinstance(self.instance, str):
            return quoted(without_passwords(self.instance))
        return str(self.instance).lower() if isinstance(self.instance, bool) else str(self.instance)


def _title(path: tuple[Step, ...]) -> str:
    if not path:
        return "the document"
    last = path[-1]
    return f"item {last + 1} of {_title(path[:-1])}" if isinstance(last, int) else harmless(last)


def diagnose(failure: Failure, document: Document) -> Iterator[Diagnostic]:
    """Yield what to tell of one failure."""
    file, node = document.source.name, document.node(failure.path)
    if failure.rule == "additionalProperties":
        yield from _unknown(failure, document)
    elif failure.of_name:
        place = key_place(file, child(node, failure.instance) or node)
        yield Diagnostic(f"{quoted(failure.instance)} is no name", place, mend=_NAME_RULE)
    else:
        message, mend = _WORDINGS[failure.rule](failure)
        at_key = failure.rule in ("required", "oneOf", "not") and failure.path
        yield Diagnostic(message, (key_place if at_key else value_place)(file, node), mend=mend)


def _unknown(failure: Failure, document: Document) -> Iterator[Diagnostic]:
    """One diagnostic for every member that the schema does not know."""
    properties: Mapping[str, Any] = failure.schema["properties"]
    node = document.node(failure.path)
    unused = [known for known in properties if known not in failure.instance]
    where = f" in {failure.title}" if failure.path else ""
    for name in failure.instance:
        below = child(node, name)
        if name not in properties and below is not None:
            place: Place = key_place(document.source.name, below)
            mend = _mend_unknown(name, properties, unused)
            yield Diagnostic(f"unknown member {quoted(name)}{where}", place, mend=mend)


def _mend_unknown(name: str, properties: Mapping[str, Any], unused: list[str]) -> str:
    homes = [home for home, schema in properties.items() if name in _members_of(schema)]
    if homes and f"{name}s" not in unused:
        return f"it belongs under {' or '.join(homes)}"
    guess = nearest(name, unused) or nearest(name, properties)
    return f"did you mean {guess!r}?" if guess else f"known here: {', '.join(properties)}"


def _members_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = schema.get("items", schema).get("properties", {})
    return found


def _type(failure: Failure) -> Told:
    due, value, title = str(failure.value), failure.instance, failure.title
    if value is None:
        if due != "object" or failure.schema.get("minProperties"):
            return f"{title} is empty", "give it a value, or remove it"
        if failure.path and isinstance(failure.path[-1], int):
            return f"{title} is empty", "write its members after the '- ', or remove it"
        return f"{title} is empty", f"give it a value, or write '{title}: {{}}'"
    if due in ("integer", "number") and _is_too_long_a_number(value):
        return f"{title} is a number of {len(value.lstrip('+-'))} digits: too many", _allowed(failure)
    return f"{title} must be {_TYPES[due]}, not {_name_of_type(value)}", _mend_type(due, failure)


def _mend_type(due: str, failure: Failure) -> str:
    value = failure.instance
    if isinstance(value, Filled):
        return "variables give text only: write the value itself, or set it in a Kustomize overlay"
    if due == "string" and isinstance(value, (bool, int, float)):
        # A float is not repeated: 1.50 and 1e3 would not come out as they were written.
        bare = isinstance(value, float) or failure.is_sensitive
        return "quote it" if bare else f'quote it: "{failure.shown}"'
    if due in ("integer", "number") and isinstance(value, str) and value.strip("+-").isdigit():
        return "write it without quotes and without leading zeros"
    return {
        "boolean": "write true or false, without quotes",
        "array": "begin each item with '- ', or write [ITEM, ITEM]",
        "object": "write its members below it, one 'member: value' a line",
    }.get(due, f"write {_TYPES[due]}")


def _is_too_long_a_number(value: Any) -> bool:
    """Tell whether a number was left as text because it has more digits than any amount."""
    return isinstance(value, str) and not isinstance(value, Filled) and is_long_number(value)


def _name_of_type(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a number"
    if isinstance(value, float):
        return "a number with a fraction"
    return _TYPES[{dict: "object", list: "array"}.get(value.__class__, "string")]


def _enum(failure: Failure) -> Told:
    known = [str(value) for value in failure.value]
    given = "" if isinstance(failure.instance, Filled) else str(failure.instance)
    mend = failure.schema.get("x-due") or suggestion(given, known)
    return f"{failure.shown} is not a value of {failure.title}", mend


def _range(failure: Failure) -> Told:
    low = _bounds(failure).get("minimum")
    size = "small" if low is not None and failure.instance < low else "large"
    return f"{failure.title} is {failure.shown}: too {size}", _allowed(failure)


def _bounds(failure: Failure) -> Mapping[str, Any]:
    """Return what limits a number; beside it one more value may be allowed."""
    found: Mapping[str, Any] = failure.schema["anyOf"][1] if "anyOf" in failure.schema else failure.schema
    return found


def _allowed(failure: Failure) -> str:
    bounds, unit = _bounds(failure), failure.schema.get("x-unit", "")
    low, high = bounds.get("minimum"), bounds.get("maximum")
    more = f", or {failure.schema['anyOf'][0]['const']}" if "anyOf" in failure.schema else ""
    span = f"{low} or more" if high is None else f"{low} to {high}"
    return f"allowed: {span}{' ' + unit if unit else ''}{more}"


def _required(failure: Failure) -> Told:
    return f"{failure.title} lacks {failure.missing}", f"add '{failure.missing}: ...'"


def _one_of(failure: Failure) -> Told:
    names = [choice["required"][0] for choice in failure.value]
    if any(name in failure.instance for name in names):
        return _both(names)
    return f"{failure.title} lacks {names[0]}", f"add '{names[0]}: NAME', or '{names[1]}: ID' for a rule elsewhere"


def _not(failure: Failure) -> Told:
    return _both(failure.value["required"])


def _both(names: list[str]) -> Told:
    return f"{' and '.join(names)} exclude each other", f"keep one: {names[0]} names what this app declares"


def _fit(failure: Failure) -> Told:
    if failure.value == NAME_PATTERN:
        return f"{failure.title}: {failure.shown} is no name", _NAME_RULE
    mend = failure.schema.get("x-due") or failure.schema["description"]
    return f"{failure.title}: {failure.shown} does not fit", mend


def _too_long(failure: Failure) -> Told:
    return f"{failure.title} is {len(failure.instance)} characters long", f"at most {failure.value} are allowed"


def _empty(failure: Failure) -> Told:
    return f"{failure.title} is empty", "give it a value, or remove it"


def _unique(failure: Failure) -> Told:
    return f"{failure.title} holds a value twice", "name each value once"


_WORDINGS: dict[str, Callable[[Failure], Told]] = {
    "type": _type,
    "enum": _enum,
    "minimum": _range,
    "maximum": _range,
    "anyOf": _range,
    "required": _required,
    "oneOf": _one_of,
    "not": _not,
    "pattern": _fit,
    "maxLength": _too_long,
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "uniqueItems": _unique,
}
