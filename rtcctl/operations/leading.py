"""Locks from within an event loop, and the one by which replicas of a reconcile loop elect who works."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack

from msgspec.structs import replace

from rtcctl.errors import RtcctlError
from rtcctl.model.resource import Project
from rtcctl.operations.connection import state_of
from rtcctl.operations.settings import Settings
from rtcctl.state.holder import Holder
from rtcctl.state.store import Store

_BESIDE = "~reconcile"
"""Follows the account's name; no account can be called so."""


@contextlib.asynccontextmanager
async def held(lock: AbstractContextManager[Holder | None]) -> AsyncIterator[None]:
    """Hold a lock that may keep its caller waiting; meanwhile the loop goes on.

    Raises:
        StateLockedError: another run holds it.
        RtcctlError: it can't be taken or given back.
    """
    taking = asyncio.ensure_future(asyncio.to_thread(lock.__enter__))
    try:
        await asyncio.shield(taking)
    except asyncio.CancelledError:
        with contextlib.suppress(RtcctlError):  # a thread can't be called off: what it takes is given back
            await taking
            await asyncio.to_thread(lock.__exit__, None, None, None)
        raise
    try:
        yield
    finally:
        await asyncio.to_thread(lock.__exit__, None, None, None)


class Leadership:
    """The lock of a place beside the state, held from round to round by the one replica that works.

    It is taken anew only where it was lost, or where the state is kept elsewhere now.

    The state's own lock is held for a round only, so that between rounds people can use `apply`, `import` or `state`.
    """

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._place: Store | None = None

    async def take(self, settings: Settings, project: Project) -> None:
        """Become or stay the one who works.

        Raises:
            StateLockedError: another replica works.
            RtcctlError: the lock can't be taken.
        """
        account = replace(project.account, name=project.account.name + _BESIDE)
        place = state_of(settings, replace(project, accounts=(account,)))
        before = self._place
        if before is not None and before.place == place.place and await asyncio.to_thread(before.is_held):
            return
        await self.leave()
        await self._stack.enter_async_context(held(place.locked()))
        self._place = place

    @property
    def is_held(self) -> bool:
        """Tell whether this replica is the one that works, as far as was known at the last `take`."""
        return self._place is not None

    async def leave(self) -> None:
        """Let another replica work."""
        self._place = None
        with contextlib.suppress(RtcctlError):  # a lock that was lost has been given back
            await self._stack.aclose()
