"""Whether the service took what it was asked: the answer to a write against its body, without another call.

Only what the answer tells is judged. Sensitive members are not: they may come back masked.
"""

from __future__ import annotations

from rtcctl.diff.compare import Difference, compare
from rtcctl.errors import NotAsAskedError
from rtcctl.kinds import KINDS
from rtcctl.model.call import Call
from rtcctl.model.plan import Change, Step
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, dotted, get


def not_as_asked(change: Change, step: Step, call: Call, told: RemoteObject) -> NotAsAskedError | None:
    """Return what did not take; None where everything that the answer tells is as it was sent."""
    kind = KINDS[change.address.kind]
    asked = _asked(change, step, call)
    found = [each for each in compare(kind, asked, told, None).differences if _is_told(each, told)]
    if not found:
        return None
    words = ", ".join(f"{dotted(each.path)} {each.old!r} instead of {each.new!r}" for each in found)
    return NotAsAskedError(
        f"{change.address}: the service accepted the call and answered with {words}",
        mend="plan again: it shows what is in force now",
    )


def _asked(change: Change, step: Step, call: Call) -> Members:
    """Return the body; for a call without one, such as enabling an app, what it brings into force."""
    if call.body is not None:
        return call.body
    members = change.entry.members if change.entry else {}
    return {name: members[name] for name in step.settles if name in members}


def _is_told(difference: Difference, told: RemoteObject) -> bool:
    member = difference.member
    if member.sensitive or member.write_only or difference.reset:
        return False
    return get(told.members, difference.path) is not None
