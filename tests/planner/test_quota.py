"""Room for new apps: refused where there is none, waited for where there will be."""

from __future__ import annotations

import pytest

from rtcctl.model.plan import Plan
from rtcctl.model.remote import RemoteObject

from .support import (
    app,
    change_of,
    desired,
    ledger,
    live,
    live_app,
    live_job,
    live_rule,
    owned_app,
    owned_job,
    owned_rule,
    planned,
    rule,
    rules_broken,
    waits_for,
)

OLD = {"app_id": "old"}


def foreign(count: int) -> list[RemoteObject]:
    return [live_app(f"foreign{index}", f"f{index}") for index in range(count)]


@pytest.mark.parametrize(("there", "new", "fits"), [(0, 20, True), (19, 1, True), (19, 2, False), (20, 1, False)])
def test_the_default_quota_is_twenty_apps(there: int, new: int, fits: bool) -> None:
    found = planned(desired(*(app(f"n{index:02}") for index in range(new))), live(*foreign(there)), ledger())
    assert rules_broken(found) == ([] if fits else [("quota", "App/n00")])


def test_the_refusal_counts_and_names_the_setting_and_nothing_lifts_it() -> None:
    [refusal] = planned(desired(app(), app_quota=1), live(*foreign(1)), ledger()).refusals
    assert "the account holds 1 app, and 1 more would be made, App/a first" in refusal.message
    assert "its quota is 1 (spec.quota.apps of the Project)" in refusal.message
    assert refusal.lifted_by == ""


def test_an_account_over_its_quota_can_still_be_changed() -> None:
    wanted = desired(app(members={"state": "DEACTIVATION"}), app_quota=1)
    assert rules_broken(planned(wanted, live(live_app(), *foreign(3)), ledger({"App/a": owned_app()}))) == []


def test_an_adopted_app_needs_no_room() -> None:
    assert rules_broken(planned(desired(app(), app_quota=1), live(live_app()), ledger())) == []


def test_a_deleted_app_that_is_still_listed_takes_no_room() -> None:
    assert rules_broken(planned(desired(app("b"), app_quota=1), live(live_app(state="DELETED")), ledger())) == []


def test_a_replacement_needs_room_for_both() -> None:
    wanted, owned = desired(app(app_name="new"), app_quota=1), ledger({"App/a": owned_app()})
    found = planned(wanted, live(live_app()), owned)
    assert ("quota", "App/a") in rules_broken(found)
    roomy = planned(desired(app(app_name="new"), app_quota=2), live(live_app()), owned)
    assert ("quota", "App/a") not in rules_broken(roomy)


def both(quota: int, *more: RemoteObject) -> Plan:
    """App a, which is full of things, goes; b, with a rule, comes."""
    owned = {"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()}
    wanted = desired(app("b"), rule("RecordRule/b/default"), app("keep"), app_quota=quota)
    found = live(live_app(), live_rule(), live_job(), live_app("keep", "k"), *more)
    return planned(wanted, found, ledger({**owned, "App/keep": owned_app("k", "keep")}))


def test_where_room_is_short_the_new_app_waits_until_the_old_is_gone() -> None:
    found = both(2)
    assert ("quota", "App/b") not in rules_broken(found)
    assert {"App/a delete", "App/a delete again", "MixStreamJob/a/room1 stop"} <= waits_for(found, "App/b create")
    assert change_of(found, "App/b").consequences == ("is made only when App/a is gone: the quota has no room before",)


def test_where_there_is_room_nothing_waits() -> None:
    found = both(3)
    assert waits_for(found, "App/b create") == frozenset()
    assert change_of(found, "App/b").consequences == ()


def test_where_deletes_make_too_little_room_it_is_refused() -> None:
    found = both(2, *foreign(1))
    [message] = [refusal.message for refusal in found.refusals if refusal.rule == "quota"]
    assert "the account holds 3 apps, 1 of which would go" in message
    assert waits_for(found, "App/b create") == frozenset()


def test_many_apps_that_go_are_not_all_named() -> None:
    names = "abcde"
    owned = ledger({f"App/{name}": owned_app(name, name) for name in names} | {"App/keep": owned_app("k", "keep")})
    account = live(live_app("keep", "k"), *(live_app(name, name) for name in names))
    found = planned(desired(app("new"), app("keep"), app_quota=6), account, owned)
    [note] = change_of(found, "App/new").consequences
    assert note == "is made only when App/a, App/b, App/c and 2 more are gone: the quota has no room before"


def test_what_a_replacement_left_behind_makes_room_too() -> None:
    owned = ledger({"App/a": owned_app(deposed=(OLD,))})
    found = planned(desired(app(), app("b"), app_quota=2), live(live_app(), live_app("before", "old")), owned)
    assert ("quota", "App/b") not in rules_broken(found)
    assert "App/a delete" in waits_for(found, "App/b create")


def test_apps_left_out_of_a_partial_plan_neither_need_nor_make_room() -> None:
    from .support import at

    owned = ledger({"App/a": owned_app()})
    wanted, account = desired(app("b"), app("c"), app_quota=1), live(live_app())
    alone = planned(wanted, account, owned, targets=frozenset({at("App/b")}))
    assert ("quota", "App/b") in rules_broken(alone)
    gone = planned(wanted, account, owned, targets=frozenset({at("App/a")}))
    assert not [rule for rule, _ in rules_broken(gone) if rule == "quota"]
