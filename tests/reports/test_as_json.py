"""Documents fit their schemas, say what was planned and done, and hold no secret."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from rtcctl.errors import (
    Diagnostic,
    ExitCode,
    FailedCall,
    ManifestError,
    NotPermittedError,
    Place,
    RtcctlError,
    StateLockedError,
)
from rtcctl.model.address import Address
from rtcctl.model.finished import Validated
from rtcctl.model.plan import MemberChange, Plan, Refusal
from rtcctl.model.values import Mark, Ref, Secret
from rtcctl.reports import as_json
from tests.applying.support import applied, refused
from tests.planner.support import KEY, desired, ledger, live, planned, whole_account, whole_ledger, whole_set

from .support import WHERE, change, outcome, plan, result, step, validate

WARNING = Diagnostic("odd", Place("rtc.yaml", 3, 5), "mend it", "  odd: 1", "warning")
FULL = plan(
    change(
        "replace",
        adopt=True,
        moved_from=Address("App", "old"),
        reason="app_name can't be changed",
        members=(
            MemberChange(("app_name",), "a", "b", Place("rtc.yaml", 2), forces_replacement=True),
            MemberChange(("auth_key",), Mark("(secret #1)"), Secret("fake-secret-0123", "env:KEY")),
            MemberChange(("x",), None, {"deep": [Ref(WHERE, "app_id"), 1, True, None]}),
        ),
        steps=(step(), step(verb="disable", only_if_refused="App/a create", after=("App/a create",))),
        consequences=("the app gets a new app_id",),
        place=Place("rtc.yaml"),
        unchanged=3,
    ),
    change("delete", not_ours=True, calls=0),
    refusals=(Refusal("destroy", "no", WHERE, "--allow-destroy"), Refusal("empty-set", "no")),
    warnings=(WARNING, Diagnostic("no place")),
    unmanaged={"App": 2},
)


@pytest.mark.parametrize(
    "found",
    [
        Plan(),
        FULL,
        planned(whole_set(), live(), ledger()),
        planned(whole_set(), whole_account(), ledger()),
        planned(desired(), whole_account(), whole_ledger(), destroy=True),
    ],
)
def test_a_plan_fits_its_schema(found: Plan) -> None:
    document = json.loads(as_json.dumps(as_json.plan_document(found)))
    validate(document, "plan")
    assert KEY.reveal() not in json.dumps(document)
    assert "fake-secret-0123" not in json.dumps(document)


def test_a_document_that_says_more_than_the_schema_does_not_fit_it() -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate({**as_json.plan_document(FULL), "more": 1}, "plan")


def test_a_plan_document_says_everything_that_the_plan_says() -> None:
    document = as_json.plan_document(FULL)
    first = document["changes"][0]
    assert (first["address"], first["action"], first["moved_from"], first["adopt"]) == (
        "App/a",
        "replace",
        "App/old",
        True,
    )
    assert [(each["path"], each["old"], each["new"], each["place"]) for each in first["members"]] == [
        ("app_name", "a", "b", "rtc.yaml:2:0"),
        ("auth_key", "(secret #1)", "(secret)", None),
        ("x", None, {"deep": ["(id of App/a, known after apply)", 1, True, None]}, None),
    ]
    assert first["steps"][1] == {
        "id": "App/a disable",
        "verb": "disable",
        "method": "POST",
        "path": "/v2/apps/{app_id}/disable",
        "ids": {"app_id": "a1"},
        "category": "apps",
        "after": ["App/a create"],
        "only_if_refused": "App/a create",
    }
    assert document["summary"] == {
        "text": "Plan: 1 to add, 0 to change, 1 to destroy.",
        "add": 1,
        "change": 0,
        "destroy": 1,
        "record": 0,
    }
    assert document["refusals"][1] == {"rule": "empty-set", "message": "no", "address": None, "lifted_by": None}
    assert document["warnings"][0] == {
        "severity": "warning",
        "message": "odd",
        "mend": "mend it",
        "file": "rtc.yaml",
        "line": 3,
        "column": 5,
    }
    assert document["unmanaged"] == {"App": 2}


def test_a_result_fits_its_schema_whatever_became_of_it() -> None:
    error = NotPermittedError(FailedCall("POST", "/v2/apps", 403, "RTC.00001021", "req-1"), "no", mend="ask")
    found = result(
        outcome(change(), ids={"app_id": "a1"}, status={"state": "INIT"}, seconds=0.12345),
        outcome(change("delete"), "failed", error),
        outcome(change("update"), "unknown", RtcctlError("interrupted")),
        outcome(change("replace"), "not attempted"),
        recorded=2,
        interrupted=True,
    )
    document = json.loads(as_json.dumps(as_json.result_document(FULL, found)))
    validate(document, "result")
    assert document["exit_code"] == ExitCode.PARTIAL
    assert [each["outcome"] for each in document["changes"]] == ["done", "failed", "unknown", "not attempted"]
    assert document["changes"][0]["seconds"] == 0.123
    assert document["changes"][1]["error"]["type"] == "NotPermittedError"
    assert "req-1" in document["changes"][1]["error"]["message"]
    assert (document["recorded"], document["interrupted"]) == (2, True)


def test_the_result_of_a_real_apply_fits_its_schema_and_holds_no_secret() -> None:
    made = planned(whole_set(), live(), ledger())
    found = applied(made, ledger(), {"POST /v2/apps": [refused()]}).result
    document = as_json.dumps(as_json.result_document(made, found))
    validate(json.loads(document), "result")
    assert KEY.reveal() not in document


@pytest.mark.parametrize(
    ("error", "code"),
    [(RtcctlError("broken", mend="mend it"), 1), (StateLockedError("locked"), 8), (ManifestError((WARNING,)), 3)],
)
def test_an_error_fits_the_schema_of_results(error: RtcctlError, code: int) -> None:
    document = json.loads(as_json.dumps(as_json.error_document(error)))
    validate(document, "result")
    assert document["exit_code"] == code
    assert document["error"]["type"] == type(error).__name__
    assert len(document["error"]["diagnostics"]) == (code == 3)


def test_a_valid_manifest_is_told_with_its_resources_and_warnings() -> None:
    document = as_json.valid_document(Validated((Address("App", "b"), WHERE), (WARNING,)))
    validate(document, "validation")
    assert (document["kind"], document["valid"]) == ("validation", True)
    assert document["resources"] == ["App/a", "App/b"]
    assert document["warnings"][0]["message"] == "odd"


def test_letters_beyond_ascii_stay_readable() -> None:
    assert "ö" in as_json.dumps({"x": "ö"})


def test_a_control_character_never_stands_in_a_document_as_it_is() -> None:
    assert "\x1b" not in as_json.dumps({"x": "\x1b[31m"})


def test_the_schemas_refer_to_each_other_by_files_that_stand_beside_each_other() -> None:
    folder = Path(__file__).parents[2] / "schemas"
    text = (folder / "result.schema.json").read_text()
    assert '"plan.schema.json' in text
    assert (folder / "plan.schema.json").is_file()


def test_what_is_not_printable_is_escaped_and_read_back_the_same() -> None:
    odd = {"x": "\u202e\x9b2J\n\U000e0001 ok é"}
    text = as_json.dumps(odd)
    assert all(c.isprintable() or c == "\n" for c in text)
    assert json.loads(text) == odd


def test_half_a_surrogate_from_the_service_can_be_written() -> None:
    assert as_json.dumps({"x": "\ud800"}).encode()
