"""The graph of a manifest: what the planner would build before what, in an account where nothing stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from rtcctl.model.address import Address
from rtcctl.model.graph import Edge, Graph, Node
from rtcctl.model.ledger import Binding, Ledger
from rtcctl.model.plan import Plan
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired, Resource
from rtcctl.model.values import Members, get
from rtcctl.planner.plan import plan

_DETAILS = (
    ("app_name",),
    ("bucket",),
    ("obs_addr", "bucket"),
    ("url",),
    ("mode",),
    ("mix_param", "room_id"),
    ("room_id",),
)
"""Members that tell resources of a kind apart; the first that one has is shown."""


def graph(desired: Desired) -> Graph:
    """Return what the resources of a manifest wait for; accounts don't wait for each other. No call is made."""
    if len(desired.project.accounts) == 1:
        return _graph(desired)
    nodes: list[Node] = []
    edges: list[Edge] = []
    for part in desired.parts():
        account, own = part.project.account.name, _graph(part)
        nodes += [replace(each, address=each.address.within(account)) for each in own.nodes]
        edges += [Edge(each.first.within(account), each.then.within(account)) for each in own.edges]
    return Graph(tuple(nodes), tuple(edges))


def _graph(desired: Desired) -> Graph:
    fresh = {address: replace(each, moved_from=None) for address, each in desired.resources.items()}
    nothing = Ledger(Binding(desired.project.name, desired.project.account.name, ""), lineage="")
    planned = plan(replace(desired, resources=fresh), Live(), nothing)
    nodes = tuple(Node(address, _detail(each)) for address, each in desired.resources.items())
    return Graph(nodes, tuple(_without_detours(_waits(planned))))


def _waits(planned: Plan) -> Mapping[Address, frozenset[Address]]:
    """Map each address to those whose first steps it waits for; a last step, as disabling an app, is no first one."""
    makes = {change.steps[0].id: change.address for change in planned.changes if change.steps}
    return {
        change.address: frozenset(makes[each] for each in change.steps[0].after if each in makes) - {change.address}
        for change in planned.changes
        if change.steps
    }


def _without_detours(waits: Mapping[Address, frozenset[Address]]) -> Iterator[Edge]:
    above: dict[Address, frozenset[Address]] = {}

    def ancestors(address: Address) -> frozenset[Address]:
        if address not in above:  # kinds hang on each other a few levels deep only
            above[address] = waits[address].union(*map(ancestors, waits[address]))
        return above[address]

    for address, needed in waits.items():
        implied = frozenset().union(*map(ancestors, needed))
        yield from (Edge(each, address) for each in sorted(needed - implied))


def _detail(resource: Resource) -> str:
    found = next((value for value in (_text(resource.members, path) for path in _DETAILS) if value), "")
    return "" if found in (resource.address.name, resource.address.child) else found


def _text(members: Members, path: tuple[str, ...]) -> str:
    value = get(members, path)
    return value if isinstance(value, str) else ""
