"""Planning is a pure function, and what it returns is a graph that can be walked."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

from hypothesis import event, given, note

from rtcctl.live.interest import interest
from rtcctl.live.reader import read
from rtcctl.model.address import Address
from rtcctl.model.plan import Plan, Step
from rtcctl.model.values import Ref, references
from rtcctl.planner.options import Options
from rtcctl.planner.plan import plan
from rtcctl.reports.as_text import plan_text
from rtcctl.state import codec
from tests import virtual
from tests.properties.foreign import Foreign, accounts, make
from tests.properties.profile import properties
from tests.properties.strategies import Manifest, successions
from tests.properties.world import World, load

_JOBS = {"MixStreamJob": "mix_job", "IndividualStreamJob": "individual_job"}


async def applied(foreign: Foreign, declared: Manifest) -> World:
    world = World.new()
    await make(world, foreign)
    planned = await world.plan(declared)
    if not planned.plan.refused(allow_destroy=True):
        await world.apply(declared, planned)
    return world


@properties
@given(accounts(), successions())
def test_the_same_inputs_give_the_same_plan_and_no_write(foreign: Foreign, pair: tuple[Manifest, Manifest]) -> None:
    async def run() -> None:
        world = await applied(foreign, pair[0])
        writes, state = len(world.wire.writes), world.state.text
        desired, ledger, options = load(pair[1]), world.ledger, Options(start_unknown_jobs=True)
        live = await read(world.client, interest(desired, ledger))
        first = plan(desired, live, ledger, options)
        assert plan(desired, live, ledger, options) == first
        assert plan(load(pair[1]), await read(world.client, interest(desired, ledger)), world.ledger, options) == first
        assert world.state.text == state
        assert not state or codec.to_json(ledger) == state
        assert len(world.wire.writes) == writes

    virtual.run(run())


def before(plan: Plan) -> dict[str, set[str]]:
    """Return for each step all that comes before it; a cycle is an error."""
    graph = {step.id: step.after for step in plan.steps()}
    assert len(graph) == len(list(plan.steps()))
    found: dict[str, set[str]] = {}
    for step_id in TopologicalSorter(graph).static_order():
        found[step_id] = set(graph[step_id]).union(*(found[each] for each in graph[step_id]))
    return found


def referred(step: Step) -> set[Address]:
    ids = {value.address for name, value in step.call.ids.items() if isinstance(value, Ref) and name in step.call.path}
    return ids | references(step.call.body or {})


def uses_of(world: World, rule_id: str) -> tuple[set[str], set[str]]:
    """Return the ids of running jobs, and of apps with automatic recording, that use a rule."""
    apps = world.documents("app")
    running = [
        job
        for app in apps
        for kind in _JOBS.values()
        for job in world.documents(kind, app["app_id"])
        if job["state"] != "STOPPED" and job["record_param"]["record_rule_id"] == rule_id
    ]
    recording = {app["app_id"] for app in apps if app["auto_record_mode"].get("record_rule_id") == rule_id}
    return {job["job_id"] for job in running}, recording


def lets_go(step: Step, jobs: set[str], apps: set[str]) -> bool:
    """Tell whether a step ends, or changes, one of these uses of a rule."""
    ids: Mapping[str, Any] = step.call.ids
    if step.address.kind in _JOBS:
        return step.call.method in ("DELETE", "PUT") and ids.get("job_id") in jobs
    return step.address.kind == "AutoRecordMode" and ids.get("app_id") in apps


@properties
@given(accounts(), successions())
def test_steps_wait_for_what_they_refer_to_and_rules_go_after_their_uses(
    foreign: Foreign, pair: tuple[Manifest, Manifest]
) -> None:
    async def run() -> None:
        world = await applied(foreign, pair[0])
        found = (await world.plan(pair[1])).plan
        note(plan_text(found))
        order = before(found)
        makers = {step.address: step.id for step in found.steps() if step.effect == "created"}
        for step in found.steps():
            assert all(makers[address] in order[step.id] for address in referred(step)), step.id
            if step.address.kind == "RecordRule" and step.call.method == "DELETE":
                event("a rule is deleted")
                uses = uses_of(world, str(step.call.ids["rule_id"]))
                users = {other.id for other in found.steps() if lets_go(other, *uses)}
                assert users <= order[step.id]
                assert len(users) >= len(uses[0])

    virtual.run(run())
