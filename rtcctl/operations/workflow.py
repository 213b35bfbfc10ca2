"""read → plan → apply, in the one order in which they happen for every command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.errors import RefusedError, RtcctlError
from rtcctl.live.interest import Interest, expected, interest, of_facts
from rtcctl.live.reader import read
from rtcctl.model.discreet import Discreet
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired
from rtcctl.operations.connection import Connection, connect
from rtcctl.operations.meanwhile import COMPARING, loading
from rtcctl.operations.pace import Pace
from rtcctl.operations.settings import Settings
from rtcctl.operations.states import loaded
from rtcctl.operations.watching import reading, writing
from rtcctl.planner.beforehand import check_options, check_same_set
from rtcctl.planner.options import Options
from rtcctl.state import binding

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from rtcctl.applying.steps import Observer
    from rtcctl.applying.stop import Stop
    from rtcctl.model.drift import Drift
    from rtcctl.model.plan import Plan, Refusal
    from rtcctl.model.result import ApplyResult
    from rtcctl.planfile.variables import Variables


class Planned(Struct, frozen=True):
    """A plan, the ledger that it was made against, that ledger as it is stored, and what was read."""

    plan: Plan
    ledger: Ledger
    stored: Ledger
    live: Live = field(default_factory=Live)


class Session(Discreet, frozen=True):
    """One run against one account; close it in the end. `environ` and the files in `folder` hold its secrets."""

    connection: Connection
    desired: Desired
    pace: Pace = Pace()
    environ: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()

    def __repr__(self) -> str:
        """Hide the environment."""
        return f"Session({self.desired.project!r})"

    @property
    def variables(self) -> Variables:
        """Return what the secrets of a saved plan are taken from."""
        from rtcctl.planfile.variables import Variables

        return Variables(self.environ, self.folder)

    async def plan(self, options: Options) -> Planned:
        """Read the account and compare; nothing is written.

        Raises:
            ForeignStateError: the state, or the account that answered, is not the one that is meant.
            ApiError: a read failed.
        """
        desired = replace(self.desired, resources={}) if options.destroy else self.desired
        stored = await loaded(self.connection.state)
        check_same_set(desired, stored)
        check_options(desired, stored, options)
        with loading(COMPARING):
            live = await self.read(interest(desired, stored, options.refresh), stored)
        from rtcctl.planner.plan import plan as compare

        ledger = self.knowing(stored, live)
        plan = compare(desired, live, ledger, options)
        return Planned(replace(plan, warnings=(*self.connection.warnings, *plan.warnings)), ledger, stored, live)

    async def drift(self) -> Drift:
        """Compare what is live with what was last applied; nothing is written, and the manifest is not looked at.

        Raises:
            ForeignStateError: the state, or the account that answered, is not the one that is meant.
            ApiError: a read failed.
        """
        from rtcctl.planner.drift import drift

        stored = await loaded(self.connection.state)
        live = await self.read(interest(Desired(), stored), stored)
        return drift(self.knowing(stored, live), live)

    async def read(self, wanted: Interest, stored: Ledger) -> Live:
        """Read the account at the pace that the state remembers.

        Raises:
            ApiError: a read failed.
        """
        self.pace.set_on(self.connection.client, stored.throttle)
        client = self.connection.client
        with reading(client, expected(wanted)):
            return await read(client, wanted)

    def knowing(self, stored: Ledger, live: Live) -> Ledger:
        """Return the ledger with what was learned of the account, once it is known to be the one that is meant.

        Raises:
            ForeignStateError: another account answered.
        """
        state = self.connection.state
        known = state.binding
        if live.tenant_name:
            known = replace(known, identity={**known.identity, "tenant_name": live.tenant_name})
        binding.check(stored.binding, known, state.place)
        return replace(stored, binding=_learned(stored.binding, known))

    async def apply(
        self,
        planned: Planned,
        observer: Observer,
        *,
        allow_destroy: bool,
        stop: Stop | None = None,
        fail_fast: bool = False,
    ) -> ApplyResult:
        """Make the calls of a plan that was just made; the state has to be locked meanwhile.

        What the plan relies on and took for granted without reading it is read first. `stop` ends it early,
        `fail_fast` at the first failure. A job that may be running since an earlier apply is left alone, and its
        outcome is unknown.

        Raises:
            RefusedError: a safety rule that was not lifted speaks against it; nothing was called.
            StalePlanError: something that was not read is not as it was last applied; nothing was called.
        """
        from rtcctl.applying.executor import Wishes
        from rtcctl.applying.executor import apply as execute
        from rtcctl.applying.journal import in_thread
        from rtcctl.applying.stop import Stop
        from rtcctl.planfile.fresh import fit

        plan = planned.plan
        refused = plan.refused(allow_destroy=allow_destroy)
        if refused:
            raise refusal(refused[0].message, len(refused), refused[0].lifted_by)
        lost = {each.address: _lost(each) for each in plan.lost if each.address is not None}
        wishes = Wishes(stop if stop is not None else Stop(), fail_fast, lost)
        client, state = self.connection.client, self.connection.state
        unread = tuple(fact for fact in plan.facts if fact.assumed)
        if unread:
            facts = of_facts(unread)
            with reading(client, expected(facts)):
                live = await read(client, facts)
            self.knowing(planned.stored, live)
            plan = fit(plan, unread, live, planned.ledger, self.variables)
        with writing(client, plan):
            result = await execute(plan, client, planned.ledger, state, observer, wishes, stored=planned.stored)
        if state.unfolded:  # there was nothing to do, and so nothing has folded what a run that was cut off has left
            await in_thread(state.save, planned.stored)
        return result

    async def close(self) -> None:
        """Close the connections."""
        await self.connection.client.__aexit__(None, None, None)


def refusal(first: str, count: int, lifted_by: str) -> RefusedError:
    """Return the error that tells why a plan is not applied."""
    more = f" (and {count - 1} more)" if count > 1 else ""
    mend = f"nothing was changed; {lifted_by} allows it" if lifted_by else "nothing was changed"
    return RefusedError(f"{first}{more}", mend=mend)


def _lost(found: Refusal) -> RtcctlError:
    from rtcctl.model.jobs import settle_lost

    mend = f"{settle_lost(found.address)}; or start another with {found.lifted_by}" if found.address else ""
    return RtcctlError(found.message, mend=mend)


def open_session(
    settings: Settings,
    desired: Desired,
    pace: Pace = Pace(),  # noqa: B008 - frozen
    simulator: Starlette | None = None,
) -> Session:
    """Open the way to the account that the manifest is for; nothing is called yet.

    Several accounts of the embedded simulator share a `simulator`.

    Raises:
        CredentialsError: no usable credentials.
        UsageError: an endpoint, or the simulator's data, is not usable; or there are several accounts.
    """
    connection = connect(settings, desired.project, simulator)
    return Session(connection, desired, pace, settings.environ, settings.folder)


def _learned(owner: Binding, known: Binding) -> Binding:
    return replace(owner, identity={**known.identity, **owner.identity})
