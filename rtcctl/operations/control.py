"""Setting the scene in a simulator: over HTTP in one that is being served, or in this process on a data file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from rtcctl.errors import RtcctlError, UsageError
from rtcctl.operations.simulating import inside

DEFAULT_ENDPOINT = "http://127.0.0.1:8787"
_TIMEOUT_SECONDS = 30.0
_START = "start one with `rtcctl simulator serve`, or name a data file with --simulator-data"

Json: TypeAlias = Any


class Control:
    """A simulator's control API; with `data` it runs inside this process, otherwise at `endpoint`."""

    def __init__(self, endpoint: str = DEFAULT_ENDPOINT, data: Path | None = None) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.data = data

    def get(self, path: str) -> Json:
        """Read what stands at a path below `/_simulator`.

        Raises:
            UsageError: the simulator refuses; the message is its own.
            RtcctlError: nobody answers, or who does is no simulator.
        """
        return self._call("GET", path, None)

    def post(self, path: str, body: Mapping[str, Json] | None = None) -> Json:
        """Make something happen; raises as `get` does."""
        return self._call("POST", path, body or {})

    def only_app(self) -> str:
        """Return the id of the app that need not be named, for there is no other.

        Raises:
            UsageError: there is none, or there are several.
        """
        apps = [app for account in self.get("/state?limit=10")["accounts"] for app in account["apps"]]
        if len(apps) == 1:
            return str(apps[0]["app_id"])
        names = ", ".join(sorted(str(app["app_name"]) for app in apps))
        if not apps:
            raise UsageError("the simulator has no app", mend="apply a manifest to it first")
        raise UsageError("the simulator has several apps", mend=f"name one with --app, for example of {names}")

    def _call(self, method: str, path: str, body: Mapping[str, Json] | None) -> Json:
        return asyncio.run(self._embedded(method, path, body) if self.data else self._served(method, path, body))

    async def _served(self, method: str, path: str, body: Mapping[str, Json] | None) -> Json:
        import httpx

        try:
            # Straight to the simulator: a proxy of the environment is not for loopback.
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
                response = await client.request(method, f"{self.endpoint}/_simulator{path}", json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RtcctlError(f"no simulator answers at {self.endpoint}: {error}", mend=_START) from None
        return self._read(response)

    async def _embedded(self, method: str, path: str, body: Mapping[str, Json] | None) -> Json:
        import httpx

        if self.data is None or not self.data.exists():
            raise UsageError(f"there is no {self.data}", mend="apply a manifest with --simulator first")
        app = inside(self.data)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            response = await client.request(method, f"/_simulator{path}", json=body)
        await app.state.simulator.deliver_due()
        return self._read(response)

    def _read(self, response: Any) -> Json:
        if response.status_code == 204:
            return None
        try:
            data = response.json()
        except ValueError:
            data = None
        if response.is_success and data is not None:
            return data
        if isinstance(data, dict) and isinstance(data.get("error"), str):
            raise UsageError(data["error"])
        raise RtcctlError(f"what answers at {self.endpoint} is no simulator ({response.status_code})", mend=_START)


def part(text: str) -> str:
    """Write an id so that it is one part of a path."""
    return quote(text, safe="")
