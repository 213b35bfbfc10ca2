"""What is read, in which order, and what odd answers mean."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rtcctl.errors import ApiError, BadAnswerError, FailedCall, NotFoundError, ServerError
from rtcctl.live.interest import interest
from rtcctl.live.reader import read
from rtcctl.model.call import Call
from rtcctl.model.ledger import Ledger
from rtcctl.model.remote import Live
from rtcctl.model.resource import Desired
from tests.account import Account, Told
from tests.planner.support import (
    APP,
    JOB,
    KEY,
    MIX,
    RULE,
    RULE_MEMBERS,
    app,
    bucket,
    callback,
    declared,
    desired,
    job,
    ledger,
    mode,
    owned_app,
    owned_job,
    owned_rule,
    rule,
    whole_ledger,
    whole_set,
)

LISTED: dict[str, Any] = {
    "app_id": APP,
    "app_name": "a",
    "state": {"state": "ACTIVATION", "update_time": "2024-01-15T08:30:00.0718Z"},
    "callbacks": {"record_callback": {"url": "https://hooks.example.com/rtc", "auth_key": KEY.reveal()}},
    "auto_record_mode": {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": RULE},
    "tenant_name": "acme-rtc",
}
RUNNING = {"job_id": JOB, "state": "RUNNING", "mix_param": MIX, "record_param": {"record_rule_id": RULE}}
DOCUMENT: dict[str, Any] = {
    "apps": [LISTED, {"app_id": "foreign", "app_name": "stranger", "state": {"state": "ACTIVATION"}}],
    "rules": {APP: [{**RULE_MEMBERS, "rule_id": RULE}], "foreign": [{"rule_id": "never-seen"}]},
    "jobs": {JOB: RUNNING},
    "buckets": [{"bucket": "rec", "location": "cn-north-4", "is_authorized": True}],
}
APPS, BUCKETS = "/v2/apps", "/v2/rtc-ops/buckets"
RULES = f"/v2/apps/{APP}/record-rules"
CALLBACK, MODE = f"/v2/apps/{APP}/record-callback", f"/v2/apps/{APP}/auto-record-mode"


def job_path(job_id: str = JOB) -> str:
    return f"/v2/apps/{APP}/mix-stream-jobs/{job_id}"


def reading(wanted: Desired, owned: Ledger, account: Account | None = None, **changed: Any) -> tuple[Live, list[str]]:
    account = account or Account({**DOCUMENT, **changed})
    client: Any = account
    return asyncio.run(read(client, interest(wanted, owned))), account.asked


def kinds(live: Live) -> list[str]:
    return sorted(each.kind for each in live.objects)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in LISTED.items() if name not in names}


def test_a_whole_account_takes_one_call_per_listing_app_and_running_job() -> None:
    found, asked = reading(whole_set(), whole_ledger())
    assert asked == [BUCKETS, APPS, RULES, job_path()]
    assert found.tenant_name == "acme-rtc"
    once = ["AutoRecordMode", "BucketAuthorization", "MixStreamJob", "RecordCallback", "RecordRule"]
    assert kinds(found) == ["App", "App", *once]


def test_nothing_declared_and_nothing_owned_is_read_without_a_call() -> None:
    assert reading(desired(), ledger()) == (Live(), [])


def test_buckets_are_read_only_where_an_authorization_is_declared_or_owned() -> None:
    assert BUCKETS not in reading(desired(app()), ledger())[1]
    assert reading(desired(bucket()), ledger())[1] == [BUCKETS]


def test_an_app_that_only_the_state_knows_is_read_too() -> None:
    _, asked = reading(desired(), ledger({"App/a": owned_app()}))
    assert asked == [APPS, RULES]


def test_an_app_that_nobody_means_is_listed_and_not_looked_into() -> None:
    found, asked = reading(desired(app("other")), ledger())
    assert asked == [APPS]
    assert kinds(found) == ["App", "App"]


def test_an_app_that_is_meant_by_its_name_is_looked_into_before_it_is_owned() -> None:
    assert reading(desired(app("x", app_name="a")), ledger())[1] == [APPS, RULES]


def test_an_app_that_was_renamed_in_the_manifest_is_found_by_its_id() -> None:
    assert reading(desired(app(app_name="new")), ledger({"App/a": owned_app()}))[1] == [APPS, RULES]


def test_a_deleted_app_that_is_still_listed_is_not_looked_into() -> None:
    gone = {**LISTED, "state": {"state": "DELETED"}}
    assert reading(desired(app()), ledger(), apps=[gone])[1] == [APPS]


def test_a_job_known_to_be_over_is_not_read() -> None:
    _, asked = reading(whole_set(), whole_ledger(MixStreamJob=owned_job(stopped="TENANT_STOP")))
    assert job_path() not in asked


def test_the_predecessor_of_a_job_is_read_even_where_the_job_itself_is_over() -> None:
    deposed = ({"app_id": APP, "job_id": "old"},)
    over = whole_ledger(MixStreamJob=owned_job(stopped="TENANT_STOP", deposed=deposed))
    assert reading(whole_set(), over)[1][-1:] == [job_path("old")]
    running = whole_ledger(MixStreamJob=owned_job(deposed=deposed))
    assert set(reading(whole_set(), running)[1][-2:]) == {job_path(), job_path("old")}


def test_the_predecessor_of_an_app_is_looked_into() -> None:
    old = {**LISTED, "app_id": "old"}
    owned = ledger({"App/a": owned_app(deposed=({"app_id": "old"},))})
    asked = reading(desired(app()), owned, apps=[LISTED, old])[1]
    assert set(asked) == {APPS, RULES, "/v2/apps/old/record-rules"}


def test_what_hangs_on_an_owned_app_is_asked_for_without_waiting_for_the_listing_and_believed_only_with_it() -> None:
    found, asked = reading(whole_set(), whole_ledger(), apps=[])
    assert set(asked) == {BUCKETS, APPS, f"{APPS}/{APP}", RULES, job_path()}
    assert asked[:2] == [BUCKETS, APPS]
    assert set(kinds(found)) == {"BucketAuthorization"}


def test_a_job_that_answers_404_is_not_there() -> None:
    found, _ = reading(whole_set(), whole_ledger(), jobs={})
    assert "MixStreamJob" not in kinds(found)


@pytest.mark.parametrize(("missing", "path"), [("callbacks", CALLBACK), ("auto_record_mode", MODE)])
def test_a_setting_that_the_listing_leaves_out_is_asked_for_only_where_it_matters(missing: str, path: str) -> None:
    apps = [without(missing)]
    assert path in reading(whole_set(), whole_ledger(), apps=apps)[1]
    assert path not in reading(desired(app()), ledger(), apps=apps)[1]


@pytest.mark.parametrize(
    "told", [None, {"record_callback": None}, {"record_callback": {}}, {"record_callback": {"url": ""}}]
)
def test_a_callback_that_is_said_to_be_none_is_believed(told: Any) -> None:
    found, asked = reading(desired(app(), callback()), ledger(), apps=[{**LISTED, "callbacks": told}])
    assert CALLBACK not in asked
    assert not [each for each in found.objects if each.kind == "RecordCallback" and each.members.get("url")]


def test_a_setting_that_answers_404_is_not_set() -> None:
    found, asked = reading(desired(app(), callback()), ledger(), apps=[without("callbacks")])
    assert CALLBACK in asked
    assert "RecordCallback" not in kinds(found)


def test_a_setting_that_is_asked_for_is_found_inside_its_answer() -> None:
    settings = {
        CALLBACK: {"app_id": APP, "record_callback": {"url": "https://hooks.example.com"}},
        MODE: {"app_id": APP, "auto_record_mode": {"mode": "AUTO_RECORD_OFF"}},
    }
    found, _ = reading(
        desired(app(), callback(), mode()), ledger(), apps=[without("callbacks", "auto_record_mode")], settings=settings
    )
    told = {each.kind: each.members for each in found.objects}
    assert told["RecordCallback"] == {"url": "https://hooks.example.com"}
    assert told["AutoRecordMode"] == {"mode": "AUTO_RECORD_OFF"}


@pytest.mark.parametrize("told", ["odd", 5, ["odd"]])
def test_a_setting_that_is_no_object_is_asked_for_or_taken_as_none(told: Any) -> None:
    found, _ = reading(desired(app(), callback()), ledger(), apps=[{**LISTED, "callbacks": {"record_callback": told}}])
    assert "RecordCallback" not in kinds(found)
    _, asked = reading(desired(app(), callback()), ledger(), apps=[{**LISTED, "callbacks": told}])
    assert CALLBACK in asked


@pytest.mark.parametrize("told", [{"a": 1}, ["text"], "text", [None]])
def test_a_list_of_buckets_that_is_none_is_an_error(told: Any) -> None:
    with pytest.raises(BadAnswerError, match="buckets is not a list of objects"):
        reading(desired(bucket()), ledger(), buckets=told)


def test_no_buckets_at_all_is_an_answer() -> None:
    assert reading(desired(bucket()), ledger(), buckets=None)[0].objects == ()


def test_secrets_are_secrets_from_the_first_moment() -> None:
    found, _ = reading(whole_set(), whole_ledger())
    assert KEY.reveal() not in repr(found)
    assert next(each for each in found.objects if each.kind == "RecordCallback").members["auth_key"] == KEY


def test_numbers_as_text_and_a_missing_tenant_are_read_leniently() -> None:
    slip = {**RUNNING, "mix_param": {**MIX, "max_idle_time": "60"}}
    found, _ = reading(whole_set(), whole_ledger(), jobs={JOB: slip}, apps=[without("tenant_name")])
    assert found.tenant_name == ""
    mix = next(each for each in found.objects if each.kind == "MixStreamJob").members["mix_param"]
    assert isinstance(mix, dict)
    assert mix["max_idle_time"] == 60


class Failing(Account):
    """An account in which one path fails."""

    def __init__(self, path: str, error: ApiError) -> None:
        super().__init__(DOCUMENT)
        self.path, self.error = path, error

    async def send(self, call: Call) -> Told:
        if call.path.format(**call.ids) == self.path:
            raise self.error
        return await super().send(call)

    async def pages(self, call: Call, items: str, key: str) -> list[Any]:
        if call.path.format(**call.ids) == self.path:
            raise self.error
        return await super().pages(call, items, key)


def failed(status: int, code: str = "") -> FailedCall:
    return FailedCall("GET", "/x", status, code)


@pytest.mark.parametrize("path", [BUCKETS, APPS, RULES, job_path()])
def test_a_read_that_fails_is_an_error_and_never_an_absence(path: str) -> None:
    with pytest.raises(ServerError):
        reading(whole_set(), whole_ledger(), Failing(path, ServerError(failed(500), "broken")))


@pytest.mark.parametrize("code", ["APIGW.0101", "APIG.0101"])
def test_a_gateway_that_does_not_know_the_path_says_nothing_about_the_job(code: str) -> None:
    with pytest.raises(NotFoundError):
        reading(whole_set(), whole_ledger(), Failing(job_path(), NotFoundError(failed(404, code), "no such API")))


def test_the_rules_of_an_app_that_vanishes_meanwhile_are_an_error() -> None:
    with pytest.raises(NotFoundError):
        reading(whole_set(), whole_ledger(), Failing(RULES, NotFoundError(failed(404, "RTC.00001003"), "gone")))


def test_the_first_failure_ends_the_other_reads() -> None:
    ended: list[str] = []

    class Slow(Failing):
        async def pages(self, call: Call, items: str, key: str) -> list[Any]:
            if call.path == APPS:
                return await super().pages(call, items, key)
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(call.path)
            return []

    with pytest.raises(ServerError):
        reading(whole_set(), whole_ledger(), Slow(job_path(), ServerError(failed(500), "broken")))
    assert ended == ["/v2/apps/{app_id}/record-rules"]


def test_only_jobs_of_their_own_kind_and_app_are_asked_for() -> None:
    single = declared("IndividualStreamJob/a/u1", {"room_id": "room1", "user_id": "u1"})
    entry = owned_job("s1")
    owned = ledger({"App/a": owned_app(), "RecordRule/a/default": owned_rule(), "IndividualStreamJob/a/u1": entry})
    _, asked = reading(desired(app(), rule(), job(), single), owned, jobs={"s1": {"job_id": "s1", "state": "RUNNING"}})
    assert asked == [APPS, RULES, f"/v2/apps/{APP}/individual-stream-jobs/s1"]


def test_what_is_owned_and_gone_takes_no_turn_from_what_is_there() -> None:
    class Waiting(Account):
        async def pages(self, call: Call, items: str, key: str) -> list[Any]:
            if call.ids.get("app_id") == "gone":
                try:
                    await asyncio.Event().wait()
                finally:
                    ended.set()
            elif call.path != APPS:
                await asyncio.wait_for(ended.wait(), 10)
            return list(await super().pages(call, items, key))

    ended = asyncio.Event()
    owned = ledger({"App/a": owned_app(), "App/b": owned_app("gone", "b")})
    found, asked = reading(desired(app(), app("b")), owned, Waiting(DOCUMENT))
    assert asked == [APPS, f"{APPS}/gone", RULES]
    assert "RecordRule" in kinds(found)


@pytest.mark.parametrize(("count", "first"), [(9, "rules"), (10, "apps")])
def test_the_listing_leaves_before_many_reads_beside_it(count: int, first: str) -> None:
    class Connecting(Account):
        async def pages(self, call: Call, items: str, key: str) -> list[Any]:
            if call.path == APPS:
                for _ in range(5):
                    await asyncio.sleep(0)
            left.append(items)
            return list(await super().pages(call, items, key))

    left: list[str] = []
    owned = ledger({f"App/a{number}": owned_app(f"id{number}", f"a{number}") for number in range(count)})
    reading(desired(), owned, Connecting(DOCUMENT))
    assert left[0] == first
