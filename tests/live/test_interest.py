"""Which objects are read at all, and what is put in the place of those that are not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rtcctl.live.changed import unchanged
from rtcctl.live.interest import interest, of_facts
from rtcctl.live.reader import read
from rtcctl.model.fact import Absent, Alone, Present
from rtcctl.model.ledger import Entry, Ledger, Pending
from rtcctl.model.remote import Live, Refresh
from rtcctl.model.resource import Desired
from rtcctl.model.values import Secret
from tests.account import Account
from tests.planner.support import (
    APP,
    BUCKET,
    JOB,
    KEY,
    MIX,
    RULE,
    RULE_MEMBERS,
    URL,
    app,
    at,
    bucket,
    callback,
    declared,
    desired,
    job,
    ledger,
    mode,
    owned_app,
    owned_callback,
    owned_job,
    owned_rule,
    rule,
    whole_ledger,
    whole_set,
)

SECOND = {"bucket": "b2", "location": "cn-north-4"}
APPS, BUCKETS, RULES = "/v2/apps", "/v2/rtc-ops/buckets", f"/v2/apps/{APP}/record-rules"
JOB_PATH = f"/v2/apps/{APP}/mix-stream-jobs/{JOB}"
LISTED: dict[str, Any] = {
    "app_id": APP,
    "app_name": "a",
    "state": {"state": "ACTIVATION"},
    "callbacks": {"record_callback": {"url": URL, "auth_key": KEY.reveal()}},
    "auto_record_mode": {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": RULE},
}
DOCUMENT: dict[str, Any] = {
    "apps": [LISTED],
    "rules": {APP: [{**RULE_MEMBERS, "rule_id": RULE}]},
    "jobs": {JOB: {"job_id": JOB, "state": "RUNNING", "mix_param": MIX, "record_param": {"record_rule_id": RULE}}},
    "buckets": [{**BUCKET, "is_authorized": True}],
}


def reading(wanted: Desired, owned: Ledger, refresh: Refresh, **changed: Any) -> tuple[Live, list[str]]:
    account = Account({**DOCUMENT, **changed})
    client: Any = account
    return asyncio.run(read(client, interest(wanted, owned, refresh))), account.asked


def assumed(found: Live) -> list[str]:
    return sorted(each.kind for each in found.objects if each.assumed)


def test_nothing_is_read_where_nothing_shall_be() -> None:
    found, asked = reading(whole_set(), whole_ledger(), "none")
    assert asked == []
    assert len(assumed(found)) == len(found.objects) == 6


def test_what_is_declared_as_it_was_applied_is_not_read_again() -> None:
    found, asked = reading(whole_set(), whole_ledger(), "changed")
    assert asked == [APPS]
    assert assumed(found) == ["BucketAuthorization", "MixStreamJob", "RecordRule"]


def test_the_whole_app_is_read_where_one_thing_below_it_changed() -> None:
    changed = desired(bucket(), app(), rule(), callback(url="http://new"), mode(), job())
    found, asked = reading(changed, whole_ledger(), "changed")
    assert asked == [APPS, RULES, JOB_PATH]
    assert assumed(found) == ["BucketAuthorization"]


def test_an_authorization_that_changed_is_read_and_the_app_is_not() -> None:
    changed = desired(bucket(project_id="9"), app(), rule(), callback(), mode(), job())
    found, asked = reading(changed, whole_ledger(), "changed")
    assert asked == [BUCKETS, APPS]
    assert assumed(found) == ["MixStreamJob", "RecordRule"]


def test_of_two_authorizations_one_listing_tells_both() -> None:
    owned = ledger({
        "BucketAuthorization/rec": Entry(dict(BUCKET), {**BUCKET, "project_id": "0123"}),  # type: ignore[arg-type]
        "BucketAuthorization/b2": Entry({**SECOND}, SECOND),
    })  # fmt: skip
    wanted = desired(bucket(project_id="9"), declared("BucketAuthorization/b2", SECOND))
    found, asked = reading(wanted, owned, "changed")
    assert asked == [BUCKETS]
    assert assumed(found) == []  # b2 is not authorized any more


def test_an_app_that_the_listing_leaves_out_is_asked_for_by_itself() -> None:
    """A listing may lag behind a write: what was applied is not made again for that."""
    settings = {f"{APPS}/{APP}": LISTED}
    found, asked = reading(whole_set(), whole_ledger(), "changed", apps=[], settings=settings)
    assert asked == [APPS, f"{APPS}/{APP}"]
    assert [each.ids["app_id"] for each in found.objects if each.kind == "App"] == [APP]
    assert "RecordRule" in assumed(found)


def test_of_an_app_that_is_gone_nothing_is_assumed() -> None:
    found, asked = reading(whole_set(), whole_ledger(), "changed", apps=[])
    assert asked == [APPS, f"{APPS}/{APP}"]
    assert assumed(found) == ["BucketAuthorization"]


def test_of_an_app_that_is_listed_as_deleted_nothing_is_assumed() -> None:
    gone = {**LISTED, "state": {"state": "DELETED"}}
    found, _ = reading(whole_set(), whole_ledger(), "changed", apps=[gone])
    assert assumed(found) == ["BucketAuthorization"]


def test_settings_that_the_listing_does_not_tell_are_assumed() -> None:
    bare = {name: LISTED[name] for name in ("app_id", "app_name", "state")}
    found, asked = reading(whole_set(), whole_ledger(), "changed", apps=[bare])
    assert asked == [APPS]
    assert assumed(found) == ["AutoRecordMode", "BucketAuthorization", "MixStreamJob", "RecordCallback", "RecordRule"]


def test_a_setting_that_the_listing_says_is_none_is_not_assumed() -> None:
    found, _ = reading(whole_set(), whole_ledger(), "changed", apps=[{**LISTED, "callbacks": None}])
    assert "RecordCallback" not in assumed(found)
    [told] = [each for each in found.objects if each.kind == "RecordCallback"]
    assert not told.members.get("url")


def test_a_job_known_to_be_over_and_what_was_never_made_again_are_not_assumed() -> None:
    over = whole_ledger(MixStreamJob=owned_job(stopped="TENANT_STOP"))
    assert "MixStreamJob" not in assumed(reading(whole_set(), over, "none")[0])
    cut = whole_ledger(RecordRule=Entry({}, RULE_MEMBERS, deposed=({"app_id": "old", "rule_id": "r"},)))
    [found] = [each for each in reading(whole_set(), cut, "none")[0].objects if each.kind == "RecordRule"]
    assert (found.ids["app_id"], found.members) == ("old", {})


def test_predecessors_that_were_not_read_are_assumed_to_stand() -> None:
    owned = ledger({"BucketAuthorization/rec": Entry({**SECOND}, BUCKET, deposed=({"bucket": "o", "location": "l"},))})
    found, _ = reading(desired(bucket()), owned, "none")
    assert [each.status["is_authorized"] for each in found.objects] == ["true", "true"]


WHOLE = frozenset(whole_ledger().entries)
TOP = {at("BucketAuthorization/rec")}


@pytest.mark.parametrize(
    ("wanted", "owned", "left"),
    [
        (whole_set(), whole_ledger(), WHOLE),
        (desired(*list(whole_set().resources.values())[:-1]), whole_ledger(), TOP),  # one is no longer declared
        (desired(*whole_set().resources.values(), rule("RecordRule/a/second")), whole_ledger(), TOP),  # one is new
        (desired(*whole_set().resources.values(), app("z")), whole_ledger(), WHOLE),
        (whole_set(), whole_ledger(App=owned_app(prevent_destroy=True)), TOP),
        (whole_set(), whole_ledger(RecordRule=owned_rule(deposed=({"app_id": "o", "rule_id": "r"},))), TOP),
        (whole_set(), whole_ledger(RecordRule=owned_rule(rule_id="another")), TOP),  # a reference leads elsewhere
        (whole_set(), whole_ledger(RecordCallback=owned_callback(sent=None)), TOP),
        (whole_set(), whole_ledger(RecordCallback=owned_callback(sent=Secret("another", "x"))), TOP),
        (desired(bucket(), app(), rule(), callback(key=None), mode(), job()), whole_ledger(), TOP),
    ],
    ids=["same", "gone", "new", "new app", "protection", "deposed", "reference", "key added", "key", "key dropped"],
)  # fmt: skip
def test_what_need_not_be_read_again(wanted: Desired, owned: Ledger, left: set[Any]) -> None:
    assert unchanged(wanted, owned) == frozenset(left)


def test_what_was_begun_and_never_ended_is_read() -> None:
    begun = Pending(at("MixStreamJob/a/room1"), "start", "2024-01-15T08:30:00Z")
    owned = whole_ledger()
    assert unchanged(whole_set(), Ledger(owned.binding, "x", entries=owned.entries, pending=(begun,))) == TOP


def test_what_is_ignored_does_not_count_as_a_change() -> None:
    wanted = desired(app(), callback(url="http://new", key=None, ignore_changes=frozenset({("url",)})))
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": Entry({"app_id": APP}, {})})
    assert unchanged(wanted, owned) == {at("App/a"), at("RecordCallback/a")}


def test_a_reference_to_what_is_not_there_is_a_change() -> None:
    owned = whole_ledger(RecordRule=None)
    assert unchanged(whole_set(), owned) == TOP


def test_lists_of_objects_are_compared_whether_tuple_or_list() -> None:
    panes = ({"id": 1, "x": 0.5},)
    wanted = desired(app(), rule(), job(mix={"layout_template": "custom", "layout_panes": panes}))
    mix = {**MIX, "layout_template": "custom", "layout_panes": [{"id": 1, "x": 0.5}]}
    entry = Entry({"app_id": APP, "job_id": JOB}, {"mix_param": mix, "record_param": {"record_rule_id": RULE}})
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "MixStreamJob/a/room1": entry})
    assert len(unchanged(wanted, owned)) == 3


def test_facts_are_looked_up_by_app_and_by_id() -> None:
    own = {"app_id": APP, "rule_id": RULE}
    wanted = of_facts([
        Present(at("RecordRule/a/default"), "RecordRule", own),
        Absent(at("App/new"), "App", {}, ("new",)),
        Absent(at("RecordCallback/b"), "RecordCallback", {"app_id": "b"}, ()),
        Alone(at("App/c"), {"app_id": "c"}),
    ])  # fmt: skip
    assert wanted.kinds == {"App", "RecordRule", "RecordCallback", "AutoRecordMode"}
    assert wanted.ids == {("App", APP), ("App", "b"), ("App", "c")}
    assert wanted.keys == {("App", ("new",))}
    assert wanted.owned["RecordRule", APP] == (own,)
    assert {ids["app_id"] for ids in wanted.owned["App", ""]} == {APP, "b", "c"}
