"""What can be said against a plan before anything is read; it loads little, and so the first call leaves early."""

from __future__ import annotations

from collections.abc import Iterable

from rtcctl.errors import ForeignStateError, UsageError
from rtcctl.kinds import KINDS
from rtcctl.model.address import Address
from rtcctl.model.ledger import Ledger
from rtcctl.model.resource import Desired
from rtcctl.planner.options import Options


def check_same_set(desired: Desired, ledger: Ledger) -> None:
    """Refuse a set that shares no app with the state: that is another environment's set, and would prune this one.

    Raises:
        ForeignStateError: before anything is called.
    """
    owned = {address for address in ledger.entries if address.kind == "App"}
    declared = [resource for resource in desired.resources.values() if resource.address.kind == "App"]
    known = {resource.address for resource in declared} | {resource.moved_from for resource in declared}
    names = {str(resource.members.get("app_name")) for resource in declared}
    same_name = any(str(ledger.entries[address].members.get("app_name")) in names for address in owned)
    if owned and declared and not owned & known and not same_name:
        raise ForeignStateError(
            f"the state of project {ledger.binding.project!r} owns {_listed(owned)}, of which the manifest declares "
            "none: it looks like another environment's",
            mend="nothing was called. Give each environment a Project document with its own metadata.name; for a "
            "renamed app write moved_from; to remove everything first run destroy with the former manifest",
        )


def check_options(desired: Desired, ledger: Ledger, options: Options) -> None:
    """Refuse addresses that name nothing, and replacements that can't be made.

    Raises:
        UsageError: before anything is called.
    """
    pending = (each.address for each in ledger.pending)
    former = (resource.moved_from for resource in desired.resources.values() if resource.moved_from)
    known = {*desired.resources, *ledger.entries, *pending, *former}
    for address in sorted(options.targets - known):
        raise UsageError(f"--target {address}: neither manifest nor state has it", mend=_similar(address, known))
    for address in sorted(options.replace):
        if options.targets and not {address, Address(KINDS[address.kind].parent, address.name)} & options.targets:
            raise UsageError(f"--replace {address} is outside of --target", mend=f"add --target {address}")
        resource = desired.resources.get(address)
        if resource is None:
            mend = _similar(address, desired.resources)
            raise UsageError(f"--replace {address}: the manifest does not declare it", mend=mend)
        if KINDS[address.kind].natural_key(resource.members) is not None:
            message = f"--replace {address}: only jobs can be made anew; of others no two of one name can stand"
            raise UsageError(message, mend="take it out of the manifest, apply, and declare it again")


def _similar(address: Address, known: Iterable[Address]) -> str:
    import difflib

    names = sorted(map(str, known))
    close = difflib.get_close_matches(str(address), names, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names[:5]) or 'none'}"


def _listed(addresses: Iterable[Address]) -> str:
    names = sorted(map(str, addresses))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
