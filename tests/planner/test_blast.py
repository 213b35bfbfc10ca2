"""The blast radius in the words of the domain, gravest first."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.model.plan import Plan

from .support import (
    APP,
    RULE,
    app,
    bucket,
    callback,
    declared,
    desired,
    job,
    ledger,
    live,
    live_app,
    live_bucket,
    live_job,
    live_mode,
    live_rule,
    mode,
    owned_app,
    owned_bucket,
    owned_job,
    owned_mode,
    owned_rule,
    planned,
    rule,
    whole_account,
    whole_ledger,
    whole_set,
)


def after(wanted: Any, account: Any = None, owned: Any = None, **options: Any) -> Plan:
    return planned(wanted, account or whole_account(), owned or whole_ledger(), **options)


def test_nothing_is_taken_where_nothing_changes_or_only_something_is_added() -> None:
    assert after(whole_set()).blast == ()
    assert planned(whole_set(), live(), ledger()).blast == ()
    changed = desired(bucket(), app(), rule(), callback(url="https://new.example.com"), mode(), job())
    assert after(changed).blast == ()


def test_a_deleted_app_counts_as_one_with_all_its_rules_and_settings() -> None:
    found = after(desired(), destroy=True)
    assert found.blast == ("delete 1 app", "stop 1 running recording", "withdraw 1 bucket authorization")


def test_a_replaced_app_is_said_to_be_replaced() -> None:
    found = after(desired(bucket(), app(app_name="new"), rule(), callback(), mode(), job()))
    assert found.blast == ("replace 1 app", "stop 1 running recording")


def test_two_and_more_are_counted() -> None:
    names = ("b", "c")
    owned = ledger({f"App/{name}": owned_app(name, name) for name in names} | {"App/a": owned_app()})
    account = live(live_app(), *(live_app(name, name) for name in names))
    assert planned(desired(app()), account, owned).blast == ("delete 2 apps",)


@pytest.mark.parametrize("state", ["INIT", ""])
def test_a_job_that_is_not_running_is_not_called_a_running_recording(state: str) -> None:
    account = live(live_bucket(), live_app(), live_rule(), live_mode(), live_job(state=state))
    found = planned(desired(bucket(), app(), rule(), mode()), account, whole_ledger(RecordCallback=None))
    assert found.blast == ("stop 1 job that is not known to be over",)


def test_a_job_known_to_be_over_is_no_loss() -> None:
    account = live(live_app(), live_rule(), live_job(state="STOPPED"))
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": owned_job()})
    assert planned(desired(app(), rule()), account, owned).blast == ()


def test_what_is_switched_off_is_a_loss() -> None:
    wanted = desired(
        bucket(),
        app(members={"state": "DEACTIVATION"}),
        rule(),
        callback(),
        declared("AutoRecordMode/a", {"mode": "AUTO_RECORD_OFF"}),
    )
    found = after(wanted, owned=whole_ledger(MixStreamJob=None))
    assert found.blast == ("disable 1 app", "switch off automatic recording of 1 app")


def test_an_app_that_is_created_disabled_takes_nothing() -> None:
    assert planned(desired(app(members={"state": "DEACTIVATION"})), live(), ledger()).blast == ()


def test_automatic_recording_that_is_no_longer_declared_is_switched_off() -> None:
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "AutoRecordMode/a": owned_mode()})
    found = planned(desired(app(), rule()), live(live_app(), live_rule(), live_mode()), owned)
    assert found.blast == ("switch off automatic recording of 1 app",)


def test_a_rule_and_an_authorization_are_named() -> None:
    owned = ledger(
        {"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "BucketAuthorization/a": owned_bucket()}
    )
    found = planned(desired(app()), live(live_app(), live_rule(), live_bucket()), owned)
    assert found.blast == ("delete 1 recording rule", "withdraw 1 bucket authorization")


def test_a_replaced_authorization_is_withdrawn_from_the_old_bucket() -> None:
    account = live(live_bucket(), live_bucket("new", authorized=False))
    found = planned(desired(bucket(bucket="new")), account, ledger({"BucketAuthorization/rec": owned_bucket()}))
    assert found.blast == ("withdraw 1 bucket authorization",)


def test_what_is_not_ours_is_counted_by_itself() -> None:
    found = planned(desired(), live(live_app(), live_rule(), live_mode()), ledger({"App/a": owned_app()}), destroy=True)
    assert found.blast == ("delete 1 app", "delete 2 objects that are not ours")


def test_what_a_replacement_left_behind_is_deleted_too() -> None:
    owned = ledger(
        {
            "App/a": owned_app("new", deposed=({"app_id": APP},)),
            "RecordRule/a/default": owned_rule("new", "r", deposed=({"app_id": APP, "rule_id": RULE},)),
        }
    )
    account = live(live_app("a", "new"), live_app("before"), live_rule("new", "r"), live_rule())
    assert planned(desired(app(), rule()), account, owned).blast == ("delete 1 app",)
