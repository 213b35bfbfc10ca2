"""Jobs that answer looks as a script says, time that passes only by sleeping, and a session with both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from rtcctl.api.answers import Answer
from rtcctl.api.throttle import Throttle
from rtcctl.errors import Diagnostic, FailedCall, NotFoundError
from rtcctl.model.call import Call
from rtcctl.model.happening import UNWATCHED, Watcher
from rtcctl.model.ledger import Ledger
from rtcctl.model.resource import Desired
from rtcctl.operations.connection import Connection
from rtcctl.operations.pacing import Timer
from rtcctl.operations.workflow import Session
from rtcctl.state.folder import FolderState

Reply: TypeAlias = "str | Mapping[str, Any] | Exception | None"
"""A state, a whole answer, a failure, or None: there is no such job. The last one is given again and again."""
FAILED = FailedCall("GET", "/x", 500)


@dataclass
class Time:
    """Stands still until somebody sleeps."""

    moment: float = 100.0
    slept: list[float] = field(default_factory=list)

    @property
    def timer(self) -> Timer:
        return Timer(lambda: self.moment, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds
        await asyncio.sleep(0)


@dataclass
class Jobs:
    """A client; `looks` are the times of reads, with the job that was read."""

    script: Mapping[str, Sequence[Reply]] = field(default_factory=dict)
    time: Time = field(default_factory=Time)
    tenant: str = ""
    looks: list[tuple[float, str]] = field(default_factory=list)
    throttle: Throttle = field(default_factory=Throttle)
    watcher: Watcher = UNWATCHED

    async def send(self, call: Call) -> Answer:
        job = str(call.ids["job_id"])
        self.looks.append((round(self.time.moment - 100, 3), job))
        replies = self.script.get(job, (None,))
        reply = replies[min(sum(1 for _, each in self.looks if each == job), len(replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        if reply is None:
            raise NotFoundError(FailedCall("GET", "/x", 404, "RTC.00001003"), "InvalidParameterValue")
        return Answer(200, {"job_id": job, **({"state": reply} if isinstance(reply, str) else reply)})

    async def pages(self, call: Call, items: str, key: str) -> list[Mapping[str, Any]]:
        self.looks.append((round(self.time.moment - 100, 3), call.path))
        return [{"app_id": "a1", "app_name": "a", **({"tenant_name": self.tenant} if self.tenant else {})}]


class Kept(FolderState):
    """A state that is there already."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(Path("state.json"), ledger.binding)
        self.ledger = ledger

    def load(self) -> Ledger:
        return self.ledger


def session(client: Any, ledger: Ledger, desired: Desired | None = None) -> Session:
    warning = Diagnostic("the state is a local file", severity="warning")
    return Session(Connection(client, Kept(ledger), "a script", (warning,)), desired or Desired())
