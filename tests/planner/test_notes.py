"""Warnings, and what is left alone and counted."""

from __future__ import annotations

from typing import Any

import pytest

from rtcctl.kinds import KINDS
from rtcctl.model.ledger import Pending
from rtcctl.model.remote import RemoteObject

from .support import (
    APP,
    app,
    at,
    bucket,
    declared,
    desired,
    ledger,
    live,
    live_app,
    live_bucket,
    live_callback,
    live_job,
    live_mode,
    live_rule,
    owned_app,
    owned_bucket,
    owned_rule,
    planned,
    rule,
    whole_account,
    whole_ledger,
    whole_set,
)

STARTED = "2024-01-15T08:30:00+00:00"
OWNED = {"App/a": owned_app(), "RecordRule/a/default": owned_rule()}
LISTED = live_bucket(authorized=False)
OTHER = live_bucket("other")


def warned(wanted: Any, *found: RemoteObject, owned: Any = None, **options: Any) -> list[str]:
    made = planned(wanted, live(live_app(), live_rule(), *found), ledger(OWNED) if owned is None else owned, **options)
    assert all(each.severity == "warning" for each in made.warnings)
    return [each.message for each in made.warnings]


def test_an_account_in_order_needs_no_word() -> None:
    assert planned(whole_set(), whole_account(), whole_ledger()).warnings == ()


def test_an_app_in_arrears_is_told_of() -> None:
    found = planned(desired(app()), live(live_app(state="ARREARS")), ledger({"App/a": owned_app()}))
    assert ["App/a is in arrears" in each.message for each in found.warnings] == [True]


def test_a_bucket_that_nobody_authorized_is_told_of_with_place_and_mend() -> None:
    found = planned(desired(app(), rule()), live(live_app(), live_rule(), LISTED, OTHER), ledger(OWNED))
    [warning] = found.warnings
    assert warning.message == ("RecordRule/a/default records into bucket rec in cn-north-4, which nobody authorized")
    assert str(warning.place).startswith("rtc.yaml:1")
    assert warning.mend.startswith("declare a BucketAuthorization of that bucket and location")


def test_nothing_is_said_of_buckets_that_were_not_read() -> None:
    assert warned(desired(app(), rule())) == []


def test_a_bucket_that_is_or_will_be_authorized_is_fine() -> None:
    assert warned(desired(app(), rule()), live_bucket()) == []
    assert warned(desired(app(), rule(), bucket()), LISTED) == []


def test_an_authorization_in_another_region_does_not_count_and_is_named() -> None:
    item = {"bucket": "rec", "location": "cn-east-2", "is_authorized": True}
    elsewhere = KINDS["BucketAuthorization"].parse(item, {})
    [message] = warned(desired(app(), rule()), elsewhere)
    assert message.endswith("which nobody authorized (but in cn-east-2)")


def test_an_authorization_that_the_plan_withdraws_does_not_count() -> None:
    owned = ledger({**OWNED, "BucketAuthorization/rec": owned_bucket()})
    [message] = warned(desired(app(), rule()), live_bucket(), owned=owned)
    assert message.endswith("records into bucket rec in cn-north-4, whose authorization would be withdrawn")
    [message] = warned(desired(app(), rule(), bucket(bucket="other")), live_bucket(), OTHER, owned=owned)
    assert message.endswith("whose authorization would be withdrawn")


def test_an_adopted_authorization_that_is_only_forgotten_still_counts() -> None:
    owned = ledger({**OWNED, "BucketAuthorization/rec": owned_bucket(adopted=True)})
    assert warned(desired(app(), rule()), live_bucket(), owned=owned) == []


def test_a_rule_that_is_left_out_of_a_partial_plan_is_not_spoken_of() -> None:
    wanted = desired(app(), rule(), app("z"))
    assert warned(wanted, LISTED, targets=frozenset({at("App/z")})) == []
    assert len(warned(wanted, LISTED, targets=frozenset({at("App/a")}))) == 1


@pytest.mark.parametrize(
    ("where", "verb", "found", "says"),
    [
        ("App/a", "create", (live_app(),), "it was found and is taken over"),
        ("App/a", "create", (), "it was not found"),
        ("MixStreamJob/a/x", "start", (live_app(),), "jobs can't be listed, so it may be running"),
    ],
)
def test_what_an_apply_began_and_never_ended_is_told_of(where: str, verb: str, found: Any, says: str) -> None:
    owned = ledger(pending=(Pending(at(where), verb, STARTED),))
    [warning] = planned(desired(app()), live(*found), owned).warnings
    assert warning.message == f"an apply began to {verb} {where} at {STARTED} and never learned how that ended; {says}"


def test_what_nobody_declared_is_counted_but_for_what_is_neutral_or_below_foreign_apps() -> None:
    found = planned(
        desired(app()),
        live(
            live_app(),
            live_app("x", "x"),
            live_app("gone", "gone", state="DELETED"),
            live_rule(),
            live_rule("x", "of-a-stranger"),
            live_callback(),
            live_mode("AUTO_RECORD_OFF"),
            live_bucket("unrelated"),
        ),
        ledger({"App/a": owned_app()}),
    )
    assert found.unmanaged == {"App": 1, "RecordRule": 1, "RecordCallback": 1}


def test_what_was_declared_is_not_counted() -> None:
    assert planned(whole_set(), whole_account(), whole_ledger()).unmanaged == {}
    left = planned(desired(declared("App/a", {"app_name": "a"})), live(live_app(), live_job()), ledger(OWNED))
    assert left.unmanaged == {"MixStreamJob": 1}
    assert APP
