"""Saved plans: written from what was just planned, and made ready again for apply, perhaps hours later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from rtcctl import __version__
from rtcctl.errors import ForeignStateError, StalePlanError
from rtcctl.live.interest import of_facts
from rtcctl.model.ledger import Ledger
from rtcctl.model.resource import Account, Desired, Project
from rtcctl.operations.pace import Pace
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import Planned, Session, open_session
from rtcctl.planfile.saved import SavedAccount, SavedPlan
from rtcctl.planfile.variables import Variables

_AGAIN = "nothing was called; plan again"


def saved(session: Session, planned: Planned) -> SavedPlan:
    """Return a plan that was just made with everything that says what it was made for."""
    project, binding = session.desired.project, planned.ledger.binding
    # Of a state that was never written there is no version, and no lineage that lasts.
    there = planned.stored.serial > 0
    account = SavedAccount(
        name=binding.account,
        endpoint=binding.endpoint,
        credentials=project.account.env_prefix,
        identity=binding.identity,
        lineage=planned.stored.lineage if there else "",
        serial=planned.stored.serial,
    )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    backend, digest = project.written_backend, session.desired.digest
    return SavedPlan(planned.plan, project.name, backend, account, digest, now, __version__)


def open_saved(settings: Settings, saved: SavedPlan, pace: Pace = Pace()) -> Session:  # noqa: B008 - frozen
    """Open the way to the account that a saved plan is for; nothing is called yet.

    Raises:
        CredentialsError: no usable credentials.
        StalePlanError: it is for another endpoint, project or account.
        UsageError: an endpoint, or the simulator's data, is not usable.
    """
    account = Account(saved.account.name, saved.account.credentials)
    project = Project(saved.project, account=account)
    if saved.backend:
        backend = Variables(settings.environ, settings.folder).text(saved.backend)
        project = replace(project, backend=backend, written_backend=saved.backend)
    session = open_session(settings, Desired(project), pace)
    ours = session.connection.state.binding
    pairs = {"endpoint": (saved.account.endpoint, ours.endpoint)}
    pairs |= {
        name: (saved.account.identity[name], value)
        for name, value in ours.identity.items()
        if name in saved.account.identity
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


async def prepare(session: Session, saved: SavedPlan) -> Planned:
    """Read what the plan relies on, and return it ready to be applied; the state has to be locked meanwhile.

    Raises:
        StalePlanError: the state or the account moved since; the message names what.
        UsageError: a secret's variable or file is not there.
        ForeignStateError: another account answered.
        ApiError: a read failed.
    """
    from rtcctl.planfile.fresh import fit, looked_up

    stored = session.connection.state.load()
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
