"""The two ways to the service, over the network and inside this process: what there is to see on each before a call."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from rtcctl.api.client import Client
from rtcctl.model.checkup import Check


class Opened(Struct, frozen=True):
    """What makes calls, with what was found on the way to it; `why` says why there is none."""

    told: tuple[Check, ...]
    client: Client | None = None
    why: str = ""


class Way(Protocol):
    """One way to the service."""

    @property
    def target(self) -> str:
        """Name it."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """What can be said before any call."""

    @property
    def identity(self) -> Mapping[str, str]:
        """What is known of the account."""

    async def reach(self) -> tuple[tuple[Check, ...], str]:
        """Look at the network; a reason comes with it where no call can get through."""

    async def clock(self) -> Check:
        """Compare the clocks."""

    def opened(self, unreachable: str) -> AbstractAsyncContextManager[Opened]:
        """Make what makes calls; none where the service is `unreachable`."""
