"""The jobs that the state owns: which are meant, how they stand, and the plan that stops them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.errors import NotFoundError, RtcctlError, UsageError
from rtcctl.kinds import KINDS, Show, children_of
from rtcctl.live.interest import Interest
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.jobs import JobStatus, Predecessor, Standing
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Desired
from rtcctl.model.values import Members
from rtcctl.operations import pacing
from rtcctl.operations.ledgers import address_of, meant
from rtcctl.operations.states import loaded
from rtcctl.operations.watching import reading
from rtcctl.operations.workflow import Planned, Session
from rtcctl.planner import jobs
from rtcctl.planner.stop import stop
from rtcctl.state import edit


def chosen(ledger: Ledger, desired: Desired, texts: Sequence[str]) -> tuple[Address, ...]:
    """Return the jobs that are named, an App standing for all of its own; every job of the state if none is.

    Raises:
        UsageError: something else is named, or nothing that the state speaks of.
    """
    known = sorted(address for address in edit.known(ledger) if KINDS[address.kind].job)
    if not texts:
        return tuple(known)
    found: dict[Address, None] = {}
    for text in texts:
        address = address_of(text, desired.project.account.name)
        below = [each for each in known if KINDS[each.kind].parent == address.kind and each.name == address.name]
        if not KINDS[address.kind].job and not any(kind.job for kind in children_of(address.kind)):
            raise UsageError(f"{address} is not a job", mend="name a job, or an App for all of its jobs")
        if address not in (*known, *ledger.entries) and not below:
            mend = meant(address, known, "`rtcctl jobs status` names all" if known else "it owns no job")
            raise UsageError(f"the state has no {address}", mend=mend)
        found |= dict.fromkeys(below if not KINDS[address.kind].job else (address,))
    return tuple(found)


def owned(ledger: Ledger, addresses: Sequence[Address]) -> Mapping[Address, Entry]:
    """Return what the state holds of jobs.

    Raises:
        RtcctlError: of one it knows only that its start was begun, and so not the id.
    """
    for address in addresses:
        if address not in ledger.entries:
            raise RtcctlError(
                f"{address}: an apply began to start it and never learned how that ended, so its job_id is not known",
                mend=f"if it runs: rtcctl import {address} JOB_ID; if it does not: rtcctl state forget {address}",
            )
    return {address: ledger.entries[address] for address in addresses}


async def look(client: Client, address: Address, ids: Mapping[str, str]) -> RemoteObject | None:
    """Read a job; None where the service knows no such job.

    Raises:
        ApiError: the read failed.
    """
    kind = KINDS[address.kind]
    path = kind.read.path if isinstance(kind.read, Show) else ""
    try:
        answer = await client.send(Call("GET", path, kind.category, ids))
    except NotFoundError as error:
        if error.error_code.startswith("APIG"):  # the gateway knows no such path, which says nothing about the job
            raise
        return None
    return kind.parse(answer.data, ids)


def standing(entry: Entry, found: RemoteObject | None) -> Standing:
    """Tell how a job stands; one that is known to be over needs no look."""
    reason = jobs.ended(entry, found)
    if entry.stopped:
        return Standing("" if reason == jobs.UNKNOWN else "STOPPED", reason)
    status = found.status if found else {}
    return Standing(status.get("state", ""), reason, status.get("start_time", ""))


async def status(session: Session, texts: Sequence[str], timer: pacing.Timer = pacing.REAL) -> tuple[JobStatus, ...]:
    """Tell how jobs stand, with one read for each that is not known to be over.

    Raises:
        UsageError: something is named that is no job of the state.
        ForeignStateError: the state is not the one that is meant.
        ApiError: a read failed.
    """
    ledger = await loaded(session.connection.state)
    addresses = chosen(ledger, session.desired, texts)
    live = await _read(session.connection.client, ledger, addresses, timer)
    return tuple(_status(ledger, session.desired, address, live) for address in addresses)


async def plan_stop(session: Session, texts: Sequence[str], timer: pacing.Timer = pacing.REAL) -> Planned:
    """Plan to stop jobs; the list of apps is read as well, for it tells whose account answers.

    Raises:
        UsageError: something is named that is no job of the state.
        RtcctlError: the id of a job is not known.
        ForeignStateError: the state, or the account that answered, is not the one that is meant.
        ApiError: a read failed.
    """
    stored = await loaded(session.connection.state)
    addresses = chosen(stored, session.desired, texts)
    owned(stored, addresses)
    client = session.connection.client
    account = await session.read(Interest(kinds=frozenset({"App"})), stored)
    ledger = session.knowing(stored, account)
    live = await _read(client, ledger, addresses, timer)
    plan = stop(session.desired, ledger, replace(account, objects=tuple(live.values())), addresses)
    return Planned(replace(plan, warnings=(*session.connection.warnings, *plan.warnings)), ledger, stored)


async def _read(
    client: Client, ledger: Ledger, addresses: Sequence[Address], timer: pacing.Timer
) -> dict[frozenset[tuple[str, str]], RemoteObject]:
    """Read jobs that are not known to be over, and predecessors; found by their ids."""
    asked: list[tuple[Address, Mapping[str, str]]] = []
    for address in addresses:
        entry = ledger.entries.get(address, Entry({}))
        each = entry.deposed if entry.stopped else (entry.ids, *entry.deposed)
        asked += [(address, ids) for ids in each if ids]
    with reading(client, Counter(KINDS[address.kind].category for address, _ in asked)):
        found = await pacing.paced([partial(look, client, address, ids) for address, ids in asked], timer)
    return {_identity(each.ids): each for each in found if each is not None}


def _identity(ids: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(ids.items())


def _status(
    ledger: Ledger, desired: Desired, address: Address, live: Mapping[frozenset[tuple[str, str]], RemoteObject]
) -> JobStatus:
    entry, resource = ledger.entries.get(address), desired.resources.get(address)
    begun = next((each.started for each in ledger.pending if each.address == address and each.makes), "")
    declared: Members = resource.members if resource else {}
    if entry is None:
        return JobStatus(address, {}, None, edit.room(declared), _user(declared), resource is not None, begun)
    found = live.get(_identity(entry.ids))
    told: tuple[Members, ...] = (found.members if found else {}, entry.members, declared)
    left = [Predecessor(ids, standing(Entry(ids), live.get(_identity(ids)))) for ids in entry.deposed]
    return JobStatus(
        address=address,
        ids=entry.ids,
        standing=standing(entry, found),
        room=next(filter(None, map(edit.room, told)), ""),
        user=next(filter(None, map(_user, told)), ""),
        declared=resource is not None,
        begun=begun,
        predecessors=tuple(each for each in left if not each.standing.over),
    )


def _user(members: Members) -> str:
    return str(members.get("user_id") or "")
