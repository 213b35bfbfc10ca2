"""What a user should know although no change says it: warnings, and what is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

from rtcctl.errors import Diagnostic
from rtcctl.kinds import KINDS, children_of
from rtcctl.model.ledger import Pending
from rtcctl.model.plan import LOST_JOB
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.resource import Resource
from rtcctl.planner.context import Context

_Key: TypeAlias = tuple[str, ...] | None


def warnings(context: Context, live: Live) -> Iterator[Diagnostic]:
    """Report what the service alone decides, what an earlier apply left open, and buckets that nobody authorized."""
    for address, ids in context.known.items():
        found = context.index.by_ids(KINDS[address.kind], ids)
        if found is not None and found.status.get("state") == "ARREARS":
            yield Diagnostic(
                f"{address} is in arrears: it can't be used until the account is paid, and no API call changes that",
                severity="warning",
            )
    refused = {refusal.address for refusal in context.refusals if refusal.rule == LOST_JOB}
    for pending in context.ledger.pending:
        if pending.address in refused:
            continue  # the refusal says it, and what to do
        yield Diagnostic(
            f"an apply began to {pending.verb} {pending.address} at {pending.started} and never learned how that "
            f"ended; {_found(context, pending)}",
            severity="warning",
        )
    seen: dict[str, _Seen] = {}
    for resource in context.desired.resources.values():
        if resource.address in context.drafts:
            for kind, key in KINDS[resource.address.kind].uses(resource.members):
                if kind not in seen:
                    seen[kind] = _look(context, live, kind)
                yield from _unauthorized(seen[kind], resource, kind, key)


def _found(context: Context, pending: Pending) -> str:
    if not pending.makes:
        return "this plan goes by what it is now"
    if KINDS[pending.address.kind].job:
        return "jobs can't be listed, so it may be running"
    return "it was found and is taken over" if pending.address in context.known else "it was not found"


class _Seen(Struct, frozen=True):
    """The natural keys of one kind: whether any were read, what is there, is declared, and goes with this plan.

    `granted` are the buckets of those that are declared, wherever.
    """

    listed: bool
    there: frozenset[_Key]
    declared: frozenset[_Key]
    withdrawn: frozenset[_Key]
    granted: frozenset[str]


def _look(context: Context, live: Live, kind: str) -> _Seen:
    listed = [found for found in live.objects if found.kind == kind and not found.assumed]
    resources = context.desired.resources.values()
    declared = frozenset(KINDS[kind].natural_key(each.members) for each in resources if each.address.kind == kind)
    return _Seen(
        bool(listed),
        frozenset(KINDS[kind].natural_key(found.members) for found in listed if context.index.is_there(found)),
        declared,
        frozenset(KINDS[kind].natural_key(found.members) for found in _withdrawn(context, kind)),
        frozenset(key[0] for key in declared if key),
    )


def _unauthorized(seen: _Seen, resource: Resource, kind: str, key: tuple[str, ...]) -> Iterator[Diagnostic]:
    """Warn of a rule that records into a bucket without authorization, or soon without, as far as they were read.

    They are read where the manifest or the state has an authorization; for a warning alone no call is made.
    """
    bucket, location = key
    if not seen.listed or key in seen.declared or bucket in seen.granted:
        return  # of a bucket declared in another region the manifest itself is warned of
    mend = f"declare a {kind} of that bucket and location, or recordings will be lost"
    if key in seen.withdrawn:
        message = (
            f"{resource.address} records into bucket {bucket} in {location}, whose authorization would be withdrawn"
        )
        yield Diagnostic(message, resource.place(), mend=mend, severity="warning")
    if key in seen.there:
        return
    elsewhere = sorted(str(other[1]) for other in seen.there if other is not None and other[0] == bucket)
    where = f" (but in {', '.join(elsewhere)})" if elsewhere else ""
    yield Diagnostic(
        f"{resource.address} records into bucket {bucket} in {location}, which nobody authorized{where}",
        resource.place(),
        mend=mend,
        severity="warning",
    )


def _withdrawn(context: Context, kind: str) -> Iterator[RemoteObject]:
    for draft in context.drafts.values():
        if draft.kind.name == kind and draft.teardown and draft.live is not None:
            yield draft.live


def unmanaged(context: Context, live: Live) -> dict[str, int]:
    """Count what nobody declared: foreign apps, and what hangs on our apps without being ours."""
    ours = {ids.get("app_id") for address, ids in context.known.items() if address.kind == "App"}
    counts: Counter[str] = Counter()
    children = {kind.name for kind in children_of("App")}
    for found in live.objects:
        kind = KINDS[found.kind]
        if context.is_matched(found) or not kind.exists(found) or kind.is_neutral(found):
            continue
        if kind.name == "App" or (kind.name in children and found.ids.get("app_id") in ours):
            counts[kind.name] += 1
    return dict(counts)
