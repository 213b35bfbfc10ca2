"""How fast the simulator is: reads a second in-process, start-up, and the pages of a large account.

One core is enough: everything happens in one thread.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from benchmarks._report import Aim, Figure, Report
from rtcctl.simulator import ACCOUNT, Options, create_app

if TYPE_CHECKING:
    from starlette.applications import Starlette

PAGE = 100
AIM_READS = 2_000
AIM_STARTUP = 0.5
START = """
import os, signal
from rtcctl.simulator import serve
def ready(url):
    print(url, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
serve(None, port=0, ready=ready)
"""


class Caller:
    """Calls the ASGI app with no client in between, whose own time would be measured too."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.headers: list[tuple[bytes, bytes]] = [(b"host", b"localhost"), (b"content-type", b"application/json")]

    async def call(self, method: str, target: str, body: bytes = b"") -> tuple[int, dict[bytes, bytes], bytes]:
        """One call: status, headers, body."""
        path, _, query = target.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": self.headers,
            "server": ("localhost", 80),
            "client": ("localhost", 1),
        }
        messages: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in messages[1:])
        return messages[0]["status"], dict(messages[0]["headers"]), content

    async def log_in(self) -> None:
        """Get a token as IAM's callers do."""
        body = (
            b'{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"%b","password":"%b",'
            b'"domain":{"name":"%b"}}}},"scope":{}}}'
        ) % (ACCOUNT.user.encode(), ACCOUNT.password.encode(), ACCOUNT.domain.encode())
        _, headers, _ = await self.call("POST", "/v3/auth/tokens", body)
        self.headers.append((b"x-auth-token", headers[b"x-subject-token"]))


async def reads_per_second(caller: Caller, target: str, reads: int) -> float:
    """ShowApp and the like, one after the other."""
    begun = time.perf_counter()
    for _ in range(reads):
        status, _, _ = await caller.call("GET", target)
        if status != 200:
            raise SystemExit(f"{target}: {status}")
    return reads / (time.perf_counter() - begun)


async def pages(caller: Caller, apps: int) -> tuple[float, float]:
    """Milliseconds of the first and of the last pages of a large account."""
    took = []
    for number in range(apps // PAGE):
        begun = time.perf_counter()
        await caller.call("GET", f"/v2/apps?offset={number}&limit={PAGE}")
        took.append((time.perf_counter() - begun) * 1000)
    fifth = len(took) // 5
    return sum(took[:fifth]) / fifth, sum(took[-fifth:]) / fifth


def startup() -> float:
    """Seconds from the start of Python until connections are accepted; the best of five."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        with subprocess.Popen([sys.executable, "-c", START], stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
            if process.stdout is None or not process.stdout.readline():
                raise SystemExit("the simulator did not start")
            best = min(best, time.perf_counter() - begun)
    return best


def measure(short: bool) -> Report:
    """Measure within this process, and starting another."""
    reads, apps = (200, 1_000) if short else (5_000, 10_000)
    rates, (first, last) = asyncio.run(_calls(reads, apps))
    figures = [Figure(name, rate, "reads a second", Aim("at least", AIM_READS)) for name, rate in rates.items()]
    about = (
        f"{reads:,} calls each without a client or a connection, {apps:,} apps in pages of {PAGE}, and the time "
        "from the start of Python until connections are accepted, the best of five."
    )
    return Report(
        "simulator",
        about,
        (
            *figures,
            Figure(f"a page at the beginning of {apps:,} apps", first, "ms"),
            Figure("a page at their end", last, "ms"),
            Figure("start-up", startup(), "s", Aim("at most", AIM_STARTUP)),
        ),
    )


async def _calls(reads: int, apps: int) -> tuple[dict[str, float], tuple[float, float]]:
    app = create_app(options=Options(app_quota=apps + 1))
    caller = Caller(app)
    await caller.log_in()
    _, _, created = await caller.call("POST", "/v2/apps", b'{"app_name":"first"}')
    path = "/v2/apps/" + created.decode().split('"')[3]
    await caller.call("GET", path)  # reads the API description
    rates = {
        "ShowApp": await reads_per_second(caller, path, reads),
        "ListApps, one app": await reads_per_second(caller, "/v2/apps", reads),
        "ListRecordRules": await reads_per_second(caller, path + "/record-rules", reads),
    }
    for number in range(apps - 1):
        await caller.call("POST", "/v2/apps", b'{"app_name":"app%d"}' % number)
    return rates, await pages(caller, apps)
