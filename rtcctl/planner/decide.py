"""What happens to a declared resource: create, import, update, replace, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from rtcctl.diff.body import is_resent, whole_body
from rtcctl.diff.compare import Comparison, compare, is_ignored
from rtcctl.diff.drift import moved, paths
from rtcctl.diff.secrets import secrets_of, without_secrets
from rtcctl.kinds import KINDS, Kind, Write
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry
from rtcctl.model.plan import LOST_JOB, Change, MemberChange
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Resource
from rtcctl.model.values import Members, Secret, dotted, get, put, references, without
from rtcctl.planner import jobs
from rtcctl.planner.context import Context, entry_differs, goes_to_another, own_ids, parent_ids, parent_of
from rtcctl.planner.draft import Draft, declared_members, differing_members, resolve_members

REPLACE = "asked for by --replace"


def decide(context: Context, resource: Resource) -> Draft:
    """Decide on one declared resource; those that it hangs on or refers to are decided already."""
    draft = _decide(context, resource)
    began = context.began(resource.address) if draft.kind.job and draft.is_new else ""
    if began and not context.options.start_unknown_jobs:
        from rtcctl.model.jobs import room_of

        message = (
            f"{resource.address}: an apply began to start it at {began} and never learned how that ended, so it may "
            f"be running in {room_of(resource.members)} already"
        )
        context.refuse(LOST_JOB, message, resource.address, "--start-unknown-jobs")
    if draft.kind.job and draft.is_new:
        _refuse_under_a_stopped_app(context, resource)
    return draft


def _refuse_under_a_stopped_app(context: Context, resource: Resource) -> None:
    """Refuse a job whose app is disabled or in arrears and stays so: the service would (RTC.00001016)."""
    parent = parent_of(KINDS[resource.address.kind], resource.address)
    above = context.drafts.get(parent) if parent else None
    if parent is None or above is None or above.is_new or above.forward:
        return
    live = context.index.by_ids(above.kind, context.known.get(parent, {}))
    state = live.status.get("state") if live else ""
    if state in ("DEACTIVATION", "ARREARS"):
        mend = "declare 'state: ACTIVATION' on it" if state == "DEACTIVATION" else "the account has to be paid first"
        message = f"{resource.address} can't start: the state of {parent} is {state}; {mend}"
        context.refuse("app-stopped", message, resource.address)


def _decide(context: Context, resource: Resource) -> Draft:
    kind = KINDS[resource.address.kind]
    entry = context.ledger.entries.get(resource.address)
    parent = parent_of(kind, resource.address)
    above = context.drafts.get(parent) if parent else None
    live = context.index.by_ids(kind, entry.ids) if entry else None
    if kind.job and entry is not None:
        ended = jobs.ended(entry, live)
        if ended:
            context.matched.update(() if live is None else (id(live),))
            return _ended_job(context, kind, resource, entry, ended)
    if above is not None and (above.is_new or _runs_elsewhere(context, live, above)):
        return _under_a_new_parent(context, kind, resource, entry, live, above)
    if live is None:
        live = _by_natural_key(context, kind, resource)
    if live is None:
        return _missing(context, kind, resource, entry, above)
    return _existing(context, kind, resource, entry, live)


def _runs_elsewhere(context: Context, live: RemoteObject | None, above: Draft) -> bool:
    """Tell whether a job still belongs to its app's predecessor, for a replacement was cut off."""
    parent = context.known.get(above.address, {})
    return live is not None and any(live.ids.get(name) != value for name, value in parent.items())


def _by_natural_key(context: Context, kind: Kind, resource: Resource) -> RemoteObject | None:
    parent = {name: value for name, value in parent_ids(context, kind, resource.address).items() if type(value) is str}
    found = context.index.by_key(kind, parent, resource.members)
    if len(found) > 1:
        ids = ", ".join(sorted(kind.label(each) + " " + each.ids.get(kind.id_name, "") for each in found))
        message = f"{resource.address} fits {len(found)} live objects ({ids}); remove or rename all but one by hand"
        context.refuse("ambiguous", message, resource.address)
    if found and kind.id_name and not kind.parent:
        owner = _declared_owner(context, resource.address, found[0])
        if owner is not None:
            message = f"{resource.address}: the live {kind.name} of that name is {owner}'s; rename or drop that first"
            context.refuse("name-taken", message, resource.address)
            return None
    return found[0] if found else None


def _declared_owner(context: Context, address: Address, found: RemoteObject) -> Address | None:
    """Return another declared address that owns a live object: that one has it, whatever it is called now."""
    for owner, entry in context.ledger.entries.items():
        if entry.ids == found.ids and owner.kind == found.kind and owner != address:
            return owner if owner in context.desired.resources else None
    return None


def _missing(context: Context, kind: Kind, resource: Resource, entry: Entry | None, above: Draft | None) -> Draft:
    if entry is not None:
        if not entry.ids:
            return _create(context, kind, resource, "the replacement of its app was cut off", entry)
        draft = _create(context, kind, resource, "deleted outside rtcctl", entry)
        return replace(draft, change=replace(draft.change, lost=True))
    adopted = above is not None and above.change.adopt and not context.began(above.address)
    if kind.job and above is not None and adopted and not context.options.start_unknown_jobs:
        context.refuse(
            "unknown-job",
            f"{resource.address}: {above.address} is being adopted and jobs can't be listed, so this one may be "
            "running already",
            resource.address,
            "--start-unknown-jobs",
        )
    return _create(context, kind, resource, "", None)


def _create(context: Context, kind: Kind, resource: Resource, reason: str, entry: Entry | None) -> Draft:
    address = resource.address
    ids = own_ids(kind, address, parent_ids(context, kind, address))
    members = resolve_members(resource.members, context.known)
    change = Change(
        address=address,
        action="create",
        reason=reason,
        members=tuple(declared_members(kind, resource, members, context.marks)),
        moved_from=context.former.get(address),
        place=resource.place(),
        entry=_entry(context, kind, resource, {}, deposed=entry.deposed if entry else ()),
        secrets=_secrets(kind, resource),
        records=True,
    )
    return Draft(kind, change, kind.create(kind.sendable(members), ids), needs=_needs(context, kind, resource))


def _under_a_new_parent(
    context: Context, kind: Kind, resource: Resource, entry: Entry | None, live: RemoteObject | None, above: Draft
) -> Draft:
    """Make the child of an app that gets a new id; the child of the old app is taken down after it."""
    draft = _create(context, kind, resource, f"{above.address} is made anew" if entry else "", entry)
    if entry is None or live is None:
        return draft
    return _replacing(replace(draft, live=live), kind.delete(entry.ids, live))


def _existing(context: Context, kind: Kind, resource: Resource, entry: Entry | None, live: RemoteObject) -> Draft:
    context.match(resource.address, live)
    members = resolve_members(resource.members, context.known)
    seen = _taken_as_declared(kind, resource, members, live)
    comparison = compare(kind, members, seen, entry, resource.ignore_changes)
    forced = resource.address in context.options.replace
    if forced or any(difference.member.immutable for difference in comparison.differences):
        return _replace(context, kind, resource, entry, live, comparison)
    adopt = entry is None or entry.ids != live.ids
    new = _entry(context, kind, resource, live.ids, adopted=_was_there(context, resource, entry))
    secrets = _secrets(kind, resource)
    differs = entry_differs(entry, new, secrets)
    change = Change(
        address=resource.address,
        action="update" if comparison.differences else "import" if adopt else "no-op",
        members=_members(context, resource, entry, live, comparison),
        adopt=adopt,
        moved_from=context.former.get(resource.address),
        place=resource.place(),
        entry=new if differs else entry,  # a large plan that changes little needs little
        secrets=secrets,
        records=differs or resource.address in context.former,
        unchanged=comparison.equal,
    )
    if not comparison.differences:
        return Draft(kind, change, live=live)
    # Where an update keeps what it omits, ignored members are left out.
    writes = _update(context, kind, resource, seen if is_resent(kind) else live, comparison)
    return Draft(kind, change, writes, needs=_needs(context, kind, resource), live=live)


def _taken_as_declared(kind: Kind, resource: Resource, members: Members, live: RemoteObject) -> RemoteObject:
    """Put declared members in place of the ignored ones of an object that was not read: those are not on record.

    An apply reads the object first and sends what it has of them.
    """
    if not live.assumed or not resource.ignore_changes:
        return live
    seen = dict(live.members)
    for path, _ in kind.leaves:
        value = get(members, path)
        if value is not None and is_ignored(path, resource.ignore_changes):
            put(seen, path, value)
    return replace(live, members=seen)


def _members(
    context: Context, resource: Resource, entry: Entry | None, live: RemoteObject, comparison: Comparison
) -> tuple[MemberChange, ...]:
    if not comparison.differences:
        return ()
    same = entry is not None and entry.ids == live.ids
    drifted = paths(moved(KINDS[resource.address.kind], entry, live)) if same and entry else frozenset()
    return tuple(differing_members(resource, comparison.differences, context.marks, drifted))


def _was_there(context: Context, resource: Resource, entry: Entry | None) -> bool:
    """Tell whether an object existed before rtcctl; one that an apply began to make is our own."""
    return entry.adopted if entry else not context.began(resource.address)


def _update(
    context: Context, kind: Kind, resource: Resource, live: RemoteObject, comparison: Comparison
) -> tuple[Write, ...]:
    body, masked = whole_body(kind, resource, live.members, comparison.differences)
    for path in masked:
        name = dotted(path)
        message = (
            f"{resource.address}: an update would have to send {name} again, but the service shows it masked; "
            f"declare {name}, or leave {resource.address} as it is"
        )
        context.refuse("masked-secret", message, resource.address)
    changed = frozenset(difference.path[0] for difference in comparison.differences)
    return kind.update(resolve_members(body, context.known), changed, live.ids)


def _replace(
    context: Context,
    kind: Kind,
    resource: Resource,
    entry: Entry | None,
    live: RemoteObject,
    comparison: Comparison,
) -> Draft:
    address = resource.address
    clash = [found for found in context.index.by_key(kind, {}, resource.members) if found is not live]
    if not kind.parent and kind.id_name and clash:
        message = f"{address}: a live {kind.name} of that name exists already, so this one can't be replaced by it"
        context.refuse("name-taken", message, address)
    context.known.pop(address, None)
    draft = _create(context, kind, resource, "", entry)
    forcing = [dotted(each.path) for each in comparison.differences if each.member.immutable]
    reason = f"{' and '.join(forcing)} can't be changed" if forcing else REPLACE
    members = _members(context, resource, entry, live, comparison)
    change = replace(draft.change, reason=reason, members=members, adopt=entry is None, unchanged=comparison.equal)
    if clash and kind.keeps_adopted and change.entry is not None:
        change = replace(change, entry=replace(change.entry, adopted=True))
    adopted = entry is None or entry.adopted
    stays = (adopted and kind.keeps_adopted) or goes_to_another(context, kind, address, live)
    writes = () if stays else kind.delete(live.ids, live)
    return _replacing(replace(draft, change=change, live=live), writes)


def _replacing(draft: Draft, teardown: tuple[Write, ...]) -> Draft:
    return replace(
        draft,
        change=replace(draft.change, action="replace"),
        teardown=teardown,
        teardown_effect="deposed-deleted",
        stops_job=draft.kind.job and bool(teardown),
    )


def _ended_job(context: Context, kind: Kind, resource: Resource, entry: Entry, reason: str) -> Draft:
    if resource.address in context.options.replace:
        return _create(context, kind, resource, f"the job ended ({reason}); {REPLACE}", entry)
    restarts, held = jobs.restarts(resource.restart, reason), resource.address in context.options.held
    if restarts and not held:
        return _create(context, kind, resource, f"the job ended ({reason}) and restart is {resource.restart}", entry)
    new = replace(entry, stopped=reason, prevent_destroy=resource.prevent_destroy)
    left = "its restart is held back" if restarts else f"is not started again; restart is {resource.restart}"
    note = f"the job ended ({reason}) and {left}"
    moved = context.former.get(resource.address)
    records = new != entry or moved is not None
    change = Change(
        resource.address, "no-op", note, moved_from=moved, place=resource.place(), entry=new, records=records
    )
    return Draft(kind, change)


def _secrets(kind: Kind, resource: Resource) -> Mapping[str, Secret]:
    """Return the secrets that are kept an eye on; as with other members, an ignored one is not on record."""
    return secrets_of(without(resource.members, resource.ignore_changes), kind)


def _entry(
    context: Context,
    kind: Kind,
    resource: Resource,
    ids: Mapping[str, str],
    *,
    adopted: bool = False,
    deposed: tuple[Mapping[str, str], ...] = (),
) -> Entry:
    # Only what is sent counts as applied, or the record would differ from the plan's for ever. What is live of ignored
    # members has no part in it, so that the record is the same whether they were read or not.
    members = without(without_secrets(kind.sendable(resource.members), kind), resource.ignore_changes)
    old = context.ledger.entries.get(resource.address)
    return Entry(
        ids=dict(ids),
        members=resolve_members(members, context.known),
        secrets=old.secrets if old else {},
        adopted=adopted,
        prevent_destroy=resource.prevent_destroy,
        deposed=deposed or (old.deposed if old else ()),
    )


def _needs(context: Context, kind: Kind, resource: Resource) -> frozenset[Address]:
    """Return everything that must stand before: parent, references, what it uses, and what is merely set up first."""
    parent = parent_of(kind, resource.address)
    used = {context.roots[key] for key in kind.uses(resource.members) if key in context.roots}
    first = {Address(before, resource.address.name) for before in kind.after}
    return references(resource.members) | used | first | ({parent} if parent else set())
