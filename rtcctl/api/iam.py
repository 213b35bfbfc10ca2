"""Tokens of IAM for user name and password: fetched once, kept, renewed (Example 2, step 1; NOTES section 2.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from rtcctl.api.answers import read
from rtcctl.api.credentials import PasswordCredentials
from rtcctl.api.preparing import Prepared, prepare
from rtcctl.api.wire import Wire
from rtcctl.errors import ApiError, BadAnswerError, FailedCall, NotAuthenticatedError
from rtcctl.model.call import Call
from rtcctl.model.values import Members

LIFETIME = timedelta(hours=24)
"""How long a token is valid."""
MARGIN = timedelta(minutes=5)
"""How long before its end a token is renewed."""

Now: TypeAlias = Callable[[], datetime]


class FetchedToken:
    """A token of IAM for user name and password, kept until shortly before its end (Example 2, step 1).

    It is fetched once however many calls wait for it. A refusal is final: IAM locks a user after a few failed logins.
    """

    def __init__(self, credentials: PasswordCredentials, iam: Wire, now: Now) -> None:
        self._credentials = credentials
        self._iam = iam
        self._now = now
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        self._lock = asyncio.Lock()
        self._failures = 0
        self._error: ApiError | None = None

    async def headers(self, request: Prepared, host: str) -> dict[str, str]:
        """Add the token, fetching it first where there is none."""
        return {"Content-Type": request.content_type, "X-Auth-Token": await self._current()}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Drop the refused token, unless another call has done so already."""
        if self._token == refused["X-Auth-Token"]:
            self._token = ""
        return True

    def secrets(self) -> tuple[str, ...]:
        """Return password and token."""
        return (self._credentials.password.reveal(), self._token)

    def mend(self, date: str) -> str:
        """Say that a fresh token was refused as well."""
        return f"IAM gave a token, but the service does not accept it: check the IAM endpoint and {self._variables()}"

    async def _current(self) -> str:
        failures = self._failures
        async with self._lock:
            if self._token and self._now() < self._until:
                return self._token
            # Whoever waited while another call failed to get the token gets the same failure, not a try of its own.
            if self._error and (self._failures != failures or isinstance(self._error, NotAuthenticatedError)):
                raise self._error
            try:
                self._token, self._until = await self._fetch()
            except ApiError as error:
                self._error = error
                self._failures += 1
                raise
            return self._token

    async def _fetch(self) -> tuple[str, datetime]:
        call = token_call(self._credentials)
        request = prepare(call)
        response = await self._iam.exchange(request, {"Content-Type": request.content_type})
        try:
            answer = read(call, request.path, response, secrets=request.secrets)
        except ApiError as error:
            if error.status not in (400, 401, 403, 404):
                raise
            mend = f"check {self._variables()}, and that the user may sign in by program"
            raise NotAuthenticatedError(error.call, f"IAM refused the user: {error.reason}", mend=mend) from None
        token = response.header("X-Subject-Token").strip()
        if not token.isascii() or not token.isprintable() or not token:
            failed = FailedCall(call.method, request.path, answer.status, "", answer.request_id)
            raise BadAnswerError(failed, "IAM's answer has no usable X-Subject-Token", mend="check the IAM endpoint")
        return token, self._now() + _lifetime(answer.data, self._now())

    def _variables(self) -> str:
        return self._credentials.source


def token_call(credentials: PasswordCredentials) -> Call:
    """Return the call for a token of the whole account, as in Example 2 step 1; the catalog is not wanted."""
    domain: Members = {"name": credentials.domain}
    user: Members = {"name": credentials.username, "password": credentials.password, "domain": domain}
    identity: Members = {"methods": ["password"], "password": {"user": user}}
    return Call(
        "POST",
        "/v3/auth/tokens",
        "iam",
        body={"auth": {"identity": identity, "scope": {"domain": domain}}},
        query={"nocatalog": "true"},
        expect=(201,),
    )


def _lifetime(data: Mapping[str, Any], now: datetime) -> timedelta:
    """Return how long to use a token, by the answer's own times so that a wrong clock here does no harm."""
    token = data.get("token")
    told = token if isinstance(token, Mapping) else {}
    end = _moment(told.get("expires_at"))
    left = end - (_moment(told.get("issued_at")) or now) if end else LIFETIME
    if not timedelta(0) < left <= LIFETIME:
        left = LIFETIME
    return left - min(MARGIN, left / 2)


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
