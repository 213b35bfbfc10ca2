"""What the routes of the control API under /_simulator/ have in common; `control_table` says which there are.

The control API sets the scene that the service would find in real life: users, failures, arrears, the passing of time.
It takes and gives JSON, asks for no credentials, and is not part of the request log. An error is {"error": "..."} with
400 (the request is wrong), 403 (sent by a web page of another origin), 404 (there is no such thing) or 409 (not in this
state).
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rtcctl.simulator import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from rtcctl.simulator.call import Simulator
    from rtcctl.simulator.store import Document

PREFIX = "/_simulator"
MAX_BODY_BYTES = 1024 * 1024


class ControlError(Exception):
    """Ends a control call with a status and `{"error": text}`."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class ControlCall(Struct, frozen=True):
    """A control request: the path's parameters, the query, and the JSON object of the body ({} when there is none)."""

    simulator: Simulator
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Document

    def member(self, name: str, kind: type | tuple[type, ...], default: object = None) -> Any:
        """A member of the body; 400 when its type is wrong, or when it is missing and has no default."""
        value = self.body.get(name, default)
        wanted = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise ControlError(400, f"{name}: {' or '.join(each.__name__ for each in wanted)} needed")
        return value


def route(method: str, path: str, handler: Callable[[ControlCall], object]) -> Route:
    """A route below PREFIX whose handler runs in a transaction, with everything done that is due by now.

    What the handler returns is answered as JSON with 200; None as an empty 204.
    """

    async def endpoint(request: Request) -> Response:
        simulator: Simulator = request.app.state.simulator
        try:
            refuse_foreign_pages(request)
            call = ControlCall(simulator, request.path_params, request.query_params, await _json(request))
            with simulator.store.transaction():
                progress.settle(simulator, simulator.options.now())
                with simulator.store.savepoint():
                    result = handler(call)
        except ControlError as error:
            return JSONResponse({"error": error.text}, error.status)
        if method != "GET":
            simulator.changed.bump()
        return Response(status_code=204) if result is None else JSONResponse(result)

    made = Route(PREFIX + path, endpoint, methods=[method])
    made.methods = {method}  # as the other routes: no HEAD
    return made


def refuse_foreign_pages(request: Request) -> None:
    """403 for what a web page of another origin sends: a browser would let any page write to loopback.

    A name that some page made to lead here is a foreign origin too, so only addresses and localhost are answered.
    """
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    origin = request.headers.get("origin")
    if host != "localhost" and not _is_address(host):
        raise ControlError(403, "sent to a name that is not localhost")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ControlError(403, "sent by a page of another origin")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _json(request: Request) -> Document:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk[: MAX_BODY_BYTES + 1 - len(raw)]
    if len(raw) > MAX_BODY_BYTES:
        raise ControlError(400, "the body is too long")
    try:
        value = json.loads(bytes(raw).decode()) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise ControlError(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise ControlError(400, "the body is not a JSON object")
    return value
