"""Facts as JSON, there and back."""

from __future__ import annotations

import json

import pytest

from rtcctl.model.address import Address
from rtcctl.model.fact import Absent, Alone, Present
from rtcctl.planfile.facts import fact_from, fact_to

RULE, APP = Address("RecordRule", "a", "default"), Address("App", "a")
IDS = {"app_id": "a1", "rule_id": "r1"}


@pytest.mark.parametrize(
    "fact",
    [
        Present(RULE, "RecordRule", IDS),
        Present(RULE, "RecordRule", IDS, {"record_formats": ["MP4"], "obs_addr.object": None}, True, {}, None, True),
        Present(Address("RecordCallback", "a"), "RecordCallback", {"app_id": "a1"}, {}, False, {"auth_key": "equal"}),
        Present(Address("MixStreamJob", "a", "j"), "MixStreamJob", {"app_id": "a1", "job_id": "j1"}, over=True),
        Absent(APP, "App", {}, ("a",)),
        Absent(Address("AutoRecordMode", "a"), "AutoRecordMode", {"app_id": "a1"}, ()),
        Absent(RULE, "RecordRule", IDS, None, True),
        Alone(APP, {"app_id": "a1"}),
        Alone(APP, {"app_id": "a1"}, (("RecordRule", IDS), ("RecordCallback", {"app_id": "a1"})), True),
    ],
)
def test_a_fact_comes_back_as_it_was(fact):
    assert fact_from(json.loads(json.dumps(fact_to(fact)))) == fact


def test_an_unknown_fact_is_an_error():
    data = fact_to(Alone(APP, {"app_id": "a1"})) | {"fact": "rumour"}
    with pytest.raises(ValueError, match="'rumour' is no fact"):
        fact_from(data)
