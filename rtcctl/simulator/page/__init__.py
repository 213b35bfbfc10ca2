"""The simulator's page: three static files, what they show as JSON, and a stream of server-sent events.

GET /                      the page
GET /_simulator/view       everything the page shows, pictures of mixed jobs included
GET /_simulator/events     "change" with a number whenever something changed, and as a heartbeat
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from rtcctl.simulator.control import PREFIX, route
from rtcctl.simulator.page.view import view

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from rtcctl.simulator.changes import Changes

HEARTBEAT_SECONDS = 2.0
_FOLDER = Path(__file__).parent
_HEADERS = {
    # Names come from whoever calls the API: even if one became markup, it could run nothing and reach nobody.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def _file(path: str, name: str, media_type: str) -> Route:
    async def endpoint(_request: Request) -> Response:
        return FileResponse(_FOLDER / name, headers=_HEADERS, media_type=media_type)

    return _get(path, endpoint)


async def _events(request: Request) -> Response:
    changes: Changes = request.app.state.simulator.changed
    return StreamingResponse(stream(changes), headers={"Cache-Control": "no-store"}, media_type="text/event-stream")


async def stream(changes: Changes) -> AsyncIterator[str]:
    """An event at once, at each change, and at least every HEARTBEAT_SECONDS: time alone ends jobs.

    It ends with the server, and with the connection: Starlette cancels it when the client has gone.
    """
    seen = changes.version
    while not changes.closed:
        yield f"event: change\ndata: {seen}\n\n"
        seen = await changes.wait(seen, HEARTBEAT_SECONDS)


def _get(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
    made = Route(path, endpoint, methods=["GET"])
    made.methods = {"GET"}  # as the other routes: no HEAD
    return made


ROUTES: list[BaseRoute] = [
    _file("/", "index.html", "text/html"),
    _file(f"{PREFIX}/page.css", "page.css", "text/css"),
    _file(f"{PREFIX}/page.js", "page.js", "text/javascript"),
    route("GET", "/view", lambda call: view(call.simulator)),
    _get(f"{PREFIX}/events", _events),
]
