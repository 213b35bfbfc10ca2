"""A plan as JSON, there and back; most of it is held by the golden cases, which all go through a file."""

from __future__ import annotations

import json

import jsonschema
import pytest

from rtcctl.errors import Diagnostic, Place
from rtcctl.model.address import Address
from rtcctl.model.budget import Budget, Calls
from rtcctl.model.call import Call
from rtcctl.model.fact import Absent
from rtcctl.model.ledger import Entry, Fingerprint
from rtcctl.model.plan import Change, MemberChange, Plan, Refusal, Step
from rtcctl.model.values import Mark, Ref, Secret
from rtcctl.planfile import file
from rtcctl.planfile.codec import plan_from, plan_to
from rtcctl.schema import load as load_schema
from tests.planfile.support import comparable, saved

APP, CALLBACK, RULE = Address("App", "a"), Address("RecordCallback", "a"), Address("RecordRule", "a", "default")
KEY = Secret("fake-key-0123456789abcdef0123456789", "env:KEY")
PLACE = Place("live/a.yaml", 7, 3)
UPDATE = Step(
    "RecordCallback/a:update",
    CALLBACK,
    "update",
    Call(
        "PUT",
        "/v2/apps/{app_id}/record-callback",
        "callbacks",
        {"app_id": Ref(APP, "app_id")},
        {"url": "https://h/é", "auth_key": KEY},
        {"zone": "one", "page": 2},
        (200, 201),
        ("url",),
        (404,),
        ("RTC.00001003",),
    ),
    "updated",
    ("url", "auth_key"),
    ("App/a:create",),
    "App/a:delete",
)
FULL = Plan(
    changes=(
        Change(
            CALLBACK,
            "update",
            "why",
            (
                MemberChange(("auth_key",), Mark("(not set)"), Mark("(secret #1)"), PLACE, True, True),
                MemberChange(("panes[1]", "x"), {"id": 1, "x": 0.25}, [True, None]),
            ),
            (UPDATE,),
            ("it hurts",),
            True,
            Address("RecordCallback", "b"),
            True,
            PLACE,
            Entry(
                {"app_id": "a1"},
                {"url": "https://h", "rule": Ref(RULE, "rule_id")},
                {"auth_key": Fingerprint.of(KEY)},
                True,
                True,
                ({"app_id": "a0"},),
                "over",
            ),
            {"auth_key": KEY},
            True,
            3,
            True,
        ),
        Change(APP, "no-op"),
    ),
    refusals=(Refusal("in-use", "no", RULE, "--allow-destroy"), Refusal("quota", "too many")),
    warnings=(Diagnostic("mind", PLACE, "do", "the line", "warning", 4), Diagnostic("mind")),
    unmanaged={"RecordRule": 2, "App": 1},
    sources=3,
    budget=Budget((Calls("callbacks", 1, 3, 0.5),), 1.5, 2.5, "shared"),
    blast=("delete 2 apps",),
    facts=(Absent(APP, "App", {}, ("a",)),),
    targets=(APP, RULE),
    left_out=4,
    refresh="changed",
    assumed=5,
)


@pytest.mark.parametrize("plan", [Plan(), FULL])
def test_every_member_of_a_plan_comes_back(plan):
    found = plan_from(json.loads(json.dumps(plan_to(plan))))
    assert found == comparable(plan)
    assert list(found.unmanaged) == list(plan.unmanaged)


def test_every_member_fits_the_schema():
    jsonschema.validate(json.loads(file.dumps(saved(FULL))), load_schema("plan"))


def test_neither_a_secret_nor_its_fingerprint_is_written():
    text = json.dumps(plan_to(FULL))
    entry = FULL.changes[0].entry
    assert entry is not None
    print_ = entry.secrets["auth_key"]
    for hidden in (KEY.reveal(), print_.salt, print_.sent):
        assert hidden not in text
    assert json.dumps({"$secret": "env:KEY"}) in text


@pytest.mark.parametrize("name", list(plan_to(FULL)))
def test_a_missing_member_is_an_error(name):
    data = plan_to(FULL)
    del data[name]
    with pytest.raises(KeyError):
        plan_from(data)
