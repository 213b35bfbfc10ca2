"""Checks requests against the OpenAPI file and maps what fails to the service's error codes.

The file is read at the first request that needs it. Messages name members, never values: those may be secret.
"""

from __future__ import annotations

import functools
import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from rtcctl.simulator import errors
from rtcctl.simulator.errors import Refused

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

    from rtcctl.simulator.errors import ApiError
    from rtcctl.simulator.store import Document

FILE_NAME = "sparkrtc-v2.openapi.yaml"
MAX_DEPTH = 100
INTEGER = re.compile(r"-?[0-9]{1,18}")


def parse_body(raw: bytes) -> object:
    """The JSON value of a body; refuses with RTC.00001002 what is not JSON, UTF-8, or nested too deeply."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_finite, parse_float=_finite)
        if b"\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be answered
    except (ValueError, RecursionError):
        raise Refused(errors.MALFORMED_BODY) from None
    if _deeper_than(value, MAX_DEPTH):
        raise Refused(errors.MALFORMED_BODY, "nested too deeply")
    return value


def check_body(operation: str, raw: bytes, *, strict: bool = False) -> Document:
    """The known members of an operation's body; empty when the operation takes none, whatever was sent.

    unconfirmed: unknown members are ignored, unless `strict`.
    """
    schema = _body_schema(operation)
    if schema is None:
        return {}
    value = parse_body(raw)
    _check(_validator(operation, "body"), value)
    known = _known(schema, value)
    if strict and known != value:
        raise Refused(errors.INVALID_VALUE, "a member that is not known")
    return cast("Document", known)


def check_query(operation: str, query: str) -> Document:
    """An operation's query parameters, converted, with the documented defaults; unknown ones are ignored."""
    schema = _query_schema(operation)
    values: Document = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name in schema["properties"] and name not in values:
            is_number = schema["properties"][name].get("type") == "integer" and INTEGER.fullmatch(text)
            values[name] = int(text) if is_number else text
    _check(_validator(operation, "query"), values)
    return cast("Document", _filled(schema, values))


def with_defaults(schema_name: str, value: Document) -> Document:
    """A value of a named schema with the documented defaults of the members that are missing."""
    return cast("Document", _filled({"$ref": f"#/components/schemas/{schema_name}"}, value))


def takes_body(operation: str) -> bool:
    """Whether the operation has a request body."""
    return _body_schema(operation) is not None


def openapi_file(package: Path) -> Path:
    """Where the OpenAPI file is: inside the package in a wheel, beside it in a checkout."""
    inside = package / "schemas" / FILE_NAME
    return inside if inside.exists() else package.parent / "schemas" / FILE_NAME


@functools.cache
def openapi() -> Document:
    """The OpenAPI document."""
    import yaml  # only when a request needs it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = openapi_file(Path(__file__).resolve().parents[1]).read_text(encoding="utf-8")
    return cast("Document", yaml.load(text, Loader=loader))  # noqa: S506 - both loaders are safe ones


@functools.cache
def _operations() -> dict[str, Document]:
    return {
        operation["operationId"]: operation
        for path in openapi()["paths"].values()
        for method, operation in path.items()
        if method in ("get", "put", "post", "delete")
    }


def _body_schema(operation: str) -> Document | None:
    body = _operations()[operation].get("requestBody")
    return None if body is None else body["content"]["application/json"]["schema"]


@functools.cache
def _query_schema(operation: str) -> Document:
    parameters = [p for p in _operations()[operation].get("parameters", []) if p.get("in") == "query"]
    return {
        "type": "object",
        "properties": {parameter["name"]: parameter["schema"] for parameter in parameters},
        "required": [parameter["name"] for parameter in parameters if parameter["required"]],
    }


@functools.cache
def _validator(operation: str, part: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # only when a request needs it

    schema = _body_schema(operation) if part == "body" else _query_schema(operation)
    return Draft202012Validator({**(schema or {}), "components": openapi()["components"]})


def _check(validator: Draft202012Validator, value: object) -> None:
    found = [(_error_for(problem), _place(problem)) for problem in validator.iter_errors(value)]
    for error in (
        errors.MISSING_PARAMETER,
        errors.INVALID_VALUE,
        errors.INVALID_COMBINATION,
        errors.UNSUPPORTED_REGION,
    ):
        for candidate, place in found:
            if candidate == error:
                raise Refused(error, place)


def _error_for(problem: ValidationError) -> ApiError:
    if "then" in problem.relative_schema_path:  # the file writes combinations as if/then
        return errors.INVALID_COMBINATION
    if problem.validator == "required":
        return errors.MISSING_PARAMETER
    if problem.validator == "enum" and list(problem.path)[-2:] == ["obs_addr", "location"]:
        return errors.UNSUPPORTED_REGION
    return errors.INVALID_VALUE


def _place(problem: ValidationError) -> str:
    parts = [str(part) for part in problem.path]
    if problem.validator == "required":
        instance = cast("Document", problem.instance)
        parts += [name for name in cast("list[str]", problem.validator_value) if name not in instance][:1]
    return ".".join(parts)


def _resolved(schema: Document) -> Document:
    """The schema with its reference followed; members beside the reference win."""
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].removeprefix("#/components/schemas/")
    return {**_resolved(openapi()["components"]["schemas"][name]), **schema}


def _known(schema: Document, value: object) -> object:
    schema = _resolved(schema)
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        return {name: _known(properties[name], member) for name, member in value.items() if name in properties}
    if isinstance(value, list) and "items" in schema:
        return [_known(schema["items"], item) for item in value]
    return value


def _filled(schema: Document, value: object) -> object:
    schema = _resolved(schema)
    if isinstance(value, list) and "items" in schema:
        return [_filled(schema["items"], item) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    properties = {name: _resolved(member) for name, member in schema["properties"].items()}
    defaults = {name: member["default"] for name, member in properties.items() if "default" in member}
    return {**{name: _filled(properties[name], member) for name, member in value.items()}, **_missing(defaults, value)}


def _missing(defaults: Document, value: Document) -> Document:
    return {name: default for name, default in defaults.items() if name not in value}


def _deeper_than(value: object, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: object) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} cannot be written as JSON again")
    return number
