"""The way to the embedded simulator."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

from rtcctl.errors import RtcctlError
from rtcctl.model.checkup import Check
from rtcctl.model.resource import Project
from rtcctl.operations.connection import connect
from rtcctl.operations.doctor.limited import failed
from rtcctl.operations.doctor.ways import Opened
from rtcctl.operations.settings import Settings

_INSIDE = "the embedded simulator is inside this process"


class Simulated:
    """The embedded simulator: there is no network to look at."""

    target = "the embedded simulator"
    identity: Mapping[str, str] = MappingProxyType({})

    def __init__(self, settings: Settings, project: Project) -> None:
        self._settings, self._project = settings, project
        own = Check("credentials", "ok", "the simulator's own account")
        self.checks = (own, *(Check(name, "skipped", _INSIDE) for name in ("endpoint", "IAM endpoint", "proxy")))

    async def reach(self) -> tuple[tuple[Check, ...], str]:
        """Skip it."""
        return tuple(Check(name, "skipped", _INSIDE) for name in ("DNS", "connection")), ""

    async def clock(self) -> Check:
        """Skip it."""
        return Check("clock", "skipped", _INSIDE)

    @contextlib.asynccontextmanager
    async def opened(self, unreachable: str) -> AsyncIterator[Opened]:
        """Start the simulator."""
        token = Check("token", "skipped", "not needed: each request is signed")
        try:
            connection = connect(self._settings, self._project)
        except RtcctlError as error:
            yield Opened((token, failed("simulator", error)), None, "the simulator does not start")
            return
        async with connection.client as client:
            yield Opened((token,), client)
