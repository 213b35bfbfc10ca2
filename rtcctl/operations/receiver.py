"""A receiver of recording callbacks on loopback: checks each signature, answers, hands every notification on.

The signature is the documented one (FAQ, How Do I Authenticate a Recording Callback?): the lower-case hex HMAC-SHA256
of X-Rtc-Rand, X-Rtc-Timestamp and the raw body, keyed with the auth_key. It shares nothing with the simulator, which
signs by itself, so that a mistake on one side shows.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

Verdict: TypeAlias = Literal["verified", "unsigned", "not checked", "wrong signature", "no signature", "not JSON"]
"""`unsigned` and `not checked` (signed, but there is no key to check with) occur only without a key."""

MAX_BODY_BYTES = 1024 * 1024
_STATUS: Mapping[Verdict, int] = {"wrong signature": 401, "no signature": 401, "not JSON": 400}


class Notification(Struct, frozen=True):
    """One request that came in; `event` is empty where the body was not to be read."""

    time: datetime
    verdict: Verdict
    event: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return _STATUS.get(self.verdict, 200)

    @property
    def accepted(self) -> bool:
        """Whether it counts as an event."""
        return self.status == 200


def signature(key: str, rand: str, timestamp: str, body: bytes) -> str:
    """Return what X-Rtc-Signature has to be."""
    return hmac.new(key.encode(), rand.encode() + timestamp.encode() + body, hashlib.sha256).hexdigest()


def judge(headers: Mapping[str, str], body: bytes, key: str | None) -> Verdict:
    """Say whether a request comes from who has the key; the comparison takes the same time for any signature."""
    sent = headers.get("x-rtc-signature", "")
    if key is None:
        return "not checked" if sent else "unsigned"
    if not sent:
        return "no signature"
    due = signature(key, headers.get("x-rtc-rand", ""), headers.get("x-rtc-timestamp", ""), body)
    return "verified" if hmac.compare_digest(sent.encode(), due.encode()) else "wrong signature"


def receive(headers: Mapping[str, str], body: bytes, key: str | None, now: datetime) -> Notification:
    """Judge a request and read its event; one that fails the check is read too, for it is shown as such."""
    verdict = judge(headers, body, key)
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, dict):
        return Notification(now, verdict, event)
    return Notification(now, verdict if _STATUS.get(verdict) else "not JSON")


def create_app(key: str | None, notify: Callable[[Notification], None]) -> Starlette:
    """Return the receiver as an ASGI app that takes a POST on any path.

    Args:
        key: the callback's auth_key; None accepts everything.
        notify: called with each notification, before it is answered.
    """
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def endpoint(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return JSONResponse({"result": "body too large"}, status_code=413)
        notification = receive(request.headers, body, key, datetime.now(UTC))
        notify(notification)
        result = "ok" if notification.accepted else notification.verdict
        return JSONResponse({"result": result}, status_code=notification.status)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=["POST"])])


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)
