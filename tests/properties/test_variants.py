"""Whatever the unconfirmed points turn out to be, applying converges: each variant alone, and many at once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from rtcctl.errors import RejectedError
from rtcctl.reports.as_text import plan_text
from rtcctl.simulator.variants import EXCLUSIVE, RESERVED_SECONDS, VARIANTS
from tests import virtual
from tests.properties.foreign import Foreign, accounts, make, seen
from tests.properties.oracle import wrong
from tests.properties.profile import EXAMPLES, properties
from tests.properties.strategies import Manifest, successions
from tests.properties.test_converge import check_no_secret
from tests.properties.world import World

LIVABLE = tuple(name for name in VARIANTS if name != "token-only-for-buckets")
"""That one refuses AK/SK altogether, which these worlds use; its error is tested with the client."""

REFUSES = {"name-taken", "empty-set", "app-stopped", "masked-secret"}

# What a variant may refuse of an honest plan, by the code that it then gives: a failure, never a silent detour.
MAY_FAIL = {
    "idle-time-fixed": "RTC.00001003",
    "jobs-block-app-delete": "RTC.00001006",
}


async def _converges(world: World, declared: Manifest, variants: frozenset[str]) -> None:
    world.clock.wait(RESERVED_SECONDS + 1)
    planned = await world.plan(declared)
    note(plan_text(planned.plan))
    check_no_secret(planned.plan, world.state.text)
    refused = planned.plan.refused(allow_destroy=True)
    if refused:
        event(f"refused: {refused[0].rule}")
        assert {refusal.rule for refusal in refused} <= REFUSES
        return
    result = await world.apply(declared, planned)
    errors = [each.error for each in result.changes if each.error is not None]
    if errors:
        allowed = {MAY_FAIL[name] for name in variants if name in MAY_FAIL}
        assert all(isinstance(error, RejectedError) and error.error_code in allowed for error in errors), errors
        event("failed as the variant wants")
        return
    world.check_state()
    world.clock.wait(RESERVED_SECONDS + 1)
    again = (await world.plan(declared)).plan
    assert not again.has_changes, plan_text(again)
    assert again.to_record == 0, plan_text(again)
    check_no_secret(again, world.state.text)
    assert wrong(world, declared) == []


def _run(foreign: Foreign, pair: tuple[Manifest, Manifest], variants: Iterable[str]) -> None:
    chosen = frozenset(variants)

    async def run() -> None:
        world = World.new(variants=chosen)
        await make(world, foreign)
        theirs = seen(world, foreign)
        for declared in pair:
            await _converges(world, declared, chosen)
        assert seen(world, foreign) == theirs

    virtual.run(run())


@pytest.mark.parametrize("variant", LIVABLE)
def test_applying_converges_under_the_variant(variant: str) -> None:
    @settings(properties, max_examples=max(EXAMPLES // 12, 4))
    @given(accounts(), successions())
    def converges(foreign: Foreign, pair: tuple[Manifest, Manifest]) -> None:
        _run(foreign, pair, {variant})

    converges()


@st.composite
def _combinations(draw: st.DrawFn) -> frozenset[str]:
    """Several variants that do not exclude each other."""
    chosen = draw(st.sets(st.sampled_from(LIVABLE), min_size=2, max_size=8))
    for group in EXCLUSIVE:
        for extra in sorted(chosen.intersection(group))[1:]:
            chosen.discard(extra)
    return frozenset(chosen)


@properties
@given(accounts(), successions(), _combinations())
def test_applying_converges_under_many_variants_at_once(
    foreign: Foreign, pair: tuple[Manifest, Manifest], variants: frozenset[str]
) -> None:
    _run(foreign, pair, variants)
