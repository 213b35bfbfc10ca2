"""A change on its way: what happens to one address, before the order of calls is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from rtcctl.diff.compare import Difference
from rtcctl.diff.detail import explode
from rtcctl.diff.secrets import is_masked
from rtcctl.kinds import Kind, Write
from rtcctl.model.address import Address
from rtcctl.model.plan import Change, Effect, MemberChange
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Resource
from rtcctl.model.values import PLAIN, Mark, Members, Path, Ref, Secret, Value, get

NOT_SET = Mark("(not set)")
"""In place of a secret where there is none."""

NOT_READ = Mark("(secret, not read)")
"""In place of a secret that was applied and not read since."""


class Draft(Struct, frozen=True):
    """A change without its steps: `forward` builds up, `teardown` takes down what was there.

    `predecessors` take down what an earlier replacement left. `needs` are the addresses whose forward steps come first,
    `releases` those that the object used so far. `stops_job` tells that a job not known to be over is stopped.
    `live` is the object that was found; of a replacement, the one that goes. `waits` are the addresses that must be
    gone before this one is made.
    """

    kind: Kind
    change: Change
    forward: tuple[Write, ...] = ()
    teardown: tuple[Write, ...] = ()
    teardown_effect: Effect = "deleted"
    predecessors: tuple[Write, ...] = ()
    needs: frozenset[Address] = frozenset()
    releases: frozenset[Address] = frozenset()
    stops_job: bool = False
    live: RemoteObject | None = None
    waits: frozenset[Address] = frozenset()

    @property
    def address(self) -> Address:
        """The address that changes."""
        return self.change.address

    @property
    def is_new(self) -> bool:
        """Tell whether the object gets a new id, so that all that hangs on it is made anew."""
        return self.change.action in ("create", "replace") and bool(self.forward)


class Marks(Struct):
    """Numbers secrets as they appear in one plan: the same secret has the same number, and nothing more is told."""

    numbers: dict[Secret, int] = field(default_factory=dict)

    def show(self, value: Value) -> Value | Mark:
        """Return what may be shown of a value."""
        if isinstance(value, Secret):
            if not value:
                return NOT_SET
            if is_masked(value):
                return Mark("(secret, masked by the service)")
            number = self.numbers.setdefault(value, len(self.numbers) + 1)
            return Mark(f"(secret #{number})")
        return Mark(str(value)) if isinstance(value, Ref) else value


def declared_members(kind: Kind, resource: Resource, members: Members, marks: Marks) -> Iterator[MemberChange]:
    """Yield every declared member as new, an empty object too."""
    for path, _ in kind.leaves:
        value = get(members, path)
        if value is not None:
            yield MemberChange(path, None, marks.show(value), resource.place(path))
    for name, value in members.items():
        if value == {}:
            yield MemberChange((name,), None, {}, resource.place((name,)))


def differing_members(
    resource: Resource, differences: tuple[Difference, ...], marks: Marks, drifted: frozenset[Path]
) -> Iterator[MemberChange]:
    """Yield what differs, with the inside of lists taken apart; `drifted` members were changed outside rtcctl."""
    for difference in differences:
        place = resource.place(difference.path)
        drift = difference.path in drifted
        if difference.reset:
            new = NOT_SET if difference.member.sensitive else Mark("(server default)")
            was = NOT_READ if difference.relation == "unknown" else marks.show(difference.old)
            yield MemberChange(difference.path, was, new, place, difference.member.immutable, drift)
            continue
        forces = difference.member.immutable
        for path, old, new_ in explode(difference.path, difference.member, difference.old, difference.new):
            unread = NOT_READ if difference.relation == "different" else NOT_SET
            shown = unread if difference.member.sensitive and old is None else marks.show(old)
            yield MemberChange(path, shown, marks.show(new_), place, forces, drift)


def resolve(value: Value, known: Mapping[Address, Mapping[str, str]]) -> Value:
    """Put ids in place of the references that are known already."""
    if value.__class__ in PLAIN:
        return value
    if isinstance(value, Ref):
        return known.get(value.address, {}).get(value.id_name, value)
    if isinstance(value, Mapping):
        return {name: resolve(below, known) for name, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(below, known) for below in value]
    return value


def resolve_members(members: Members, known: Mapping[Address, Mapping[str, str]]) -> dict[str, Value]:
    """Put ids in place of the references that are known already, in all members."""
    return {name: resolve(value, known) for name, value in members.items()}
