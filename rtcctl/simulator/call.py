"""What a request handler is given (Call) and what it gives back (Answer)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rtcctl.simulator.errors import NOT_FOUND, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rtcctl.simulator.accounts import SimulatedAccount
    from rtcctl.simulator.store import Collection, Document, Store


@dataclass(frozen=True)
class Options:
    """How a simulator behaves: its clock, how long a job stays INIT (seconds), how many apps an account may have."""

    now: Callable[[], datetime]
    start_delay: float
    app_quota: int = 20


@dataclass(frozen=True)
class Simulator:
    """What one running simulator holds."""

    store: Store
    accounts: tuple[SimulatedAccount, ...]
    options: Options


@dataclass(frozen=True)
class Incoming:
    """A request as it came in, its body complete; header names are lower-case."""

    method: str
    path: str
    raw_path: bytes
    query: str
    headers: Mapping[str, str]
    body: bytes
    path_params: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """Status, JSON body (None: empty) and extra headers."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """An authenticated, validated request; `body` and `query` hold known members only."""

    account: SimulatedAccount
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Document
    store: Store
    options: Options
    now: datetime

    def collection(self, kind: str, parent: str = "") -> Collection:
        """The objects of one kind in the caller's account."""
        return self.store.collection(kind, self.account.name, parent)

    def app(self) -> Document:
        """The app that the path names; refuses with 404 when the account has none."""
        return self.existing(self.collection("app"), self.path["app_id"], "no such app")

    @staticmethod
    def existing(collection: Collection, id: str, text: str) -> Document:  # noqa: A002 - as in Collection
        """The object with this id, or a refusal with 404."""
        document = collection.get(id)
        if document is None:
            raise Refused(NOT_FOUND, text)
        return document
