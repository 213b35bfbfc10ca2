"""Taking back what only prepared a call that then failed: an app that was disabled for its delete is enabled again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from rtcctl.applying import record
from rtcctl.applying.calls import filled
from rtcctl.applying.steps import Status, Steps
from rtcctl.errors import ApiError, NotFoundError, RtcctlError
from rtcctl.kinds import KINDS, Write
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Change, Step

_NEXT = "plan again: an app that the manifest declares is enabled, any other is deleted"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What came of it: what there is to say of the change, and what the service said of the object, if it was asked."""

    error: RtcctlError
    told: Mapping[str, str] = field(default_factory=dict)
    called: bool = False


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
        why = error.message if error else "the run ended before its delete was repeated"
        if "unknown" in statuses:
            return TakenBack(RtcctlError(f"{why}; it may still be there, disabled for its delete", mend=_NEXT))
        if aborted:
            return TakenBack(RtcctlError(f"{why}; it is left disabled, as it was for that", mend=_NEXT))
        return await _called(steps, stored, step, write, why, error.mend if error else "")
    return None


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
    except ApiError as error:
        failure = error
        message = f"{why}; it was disabled for that and could not be enabled again ({error.message})"
        return TakenBack(RtcctlError(message, mend=_NEXT), called=True)
    finally:
        steps.observer.finished(undo, asyncio.get_running_loop().time() - begun, failure)
    await steps.settle(record.taken_back(steps.book, step.address, write, before.members if before else ()))
    told = record.told_by(KINDS[step.address.kind], answer.data, {}).status
    status = told or {name: str(value) for name, value in KINDS[step.address.kind].sets(write.verb).items()}
    return TakenBack(
        RtcctlError(f"{why}; it was disabled for that and is enabled again", mend=mend), status, called=True
    )
