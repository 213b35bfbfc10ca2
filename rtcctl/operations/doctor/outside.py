"""The way to the service over the network."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime

from msgspec import Struct

from rtcctl.api.client import Client
from rtcctl.api.credentials import Credentials
from rtcctl.api.retrying import Retrying
from rtcctl.api.wire import Wire
from rtcctl.errors import RtcctlError
from rtcctl.model.checkup import Check
from rtcctl.model.resource import Project
from rtcctl.operations.doctor import access, network
from rtcctl.operations.doctor import settings as judged
from rtcctl.operations.doctor.limited import failed, limited
from rtcctl.operations.doctor.ways import Opened
from rtcctl.operations.settings import Settings

TIMEOUT = 10.0
"""Seconds to wait for a connection, and for each part of an answer."""
RETRYING = Retrying(attempts=2, hopeless=1, throttled=2, seconds=TIMEOUT)
"""Twice at most: this is to tell how things are, and not to get through all the same."""
_NO_ENDPOINT = "the endpoint is not usable"


class Real(Struct):
    """The service over the network."""

    checks: tuple[Check, ...]
    url: str
    iam: str
    proxy: str
    credentials: Credentials | None
    now: Callable[[], datetime]

    @property
    def target(self) -> str:
        """The endpoint."""
        return self.url or "the endpoint"

    @property
    def identity(self) -> Mapping[str, str]:
        """What is known of the account."""
        return self.credentials.identity if self.credentials is not None else {}

    async def reach(self) -> tuple[tuple[Check, ...], str]:
        """Resolve the name, then connect."""
        if not self.url:
            return tuple(Check(name, "skipped", _NO_ENDPOINT) for name in ("DNS", "connection")), _NO_ENDPOINT
        name = await limited("DNS", network.dns(self.url, self.proxy))
        if name.status == "failed":
            return (name, Check("connection", "skipped", "the name can't be resolved")), "its name can't be resolved"
        connected = await limited("connection", network.connection(self.url, self.proxy, self.now()))
        return (name, connected), "there is no connection" if connected.status == "failed" else ""

    async def clock(self) -> Check:
        """Ask for the time, without credentials."""
        try:
            wire = Wire(self.url, None, TIMEOUT)
        except RtcctlError as error:
            return failed("clock", error)
        try:
            return await limited("clock", network.clock(wire, self.credentials, self.now))
        finally:
            await wire.close()

    @contextlib.asynccontextmanager
    async def opened(self, unreachable: str) -> AsyncIterator[Opened]:
        """Get a token where one is needed, and make a client."""
        unusable = _NO_ENDPOINT if not self.url else "" if self.iam else "the IAM endpoint is not usable"
        if self.credentials is None or unusable:
            why = "there are no credentials" if self.credentials is None else unusable
            yield Opened((Check("token", "skipped", why),), None, why)
            return
        try:
            token, ready = await self._token(self.credentials)
            client = Client(self.url, self.iam, ready, timeout=TIMEOUT, retrying=RETRYING) if ready else None
        except RtcctlError as error:
            yield Opened((failed("token", error),), None, "no client can be made")
            return
        if client is None or unreachable:
            yield Opened((token,), None, unreachable or "there is no token")
            return
        async with client:
            yield Opened((token,), client)

    async def _token(self, credentials: Credentials) -> tuple[Check, Credentials | None]:
        wire = Wire(self.iam, None, TIMEOUT)
        try:
            async with asyncio.timeout(2 * TIMEOUT):
                return await access.token(credentials, wire)
        except TimeoutError:
            return Check("token", "failed", "IAM does not answer", "check the IAM endpoint and the network"), None
        finally:
            await wire.close()


def real(settings: Settings, project: Project, now: Callable[[], datetime]) -> Real:
    """Judge what is set, and return the way that it means; nothing is called yet."""
    found, credentials = judged.credentials(settings, project)
    end, url = judged.endpoint(settings, project.account)
    iam_end, iam = judged.iam_endpoint(settings, project.account, credentials)
    checks = (found, end, iam_end, judged.proxy(settings.environ, url))
    return Real(checks, url, iam, judged.proxy_of(settings.environ, url), credentials, now)
