"""What a request handler is given (Call) and what it gives back (Answer)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from rtcctl.simulator.accounts import ACCOUNT, check_accounts
from rtcctl.simulator.changes import Changes
from rtcctl.simulator.errors import NOT_FOUND, Refused
from rtcctl.simulator.faults import NO_FAULTS, FaultBoard, Scenario
from rtcctl.simulator.scene import Scene
from rtcctl.simulator.throttle import Throttle, ThrottleOptions
from rtcctl.simulator.times import utc_now
from rtcctl.simulator.variants import checked as check_variants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rtcctl.simulator.accounts import SimulatedAccount
    from rtcctl.simulator.store import Collection, Document, Store


class Options(Struct, frozen=True):
    """How a simulator behaves.

    Args:
        now: the clock, aware of its time zone; a `VirtualClock` can be advanced by the control API.
        start_delay: seconds a job stays INIT.
        app_quota: how many apps an account may have.
        removal_delay: seconds until users that a request puts out of a room are out.
        rooms_start_empty: a room is empty until somebody joins it; otherwise one that the control API never touched
            counts as occupied, with somebody sending, so that jobs in it run on.
        deliver_callbacks: whereto notifications are sent: to loopback only, to any place, or not at all.
        token_seconds: how long an IAM token is valid.
        variants: which unconfirmed points are other than by default; see `variants.VARIANTS`.
        accounts: who can call; their apps, buckets and limits are apart.
        throttle: how the documented limits are held; None: not at all.
        scenario: which calls suffer what.

    Raises:
        ValueError: a variant is unknown or excludes another, or two accounts share a credential.
    """

    now: Callable[[], datetime] = utc_now
    start_delay: float = 0.2
    app_quota: int = 20
    removal_delay: float = 0.2
    rooms_start_empty: bool = False
    deliver_callbacks: Literal["loopback", "any", "none"] = "loopback"
    token_seconds: float = 24 * 3600
    variants: frozenset[str] = frozenset()
    accounts: tuple[SimulatedAccount, ...] = (ACCOUNT,)
    throttle: ThrottleOptions | None = None
    scenario: Scenario = NO_FAULTS

    def __post_init__(self) -> None:
        check_variants(self.variants)
        check_accounts(self.accounts)


class Simulator(Struct, frozen=True):
    """What one running simulator holds."""

    store: Store
    accounts: tuple[SimulatedAccount, ...]
    options: Options
    changed: Changes = field(default_factory=Changes)
    sending: set[str] = field(default_factory=set)  # ids of jobs with a delivery under way
    faults: FaultBoard = field(default_factory=FaultBoard)
    throttle: Throttle = field(default_factory=Throttle)

    async def deliver_due(self) -> int:
        """Do everything that is due, and send what notifications are due; how many requests were made."""
        from rtcctl.simulator import deliveries, progress  # both need what is defined here

        progress.observe(self)
        return await deliveries.deliver_due(self)


class Incoming(Struct, frozen=True):
    """A request as it came in, its body complete; header names are lower-case, `fault` is what its answer suffers."""

    method: str
    path: str
    raw_path: bytes
    query: str
    headers: Mapping[str, str]
    body: bytes
    path_params: Mapping[str, str]
    fault: str | None = None


class Answer(Struct, frozen=True):
    """Status, JSON body (None: empty) and extra headers."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Call(Struct, frozen=True):
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

    def scene(self) -> Scene:
        """The app that the path names, at the time of the request."""
        return Scene(self.store, self.options, self.account.name, self.path["app_id"], self.now)

    def app(self) -> Document:
        """The app that the path names; refuses with 404 when the account has none."""
        app = self.existing(self.collection("app"), self.path["app_id"], "no such app")
        if app["state"]["state"] == "DELETED":
            raise Refused(NOT_FOUND, "no such app")
        return app

    @staticmethod
    def existing(collection: Collection, id: str, text: str) -> Document:  # noqa: A002 - as in Collection
        """The object with this id, or a refusal with 404."""
        document = collection.get(id)
        if document is None:
            raise Refused(NOT_FOUND, text)
        return document
