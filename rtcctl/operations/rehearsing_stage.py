"""Where a rehearsal is played: a simulator in memory, filled with what was read, and a copy of the state in memory."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.api.credentials import AkSkCredentials
from rtcctl.api.retrying import Retrying
from rtcctl.api.throttle import Throttle
from rtcctl.model.ledger import Binding, Delta, Ledger, after
from rtcctl.model.rehearsal import Made
from rtcctl.model.remote import Live
from rtcctl.model.values import Secret
from rtcctl.operations.connection import Connection
from rtcctl.operations.rehearsing_copy import shown
from rtcctl.operations.simulating import Behaviour
from rtcctl.operations.workflow import Session

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from rtcctl.simulator import Options

_INSIDE = "http://127.0.0.1"
_UNREAD_BUCKETS = "unauthorized-ignored"
_MOMENT = 5.0
"""Seconds until everybody sees a write, also where listings lag behind (NOTES section 14: unconfirmed)."""


class Conditions(Struct, frozen=True):
    """What the simulator shall do beyond the documented: faults of a scenario file, and variants by name."""

    scenario: Path | None = None
    variants: tuple[str, ...] = ()

    def options(self) -> Options:
        """Return them in the simulator's own form. Waits of the scenario are not waited for.

        Raises:
            UsageError: the file can't be read, or what it or a name says makes no sense.
        """
        chosen = Behaviour(faults=self.scenario, variants=self.variants, deliver_callbacks="none").options()
        faults = tuple(replace(fault, seconds=0.0, jitter=0.0) for fault in chosen.scenario.faults)
        # A job runs at the next look, however slowly the clock goes.
        return replace(chosen, start_delay=0.0, scenario=replace(chosen.scenario, faults=faults))


class MemoryState:
    """A copy of a state that is kept in memory and gone with the rehearsal."""

    is_local = False
    unfolded = False

    def __init__(self, place: str, binding: Binding, ledger: Ledger) -> None:
        """Begin with a ledger; `place` is only named in messages."""
        self.place = place
        self.binding = binding
        self._ledger = ledger

    def load(self) -> Ledger:
        """Return the ledger as it was saved last, with what was added since."""
        return self._ledger

    def begin(self, base: Ledger) -> None:
        """Begin with a ledger."""
        self._ledger = base

    def append(self, deltas: Sequence[Delta]) -> None:
        """Add what changed."""
        self._ledger = after(self._ledger, deltas)

    def save(self, ledger: Ledger) -> None:
        """Keep a new version."""
        self._ledger = ledger

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold nothing: nobody else knows of it."""
        yield

    def is_held(self) -> bool:
        """Nobody can take it away."""
        return True

    def holder(self) -> None:
        """Return nobody."""

    def running(self) -> None:
        """Return nobody."""

    def unlock(self, nonce: str) -> None:
        """Do nothing: there is no lock."""


class Stage(Struct, frozen=True):
    """A simulator in memory and a session on it; close the session in the end."""

    app: Starlette
    session: Session

    def made(self) -> tuple[Made, ...]:
        """Count the requests that the simulator got until now."""
        from rtcctl.simulator import request_log
        from rtcctl.simulator.throttle import CATEGORY_OF

        log = request_log(self.app)
        counts = Counter((CATEGORY_OF.get(each["operation"], ""), str(each["method"])) for each in log)
        order = {category: place for place, category in enumerate(dict.fromkeys(CATEGORY_OF.values()))}
        found = sorted(counts.items(), key=lambda each: (order.get(each[0][0], len(order)), each[0][1]))
        return tuple(Made(method, category, count) for (category, method), count in found)

    def calm(self) -> None:
        """End all faults and limits and let a moment pass, so that what there is can be looked at."""
        from rtcctl.simulator import VirtualClock
        from rtcctl.simulator.faults import NO_FAULTS

        simulator = self.app.state.simulator
        simulator.faults.set(NO_FAULTS)
        simulator.throttle.set(None)
        if isinstance(simulator.options.now, VirtualClock):
            simulator.options.now.advance(_MOMENT)


def staged(real: Session, stored: Ledger, live: Live, options: Options, *, quota: int, knows_buckets: bool) -> Stage:
    """Fill a simulator with what was read and open a session on it, with a copy of the state.

    Args:
        real: the session that it stands in for.
        stored: the state as it was loaded.
        live: what was read.
        options: how the simulator behaves.
        quota: how many apps the account may hold.
        knows_buckets: whether buckets were read. Where they were not, none counts as closed to recordings.
    """
    import httpx

    from rtcctl.simulator import ACCOUNT, VirtualClock, create_app
    from rtcctl.simulator.seed import seed

    tenant = live.tenant_name or stored.binding.identity.get("tenant_name", "")
    account = replace(ACCOUNT, domain=tenant or ACCOUNT.domain)
    # Time stands still, unless limits are to be held: those end only as it goes on.
    now = options.now if options.throttle else VirtualClock()
    variants = options.variants | (frozenset() if knows_buckets else {_UNREAD_BUCKETS})
    options = replace(options, now=now, accounts=(account,), app_quota=quota, variants=variants)
    app = create_app(None, options=options)
    seed(app, shown(live))
    credentials = AkSkCredentials(
        account.access_key, Secret(account.secret_key, "simulator"), account.project_id, source="the rehearsal"
    )
    client = Client(
        _INSIDE,
        _INSIDE,
        credentials,
        transport=httpx.ASGITransport(app=app),
        now=now,
        throttle=Throttle({}),  # what a rehearsal costs in time is worked out, not waited for
        retrying=Retrying(random=lambda: 0.0),
    )
    state = real.connection.state
    memory = MemoryState(state.place, state.binding, stored)
    return Stage(app, replace(real, connection=Connection(client, memory, "the rehearsal")))
