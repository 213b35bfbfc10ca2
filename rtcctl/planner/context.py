"""What the stages of planning share: the inputs, and what was decided so far."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from rtcctl.kinds import Ids, Kind
from rtcctl.model.address import Address
from rtcctl.model.ledger import Entry, Ledger
from rtcctl.model.plan import Refusal
from rtcctl.model.remote import RemoteObject
from rtcctl.model.resource import Desired
from rtcctl.model.values import Ref, Secret
from rtcctl.planner.draft import Draft, Marks
from rtcctl.planner.index import Index
from rtcctl.planner.options import Options


class Context(Struct, frozen=True):
    """Inputs, and the growing results of one planning run. `former` maps moved addresses to where they were.

    `roots` finds declared resources that stand alone by kind and natural key. `known` holds the ids of declared objects
    that exist and stay, `matched` the live objects that are declared.
    """

    desired: Desired
    ledger: Ledger
    index: Index
    options: Options
    former: Mapping[Address, Address]
    roots: Mapping[tuple[str, tuple[str, ...] | None], Address]
    marks: Marks = field(default_factory=Marks)
    drafts: dict[Address, Draft] = field(default_factory=dict)
    known: dict[Address, Mapping[str, str]] = field(default_factory=dict)
    matched: set[int] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)

    def began(self, address: Address) -> str:
        """Return when an earlier apply began to make an object without learning how that ended; empty if none."""
        return next((each.started for each in self.ledger.pending if each.address == address and each.makes), "")

    def add(self, draft: Draft) -> None:
        """Take a decision down."""
        self.drafts[draft.address] = draft

    def refuse(self, rule: str, message: str, address: Address, lifted_by: str = "") -> None:
        """Take down what speaks against applying."""
        self.refusals.append(Refusal(rule, message, address, lifted_by))

    def match(self, address: Address, found: RemoteObject) -> None:
        """Note that a live object is this declared one."""
        self.known[address] = found.ids
        self.matched.add(id(found))

    def is_matched(self, found: RemoteObject) -> bool:
        """Tell whether a live object is declared."""
        return id(found) in self.matched


def goes_to_another(context: Context, kind: Kind, address: Address, found: RemoteObject) -> bool:
    """Tell whether a live object that was this address's is declared under another one, which takes it over."""
    other = context.roots.get((kind.name, kind.natural_key(found.members)))
    return other != address and other in context.desired.resources


def parent_of(kind: Kind, address: Address) -> Address | None:
    """Return the address of what an object hangs on."""
    return Address(kind.parent, address.name) if kind.parent else None


def parent_ids(context: Context, kind: Kind, address: Address) -> Ids:
    """Return the parent's ids, as references where they are known after apply."""
    parent = parent_of(kind, address)
    if parent is None:
        return {}
    return context.known.get(parent) or {"app_id": Ref(parent, "app_id")}


def own_ids(kind: Kind, address: Address, parent: Ids) -> Ids:
    """Return the ids of an object that is about to be made."""
    return {**parent, kind.id_name: Ref(address, kind.id_name)} if kind.id_name else parent


def entry_differs(old: Entry | None, new: Entry, secrets: Mapping[str, Secret]) -> bool:
    """Tell whether the ledger has to change; fingerprints are salted, so secrets are compared by themselves."""
    if old is None:
        return True
    plain = (old.ids, old.members, old.adopted, old.prevent_destroy, old.stopped)
    if plain != (new.ids, new.members, new.adopted, new.prevent_destroy, new.stopped):
        return True
    same = old.secrets.keys() == secrets.keys()
    return not same or any(not old.secrets[path].was_sent(secret) for path, secret in secrets.items())
