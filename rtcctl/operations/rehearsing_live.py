"""The real account as a rehearsal sees it: it can be read, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from msgspec.structs import replace

from rtcctl.api.answers import Answer
from rtcctl.api.client import AT_ONCE, Client, Leaving
from rtcctl.model.call import Call
from rtcctl.operations.connection import state_of
from rtcctl.operations.settings import Settings
from rtcctl.operations.simulating import opening
from rtcctl.operations.workflow import Session


class ReadsOnly(Client):
    """Carries reads to an account, counts them, and lets no other call through."""

    def __init__(self, client: Client) -> None:
        """Stand in for a client; it is closed with this one."""
        self._client = client
        self.throttle = client.throttle
        self.watcher = client.watcher
        self.reads = 0

    async def send(self, call: Call, leaving: Leaving = AT_ONCE) -> Answer:
        """Make a call that reads.

        Raises:
            ApiError: it failed.
            RuntimeError: it would write, which is a defect.
        """
        if call.method != "GET":
            raise RuntimeError(f"{call.method} {call.path} would have left a rehearsal")
        self.reads += 1
        return await self._client.send(call, leaving)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, traceback)


@contextlib.contextmanager
def looking(settings: Settings, open_: Callable[[Settings], Session]) -> Iterator[tuple[Session, ReadsOnly]]:
    """Open a session that only reads; the caller closes it.

    Even a read changes the data of the embedded simulator, which lets time pass and logs: so a copy of them is read.

    Raises:
        UsageError: an endpoint, or the simulator's data, is not usable.
        CredentialsError: no usable credentials.
    """
    if not settings.simulator:
        yield _reading(open_(settings))
        return
    data = settings.folder / settings.simulator_data
    with TemporaryDirectory(prefix="rtcctl-") as folder:
        copy = Path(folder) / data.name
        there = data.exists()
        if there:
            from rtcctl.simulator.seed import copy_data

            with opening(data):
                copy_data(data, copy)
        session = open_(replace(settings, simulator_data=copy))
        if there:  # without data nothing is owned: what lies beside them is left over from others
            state = state_of(settings, session.desired.project)
            session = replace(session, connection=replace(session.connection, state=state))
        yield _reading(session)


def _reading(session: Session) -> tuple[Session, ReadsOnly]:
    client = ReadsOnly(session.connection.client)
    return replace(session, connection=replace(session.connection, client=client)), client
