"""Applying does exactly what the plan says, and a second plan has nothing to say."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

from hypothesis import event, given, note
from hypothesis import strategies as st

from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Plan, Step
from rtcctl.model.remote import Refresh
from rtcctl.model.values import Ref
from rtcctl.reports import as_json
from rtcctl.reports.as_text import plan_text
from tests import virtual
from tests.properties.foreign import Foreign, accounts, make, seen
from tests.properties.members import LITERAL_SECRET, SECRETS
from tests.properties.oracle import ONE_TOO_MANY, wrong
from tests.properties.profile import properties
from tests.properties.strategies import Manifest, successions
from tests.properties.world import World

HARD = {"name-taken", "empty-set", "app-stopped"}
"""Refusals that nothing lifts and that a change of manifests may well meet."""


def path_of(step: Step, ledger: Ledger) -> tuple[str, str]:
    """The request that a step is once everything is made."""
    ids: dict[str, Any] = {
        name: ledger.entries[value.address].ids[value.id_name] if isinstance(value, Ref) else value
        for name, value in step.call.ids.items()
        if f"{{{name}}}" in step.call.path
    }
    return step.call.method, step.call.path.format(**ids)


def check_no_secret(plan: Plan, state: str) -> None:
    texts = (plan_text(plan), as_json.dumps(as_json.plan_document(plan)), state)
    for secret in (*SECRETS.values(), LITERAL_SECRET, "fake-foreign-key"):
        assert not secret or all(secret not in text for text in texts)


async def converge(world: World, declared: Manifest, order: list[int] | None = None, *, lost_job: bool = False) -> bool:
    """Plan and apply a manifest; exactly the planned calls are made, and a plan afterwards is empty.

    Return whether that was done: a plan that is refused is not applied. With `lost_job`, one job more may run than is
    declared.
    """
    before = len(world.wire.writes)
    planned = await world.plan(declared)
    assert len(world.wire.writes) == before
    note(plan_text(planned.plan))
    check_no_secret(planned.plan, world.state.text)
    refused = planned.plan.refused(allow_destroy=True)
    if refused:
        event(f"refused: {refused[0].rule}")
        assert {refusal.rule for refusal in refused} <= HARD
        return False
    result = await world.apply(declared, planned, order=order)
    assert result.exit_code == 0, [(str(one.change.address), str(one.error)) for one in result.changes]
    made = Counter(world.wire.writes[before:])
    steps = list(planned.plan.steps())
    sure = Counter(path_of(step, world.ledger) for step in steps if not step.only_if_refused)
    perhaps = Counter(path_of(step, world.ledger) for step in steps if step.only_if_refused)
    assert made >= sure
    assert made - sure <= perhaps
    event(f"{min(sum(made.values()), 20) // 5 * 5}+ writes")
    world.check_state()
    for refresh in get_args(Refresh):
        again = (await world.plan(declared, refresh=refresh)).plan
        assert not again.has_changes, (refresh, plan_text(again))
        assert again.to_record == 0, (refresh, plan_text(again))
        check_no_secret(again, world.state.text)
    found = wrong(world, declared)
    assert not found or (lost_job and len(found) == 1 and found[0].endswith(ONE_TOO_MANY))
    return True


@properties
@given(accounts(), successions(), st.permutations(range(8)))
def test_applying_makes_exactly_the_planned_calls_and_converges(
    foreign: Foreign, pair: tuple[Manifest, Manifest], order: list[int]
) -> None:
    async def run() -> None:
        world = World.new()
        await make(world, foreign)
        theirs = seen(world, foreign)
        await converge(world, pair[0])
        await converge(world, pair[1], order)
        assert seen(world, foreign) == theirs

    virtual.run(run())
