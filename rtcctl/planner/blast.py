"""The blast radius: what a plan takes from people, counted in the words of the domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from rtcctl.kinds.auto_record_mode import OFF
from rtcctl.planner.draft import Draft

_Loss: TypeAlias = Literal[
    "app deleted", "app replaced", "recording", "job", "app disabled", "rule", "bucket", "automatic", "not ours"
]

_PHRASES: dict[_Loss, tuple[str, str]] = {
    "app deleted": ("delete 1 app", "delete {} apps"),
    "app replaced": ("replace 1 app", "replace {} apps"),
    "recording": ("stop 1 running recording", "stop {} running recordings"),
    "job": ("stop 1 job that is not known to be over", "stop {} jobs that are not known to be over"),
    "app disabled": ("disable 1 app", "disable {} apps"),
    "rule": ("delete 1 recording rule", "delete {} recording rules"),
    "bucket": ("withdraw 1 bucket authorization", "withdraw {} bucket authorizations"),
    "automatic": ("switch off automatic recording of 1 app", "switch off automatic recording of {} apps"),
    "not ours": ("delete 1 object that is not ours", "delete {} objects that are not ours"),
}
"""One and many of each loss, gravest first."""


def blast(drafts: Iterable[Draft]) -> tuple[str, ...]:
    """Return a phrase for each way in which something is taken."""
    all_ = tuple(drafts)
    apps = {draft.address.name for draft in all_ if draft.kind.name == "App" and (draft.teardown or draft.predecessors)}
    return _phrases(Counter(loss for draft in all_ for loss in _losses(draft, apps)))


def together(several: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the phrases of several plans as those of one."""
    counts: Counter[_Loss] = Counter()
    for phrase in (phrase for phrases in several for phrase in phrases):
        count = next(int(word) for word in phrase.split() if word.isdecimal())
        counts[next(loss for loss, (one, many) in _PHRASES.items() if phrase in (one, many.format(count)))] += count
    return _phrases(counts)


def _phrases(counts: Mapping[_Loss, int]) -> tuple[str, ...]:
    taken = ((counts[loss], one, many) for loss, (one, many) in _PHRASES.items() if counts.get(loss))
    return tuple(one if count == 1 else many.format(count) for count, one, many in taken)


def _losses(draft: Draft, apps: set[str]) -> Iterator[_Loss]:
    if draft.change.not_ours:
        yield "not ours"
    elif draft.stops_job:
        running = draft.live is not None and draft.live.status.get("state") == "RUNNING"
        yield "recording" if running else "job"
    elif draft.teardown and (draft.address.name not in apps or not draft.kind.parent):
        yield from _taken(draft)
    elif draft.predecessors and draft.kind.name == "App":
        yield "app deleted"
    elif draft.change.action == "update":
        new = {member.path: member.new for member in draft.change.members}
        if draft.kind.name == "App" and new.get(("state",)) == "DEACTIVATION":
            yield "app disabled"
        if draft.kind.name == "AutoRecordMode" and new.get(("mode",)) == OFF:
            yield "automatic"


def _taken(draft: Draft) -> Iterator[_Loss]:
    match draft.kind.name, draft.is_new:
        case "App", True:
            yield "app replaced"
        case "App", False:
            yield "app deleted"
        case "RecordRule", False:
            yield "rule"
        case "BucketAuthorization", _:
            yield "bucket"
        case "AutoRecordMode", False:
            yield "automatic"
