"""A service that answers as a script says, a store and an observer that remember, and a way to apply a plan to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rtcctl.api.answers import Answer
from rtcctl.api.client import AT_ONCE, Leaving
from rtcctl.api.pages import Item, read_pages
from rtcctl.api.throttle import Throttle
from rtcctl.applying.executor import Wishes, apply
from rtcctl.errors import (
    FailedCall,
    RejectedError,
    RtcctlError,
    ServerError,
    StoppedError,
    UnreachableError,
)
from rtcctl.model.call import Call
from rtcctl.model.ledger import Delta, Ledger, after
from rtcctl.model.plan import Plan, Step
from rtcctl.model.result import ApplyResult, ChangeResult
from rtcctl.model.values import Secret
from rtcctl.state import codec
from tests.planner.support import (
    APP,
    JOB,
    KEY,
    app,
    desired,
    ledger,
    live,
    live_app,
    live_job,
    live_rule,
    owned_app,
    owned_job,
    owned_rule,
    planned,
    rule,
    whole_set,
)
from tests.virtual import run

Reply: TypeAlias = "Mapping[str, Any] | Exception | Callable[[], Awaitable[None]]"
CALL = FailedCall("POST", "/x", 400)
NEW_APP, NEW_RULE, NEW_JOB = "app-new", "rule-new", "job-new"
_MADE = {
    "/v2/apps": {"app_id": NEW_APP},
    "/v2/apps/{app_id}/record-rules": {"rule_id": NEW_RULE},
    "/v2/apps/{app_id}/mix-stream-jobs": {"job_id": NEW_JOB, "state": "INIT"},
}

_LISTED: dict[str, dict[str, Any]] = {"/v2/apps": {"apps": []}, "/v2/apps/{app_id}/record-rules": {"rules": []}}


def refused(code: str = "RTC.00001003", status: int = 400) -> RejectedError:
    return RejectedError(FailedCall("POST", "/x", status, code), "refused")


def broken() -> ServerError:
    return ServerError(FailedCall("POST", "/x", 500), "broken")


def lost() -> UnreachableError:
    return UnreachableError(CALL, "the connection broke", sent=True)


def unsent() -> UnreachableError:
    return UnreachableError(CALL, "no connection", sent=False)


@dataclass
class Service:
    """Answers by `METHOD path`, each listed reply once and then a success; `calls` and `bodies` remember."""

    script: Mapping[str, list[Reply]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    throttle: Throttle = field(default_factory=Throttle)
    drained: bool = False

    async def send(self, call: Call, leaving: Leaving = AT_ONCE) -> Answer:
        if self.drained:
            raise StoppedError("the run ended before this call left")
        await leaving.ready()
        leaving.left()
        key = f"{call.method} {call.path.format(**call.ids)}"
        self.calls.append(key)
        self.bodies.append(call.body)
        replies = self.script.get(key)
        reply: Reply = replies.pop(0) if replies else {}
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            await reply()
            reply = {}
        made = _MADE.get(call.path, {}) if call.method == "POST" else _LISTED.get(call.path, {})
        return Answer(call.expect[0], {**made, **reply})

    async def pages(self, call: Call, items: str, key: str) -> list[Item]:
        return await read_pages(self.send, call, items, key)

    def drain(self) -> None:
        self.drained = True

    def resume(self) -> None:
        self.drained = False


@dataclass
class Store:
    """Keeps every version as it would stand on disk after each write; `fail_at` lets the n-th write fail.

    `writes` names them. As the real ones do, it keeps the ledger as text, where secrets must not be.
    """

    saved: list[Ledger] = field(default_factory=list)
    fail_at: int = 0
    writes: list[str] = field(default_factory=list)
    deltas: list[Delta] = field(default_factory=list)

    def begin(self, base: Ledger) -> None:
        self._write("begin", base)

    def append(self, deltas: Sequence[Delta]) -> None:
        self._write("append", after(self.last, deltas))
        self.deltas += deltas

    def save(self, ledger: Ledger) -> None:
        if self.saved and "append" in self.writes and not self.fail_at:
            assert ledger == self.last, "the book and the journal differ"
        self._write("save", ledger)

    def _write(self, what: str, ledger: Ledger) -> None:
        text = codec.to_json(ledger)
        assert KEY.reveal() not in text
        assert codec.from_json(text) == codec.from_json(codec.to_json(codec.from_json(text)))
        self.writes.append(what)
        if len(self.writes) == self.fail_at:
            raise RtcctlError("can't write the state")
        self.saved.append(codec.from_json(text))

    @property
    def last(self) -> Ledger:
        return self.saved[-1]


@dataclass
class Watcher:
    """Remembers what it was told."""

    told: list[str] = field(default_factory=list)

    def started(self, step: Step) -> None:
        self.told.append(f"started {step.id}")

    def finished(self, step: Step, seconds: float, error: RtcctlError | None) -> None:
        assert seconds >= 0
        self.told.append(f"{type(error).__name__ if error else 'finished'} {step.id}")


@dataclass
class Applied:
    """What came of applying a plan."""

    result: ApplyResult
    service: Service
    store: Store
    watcher: Watcher
    before: Ledger

    @property
    def ledger(self) -> Ledger:
        return self.store.last if self.store.saved else self.before

    @property
    def outcomes(self) -> dict[str, str]:
        return {str(each.change.address): each.outcome for each in self.result.changes}

    def of(self, where: str) -> ChangeResult:
        return next(each for each in self.result.changes if str(each.change.address) == where)

    def owned(self) -> dict[str, dict[str, str]]:
        return {str(address): dict(entry.ids) for address, entry in self.ledger.entries.items()}


def applied(
    plan: Plan,
    ledger: Ledger,
    script: Mapping[str, list[Reply]] | None = None,
    *,
    wishes: Wishes | None = None,
    store: Store | None = None,
    service: Service | None = None,
) -> Applied:
    service, store, watcher = service or Service(script or {}), store or Store(), Watcher()
    client: Any = service
    any_store: Any = store
    result = run(apply(plan, client, ledger, any_store, watcher, wishes))
    assert not shows(result, KEY)
    return Applied(result, service, store, watcher, ledger)


def shows(result: ApplyResult, secret: Secret) -> bool:
    return secret.reveal() in repr(result) or secret.reveal() in json.dumps(
        [str(each.error) for each in result.changes]
    )


AUTHORIZE = "PUT /v2/rtc-ops/buckets/authentication"

CREATE_APP = "POST /v2/apps"

CREATE_RULE = f"POST /v2/apps/{NEW_APP}/record-rules"

SET_CALLBACK = f"PUT /v2/apps/{NEW_APP}/record-callback"

SET_MODE = f"PUT /v2/apps/{NEW_APP}/auto-record-mode"

START = f"POST /v2/apps/{NEW_APP}/mix-stream-jobs"

DELETE_APP = f"DELETE /v2/apps/{APP}"

DISABLE = f"POST /v2/apps/{APP}/disable"

ENABLE = f"POST /v2/apps/{APP}/enable"

STOP = f"DELETE /v2/apps/{APP}/mix-stream-jobs/{JOB}"

LOOK = f"GET /v2/apps/{APP}/mix-stream-jobs/{JOB}"

JOBS = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()})


def build() -> Plan:
    return planned(whole_set(), live(), ledger())


def teardown() -> Plan:
    return planned(desired(), live(live_app()), ledger({"App/a": owned_app()}), destroy=True)


def stop_job() -> Plan:
    return planned(desired(app(), rule()), live(live_app(), live_rule(), live_job()), JOBS)


def abort() -> None:
    """As a second signal does."""
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "__name__", "") == "apply":
            task.cancel()
