"""Taking back what only prepared a call that then failed: an app that was disabled for its delete is enabled again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from msgspec import Struct

from rtcctl.api.retrying import may_have_arrived
from rtcctl.applying import record
from rtcctl.applying.calls import filled
from rtcctl.applying.steps import Status, Steps
from rtcctl.errors import ApiError, NotFoundError, RtcctlError
from rtcctl.kinds import KINDS, Write
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change, Step

_NEXT = "plan again: an app that the manifest declares is enabled, any other is deleted"


class TakenBack(Struct, frozen=True):
    """What came of it: what there is to say of the change, and what is known of the object now.

    `told` is None where that is what the steps were told, and empty where it is not known. `undone` is the id of the
    step that is as good as never made.
    """

    error: RtcctlError
    told: Mapping[str, str] | None = None
    called: bool = False
    undone: str = ""


async def take_back(
    steps: Steps,
    stored: Ledger,
    change: Change,
    found: Mapping[str, Status],
    error: RtcctlError | None,
    *,
    aborted: bool,
) -> TakenBack | None:
    """Take back a change's preparing call, if it was made in vain.

    Args:
        steps: makes the call, and records it.
        stored: the ledger before the run.
        change: the change.
        found: the status of each of its steps.
        error: what made it fail, if something did.
        aborted: nothing may be sent any more.
    """
    statuses = set(found.values())
    if not {"failed", "unknown", "not attempted"} & statuses:
        return None
    for step in change.steps:
        write = KINDS[change.address.kind].undo(step.call)
        status = found.get(step.id)
        if not step.only_if_refused or write is None or status not in ("done", "unknown"):
            continue
        why = _why(error)
        if aborted and "unknown" in statuses:
            return TakenBack(RtcctlError(f"{why}; it may still be there, disabled for its delete", mend=_NEXT), {})
        if aborted:
            return TakenBack(RtcctlError(f"{why}; it is left disabled, as it was for that", mend=_NEXT))
        return await _called(steps, stored, step, write, why, error.mend if error else "")
    return None


def cut_off(error: RtcctlError | None) -> TakenBack:
    """Return what there is to say where the run was ended at once while the call was being taken back."""
    message = f"{_why(error)}; it was disabled for that and may be so still, as enabling it again was interrupted"
    return TakenBack(RtcctlError(message, mend=_NEXT), {}, called=True)


def _why(error: RtcctlError | None) -> str:
    return error.message if error else "the run ended before its delete was repeated"


async def _called(steps: Steps, stored: Ledger, step: Step, write: Write, why: str, mend: str) -> TakenBack | None:
    undo = Step(f"{step.address} {write.verb} again", step.address, f"{write.verb} again", write.call, "none")
    before = stored.entries.get(step.address)
    failure: RtcctlError | None = None
    begun = asyncio.get_running_loop().time()
    steps.observer.started(undo)
    try:
        answer = await steps.client.send(filled(write.call, steps.book))
    except NotFoundError:
        return None  # it is gone after all
    except asyncio.CancelledError:
        failure = RtcctlError("interrupted while the call was under way")
        raise
    except ApiError as error:
        failure = error
        if may_have_arrived(error):
            message = f"{why}; it was disabled for that and may be so still ({error.message})"
            return TakenBack(RtcctlError(message, mend=_NEXT), {}, called=True)
        message = f"{why}; it was disabled for that and could not be enabled again ({error.message})"
        return TakenBack(RtcctlError(message, mend=_NEXT), called=True)
    finally:
        steps.observer.finished(undo, asyncio.get_running_loop().time() - begun, failure)
    await steps.settle(record.taken_back(steps.book, step.address, write, before.members if before else ()))
    kind = KINDS[step.address.kind]
    told = record.told_by(kind, answer.data, {}).status
    status = told or {name: str(value) for name, value in kind.sets(write.verb).items()}
    message = f"{why}; it was disabled for that and is enabled again"
    return TakenBack(RtcctlError(message, mend=mend), status, called=True, undone=step.id)
