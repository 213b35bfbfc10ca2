"""The variants that show in answers alone: a documented answer is rewritten on its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import Callable

MASK = "********"
READS = ("ShowApp", "ListApps", "ShowRecordCallback")
KEYS = ("auth_key", "app_key")

Changed = dict[str, Any]


def rewritten(operation: str | None, answer: Answer, variants: frozenset[str]) -> Answer:
    """The answer as these variants give it; `operation` None is a path that no operation has."""
    if not variants:
        return answer
    answer = _status(operation, answer, variants)
    body = answer.body
    if operation in READS and "masked-keys" in variants:
        body = _members(body, KEYS, lambda value: MASK if value else value)
    if "star-templates" in variants:
        body = _members(body, ("encode_template",), lambda value: value.replace("x", "*"))
    if isinstance(body, dict):
        body = _shape(operation, dict(body), variants)
    if "float-numbers" in variants and answer.status < 400:
        body = _numbers(body, float)
    if "text-numbers" in variants and answer.status < 400:
        body = _numbers(body, str)
    return Answer(answer.status, body, answer.headers)


def gateway_code(code: str, variants: frozenset[str]) -> str:
    """An error code as this gateway spells it."""
    return code.replace("APIGW.", "APIG.") if "apig-prefix" in variants else code


def _status(operation: str | None, answer: Answer, variants: frozenset[str]) -> Answer:
    if operation == "ShowRecordCallback" and "callback-404" in variants and _has_no_callback(answer.body):
        return Answer(404, {"error_code": NOT_FOUND.code, "error_msg": NOT_FOUND.name})
    if operation == "ListObsBucketObjects" and "unknown-bucket-empty" in variants and answer.status == 404:
        return Answer(200, {"count": 0, "objects": []})
    return answer


def _shape(operation: str | None, body: Changed, variants: frozenset[str]) -> Changed:
    if "error_code" in body:
        body["error_code"] = gateway_code(body["error_code"], variants)
    elif operation == "ShowRecordCallback" and _has_no_callback(body):
        body |= _no_callback(variants)
    elif operation == "ShowAutoRecord":
        body = _mode(body, variants)
    elif operation == "ShowApp":
        body = _app(body, variants)
    elif operation == "ListApps":
        body["apps"] = [_listed(_app(dict(app), variants), variants) for app in body["apps"]]
    return body


def _app(app: Changed, variants: frozenset[str]) -> Changed:
    if "record_callback" not in app["callbacks"]:
        app["callbacks"] = app["callbacks"] | _no_callback(variants)
    return _mode(app, variants)


def _listed(app: Changed, variants: frozenset[str]) -> Changed:
    left_out = ("callbacks", "auto_record_mode") if "listing-without-settings" in variants else ()
    return {name: value for name, value in app.items() if name not in left_out}


def _mode(body: Changed, variants: frozenset[str]) -> Changed:
    never_set = "update_time" not in body["auto_record_mode"]
    left_out = "auto_record_mode" if never_set and "fresh-app-without-mode" in variants else None
    return {name: value for name, value in body.items() if name != left_out}


def _no_callback(variants: frozenset[str]) -> Changed:
    if "callback-null" in variants:
        return {"record_callback": None}
    return {"record_callback": {"url": ""}} if "callback-empty" in variants else {}


def _has_no_callback(body: object) -> bool:
    return isinstance(body, dict) and "app_id" in body and "record_callback" not in body


def _members(value: object, names: tuple[str, ...], change: Callable[[str], str]) -> object:
    if isinstance(value, dict):
        return {
            name: change(member) if name in names else _members(member, names, change) for name, member in value.items()
        }
    return [_members(item, names, change) for item in value] if isinstance(value, list) else value


def _numbers(value: object, change: Callable[[int], object]) -> object:
    if isinstance(value, dict):
        return {name: _numbers(member, change) for name, member in value.items()}
    if isinstance(value, list):
        return [_numbers(item, change) for item in value]
    return change(value) if isinstance(value, int) and not isinstance(value, bool) else value
