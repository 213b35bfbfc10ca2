"""One step's call: ids filled in, sent, and repeated once after a job that was still initializing."""

from __future__ import annotations

import asyncio
import string

from msgspec.structs import replace

from rtcctl.api.answers import Answer
from rtcctl.api.client import Client, Leaving
from rtcctl.applying.book import Book
from rtcctl.applying.record import resolve
from rtcctl.errors import ApiError, NotFoundError, RejectedError, StoppedError
from rtcctl.kinds import KINDS, Show
from rtcctl.kinds.job import NOT_INITIALIZED
from rtcctl.model.call import Call
from rtcctl.model.happening import SLOW, Slow
from rtcctl.model.plan import Step

INIT_LIMIT = 60.0
"""Seconds to wait for a job to leave INIT. How long that takes is unconfirmed."""
INIT_PAUSE = 0.2
"""Seconds until the first look at such a job; each further pause is longer by half."""


def filled(call: Call, book: Book) -> Call:
    """Return the call with every reference replaced by an id, in path and body."""
    needed = [name for _, name, _, _ in string.Formatter().parse(call.path) if name]
    path_ids = {name: str(resolve(call.ids[name], book)) for name in needed}
    known = {name: value for name, value in call.ids.items() if isinstance(value, str)}
    body = None if call.body is None else {name: resolve(value, book) for name, value in call.body.items()}
    return replace(call, ids={**known, **path_ids}, body=body)


async def perform(client: Client, step: Step, call: Call, leaving: Leaving) -> Answer:
    """Send a step's call.

    A job can't be updated or stopped before it is initialized (RTC.00001022): then it is looked at until it is, and
    the call is sent once more.

    Raises:
        ApiError: the call failed.
        StoppedError: the run ended before the call left.
    """
    try:
        return await client.send(call, leaving)
    except RejectedError as error:
        if error.error_code != NOT_INITIALIZED:
            raise
        try:
            await _initialized(client, step, call)
        except (ApiError, StoppedError):
            raise error from None  # whatever became of the look, the refused call did nothing
        try:
            return await client.send(call, leaving)
        except StoppedError:
            raise error from None


async def _initialized(client: Client, step: Step, call: Call) -> None:
    kind = KINDS[step.address.kind]
    if not isinstance(kind.read, Show):
        return
    look = Call("GET", kind.read.path, kind.category, call.ids)
    time = asyncio.get_running_loop().time
    begun, pause, is_told = time(), INIT_PAUSE, False
    while time() - begun < INIT_LIMIT:
        try:
            answer = await client.send(look)
        except NotFoundError:
            return
        if kind.parse(answer.data, {}).status.get("state") != "INIT":
            return
        if not is_told and time() - begun >= SLOW:
            is_told = True
            text = f"{step.address}: {step.verb} waits until the job is initialized, {INIT_LIMIT:.0f} s at most"
            client.watcher.see(Slow(text))
        await asyncio.sleep(pause)
        pause *= 1.5
