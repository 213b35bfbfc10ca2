"""Taking back what only prepared a call that then failed: an app that was disabled for its delete is enabled again."""

from __future__ import annotations

from collections.abc import Mapping

from rtcctl.api.client import Client
from rtcctl.apply.book import Book
from rtcctl.apply.calls import filled
from rtcctl.apply.steps import Status
from rtcctl.errors import ApiError, NotFoundError, RtcctlError, StoppedError
from rtcctl.kinds import KINDS
from rtcctl.model.plan import Change

BY_HAND = "enable it by hand, or declare 'state: ACTIVATION' on it and apply: what is not declared is not compared"


async def take_back(
    client: Client, book: Book, change: Change, found: Mapping[str, Status], error: RtcctlError | None
) -> RtcctlError | None:
    """Take back a change's preparing call, if it was made in vain, and return what there is to say of the change.

    `found` holds the status of each of its steps, `error` is what made it fail.
    """
    statuses = list(found.values())
    if not {"failed", "unknown", "not attempted"} & set(statuses):
        return None
    for step in change.steps:
        back = KINDS[change.address.kind].undo(step.call)
        if not step.only_if_refused or found.get(step.id) != "done" or back is None:
            continue
        why = error.message if error else "the run ended before its delete was repeated"
        if "unknown" in statuses:
            return RtcctlError(f"{why}; it was disabled for that and may still be there, disabled", mend="plan again")
        try:
            await client.send(filled(back, book))
        except NotFoundError:
            return None
        except (ApiError, StoppedError) as failure:
            message = f"{why}; it was disabled for that and could not be enabled again ({failure.message})"
            return RtcctlError(message, mend=BY_HAND)
        return RtcctlError(f"{why}; it was disabled for that and is enabled again", mend=error.mend if error else "")
    return None
