"""Saved plans: written from what was just planned, and made ready again for apply, perhaps hours later."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from rtcctl import __version__
from rtcctl.errors import ForeignStateError, StalePlanError, UsageError
from rtcctl.live.interest import of_facts
from rtcctl.model.ledger import Ledger
from rtcctl.model.resource import Account, Desired, Project
from rtcctl.operations.connection import embedded
from rtcctl.operations.fleet import Common, Fleet, FleetPlan, Way
from rtcctl.operations.pace import Pace
from rtcctl.operations.settings import Settings
from rtcctl.operations.states import loaded
from rtcctl.operations.workflow import Planned, Session, open_session
from rtcctl.planfile.saved import SavedAccount, SavedPart, SavedPlan
from rtcctl.planfile.variables import Variables

if TYPE_CHECKING:
    from starlette.applications import Starlette

_AGAIN = "nothing was called; plan again"


def saved(fleet: Fleet, desired: Desired, planned: FleetPlan) -> SavedPlan:
    """Return a plan that was just made with everything that says what it was made for."""
    project = desired.project
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = tuple(SavedPart(_account(project, part), part.plan) for part in planned.parts.values())
    own = desired.warnings if fleet.several else ()
    made = SavedPlan(
        parts=parts,
        project=project.name,
        backend=project.written_backend,
        manifest=desired.digest,
        created=now,
        rtcctl=__version__,
        several=fleet.several,
        max_deletes=project.max_deletes,
        warnings=own,
        broken=planned.plan.broken,
    )
    vars(made)["plan"] = planned.plan  # as it would follow from the parts, which takes its time for many accounts
    return made


def _account(project: Project, planned: Planned) -> SavedAccount:
    binding, stored = planned.ledger.binding, planned.stored
    # Of a state that was never written there is no version, and no lineage that lasts.
    there = stored.serial > 0
    account = next(each for each in project.accounts if each.name == binding.account)
    return SavedAccount(
        name=binding.account,
        endpoint=binding.endpoint,
        credentials=account.env_prefix,
        declared_endpoint=account.endpoint,
        identity=binding.identity,
        lineage=stored.lineage if there else "",
        serial=stored.serial,
    )


def open_saved(settings: Settings, saved: SavedPlan, pace: Pace = Pace(), *, fail_fast: bool = False) -> Fleet:  # noqa: B008 - frozen
    """Open the ways to the accounts that a saved plan is for; nothing is called yet.

    Raises:
        CredentialsError: no usable credentials.
        StalePlanError: it is for another endpoint, project or account.
        UsageError: an endpoint, or the simulator's data, is not usable; or it is for more accounts than are meant.
    """
    others = [part.account.name for part in saved.parts if part.account.name not in settings.accounts]
    if settings.accounts and others:
        message = f"the plan is for the account{'s' if len(others) > 1 else ''} {', '.join(others)} too"
        raise UsageError(message, mend="a saved plan is applied as a whole; plan what is meant with --account")
    project = _project(settings, saved)
    simulator = embedded(settings, project) if settings.simulator else None
    pace = pace.together(len(saved.parts)) if saved.several else pace
    ways = [
        Way(part.account.name, partial(_open, settings, project, part.account, pace, simulator)) for part in saved.parts
    ]
    return Fleet(ways, settings.watcher, Common(saved.several, saved.max_deletes, saved.warnings, fail_fast))


def open_only(settings: Settings, saved: SavedPlan) -> Session:
    """Open the way to the one account that a saved plan is for.

    Raises:
        UsageError: it is for several.
        RtcctlError: as `open_saved` does.
    """
    if len(saved.parts) > 1:
        names = ", ".join(part.account.name for part in saved.parts)
        raise UsageError(f"the plan is for several accounts ({names})", mend="plan one of them with --account")
    account = saved.parts[0].account
    return _open(settings, _project(settings, saved), account, Pace(), None)


def _project(settings: Settings, saved: SavedPlan) -> Project:
    each = (part.account for part in saved.parts)
    accounts = tuple(Account(one.name, one.credentials, one.declared_endpoint) for one in each)
    project = Project(saved.project, accounts=accounts)
    if not saved.backend:
        return project
    backend = Variables(settings.environ, settings.folder).text(saved.backend)
    return replace(project, backend=backend, written_backend=saved.backend)


def _open(
    settings: Settings, project: Project, account: SavedAccount, pace: Pace, simulator: Starlette | None
) -> Session:
    own = Desired(project).of(account.name)
    session = open_session(settings, own, pace, simulator)
    ours = session.connection.state.binding
    pairs = {"endpoint": (account.endpoint, ours.endpoint)}
    pairs |= {
        name: (account.identity[name], value) for name, value in ours.identity.items() if name in account.identity
    }
    wrong = [f"{name} {theirs!r}, not {mine!r}" for name, (theirs, mine) in pairs.items() if theirs != mine]
    if wrong:
        raise StalePlanError(f"the plan was made for {'; '.join(wrong)}", mend="nothing was called")
    return session


def check_manifest(saved: SavedPlan, desired: Desired) -> None:
    """Refuse a plan that was made from another manifest.

    Raises:
        StalePlanError: the files differ from those that were planned.
    """
    if saved.manifest != desired.digest:
        raise StalePlanError("the plan was made from another version of the manifest", mend=_AGAIN)


def preparing(saved: SavedPlan) -> Callable[[str, Session], Coroutine[Any, Any, Planned]]:
    """Return what makes the part of an account ready to be applied."""
    parts = {part.account.name: part for part in saved.parts}
    return lambda account, session: prepare(session, parts[account])


async def prepare(session: Session, saved: SavedPart) -> Planned:
    """Read what the part relies on, and return it ready to be applied; the state has to be locked meanwhile.

    Raises:
        StalePlanError: the state or the account moved since; the message names what.
        UsageError: a secret's variable or file is not there.
        ForeignStateError: another account answered.
        ApiError: a read failed.
    """
    from rtcctl.planfile.fresh import fit, looked_up

    stored = await loaded(session.connection.state)
    _check_state(saved.account, stored, session.connection.state.place)
    asked_for = looked_up(saved.plan, session.variables)
    live = await session.read(of_facts(saved.plan.facts), stored)
    theirs = saved.account.identity.get("tenant_name")
    if theirs and live.tenant_name and theirs != live.tenant_name:
        message = f"the plan was made for tenant_name {theirs!r}, not {live.tenant_name!r}"
        raise ForeignStateError(message, mend="nothing was changed")
    ledger = session.knowing(stored, live)
    # Once everything was read, nothing is assumed any more.
    plan = fit(asked_for, saved.plan.facts, live, ledger, session.variables)
    plan = replace(plan, facts=tuple(replace(fact, assumed=False) for fact in plan.facts))
    return Planned(plan, ledger, stored, live)


def _check_state(account: SavedAccount, stored: Ledger, where: str) -> None:
    if account.serial == 0 and stored.serial == 0:
        return
    if stored.serial == 0:
        raise StalePlanError(f"the plan was made against a state that is not at {where}", mend="nothing was called")
    if account.serial and account.lineage != stored.lineage:
        raise StalePlanError(f"the plan was made against another state than {where}", mend="nothing was called")
    if account.serial != stored.serial:
        message = f"the state moved on since the plan was made, from serial {account.serial} to {stored.serial}"
        raise StalePlanError(message, mend=_AGAIN)
