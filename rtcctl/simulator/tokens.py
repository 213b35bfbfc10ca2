"""The IAM token call: name and password against a token for a day. Only a digest of the token is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from rtcctl.simulator import times, validation
from rtcctl.simulator.accounts import opaque_id
from rtcctl.simulator.call import Answer
from rtcctl.simulator.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from rtcctl.simulator.accounts import SimulatedAccount
    from rtcctl.simulator.call import Incoming, Simulator
    from rtcctl.simulator.store import Document, Store

OPERATION = "KeystoneCreateUserTokenByPassword"
PROJECT_NAME = "cn-north-4"  # the only region in the SDK's table


def issue_token(simulator: Simulator, incoming: Incoming, now: datetime) -> Answer:
    """KeystoneCreateUserTokenByPassword: 201 with X-Subject-Token; unconfirmed: the members of its errors."""
    try:
        auth = validation.check_body(OPERATION, incoming.body)["auth"]
    except Refused as refused:
        return _error(400, "Bad Request", refused.message)
    user = auth["identity"]["password"]["user"]
    account = next((known for known in simulator.accounts if _is_user(known, user)), None)
    if account is None or not _in_scope(account, auth["scope"]):
        return _error(401, "Unauthorized", "The username or password is wrong.")
    token = secrets.token_urlsafe(96)
    expires_at = now + timedelta(seconds=simulator.options.token_seconds)
    simulator.store.add_token(_digest(token), account.name, expires_at.timestamp(), now.timestamp())
    body = _token(account, auth["scope"], now, expires_at)
    if not parse_qs(incoming.query).get("nocatalog"):
        body["catalog"] = []
    return Answer(201, {"token": body}, {"X-Subject-Token": token})


def account_name(store: Store, token: str, now: datetime) -> str | None:
    """The name of the account a token was issued to, None for one that is unknown or expired."""
    return store.token_account(_digest(token), now.timestamp())


def _is_user(account: SimulatedAccount, user: Document) -> bool:
    if (user["name"], user["domain"]["name"]) != (account.user, account.domain):
        return False
    return hmac.compare_digest(user["password"].encode(), account.password.encode())


def _in_scope(account: SimulatedAccount, scope: Document) -> bool:
    """Whether the scope is the account's own domain or project; unconfirmed: an empty scope means the domain."""
    domain = scope.get("domain", {})
    project = scope.get("project", {})
    pairs = (
        (domain.get("name"), account.domain),
        (domain.get("id"), opaque_id(account.domain)),
        (project.get("name"), PROJECT_NAME),
        (project.get("id"), account.project_id),
    )
    return all(given in (None, own) for given, own in pairs)


def _token(account: SimulatedAccount, scope: Document, issued_at: datetime, expires_at: datetime) -> Document:
    domain = {"id": opaque_id(account.domain), "name": account.domain}
    token = {
        "methods": ["password"],
        "issued_at": times.microseconds(issued_at),
        "expires_at": times.microseconds(expires_at),
        "user": {
            "id": opaque_id(f"{account.domain}/{account.user}"),
            "name": account.user,
            "password_expires_at": "",
            "domain": domain,
        },
        "roles": [{"id": "0", "name": "te_admin"}],
    }
    if "project" in scope:
        return token | {"project": {"id": account.project_id, "name": PROJECT_NAME, "domain": domain}}
    return token | {"domain": domain}


def _error(status: int, title: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": status, "message": message, "title": title}})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
