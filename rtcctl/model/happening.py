"""What goes on while a run works, as values; whoever watches the run is told each of them when it happens.

None of them holds a secret: what the service or a request says was cleaned before it got in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from rtcctl.model.address import Address
    from rtcctl.model.call import Category
    from rtcctl.model.limits import Limit


SLOW = 5.0
"""Seconds from which on a wait is worth a word about its reason."""


class Reading(Struct, frozen=True):
    """The account begins to be read, with about so many calls (None: not known), in `seconds` at least."""

    calls: int | None = None
    seconds: float = 0.0


class Writing(Struct, frozen=True):
    """A plan begins to be applied, with so many calls, in `seconds` at least."""

    calls: int
    seconds: float = 0.0


class Over(Struct, frozen=True):
    """What `Reading` (`reads`) or `Writing` began is over, however it ended."""

    reads: bool = False


class Started(Struct, frozen=True):
    """A step of a plan leaves."""

    address: Address
    verb: str


class Finished(Struct, frozen=True):
    """A step of a plan has ended, `seconds` after it left."""

    address: Address
    verb: str
    seconds: float
    failed: bool


class Sent(Struct, frozen=True):
    """A request leaves. `number` counts attempts; `body` is empty unless the watcher wants bodies."""

    number: int
    method: str
    target: str
    body: str = ""


class Answered(Struct, frozen=True):
    """The end of attempt `number`, `seconds` after it left; `status` is None where no answer came."""

    number: int
    method: str
    target: str
    status: int | None
    seconds: float
    request_id: str = ""
    body: str = ""


class Waiting(Struct, frozen=True):
    """Calls of these categories wait so many seconds for a limit that they share."""

    categories: tuple[Category, ...]
    limit: Limit
    seconds: float


class Again(Struct, frozen=True):
    """A call failed for this reason and is repeated in `seconds`; its first attempt began `elapsed` seconds ago."""

    method: str
    path: str
    reason: str
    seconds: float
    elapsed: float


class Slow(Struct, frozen=True):
    """Something takes long, and the text says what and why."""

    text: str


class Note(Struct, frozen=True):
    """Something to know; a `detail` only for who wants to know all."""

    text: str
    detail: bool = False


Happening: TypeAlias = Reading | Writing | Over | Started | Finished | Sent | Answered | Waiting | Again | Slow | Note


class Watcher(Protocol):
    """Who is told what goes on. It may be told from several threads, and must not raise."""

    @property
    def bodies(self) -> bool:
        """Whether `Sent` and `Answered` shall hold bodies."""

    def see(self, happening: Happening) -> None:
        """Be told."""


class Unwatched(Struct, frozen=True):
    """Nobody: what happens is not told."""

    @property
    def bodies(self) -> bool:
        """Want none."""
        return False

    def see(self, happening: Happening) -> None:
        """Do nothing."""


UNWATCHED = Unwatched()
