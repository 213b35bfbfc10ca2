"""What was run, as every report tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from rtcctl.errors import Place
    from rtcctl.model.address import Address
    from rtcctl.model.resource import Desired


class Run(Struct, frozen=True):
    """What was run.

    `project` is empty where the manifest could not be read, and so are `sources`, its files, and `places`, where each
    resource stands in them. `folder` is where the command was run, relative to the top of the repository and with `/`
    at its end; empty at the top itself, and where there is no repository to speak of. `tops` are the absolute paths of
    that top: by the name it goes by, and without links; none where there is no repository to speak of.
    """

    command: str = ""
    project: str = ""
    sources: tuple[str, ...] = ()
    places: Mapping[Address, Place] = field(default_factory=dict)
    folder: str = ""
    tops: tuple[str, ...] = ()

    @classmethod
    def of(cls, command: str, desired: Desired, folder: str = "", tops: tuple[str, ...] = ()) -> Run:
        """Return what is to be known of a run with this manifest."""
        found = ((address, resource.place()) for address, resource in sorted(desired.resources.items()))
        places = {address: place for address, place in found if place is not None}
        return cls(command, desired.project.name, desired.sources, places, folder, tops)


UNKNOWN = Run()
"""Nothing is known of it."""
