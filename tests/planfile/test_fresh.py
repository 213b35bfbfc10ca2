"""A plan made ready: secrets looked up, live ones put back, what was not read completed."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from rtcctl.errors import StalePlanError, UsageError
from rtcctl.model.ledger import Ledger
from rtcctl.model.plan import Plan
from rtcctl.model.remote import Live, RemoteObject
from rtcctl.model.values import Members, Secret
from rtcctl.planfile import file
from rtcctl.planfile.fresh import fit, looked_up
from rtcctl.planfile.variables import Variables
from tests.planfile.support import saved
from tests.planner.support import (
    KEY,
    RULE_MEMBERS,
    app,
    callback,
    change_of,
    desired,
    ledger,
    live,
    live_app,
    live_callback,
    live_rule,
    owned_app,
    owned_callback,
    owned_rule,
    planned,
    rule,
)

VARIABLES = Variables({"KEY": KEY.reveal()}, Path())
OTHER_URL = "https://two.example"


def read_back(made: Plan) -> Plan:
    return file.loads(file.dumps(saved(made))).plan


def body(plan: Plan, where: str) -> Members:
    [step] = change_of(plan, where).steps
    assert step.call.body is not None
    return step.call.body


def as_applied(owned, where: str, kind: str) -> RemoteObject:
    entry = next(entry for address, entry in owned.entries.items() if str(address) == where)
    return RemoteObject(kind, entry.ids, entry.members, assumed=True)


def test_a_plan_from_its_file_is_the_plan_that_was_made():
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()})
    found = live(live_app(), live_callback())
    made = planned(desired(app(), callback(url=OTHER_URL)), found, owned)
    ready = fit(read_back(made), made.facts, found, owned, VARIABLES)
    assert ready.changes == made.changes
    assert body(ready, "RecordCallback/a") == {"url": OTHER_URL, "auth_key": KEY}


def test_a_live_secret_is_sent_again_as_it_is_by_then():
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(sent=None)})
    made = planned(
        desired(app(), callback(key=None, url=OTHER_URL)), live(live_app(), live_callback("fake-one")), owned
    )
    now = live(live_app(), live_callback("fake-two"))
    ready = fit(read_back(made), made.facts, now, owned, VARIABLES)
    assert body(ready, "RecordCallback/a")["auth_key"] == Secret("fake-two", "live")


def test_what_moved_is_in_the_error():
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback()})
    made = planned(desired(app(), callback(url=OTHER_URL)), live(live_app(), live_callback()), owned)
    with pytest.raises(StalePlanError) as raised:
        fit(read_back(made), made.facts, live(), owned, VARIABLES)
    assert [line.partition(":")[0] for line in raised.value.details] == ["RecordCallback/a", "App/a"]
    assert raised.value.mend == "nothing was changed; plan again"


def test_a_missing_variable_is_known_before_anything_is_read():
    owned = ledger({"App/a": owned_app()})
    made = planned(desired(app(), callback()), live(live_app()), owned)
    with pytest.raises(UsageError, match=r"variable KEY is not set; auth_key of RecordCallback/a \(rtc.yaml:3:3\)"):
        looked_up(read_back(made), Variables({}, Path()))


def test_fingerprints_come_from_the_state_also_after_a_move():
    owned = ledger({"App/old": owned_app(), "RecordCallback/old": owned_callback()})
    found = live(live_app(), live_callback())
    made = planned(desired(app(), callback(url=OTHER_URL)), found, owned)
    entry = change_of(fit(read_back(made), made.facts, found, owned, VARIABLES), "RecordCallback/a").entry
    assert entry is not None
    assert entry.secrets == owned.entries[min(each for each in owned.entries if each.kind == "RecordCallback")].secrets


def unread_rule(**config: object) -> tuple[Plan, Ledger]:
    """A plan that changes a rule which was not read."""
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    taken = [as_applied(owned, "App/a", "App"), as_applied(owned, "RecordRule/a/default", "RecordRule")]
    declared = rule(members={**RULE_MEMBERS, "mp4_config": {"record_cycle": 3600}, **config})  # type: ignore[dict-item]
    return planned(desired(app(), declared), Live(tuple(taken)), owned, refresh="none"), owned


def test_the_body_of_what_was_not_read_keeps_what_nobody_declared():
    made, owned = unread_rule()
    found = live(live_app(), live_rule(mp4_config={"record_cycle": 7200, "record_prefix": "by-hand/{stream}"}))
    ready = fit(read_back(made), made.facts, found, owned, VARIABLES)
    assert body(ready, "RecordRule/a/default") == {
        **RULE_MEMBERS,
        "mp4_config": {"record_cycle": 3600, "record_prefix": "by-hand/{stream}"},
    }


def test_zeros_under_a_format_that_was_not_requested_are_not_sent():
    formats = {"record_formats": ["MP4", "HLS"], "hls_config": {"record_cycle": 60}}
    made, owned = unread_rule(**formats)
    found = live(live_app(), live_rule(hls_config={"record_cycle": 0, "record_slice_duration": 0}))
    ready = fit(read_back(made), made.facts, found, owned, VARIABLES)
    assert body(ready, "RecordRule/a/default")["hls_config"] == {"record_cycle": 60}


def test_a_reset_stays_a_reset_in_what_was_not_read():
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule()})
    taken = [as_applied(owned, "App/a", "App"), as_applied(owned, "RecordRule/a/default", "RecordRule")]
    taken[1] = replace(taken[1], members={**RULE_MEMBERS, "mp4_config": {"record_cycle": 3600}})
    entry = replace(owned_rule(), members={**RULE_MEMBERS, "mp4_config": {"record_cycle": 3600}})
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": entry})
    declared = rule(members={**RULE_MEMBERS, "mp4_config": {}})
    made = planned(desired(app(), declared), Live(tuple(taken)), owned, refresh="none")
    found = live(live_app(), live_rule(mp4_config={"record_cycle": 3600}))
    ready = fit(made, made.facts, found, owned, VARIABLES)
    assert body(ready, "RecordRule/a/default")["mp4_config"] == {}


def unread_callback(key: Secret | None) -> tuple[Plan, Ledger]:
    owned = ledger({"App/a": owned_app(), "RecordCallback/a": owned_callback(sent=None)})
    taken = [as_applied(owned, "App/a", "App"), as_applied(owned, "RecordCallback/a", "RecordCallback")]
    return planned(desired(app(), callback(key=key, url=OTHER_URL)), Live(tuple(taken)), owned, refresh="none"), owned


def test_a_key_that_nobody_declared_and_nobody_read_is_kept():
    made, owned = unread_callback(None)
    ready = fit(made, made.facts, live(live_app(), live_callback("fake-one")), owned, VARIABLES)
    assert body(ready, "RecordCallback/a") == {"url": OTHER_URL, "auth_key": Secret("fake-one", "live")}


def test_a_declared_key_is_not_replaced_by_the_live_one():
    made, owned = unread_callback(KEY)
    ready = fit(made, made.facts, live(live_app(), live_callback("fake-one")), owned, VARIABLES)
    assert body(ready, "RecordCallback/a") == {"url": OTHER_URL, "auth_key": KEY}


def test_a_masked_key_that_was_not_read_can_not_be_kept():
    made, owned = unread_callback(None)
    with pytest.raises(StalePlanError) as raised:
        fit(made, made.facts, live(live_app(), live_callback("****")), owned, VARIABLES)
    assert raised.value.details == ("RecordCallback/a: auth_key is masked and can't be sent again; declare it",)
