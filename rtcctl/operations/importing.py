"""Taking a job into the state by its id, which only the state can know: jobs have no name and can't be listed."""

from __future__ import annotations

from msgspec.structs import replace

from rtcctl.api.client import Client
from rtcctl.errors import Diagnostic, NotFoundError, RtcctlError, UsageError
from rtcctl.kinds import KINDS, Kind, Show
from rtcctl.model.address import Address
from rtcctl.model.call import Call
from rtcctl.model.edits import Imported
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.resource import Desired, Resource
from rtcctl.operations.ledgers import address_of, meant
from rtcctl.operations.workflow import Session
from rtcctl.planner.jobs import ended
from rtcctl.state import edit

_BY_NAME = "apps, rules and settings are found by their names: plan adopts them by itself"
_FIND = (
    "the files of a job bear its id in their names, which `rtcctl recordings` lists; for a job that is over or never "
    "ran: rtcctl state forget {address}"
)


def declared_job(desired: Desired, text: str) -> Resource:
    """Return the declared job that an address names.

    Raises:
        UsageError: it is no address, not declared, or not a job's.
    """
    address = address_of(text, desired.project.account.name)
    if not isinstance(KINDS[address.kind].read, Show):
        raise UsageError(f"{address} is not a job", mend=_BY_NAME)
    resource = desired.resources.get(address)
    if resource is None:
        jobs = sorted(each for each in desired.resources if KINDS[each.kind].job)
        otherwise = "declare the job first, as it was started" if jobs else "it declares no job"
        raise UsageError(f"the manifest does not declare {address}", mend=meant(address, jobs, otherwise))
    return resource


async def import_job(session: Session, resource: Resource, job_id: str) -> Imported:
    """Read a job and own it under a declared address; what was begun there is settled. Nothing is written to it.

    Raises:
        UsageError: the address has another job, or another address has this one.
        NotFoundError: the app has no such job.
        ForeignStateError: the state, or the account that answered, is not the one that is meant.
        StateLockedError: another run holds the state.
        ApiError: a read failed.
    """
    state, client, address = session.connection.state, session.connection.client, resource.address
    with state.locked():
        ledger = state.load()
        edit.check_free(ledger, address, job_id)
        app, tenant = await _app(client, session.desired, ledger, address)
        known = session.knowing(ledger, Live(tenant_name=tenant))
        found = await _job(client, address, {**app.ids, "job_id": job_id}, app)
        stopped = ended(Entry(found.ids), found)
        after = edit.take(ledger, address, found.ids, stopped=stopped, prevent_destroy=resource.prevent_destroy)
        state.save(replace(after, binding=known.binding))
    return _told(ledger, after, resource, found, session.connection.warnings)


async def _app(client: Client, desired: Desired, ledger: Ledger, job: Address) -> tuple[RemoteObject, str]:
    """Return the app that the job hangs on, as owned, else as named; and the account's name where it is told.

    Raises:
        RtcctlError: there is none, or more than one.
    """
    kind, address = KINDS["App"], Address("App", job.name)
    items = await client.pages(Call("GET", "/v2/apps", kind.category), "apps", kind.id_name)
    tenant = next((str(item["tenant_name"]) for item in items if item.get("tenant_name")), "")
    apps = [app for app in (kind.parse(item, {}) for item in items) if kind.exists(app)]
    entry = ledger.entries.get(address)
    owned = [app for app in apps if entry is not None and app.ids == entry.ids]
    name = kind.natural_key(desired.resources[address].members)
    found = owned or [app for app in apps if kind.natural_key(app.members) == name]
    if not found:
        raise RtcctlError(
            f"{job}: the account has no {address}", mend="without it no job runs; `plan` shows what to do"
        )
    if len(found) > 1:
        ids = ", ".join(sorted(app.ids["app_id"] for app in found))
        raise RtcctlError(f"{job}: {len(found)} apps are called like {address} ({ids})", mend="remove all but one")
    return found[0], tenant


async def _job(client: Client, address: Address, ids: dict[str, str], app: RemoteObject) -> RemoteObject:
    kind: Kind = KINDS[address.kind]
    path = kind.read.path if isinstance(kind.read, Show) else ""
    try:
        answer = await client.send(Call("GET", path, kind.category, ids))
    except NotFoundError as error:
        if error.error_code.startswith("APIG"):  # the gateway knows no such path, which says nothing about the job
            raise
        where = f"the app {KINDS['App'].label(app)} ({app.ids['app_id']})"
        message = f"{where} has no {kind.name} {ids['job_id']}, which {address} shall be"
        raise NotFoundError(error.call, message, mend=_FIND.format(address=address)) from None
    return kind.parse(answer.data, ids)


def _told(
    before: Ledger, after: Ledger, resource: Resource, found: RemoteObject, warnings: tuple[Diagnostic, ...]
) -> Imported:
    address, old = resource.address, before.entries.get(resource.address)
    entry = after.entries[address]
    is_successor = old is not None and old.ids != entry.ids and old.ids in entry.deposed
    told, declared = edit.room(found.members), edit.room(resource.members)
    if told and told != declared:
        message = f"the job records {told}, but {address} is declared for {declared}: plan will replace it"
        place = resource.place(("mix_param", "room_id") if "mix_param" in resource.members else ("room_id",))
        mend = "if it is not the job that you mean, forget it again: rtcctl state forget " + str(address)
        warnings = (*warnings, Diagnostic(message, place, mend, severity="warning"))
    return Imported(
        address=address,
        ids=entry.ids,
        status=found.status,
        room=told,
        declared_room=declared,
        adopted=entry.adopted,
        serial=after.serial,
        owned_before=old is not None and old.ids == entry.ids,
        predecessor=old.ids if old is not None and is_successor else {},
        warnings=warnings,
    )
