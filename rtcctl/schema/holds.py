"""Whether a value holds to a schema, found out quickly: most manifests do, and then jsonschema is not even loaded.

Only what the manifest's schema uses is known here. A "no" may mean "can't tell": jsonschema has the last word then, and
says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def holds(schema: Schema, value: Any) -> bool:
    """Tell whether a value certainly holds to a schema."""
    return all(_RULES.get(keyword, _unknown)(bound, value, schema) for keyword, bound in schema.items())


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern as ECMAScript means it: `$` is the end of the text, not a line break before it."""
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _unknown(_: Any, __: Any, ___: Schema) -> bool:
    return False


def _silent(_: Any, __: Any, ___: Schema) -> bool:
    return True


def _type(name: str, value: Any, _: Schema) -> bool:
    return isinstance(value, _TYPES[name]) and isinstance(value, bool) == (name == "boolean")


def _properties(below: dict[str, Schema], value: Any, _: Schema) -> bool:
    return isinstance(value, dict) and all(holds(below[name], value[name]) for name in value if name in below)


def _others(rule: Schema | bool, value: Any, schema: Schema) -> bool:
    declared = schema.get("properties", ())
    others = [below for name, below in value.items() if name not in declared]
    return all(holds(rule, each) for each in others) if isinstance(rule, dict) else rule or not others


def _unique(_: bool, value: Any, __: Schema) -> bool:
    return all(isinstance(each, str) for each in value) and len(set(value)) == len(value)


def _required(names: list[str], value: Any, _: Schema) -> bool:
    return isinstance(value, dict) and all(name in value for name in names)


def _one_of(schemas: list[Schema], value: Any, _: Schema) -> bool:
    return all(map(_is_exact, schemas)) and sum(holds(each, value) for each in schemas) == 1


def _not(schema: Schema, value: Any, _: Schema) -> bool:
    return _is_exact(schema) and not holds(schema, value)


def _is_exact(schema: Schema) -> bool:
    """Tell whether a "no" to this schema means no; both who ask are said of objects alone."""
    return schema.keys() == {"required"}


_RULES: dict[str, Callable[[Any, Any, Schema], bool]] = {
    **dict.fromkeys(("description", "default", "x-unit", "x-due", "x-sensitive"), _silent),
    "type": _type,
    "properties": _properties,
    "additionalProperties": _others,
    "propertyNames": lambda rule, value, _: all(holds(rule, name) for name in value),
    "required": _required,
    "minProperties": lambda least, value, _: len(value) >= least,
    "items": lambda rule, value, _: all(holds(rule, each) for each in value),
    "minItems": lambda least, value, _: len(value) >= least,
    "uniqueItems": _unique,
    "enum": lambda allowed, value, _: isinstance(value, str) and value in allowed,
    "const": lambda only, value, _: value.__class__ is only.__class__ and value == only,
    "pattern": lambda pattern, value, _: compiled(pattern).search(value) is not None,
    "minLength": lambda least, value, _: len(value) >= least,
    "maxLength": lambda most, value, _: len(value) <= most,
    "minimum": lambda least, value, _: value >= least,
    "maximum": lambda most, value, _: value <= most,
    "anyOf": lambda schemas, value, _: any(holds(each, value) for each in schemas),
    "oneOf": _one_of,
    "not": _not,
}
"""What each keyword asks; `type` stands first in every schema of ours, so that the others meet values of that type."""
