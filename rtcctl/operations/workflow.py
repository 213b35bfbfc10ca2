"""read → plan → apply, in the one order in which they happen for every command."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rtcctl.apply.executor import Wishes
from rtcctl.apply.executor import apply as execute
from rtcctl.apply.steps import Observer
from rtcctl.apply.stop import Stop
from rtcctl.errors import RefusedError, RtcctlError
from rtcctl.live.reader import read
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.model.plan import Plan, Refusal
from rtcctl.model.resource import Desired
from rtcctl.model.result import ApplyResult
from rtcctl.operations.connection import Connection, connect
from rtcctl.operations.pace import Pace
from rtcctl.operations.settings import Settings
from rtcctl.planner.context import Options
from rtcctl.planner.plan import plan as compare
from rtcctl.planner.safety import check_same_set
from rtcctl.state import binding


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, the ledger that it was made against, and that ledger as it is stored."""

    plan: Plan
    ledger: Ledger
    stored: Ledger


@dataclass(frozen=True, slots=True)
class Session:
    """One run against one account; close it in the end."""

    connection: Connection
    desired: Desired
    pace: Pace = Pace()  # noqa: RUF009 - frozen

    async def plan(self, options: Options) -> Planned:
        """Read the account and compare; nothing is written.

        Raises:
            ForeignStateError: the state, or the account that answered, is not the one that is meant.
            ApiError: a read failed.
        """
        desired = replace(self.desired, resources={}) if options.destroy else self.desired
        state = self.connection.state
        stored = state.load()
        check_same_set(desired, stored)
        self.pace.set_on(self.connection.client, stored.throttle)
        live = await read(self.connection.client, desired, stored)
        known = state.binding
        if live.tenant_name:
            known = replace(known, identity={**known.identity, "tenant_name": live.tenant_name})
        binding.check(stored.binding, known, state.place)
        ledger = replace(stored, binding=_learned(stored.binding, known))
        plan = compare(desired, live, ledger, options)
        return Planned(replace(plan, warnings=(*self.connection.warnings, *plan.warnings)), ledger, stored)

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

        `stop` ends it early, `fail_fast` at the first failure. A job that may be running since an earlier apply is left
        alone, and its outcome is unknown.

        Raises:
            RefusedError: a safety rule that was not lifted speaks against it; nothing was called.
        """
        plan = planned.plan
        refused = plan.refused(allow_destroy=allow_destroy)
        if refused:
            raise refusal(refused[0].message, len(refused), refused[0].lifted_by)
        lost = {each.address: _lost(each) for each in plan.lost if each.address is not None}
        wishes = Wishes(stop if stop is not None else Stop(), fail_fast, lost)
        client, state = self.connection.client, self.connection.state
        return await execute(plan, client, planned.ledger, state, observer, wishes, stored=planned.stored)

    async def close(self) -> None:
        """Close the connections."""
        await self.connection.client.__aexit__(None, None, None)


def refusal(first: str, count: int, lifted_by: str) -> RefusedError:
    """Return the error that tells why a plan is not applied."""
    more = f" (and {count - 1} more)" if count > 1 else ""
    mend = f"nothing was changed; {lifted_by} allows it" if lifted_by else "nothing was changed"
    return RefusedError(f"{first}{more}", mend=mend)


def _lost(found: Refusal) -> RtcctlError:
    mend = f"settle it with import or state forget, or start another with {found.lifted_by}"
    return RtcctlError(found.message, mend=mend)


def open_session(settings: Settings, desired: Desired, pace: Pace = Pace()) -> Session:  # noqa: B008 - frozen
    """Open the way to the account that the manifest is for; nothing is called yet.

    Raises:
        CredentialsError: no usable credentials.
        UsageError: an endpoint, or the simulator's data, is not usable.
    """
    return Session(connect(settings, desired.project), desired, pace)


def _learned(owner: Binding, known: Binding) -> Binding:
    return replace(owner, identity={**known.identity, **owner.identity})
