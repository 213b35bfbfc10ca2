"""The vocabulary in which a kind declares itself: members with flags, how it is read, how it is written.

A kind holds no state and does no input or output: it turns members into `Write`s and answers into objects. The
manifest schema, the diff, the planner and `apply` are driven by these declarations and know no kind by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeAlias

from msgspec import Struct

from rtcctl.model.call import Call, Category
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Members, Path, Ref, Secret, Value

Ids: TypeAlias = Mapping[str, str | Ref]
Item: TypeAlias = Mapping[str, Any]
"""An object as it stands in an answer, not yet checked."""


class Member(Struct, frozen=True, kw_only=True):
    """One member of an API object, under the API's own name, with everything that is known of it.

    `members` describe an object or the items of an array of objects, `items` the items of an array of scalars.
    `also` is one value allowed outside minimum and maximum. `default` is what the server fills in. `due` says in
    words which texts fit, where `doc` or a list of the values does not.

    Flags: `immutable` (a change replaces the object), `sensitive` (never shown), `write_only` (never read back).
    `unordered` names the member that identifies an array's items, "" where the item itself does; None: ordered.
    `canonical` maps equal spellings to one. `refers` names the kind whose remote id the member holds, and
    `refer_as` the manifest member that names such a resource of the same app instead.
    """

    name: str
    type: Literal["string", "integer", "number", "boolean", "object", "array"]
    doc: str
    required: bool = False
    enum: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    also: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    min_items: int | None = None
    default: str | int | bool | None = None
    unit: str = ""
    source: str = ""
    members: tuple[Member, ...] = ()
    items: Member | None = None
    immutable: bool = False
    due: str = ""
    sensitive: bool = False
    write_only: bool = False
    unordered: str | None = None
    canonical: Callable[[str], str] | None = None
    refers: str = ""
    refer_as: str = ""


class Listing(Struct, frozen=True):
    """Read by listing: `items` is the answer's array; with `{app_id}` in the path, once per app.

    A listing that does not page comes in one answer. What is owned and not listed is asked for by itself, at `show`:
    whether a listing may lag behind a write is unconfirmed (NOTES section 14), and nothing is taken for gone lightly.
    """

    path: str
    items: str
    paged: bool = True
    show: str = ""


class Embedded(Struct, frozen=True):
    """Read inside the app's own listing, at `at`; `show` is asked only where the listing leaves it out."""

    at: Path
    show: str
    show_at: Path


class Show(Struct, frozen=True):
    """Read one by one, by an id that only the state knows."""

    path: str


class Finding(Struct, frozen=True):
    """Something a member-by-member schema can't see: where (an item of a list by its place), what, and what to do."""

    path: tuple[str | int, ...]
    message: str
    mend: str = ""
    severity: Literal["error", "warning"] = "error"


class Write(Struct, frozen=True):
    """One API call of a create, update or delete.

    `settles` are the top-level members in force afterwards. `last` puts it after everything that hangs on the
    object. `if_refused` lets it run only when the first write of the same delete was refused with 400.
    """

    call: Call
    verb: str
    settles: tuple[str, ...] = ()
    makes: bool = False
    last: bool = False
    if_refused: bool = False


class Kind:
    """What all kinds share; a kind overrides what differs.

    `parent` is the kind it hangs on; `manifest_key` the member of the parent's `spec` (of the document's kind where
    there is no parent) and `many` whether that member is a list of named objects. `id_name` is the path parameter
    that only the service can give. `job` objects end by themselves.
    """

    name: ClassVar[str]
    doc: ClassVar[str]
    source: ClassVar[str]
    category: ClassVar[Category]
    members: ClassVar[tuple[Member, ...]]
    read: ClassVar[Listing | Embedded | Show]
    parent: ClassVar[str] = ""
    manifest_key: ClassVar[str] = ""
    many: ClassVar[bool] = False
    id_name: ClassVar[str] = ""
    job: ClassVar[bool] = False
    after: ClassVar[tuple[str, ...]] = ()
    """Kinds under the same app whose writes come first although nothing refers to them."""
    keeps_omitted: ClassVar[bool] = False
    """An update leaves members alone that its body omits, so a reset sends the documented default."""
    keeps_adopted: ClassVar[bool] = False
    """An adopted object is forgotten, never deleted."""

    @cached_property
    def leaves(self) -> tuple[tuple[Path, Member], ...]:
        """Every member that holds a value of its own, with its path; arrays count as one."""
        return tuple(_leaves(self.members, ()))

    def uses(self, members: Members) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return kind and natural key of what must stand before, though no member holds its id."""
        return ()

    def natural_key(self, members: Members) -> tuple[str, ...] | None:
        """Return what identifies an object among its siblings without the state; None where nothing does."""
        raise NotImplementedError

    def label(self, remote: RemoteObject) -> str:
        """Return a name for a live object that nobody declared."""
        return remote.ids.get(self.id_name, "")

    def exists(self, remote: RemoteObject) -> bool:
        """Tell whether a live object counts as there; settings always answer but may be unset."""
        return True

    def is_neutral(self, remote: RemoteObject) -> bool:
        """Tell whether a live object is as good as none, such as a switch that is off."""
        return False

    def made(self, parent: Mapping[str, str], members: Members, answer: Item) -> dict[str, str]:
        """Return the ids of an object that was just made under `parent`."""
        return {**parent, **({self.id_name: text(answer, self.id_name)} if self.id_name else {})}

    def compared(self, path: Path, desired: Members, live: RemoteObject) -> bool:
        """Tell whether a member takes part in the comparison."""
        return True

    def sendable(self, members: Members) -> Members:
        """Drop the members that make no sense beside the others."""
        return members

    def check(self, members: Members) -> Iterator[Finding]:
        """Yield what is wrong between members."""
        yield from ()

    def parse(self, item: Item, ids: Mapping[str, str]) -> RemoteObject:
        """Build the object from an answer; `ids` are those of its parent, or of the path it was read from."""
        raise NotImplementedError

    def create(self, members: Members, ids: Ids) -> tuple[Write, ...]:
        """Return the writes that make the object; `ids` are the parent's and, as a `Ref`, its own."""
        raise NotImplementedError

    def update(self, body: Members, changed: frozenset[str], ids: Ids) -> tuple[Write, ...]:
        """Return the writes that bring a whole body into force; `changed` are top-level members that differ."""
        raise NotImplementedError

    def delete(self, ids: Ids, live: RemoteObject | None) -> tuple[Write, ...]:
        """Return the writes that end the object; none where no call exists or none is needed."""
        raise NotImplementedError

    def undo(self, call: Call) -> Write | None:
        """Return what takes a call back that only prepared another one; None where nothing does."""
        return None

    def sets(self, verb: str) -> Members:
        """Return the members that a write of this verb brings into force without a body that tells them."""
        return {}


def _leaves(members: Sequence[Member], above: Path) -> Iterator[tuple[Path, Member]]:
    for member in members:
        path = (*above, member.name)
        if member.type == "object":
            yield from _leaves(member.members, path)
        else:
            yield path, member


def pick(item: Item, members: Sequence[Member]) -> dict[str, Value]:
    """Take the declared members out of an answer, leniently.

    Unknown members are dropped. Null, and values that can't be read as the declared type, count as not told.
    Numbers written as text and whole numbers written with a fraction are accepted (NOTES: parse leniently).
    Sensitive texts become `Secret`s at once.
    """
    found: dict[str, Value] = {}
    for member in members:
        value = _read(member, item.get(member.name))
        if value is not None:
            found[member.name] = value
    return found


def _read(member: Member, value: Any) -> Value:
    if value is None:
        return None
    match member.type:
        case "object":
            return pick(value, member.members) if isinstance(value, Mapping) else None
        case "array":
            return _read_array(member, value) if isinstance(value, list) else None
        case "boolean":
            return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
        case "integer" | "number":
            return _read_number(member, value)
        case _:
            if isinstance(value, (Mapping, list)):
                return None
            return Secret(str(value), "live") if member.sensitive else str(value)


def _read_array(member: Member, value: list[Any]) -> list[Value]:
    if member.members:
        return [pick(item, member.members) for item in value if isinstance(item, Mapping)]
    item_of = member.items
    read = (_read(item_of, item) for item in value) if item_of else ()
    return [item for item in read if item is not None]


def _read_number(member: Member, value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    if number.is_integer():
        return int(number)
    return number if member.type == "number" else None


def text(item: Item, name: str) -> str:
    """Read a scalar of an answer as text; empty where it is missing."""
    value = item.get(name)
    return "" if value is None or isinstance(value, (Mapping, list)) else str(value)
