"""What the account holds beside what is declared: room for apps, and buckets that may be written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rtcctl.errors import ExitCode
from rtcctl.kinds import KINDS
from rtcctl.model.checkup import Check
from rtcctl.model.resource import Desired, Project

_RULE, _BUCKET = KINDS["RecordRule"], KINDS["BucketAuthorization"]


def quota(listed: Mapping[str, Any] | None, project: Project) -> Check:
    """Compare the number of apps with the quota; `count` is that of the whole listing."""
    name = "app quota"
    if listed is None:
        return Check(name, "skipped", "the apps could not be listed")
    count = listed.get("count")
    if not isinstance(count, int) or isinstance(count, bool):
        return Check(name, "skipped", "the listing does not tell how many apps there are")
    found = f"{count} of {project.app_quota} apps"
    if count >= project.app_quota:
        mend = "delete an app, or ask Huawei Cloud for more and set spec.quota.apps of the Project"
        return Check(name, "warning", f"{found}: there is no room for another one", mend)
    return Check(name, "ok", found)


def buckets(listed: Iterable[Mapping[str, Any]] | None, desired: Desired | None) -> Check:
    """Compare the buckets that the manifest's rules write to with those that are authorized, or will be."""
    name = "bucket authorization"
    if desired is None:
        return Check(name, "skipped", "no manifest says which buckets are needed")
    needed: dict[tuple[str, ...], list[str]] = {}
    for address, rule in desired.resources.items():
        if address.kind == _RULE.name:
            for _, key in _RULE.uses(rule.members):
                needed.setdefault(key, []).append(str(address))
    if not needed:
        return Check(name, "skipped", "the manifest has no recording rule")
    if listed is None:
        return Check(name, "skipped", "the buckets could not be listed")
    live = [_BUCKET.parse(item, {}) for item in listed]
    authorized = {_BUCKET.natural_key(each.members) for each in live if _BUCKET.exists(each)}
    declared = {
        _BUCKET.natural_key(each.members) for address, each in desired.resources.items() if address.kind == _BUCKET.name
    }
    missing = [key for key in needed if key not in authorized | declared]
    if missing:
        shown = "; ".join(f"{' in '.join(key)}, for {', '.join(needed[key])}" for key in missing)
        mend = "declare a BucketAuthorization for it: `rtcctl explain BucketAuthorization`"
        return Check(name, "failed", f"not authorized, nor declared to be: {shown}", mend, ExitCode.INVALID)
    coming = [key for key in needed if key not in authorized]
    later = f"; apply will authorize {', '.join(' in '.join(key) for key in coming)}" if coming else ""
    return Check(name, "ok", f"{len(needed) - len(coming)} of {len(needed)} authorized{later}")
