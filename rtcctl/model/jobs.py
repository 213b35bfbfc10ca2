"""Recording jobs as they are looked at: how each stands, and what became of waiting for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from rtcctl.errors import RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.values import Members, get

Aim: TypeAlias = Literal["running", "stopped"]
Ending: TypeAlias = Literal["reached", "ended", "late", "failed", "interrupted"]
"""`ended`: it is over and will never run; `late`: not there within the time limit; `failed`: it can't be read."""


def room_of(members: Members) -> str:
    """Return the room that a job's members, or the body that starts it, name."""
    return str(get(members, ("mix_param", "room_id")) or members.get("room_id") or "")


def settle_lost(address: Address) -> str:
    """Say how it is settled that nobody knows whether a job was started."""
    return f"rtcctl import {address} JOB_ID if it is running there, rtcctl state forget {address} if it is not"


class Standing(Struct, frozen=True):
    """How a job stands.

    `state` and `since` (its start_time) are as the service gives them; an empty state means that the service knows no
    such job any more. `stop_reason` says why a job is over; empty while it is not known to be.
    """

    state: str = ""
    stop_reason: str = ""
    since: str = ""

    @property
    def over(self) -> bool:
        """Tell whether the job is known to be over."""
        return bool(self.stop_reason)


class Predecessor(Struct, frozen=True):
    """A job that a replacement left behind, not known to be over."""

    ids: Mapping[str, str]
    standing: Standing


class JobStatus(Struct, frozen=True):
    """A job that the state speaks of.

    `standing` is None where only its start was begun and never heard of again, `begun` says when. `user` is that of a
    single-stream job.
    """

    address: Address
    ids: Mapping[str, str]
    standing: Standing | None
    room: str = ""
    user: str = ""
    declared: bool = False
    begun: str = ""
    predecessors: tuple[Predecessor, ...] = ()


class Followed(Struct, frozen=True):
    """A job that is or was waited for, as it was seen last.

    `ending` is None while it is still waited for. `seconds` passed until then; `standing` is None where it was never
    read. `error` is why it could not be read the last time.
    """

    address: Address
    ids: Mapping[str, str]
    aim: Aim
    ending: Ending | None = None
    standing: Standing | None = None
    seconds: float = 0.0
    error: RtcctlError | None = None
