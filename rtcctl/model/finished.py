"""What a command ended with: everything that a report may tell, as one value. Formats show it and compute nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from rtcctl.errors import Diagnostic, Place, RtcctlError
    from rtcctl.model.address import Address
    from rtcctl.model.drift import Drift
    from rtcctl.model.plan import Plan
    from rtcctl.model.resource import Desired
    from rtcctl.model.result import ApplyResult


@dataclass(frozen=True, slots=True)
class Run:
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


@dataclass(frozen=True, slots=True)
class Validated:
    """A manifest without errors: what it declares, and what it is warned of."""

    resources: tuple[Address, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    run: Run = Run()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan was made and nothing done."""

    plan: Plan
    run: Run = Run()


@dataclass(frozen=True, slots=True)
class Compared:
    """The account was compared with what was last applied."""

    drift: Drift
    run: Run = Run()


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan was applied, wholly or in part."""

    plan: Plan
    result: ApplyResult
    run: Run = Run()


@dataclass(frozen=True, slots=True)
class Failed:
    """An error ended the command before anything was changed; `plan` is there where it had been made by then."""

    error: RtcctlError
    plan: Plan | None = None
    run: Run = Run()


Finished: TypeAlias = Validated | Planned | Compared | Applied | Failed
