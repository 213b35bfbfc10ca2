"""From drafts to steps: which call waits for which.

Building up: a bucket's authorization, the app, its rules, callback and automatic recording, its jobs; an app is
disabled after all of that. Taking down runs the other way: what refers to an object, uses it or hangs on it goes
first. A replacement builds the new object, lets everything point to it, and only then takes down the old one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from msgspec import Struct, field
from msgspec.structs import replace

from rtcctl.kinds import KINDS, Member, Write
from rtcctl.model.address import Address
from rtcctl.model.plan import Change, Effect, Step
from rtcctl.planner.draft import Draft


class _Names(Struct):
    """Step ids of one draft, known before any step is made so that each can name the others."""

    forward: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    down: list[str] = field(default_factory=list)

    def all(self) -> list[str]:
        return [*self.forward, *self.last, *self.down]


def ordered(drafts: Mapping[Address, Draft]) -> tuple[Change, ...]:
    """Give every draft its steps, each with the steps that it waits for."""
    names = {address: _name(draft) for address, draft in drafts.items() if draft.forward or _down(draft)}
    if not names:
        return tuple(draft.change for draft in drafts.values())
    waiting = dependents(drafts)
    changes = []
    for address, draft in drafts.items():
        if address not in names:
            changes.append(draft.change)
            continue
        below = [step for other in sorted(waiting[address]) if other in names for step in names[other].all()]
        needed = [step for need in sorted(draft.needs) if need in names for step in names[need].forward]
        needed += [step for gone in sorted(draft.waits) if gone in names for step in names[gone].down]
        steps = (*_build_up(draft, names[address], needed, below), *_take_down(draft, names[address], below))
        changes.append(replace(draft.change, steps=steps))
    return tuple(changes)


def _build_up(draft: Draft, names: _Names, after: list[str], below: list[str]) -> Iterator[Step]:
    first = [write for write in draft.forward if not write.last]
    for write, name in zip(first, names.forward, strict=True):
        yield _step(draft, write, name, "created" if write.makes else "updated", after)
        after = [name]
    last = [write for write in draft.forward if write.last]
    for write, name in zip(last, names.last, strict=True):
        yield _step(draft, write, name, "updated", [*after, *below])


def _take_down(draft: Draft, names: _Names, below: list[str]) -> Iterator[Step]:
    # Everything that pointed here has to point elsewhere, or be gone, before this one goes.
    after = [*names.forward, *names.last, *below]
    refused = ""
    writes = _down(draft)
    for index, (write, name) in enumerate(zip(writes, names.down, strict=True)):
        effect = draft.teardown_effect if index >= len(draft.predecessors) else "deposed-deleted"
        if write.if_refused and any(each.if_refused for each in writes[index + 1 : index + 2]):
            effect = "none"  # it only prepares the next attempt: nothing is gone yet
        yield _step(draft, write, name, effect, after, refused if write.if_refused else "")
        refused = refused if write.if_refused else name
        after = [name]


def _down(draft: Draft) -> tuple[Write, ...]:
    return (*draft.predecessors, *draft.teardown)


def _step(draft: Draft, write: Write, name: str, effect: Effect, after: list[str], only_if_refused: str = "") -> Step:
    return Step(
        id=name,
        address=draft.address,
        verb=write.verb,
        call=write.call,
        effect=effect,
        settles=write.settles,
        after=tuple(dict.fromkeys(after)),
        only_if_refused=only_if_refused,
    )


def _name(draft: Draft) -> _Names:
    names = _Names()
    seen: Counter[str] = Counter()
    places = [(names.last if write.last else names.forward, write) for write in draft.forward]
    for place, write in (*places, *((names.down, write) for write in _down(draft))):
        name = f"{draft.address} {write.verb}"
        seen[name] += 1
        place.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return names


def dependents(drafts: Mapping[Address, Draft]) -> Mapping[Address, set[Address]]:
    """Map each address to those that have to let go of it before it may be taken down."""
    found: dict[Address, set[Address]] = defaultdict(set)
    groups: dict[tuple[str, str], list[Address]] = defaultdict(list)
    for address in drafts:
        groups[address.kind, address.name].append(address)
    for address, draft in drafts.items():
        for other in (*draft.needs, *draft.releases):
            found[other].add(address)
        above = {draft.kind.parent, *_refers_to(draft.kind.name)} if draft.kind.parent else set()
        for kind in above:
            for other in groups.get((kind, address.name), ()):
                found[other].add(address)
    return found


@cache
def _refers_to(kind: str) -> frozenset[str]:
    return frozenset(member.refers for member in _all_members(KINDS[kind].members) if member.refers)


def _all_members(members: tuple[Member, ...]) -> Iterator[Member]:
    for member in members:
        yield member
        yield from _all_members(member.members)
