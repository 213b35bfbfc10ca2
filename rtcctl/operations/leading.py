"""Locks from within an event loop, and the one by which replicas of a reconcile loop elect who works."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import replace

from rtcctl.errors import RtcctlError
from rtcctl.model.resource import Project
from rtcctl.operations.connection import state_of
from rtcctl.operations.settings import Settings
from rtcctl.state.holder import Holder

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

    The state's own lock is held for a round only, so that between rounds people can use `apply`, `import` or `state`.
    """

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self.is_held = False

    async def take(self, settings: Settings, project: Project) -> None:
        """Become or stay the one who works. The lock is taken anew, so that the loss of a connection shows.

        Raises:
            StateLockedError: another replica works.
            RtcctlError: the lock can't be taken.
        """
        await self.leave()
        account = replace(project.account, name=project.account.name + _BESIDE)
        place = state_of(settings, replace(project, account=account))
        await self._stack.enter_async_context(held(place.locked()))
        self.is_held = True

    async def leave(self) -> None:
        """Let another replica work."""
        self.is_held = False
        with contextlib.suppress(RtcctlError):  # a lock that was lost has been given back
            await self._stack.aclose()
