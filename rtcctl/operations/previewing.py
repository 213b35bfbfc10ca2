"""What the mixed-stream jobs of a manifest will look like; nobody is called."""

from __future__ import annotations

from collections.abc import Mapping

from rtcctl.errors import UsageError
from rtcctl.layout import Picture, arrange, sample
from rtcctl.model.address import Address
from rtcctl.model.resource import Desired, Resource
from rtcctl.operations.ledgers import meant
from rtcctl.operations.scoping import typed

MIXED = "MixStreamJob"


def pictures(desired: Desired, address: str | None, users: int) -> dict[Address, Picture]:
    """Return the picture of every mixed-stream job, or of the one named, with this many users in its room.

    Raises:
        UsageError: the address is none, or not one of a declared mixed-stream job.
    """
    jobs = {each: found for each, found in sorted(desired.resources.items()) if each.kind == MIXED}
    if address is not None:
        wanted = typed(address, desired)
        if wanted.kind != MIXED:
            raise UsageError(f"{wanted} has no layout to draw", mend=f"name a {MIXED}/APP/NAME")
        if wanted not in jobs:
            mend = meant(wanted, jobs, f"the manifest declares no {MIXED} of this name")
            raise UsageError(f"{wanted} is not in the manifest", mend=mend)
        jobs = {wanted: jobs[wanted]}
    return {each: _picture(found, users) for each, found in jobs.items()}


def _picture(job: Resource, users: int) -> Picture:
    mix = job.members.get("mix_param")
    mix_param = mix if isinstance(mix, Mapping) else {}
    return arrange(mix_param, sample(mix_param, users))
