"""Drives a simulator in the tests: a clock to set, a client whose every answer is checked against the OpenAPI file."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
from jsonschema import Draft202012Validator

from rtcctl.simulator import ACCOUNT, Options, create_app, request_log, serve
from rtcctl.simulator.validation import openapi

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.applications import Starlette

Json = dict[str, Any]

MP4_RULE: Json = {
    "obs_addr": {"bucket": "obsName", "location": "cn-north-4", "object": "Record/", "project_id": ACCOUNT.project_id},
    "record_formats": ["MP4"],
    "mp4_config": {},
}
GRID: Json = {"room_id": "room001", "encode_template": "1920x1080_30_4620", "layout_template": "nine_grids_view"}

SERVE = """
import sys
from pathlib import Path
from rtcctl.simulator import serve
serve(Path(sys.argv[1]), port=0, ready=lambda url: print(url, flush=True))
"""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2024, 1, 15, 8, 30, 0, 71_800, UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Driver:
    """A user with a token. Every call runs in an event loop of its own."""

    def __init__(self, app: Starlette, clock: Clock) -> None:
        self.app = app
        self.clock = clock
        self.headers = {"X-Auth-Token": token(app)}

    def send(self, method: str, path: str, body: object = None, **options: Any) -> httpx.Response:
        """One call with the token; `body` goes as JSON."""
        content = {"json": body} if body is not None else {}
        response = send(self.app, method, path, **{"headers": self.headers, **content, **options})
        check_answer(method, response)
        return response

    def refused(self, status: int, code: str, method: str, path: str, body: object = None, **options: Any) -> str:
        """Send, and expect this error; the message."""
        response = self.send(method, path, body, **options)
        assert (response.status_code, response.json().get("error_code")) == (status, code), response.text
        message: str = response.json()["error_msg"]
        return message

    def done(self, method: str, path: str, body: object = None, status: int = 200) -> Json:
        """Send, and expect this status; the answer, {} when it is empty."""
        response = self.send(method, path, body)
        assert response.status_code == status, response.text
        return response.json() if response.content else {}

    def new_app(self, app_name: str = "rtctest") -> str:
        """The path of a new app."""
        return "/v2/apps/" + str(self.done("POST", "/v2/apps", {"app_name": app_name}, 201)["app_id"])

    def new_rule(self, app: str, body: Json = MP4_RULE) -> str:
        """The id of a new rule."""
        return str(self.done("POST", f"{app}/record-rules", body, 201)["rule_id"])

    def authorize(self, bucket: str = "obsName", operation: int = 1) -> None:
        """Let the service write to a bucket, or no longer."""
        body = {"bucket": bucket, "operation": operation, "location": "cn-north-4"}
        self.done("PUT", "/v2/rtc-ops/buckets/authentication", body)

    def control(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        """A call of the control API; its answer, {} when it is empty."""
        content: Json = {"json": body} if body is not None else {}
        response = send(self.app, method, "/_simulator" + path, **content)
        assert response.status_code == status, response.text
        return response.json() if response.content else {}

    def new_mix_job(self, app: str, **members: Any) -> str:
        """The path of a new job that runs, without a rule unless `record_param` is given."""
        record_param = {"record_param": members.pop("record_param")} if "record_param" in members else {}
        body = {"mix_param": {**GRID, **members}, **record_param}
        path = f"{app}/mix-stream-jobs/{self.done('POST', f'{app}/mix-stream-jobs', body, 201)['job_id']}"
        self.clock.advance(1)
        return path

    def log(self) -> list[Json]:
        """The request log."""
        return request_log(self.app)


def room_path(app: str, room_id: str = "room001") -> str:
    """A room in the control API; `app` is a path of the API."""
    return f"/apps/{app.removeprefix('/v2/apps/')}/rooms/{room_id}"


def join(sim: Driver, app: str, user_id: str = "user001", room_id: str = "room001", **members: Any) -> Any:
    """Let a user enter a room."""
    return sim.control("POST", f"{room_path(app, room_id)}/join", {"user_id": user_id, **members})


def leave(sim: Driver, app: str, user_id: str = "user001", room_id: str = "room001") -> Any:
    """Let a user leave a room."""
    return sim.control("POST", f"{room_path(app, room_id)}/leave", {"user_id": user_id})


def make_app(clock: Clock, data: Path | None = None) -> Starlette:
    """An app on this clock."""
    return create_app(data, now=clock)


def send(app: Starlette, method: str, path: str, *, raise_errors: bool = True, **options: Any) -> httpx.Response:
    """One call through the ASGI transport, in an event loop of its own."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=raise_errors)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **options)

    return asyncio.run(call())


def token_request(**changes: str) -> Json:
    """The body of the IAM token call; `name`, `password`, `domain` can be changed."""
    values = {"name": ACCOUNT.user, "password": ACCOUNT.password, "domain": ACCOUNT.domain, **changes}
    user = {"name": values["name"], "password": values["password"], "domain": {"name": values["domain"]}}
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"domain": {"name": values["domain"]}}}}


def token(app: Starlette) -> str:
    """A new token."""
    return send(app, "POST", "/v3/auth/tokens", json=token_request()).headers["X-Subject-Token"]


def check_answer(method: str, response: httpx.Response) -> None:
    """Status and body must be what the OpenAPI file says about the operation."""
    assert response.headers["X-request-Id"]
    for path, item in openapi()["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        if re.fullmatch(pattern, response.url.path) and method.lower() in item:
            documented = item[method.lower()]["responses"]
            answer = resolved(documented.get(str(response.status_code), documented["default"]))
            assert response.status_code >= 400 or str(response.status_code) in documented
            check_content(answer.get("content"), response)
            return


def check_content(content: Json | None, response: httpx.Response) -> None:
    """An answer without documented content is empty."""
    if content is None:
        assert response.content == b""
        return
    assert response.headers["content-type"] == "application/json"
    schema = {**content["application/json"]["schema"], "components": openapi()["components"]}
    Draft202012Validator(schema).validate(response.json())


def resolved(node: Json) -> Json:
    """A response, its reference followed."""
    if "$ref" in node:
        found: Json = openapi()["components"]["responses"][node["$ref"].rpartition("/")[2]]
        return found
    return node


def while_serving(
    work: Callable[[str], None], data: Path | None = None, options: Options | None = None, host: str = "127.0.0.1"
) -> None:
    """Serve in this thread, work in another, and end with SIGTERM as a user would."""
    failures: list[BaseException] = []
    workers: list[threading.Thread] = []

    def run(url: str) -> None:
        try:
            work(url)
        except BaseException as failure:
            failures.append(failure)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def ready(url: str) -> None:
        workers.append(threading.Thread(target=run, args=(url,)))
        workers[0].start()

    serve(data, port=0, ready=ready, options=options, host=host)
    workers[0].join()
    if failures:
        raise failures[0]
