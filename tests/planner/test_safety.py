"""What speaks against a plan: protection, consent, what is not ours, another environment's set."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rtcctl.errors import ExitCode, ForeignStateError
from rtcctl.planner.beforehand import check_same_set

from .support import (
    APP,
    RULE,
    actions,
    app,
    at,
    bucket,
    callback,
    change_of,
    declared,
    desired,
    ledger,
    live,
    live_app,
    live_bucket,
    live_callback,
    live_mode,
    live_rule,
    owned_app,
    owned_bucket,
    owned_rule,
    planned,
    rule,
    rules_broken,
    whole_account,
    whole_ledger,
)


@pytest.mark.parametrize(
    "wanted", [desired(app(app_name="b", prevent_destroy=True)), desired()], ids=["replaced", "no longer declared"]
)
def test_a_protected_app_is_neither_replaced_nor_deleted_whatever_is_allowed(wanted: Any) -> None:
    found = planned(wanted, live(live_app()), ledger({"App/a": owned_app(prevent_destroy=True)}), destroy=True)
    assert ("prevent_destroy", "App/a") in rules_broken(found)
    assert found.refused(allow_destroy=True)


def test_a_child_that_goes_in_the_same_run_in_which_its_app_becomes_protected_is_protected_too() -> None:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    found = planned(desired(app(prevent_destroy=True)), live(live_app(), live_rule()), owned)
    assert ("prevent_destroy", "RecordRule/a/default") in rules_broken(found)


def test_protection_that_is_declared_or_lifted_is_recorded() -> None:
    on = planned(desired(app(prevent_destroy=True)), live(live_app()), ledger({"App/a": owned_app()}))
    off = planned(desired(app()), live(live_app()), ledger({"App/a": owned_app(prevent_destroy=True)}))
    for found, value in ((on, True), (off, False)):
        assert (found.has_changes, found.to_record) == (False, 1)
        entry = change_of(found, "App/a").entry
        assert entry is not None
        assert entry.prevent_destroy is value


@pytest.mark.parametrize(("limit", "refused"), [(0, True), (3, True), (4, False)])
def test_more_deletions_than_the_project_allows_need_consent(limit: int, refused: bool) -> None:
    wanted = replace(desired(max_deletes=limit))
    owned = whole_ledger(BucketAuthorization=None, RecordCallback=None)
    found = planned(wanted, whole_account(), owned, destroy=True)
    assert (("max_deletes", "") in rules_broken(found)) is refused
    assert not found.refused(allow_destroy=True)


def test_pruning_by_fewer_files_than_last_time_needs_consent() -> None:
    owned = replace(ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()}), sources=2)
    account = live(live_app(), live_rule())
    assert rules_broken(planned(desired(app(), sources=1), account, owned)) == [("fewer-sources", "")]
    assert not rules_broken(planned(desired(app(), sources=2), account, owned))
    assert not rules_broken(planned(desired(app(), rule(), sources=1), account, owned))


def test_a_set_without_an_app_is_refused_unless_all_is_to_go() -> None:
    owned = ledger({"App/a": owned_app()})
    by_mistake = planned(desired(bucket()), live(live_app()), owned)
    assert ("empty-set", "") in rules_broken(by_mistake)
    assert by_mistake.refused(allow_destroy=True)
    meant = planned(desired(), live(live_app()), owned, destroy=True)
    assert not meant.refused(allow_destroy=True)
    assert not rules_broken(planned(desired(bucket()), live(live_bucket()), ledger()))


def test_what_hangs_on_an_app_that_goes_and_is_not_ours_is_listed() -> None:
    account = live(live_app(), live_rule(), live_mode(), live_callback())
    found = planned(desired(), account, ledger({"App/a": owned_app()}), destroy=True)
    foreign = {str(change.address): len(change.steps) for change in found.changes if change.not_ours}
    assert foreign == {f"RecordRule/a/{RULE}": 1, "AutoRecordMode/a": 1, "RecordCallback/a": 0}
    assert ("destroy", f"RecordRule/a/{RULE}") in rules_broken(found)


def test_automatic_recording_that_is_off_is_nobodys_and_not_listed() -> None:
    found = planned(
        desired(), live(live_app(), live_mode("AUTO_RECORD_OFF")), ledger({"App/a": owned_app()}), destroy=True
    )
    assert set(actions(found)) == {"App/a"}


def test_foreign_things_of_a_replaced_app_have_addresses_of_their_own() -> None:
    wanted = desired(app(app_name="b"), rule(), callback(), declared(f"RecordRule/a/{RULE}", rule().members))
    found = planned(wanted, live(live_app(), live_rule(), live_callback()), ledger({"App/a": owned_app()}))
    assert actions(found)[f"RecordRule/a/{RULE}"] == "create"
    assert actions(found)[f"RecordRule/a/{APP}"] == "delete"
    assert actions(found)[f"RecordCallback/a/{APP}"] == "delete"


def test_foreign_things_of_an_app_that_a_replacement_left_behind_are_listed_too() -> None:
    owned = ledger({"App/a": owned_app(deposed=({"app_id": "old"},))})
    found = planned(desired(app()), live(live_app(), live_app("a", "old"), live_rule("old", "r9")), owned)
    assert change_of(found, "RecordRule/a/r9").not_ours
    assert ("destroy", "RecordRule/a/r9") in rules_broken(found)


def test_what_hangs_on_our_app_and_nobody_declared_is_counted_and_left_alone() -> None:
    account = live(live_app(), live_rule(), live_callback(), live_mode("AUTO_RECORD_OFF"), live_app("x", "id-9"))
    found = planned(desired(app()), account, ledger({"App/a": owned_app()}))
    assert found.unmanaged == {"App": 1, "RecordRule": 1, "RecordCallback": 1}
    assert not found.has_changes


def test_a_set_that_shares_no_app_with_the_state_is_another_environments() -> None:
    owned = ledger({"App/prod": owned_app(name="prod")})
    with pytest.raises(ForeignStateError, match="owns App/prod, of which the manifest declares none") as caught:
        check_same_set(desired(app("test")), owned)
    assert caught.value.exit_code == ExitCode.FOREIGN
    assert "nothing was called" in caught.value.mend


def test_a_long_list_of_foreign_apps_is_cut() -> None:
    owned = ledger({f"App/p{number}": owned_app(str(number), f"p{number}") for number in range(5)})
    with pytest.raises(ForeignStateError, match="App/p0, App/p1, App/p2 and 2 more"):
        check_same_set(desired(app("test")), owned)


@pytest.mark.parametrize(
    ("wanted", "owned"),
    [
        (desired(app("a")), ledger({"App/a": owned_app()})),
        (desired(app("b"), app("a")), ledger({"App/a": owned_app()})),
        (desired(app("b", app_name="a")), ledger({"App/a": owned_app()})),
        (desired(app("b", moved_from=at("App/a"))), ledger({"App/a": owned_app()})),
        (desired(app("b")), ledger()),
        (desired(), ledger({"App/a": owned_app()})),
        (desired(app("b")), ledger({"BucketAuthorization/rec": owned_bucket()})),
    ],
)
def test_a_set_that_has_something_in_common_with_the_state_passes(wanted: Any, owned: Any) -> None:
    check_same_set(wanted, owned)
