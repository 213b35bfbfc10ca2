"""Destroying leaves what others made, and nothing of ours."""

from __future__ import annotations

from hypothesis import given, note

from rtcctl.reports.as_text import plan_text
from tests import virtual
from tests.properties.foreign import STRANGERS, Foreign, accounts, make, seen
from tests.properties.profile import properties
from tests.properties.strategies import Manifest, manifests
from tests.properties.test_converge import converge
from tests.properties.world import World


@properties
@given(accounts(), manifests())
def test_destroying_leaves_the_objects_of_others_and_an_empty_ledger(foreign: Foreign, declared: Manifest) -> None:
    async def run() -> None:
        world = World.new()
        await make(world, foreign)
        theirs = seen(world, foreign)
        if not await converge(world, declared):
            return
        adopted = {declared.app_name(name) for name in declared.apps}
        before = {app.name for app in foreign.apps} - adopted
        planned = await world.plan(declared, destroy=True)
        note(plan_text(planned.plan))
        result = await world.apply(declared, planned)
        assert result.exit_code == 0, [str(one.error) for one in result.changes]
        assert not world.ledger.entries
        assert {app["app_name"] for app in world.documents("app")} == before
        authorized = {one["bucket"] for one in world.documents("bucket") if one["is_authorized"]}
        assert authorized == set(foreign.buckets)
        assert seen(world, foreign) == theirs
        assert before >= {app.name for app in foreign.apps} & set(STRANGERS)
        world.check_state()
        assert not (await world.plan(declared, destroy=True)).plan.changes

    virtual.run(run())
