"""Room for new apps: the account's quota is known before the first call, not from the refusal of the last one."""

from __future__ import annotations

from msgspec.structs import replace

from rtcctl.model.address import Address
from rtcctl.model.remote import Live
from rtcctl.planner.context import Context
from rtcctl.planner.draft import Draft

_KIND = "App"


def keep_within(context: Context, live: Live) -> None:
    """Refuse more apps than the account may hold (RTC.00001017), and make room before new ones where that is needed.

    A replacement needs room for both. Where apps go for good and their room is needed, the new ones wait for it.
    """
    apps = [draft for draft in context.drafts.values() if draft.kind.name == _KIND]
    new = [draft for draft in apps if draft.is_new]
    going = frozenset(draft.address for draft in apps if _gone(draft) and not draft.is_new)
    less = sum(_gone(draft) for draft in apps if draft.address in going)
    there = sum(1 for found in live.objects if found.kind == _KIND and context.index.is_there(found))
    quota = context.desired.project.app_quota
    if not new or there + len(new) <= quota:
        return
    if there - less + len(new) > quota:
        _refuse(context, new[0].address, there, len(new), less)
        return
    names = sorted(map(str, going))
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    note = f"is made only when {listed} {'is' if len(names) == 1 else 'are'} gone: the quota has no room before"
    for draft in new:
        change = replace(draft.change, consequences=(*draft.change.consequences, note))
        context.drafts[draft.address] = replace(draft, change=change, waits=going)


def _gone(draft: Draft) -> int:
    """Count the apps that go with a draft, what an earlier replacement left behind included."""
    return len({write.call.ids["app_id"] for write in (*draft.teardown, *draft.predecessors)})


def _refuse(context: Context, first: Address, there: int, new: int, going: int) -> None:
    quota = context.desired.project.app_quota
    less = f", {going} of which would go" if going else ""
    message = (
        f"the account holds {there} app{'s' if there != 1 else ''}{less}, and {new} more would be made, {first} first; "
        f"its quota is {quota} (spec.quota.apps of the Project). A replacement needs room for the old app and the new"
    )
    context.refuse("quota", message, first)
