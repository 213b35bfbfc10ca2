"""What only prepared a call that then failed is taken back: an app that was disabled for its delete."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from rtcctl.applying.executor import Wishes
from rtcctl.applying.stop import Stop
from rtcctl.errors import (
    NotFoundError,
)
from rtcctl.model.ledger import Ledger
from tests.planner.support import APP as APP_ID
from tests.planner.support import (
    app,
    at,
    desired,
    ledger,
    live,
    live_app,
    owned_app,
    planned,
)

from .support import (
    CALL,
    DELETE_APP,
    DISABLE,
    ENABLE,
    NEW_APP,
    Reply,
    abort,
    applied,
    broken,
    lost,
    refused,
    teardown,
    unsent,
)


def test_an_app_that_was_disabled_in_vain_is_enabled_again() -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}), {DELETE_APP: [refused(), refused("RTC.00001006")]})
    assert done.service.calls == [DELETE_APP, DISABLE, DELETE_APP, ENABLE]
    assert done.result.calls == 4
    assert done.watcher.told[-2:] == ["started App/a enable again", "finished App/a enable again"]
    assert "it was disabled for that and is enabled again" in str(done.of("App/a").error)
    assert done.of("App/a").status == {"state": "ACTIVATION"}
    assert done.ledger.entries == {at("App/a"): owned_app()}
    assert done.ledger.pending == ()


def test_an_app_that_is_enabled_again_keeps_its_declared_state_on_record() -> None:
    entry = replace(owned_app(), members={**owned_app().members, "state": "ACTIVATION"})
    owned = ledger({"App/a": entry})
    done = applied(teardown(), owned, {DELETE_APP: [refused(), refused()]})
    assert done.ledger.entries == owned.entries


def test_an_app_that_can_not_be_enabled_again_is_told() -> None:
    script: dict[str, list[Reply]] = {DELETE_APP: [refused(), refused()], ENABLE: [broken()]}
    done = applied(teardown(), ledger({"App/a": owned_app()}), script)
    assert "may be so still" in str(done.of("App/a").error)
    assert not done.of("App/a").status
    assert done.watcher.told[-1] == "ServerError App/a enable again"
    assert enables_again(done.ledger)
    disabled: Reply = {"app_id": APP_ID, "state": {"state": "DEACTIVATION"}}
    script = {DELETE_APP: [refused(), refused()], DISABLE: [disabled], ENABLE: [unsent()]}
    done = applied(teardown(), ledger({"App/a": owned_app()}), script)
    assert "could not be enabled again" in str(done.of("App/a").error)
    assert done.of("App/a").status == {"state": "DEACTIVATION"}


def enables_again(ledger: Ledger) -> bool:
    """The manifest changed its mind: it declares the app once more, and says nothing of its state."""
    found = planned(desired(app()), live(live_app(state="DEACTIVATION")), ledger)
    return [step.verb for step in found.steps()] == ["enable"]


@pytest.mark.parametrize("error", [lost(), broken()])
def test_an_app_that_may_be_gone_is_enabled_which_tells_whether_it_is(error: Exception) -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}), {DELETE_APP: [refused(), error]})
    assert done.service.calls[-1] == ENABLE
    assert done.outcomes == {"App/a": "unknown"}
    assert "is enabled again" in str(done.of("App/a").error)
    gone = NotFoundError(CALL, "gone")
    done = applied(teardown(), ledger({"App/a": owned_app()}), {DELETE_APP: [refused(), error], ENABLE: [gone]})
    assert done.outcomes == {"App/a": "unknown"}
    assert "disabled" not in str(done.of("App/a").error)
    assert [each.verb for each in done.ledger.pending] == ["delete again"]


def test_an_app_whose_disabling_was_lost_is_enabled() -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}), {DELETE_APP: [refused()], DISABLE: [lost()]})
    assert done.service.calls == [DELETE_APP, DISABLE, ENABLE]
    assert done.outcomes == {"App/a": "failed"}
    assert done.ledger.entries == {at("App/a"): owned_app()}


def test_an_interrupt_between_disable_and_delete_enables_the_app_again() -> None:
    stop = Stop()

    async def interrupt() -> None:
        stop.ask("SIGINT")

    script: dict[str, list[Reply]] = {DELETE_APP: [refused()], DISABLE: [interrupt]}
    done = applied(teardown(), ledger({"App/a": owned_app()}), script, wishes=Wishes(stop))
    assert done.outcomes == {"App/a": "not attempted"}
    assert done.service.calls == [DELETE_APP, DISABLE, ENABLE]
    assert "the run ended before its delete was repeated" in str(done.of("App/a").error)
    assert done.result.interrupted


@pytest.mark.parametrize("during", [DISABLE, ENABLE])
def test_a_second_interrupt_leaves_the_app_disabled_and_the_next_plan_knows_why(during: str) -> None:
    async def cut_off() -> None:
        abort()
        await asyncio.sleep(60)

    script: dict[str, list[Reply]] = {DELETE_APP: [refused(), refused()], during: [cut_off]}
    done = applied(teardown(), ledger({"App/a": owned_app()}), script)
    error = done.of("App/a").error
    assert ("may still be there, disabled" if during == DISABLE else "may be so still") in str(error)
    assert not done.of("App/a").status
    ended = "RtcctlError App/a disable" if during == DISABLE else "RtcctlError App/a enable again"
    assert done.watcher.told[-1] == ended
    assert error is not None
    assert error.mend.startswith("plan again")
    assert enables_again(done.ledger)


def test_an_app_that_a_killed_run_left_disabled_is_enabled_if_it_is_declared_again() -> None:
    done = applied(teardown(), ledger({"App/a": owned_app()}), {DELETE_APP: [refused()]})
    kept = [version for version in done.store.saved if version.entries]
    assert [[each.verb for each in version.pending] for version in kept][-4:] == [[], ["disable"], [], ["delete again"]]
    for version in kept[-3:]:
        assert enables_again(version)
        assert not planned(desired(app()), live(live_app()), version).has_changes


def test_a_predecessor_that_was_disabled_in_vain_says_nothing_about_its_successor() -> None:
    deposed = replace(owned_app(), ids={"app_id": NEW_APP}, deposed=({"app_id": APP_ID},))
    owned = ledger({"App/a": deposed})
    made = planned(desired(app()), live(live_app(app_id=NEW_APP), live_app("old")), owned)
    done = applied(made, owned, {DELETE_APP: [refused(), refused()], ENABLE: [broken()]})
    assert done.service.calls == [DELETE_APP, DISABLE, DELETE_APP, ENABLE]
    assert "state" not in done.ledger.entries[at("App/a")].members


def test_a_disabled_app_is_not_disabled_to_be_deleted() -> None:
    owned = ledger({"App/a": owned_app()})
    made = planned(desired(), live(live_app(state="DEACTIVATION")), owned, destroy=True)
    assert [step.verb for step in made.steps()] == ["delete"]
