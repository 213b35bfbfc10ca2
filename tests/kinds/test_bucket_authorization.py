"""BucketAuthorization: granted and withdrawn by one call, read from the bucket list."""

from __future__ import annotations

import pytest

from rtcctl.kinds import KINDS

BUCKET = KINDS["BucketAuthorization"]
KEY = {"bucket": "b", "location": "cn-north-4"}


@pytest.mark.parametrize(("told", "there"), [(True, True), ("true", True), (False, False), (None, False)])
def test_only_an_authorized_bucket_is_there(told, there):
    remote = BUCKET.parse({**KEY, "creation_date": "x", "is_authorized": told}, {})
    assert (remote.ids, remote.members) == (KEY, KEY)
    assert BUCKET.exists(remote) is there
    assert BUCKET.label(remote) == "b"


def test_the_key_is_bucket_and_location():
    assert BUCKET.natural_key({**KEY, "project_id": "0123"}) == ("b", "cn-north-4")


def test_one_call_grants_and_withdraws():
    members = {**KEY, "project_id": "0123"}
    (grant,) = BUCKET.create(members, {})
    assert (grant.call.method, grant.call.path) == ("PUT", "/v2/rtc-ops/buckets/authentication")
    assert grant.call.body == {**members, "operation": 1}
    assert grant.makes
    (again,) = BUCKET.update(KEY, frozenset({"project_id"}), KEY)
    assert again.call.body == {**KEY, "operation": 1}
    assert not again.makes
    (withdraw,) = BUCKET.delete(KEY, None)
    assert withdraw.call.body == {**KEY, "operation": 0}


def test_an_adopted_authorization_stays():
    assert BUCKET.keeps_adopted
    assert BUCKET.made({}, {**KEY, "project_id": "0123"}, {}) == KEY
