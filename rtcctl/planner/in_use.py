"""What can't be taken down because something that stays still refers to it.

The service refuses to delete a rule in use (API Reference, DeleteRecordRule; what counts as use is unconfirmed). What
the plan itself changes lets go in time; what it leaves alone, such as a setting in `ignore_changes`, does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtcctl.kinds import Kind, children_of
from rtcctl.kinds.base import Ids
from rtcctl.model.address import Address
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path, get
from rtcctl.planner.context import Context, parent_of
from rtcctl.planner.draft import Draft


def refuse_in_use(context: Context) -> None:
    """Refuse to take down what would be refused by the service all the same."""
    owners = {id(draft.live): draft for draft in context.drafts.values() if draft.live is not None}
    for draft in list(context.drafts.values()):
        parent = parent_of(draft.kind, draft.address)
        above = context.drafts.get(parent) if parent else None
        if not draft.teardown or parent is None or (above is not None and above.teardown):
            continue
        for found in _users(context, draft.kind, draft.teardown[0].call.ids):
            owner = owners.get(id(found))
            if owner is None or not _lets_go(owner, draft.kind, found):
                name = owner.address if owner else Address(found.kind, draft.address.name)
                message = (
                    f"{draft.address} can't be deleted while {name} uses it, and the manifest leaves that as it is: "
                    f"declare {name} without it, and not in ignore_changes"
                )
                context.refuse("in-use", message, draft.address)


def _users(context: Context, kind: Kind, ids: Ids) -> Iterator[RemoteObject]:
    """Yield the live objects beside one that hold its id and are at work."""
    parent = {"app_id": str(ids.get("app_id", ""))}
    for other in children_of(kind.parent):
        for found in context.index.under(other, parent):
            at_work = not other.is_neutral(found) and found.status.get("state") != "STOPPED"
            if at_work and _holds(other, found.members, kind, str(ids.get(kind.id_name, ""))):
                yield found


def _holds(kind: Kind, members: Members, of: Kind, id_: str) -> bool:
    return any(get(members, path) == id_ for path in _references(kind, of))


def _lets_go(owner: Draft, of: Kind, found: RemoteObject) -> bool:
    if owner.teardown or owner.predecessors:
        return True
    held = [get(found.members, path) for path in _references(owner.kind, of)]
    after = [get(write.call.body or {}, path) for write in owner.forward for path in _references(owner.kind, of)]
    if owner.kind.keeps_omitted and None in after:
        return False
    return bool(after) and not any(each in held for each in after)


def _references(kind: Kind, of: Kind) -> list[Path]:
    return [path for path, member in kind.leaves if member.refers == of.name]
