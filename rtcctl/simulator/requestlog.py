"""The request log: what was asked and which status it got, without secrets, tokens or headers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from rtcctl.simulator import times, validation
from rtcctl.simulator.errors import Refused
from rtcctl.simulator.store import Store

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.applications import Starlette

    from rtcctl.simulator.accounts import SimulatedAccount
    from rtcctl.simulator.call import Incoming
    from rtcctl.simulator.store import Document

LOGGED_BODY_BYTES = 64 * 1024
SECRET_MEMBERS = ("auth_key", "password", "app_key")
SECRET = "(secret)"  # noqa: S105 - the placeholder


def entry(incoming: Incoming, operation: str | None, body: object, status: int | None, now: datetime) -> Document:
    """A log entry for a request with this body, as `sent_body` tells it; status None: it got no answer."""
    return {
        "time": times.microseconds(now),
        "method": incoming.method,
        "path": incoming.path,
        "query": masked(dict(parse_qsl(incoming.query, keep_blank_values=True))),
        "operation": operation,
        "status": status,
        "body": masked(body),
    }


def sent_body(incoming: Incoming, operation: str | None) -> object:
    """The JSON that was sent; None when it is absent, too long, not JSON, or the operation takes none."""
    if operation is None or len(incoming.body) > LOGGED_BODY_BYTES or not validation.takes_body(operation):
        return None
    try:
        return validation.parse_body(incoming.body)
    except Refused:
        return None


def masked(value: object) -> object:
    """The value with every secret member's value replaced."""
    if isinstance(value, dict):
        return {name: SECRET if name in SECRET_MEMBERS else masked(member) for name, member in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value


def sent_secrets(store: Store, account: SimulatedAccount | None, app_id: str | None, body: object) -> Document:
    """`{"auth_key": {"matches_configured": bool}}` when a callback key was sent: is it what the app has now?"""
    if not isinstance(body, dict) or "auth_key" not in body:
        return {}
    app = store.collection("app", account.name).get(app_id) if account and app_id else None
    configured = (app or {}).get("callbacks", {}).get("record_callback")
    matches = configured is not None and configured.get("auth_key", "") == body["auth_key"]
    return {"auth_key": {"matches_configured": matches}}


def read_log(source: Starlette | Path) -> list[dict[str, Any]]:
    """The request log of an app, or of a data file; oldest first."""
    if not isinstance(source, Path):
        return cast("Store", source.state.simulator.store).requests()
    if not source.exists():
        raise FileNotFoundError(source)
    store = Store(source)
    try:
        return store.requests()
    finally:
        store.close()
