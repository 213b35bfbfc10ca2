"""What the caller of a plan allows or asks for."""

from __future__ import annotations

from msgspec import Struct

from rtcctl.model.address import Address
from rtcctl.model.remote import Refresh


class Options(Struct, frozen=True):
    """What the caller allows or asks for beyond the manifest.

    `destroy`: an empty set is meant. `start_unknown_jobs`: start declared jobs that may be running already, because
    their app was just adopted or because an earlier start never came to an end. `replace`: jobs that are started anew
    whatever they are. `targets`: what a partial plan is limited to; empty for all. `refresh`: what was read.
    `held`: jobs whose `restart` does not apply this time.
    """

    destroy: bool = False
    start_unknown_jobs: bool = False
    replace: frozenset[Address] = frozenset()
    targets: frozenset[Address] = frozenset()
    refresh: Refresh = "all"
    held: frozenset[Address] = frozenset()
