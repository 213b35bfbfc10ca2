"""Whatever people change by hand, the next apply puts right."""

from __future__ import annotations

from hypothesis import given

from tests import virtual
from tests.properties.by_hand import Deed, deeds, do
from tests.properties.foreign import Foreign, accounts, make, seen
from tests.properties.profile import properties
from tests.properties.strategies import Manifest, manifests
from tests.properties.test_converge import converge
from tests.properties.world import World


@properties
@given(accounts(adoptable=False), manifests(), deeds)
def test_the_next_apply_mends_what_was_changed_by_hand(foreign: Foreign, declared: Manifest, done: list[Deed]) -> None:
    """Jobs that ended stay as they are unless restart applies, which the check of the account allows for.

    One that shall start in an app that was disabled, and that the manifest does not enable, makes a plan refused.
    """

    async def run() -> None:
        world = World.new()
        await make(world, foreign)
        assert await converge(world, declared)
        for deed in done:
            await do(world, declared, deed)
        theirs = seen(world, foreign)
        await converge(world, declared)
        assert seen(world, foreign) == theirs

    virtual.run(run())
