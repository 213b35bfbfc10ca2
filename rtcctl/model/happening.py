"""What goes on while a run works, as values; whoever watches the run is told each of them when it happens.

None of them holds a secret: what the service or a request says was cleaned before it got in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from rtcctl.model.address import Address
    from rtcctl.model.call import Category
    from rtcctl.model.limits import Limit


SLOW = 5.0
"""Seconds from which on a wait is worth a word about its reason."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The account begins to be read, with about so many calls (None: not known), in `seconds` at least."""

    calls: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Writing:
    """A plan begins to be applied, with so many calls, in `seconds` at least."""

    calls: int
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Over:
    """What `Reading` (`reads`) or `Writing` began is over, however it ended."""

    reads: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """A step of a plan leaves."""

    address: Address
    verb: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A step of a plan has ended, `seconds` after it left."""

    address: Address
    verb: str
    seconds: float
    failed: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A request leaves. `number` counts attempts; `body` is empty unless the watcher wants bodies."""

    number: int
    method: str
    target: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of attempt `number`, `seconds` after it left; `status` is None where no answer came."""

    number: int
    method: str
    target: str
    status: int | None
    seconds: float
    request_id: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Calls of these categories wait so many seconds for a limit that they share."""

    categories: tuple[Category, ...]
    limit: Limit
    seconds: float


@dataclass(frozen=True, slots=True)
class Again:
    """A call failed for this reason and is repeated in `seconds`; its first attempt began `elapsed` seconds ago."""

    method: str
    path: str
    reason: str
    seconds: float
    elapsed: float


@dataclass(frozen=True, slots=True)
class Slow:
    """Something takes long, and the text says what and why."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
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


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Nobody: what happens is not told."""

    @property
    def bodies(self) -> bool:
        """Want none."""
        return False

    def see(self, happening: Happening) -> None:
        """Do nothing."""


UNWATCHED = Unwatched()
