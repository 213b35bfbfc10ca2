"""Text for a terminal: 80 columns, inert whatever the service says, and nothing told by colour alone."""

from __future__ import annotations

import pytest

from rtcctl.errors import Diagnostic, FailedCall, Place, RejectedError, RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.budget import Budget, Calls
from rtcctl.model.ledger import ThrottleModel
from rtcctl.model.plan import Action, Change, MemberChange, Plan, Refusal
from rtcctl.model.values import Mark, Ref, Secret, Value
from rtcctl.reports.as_text import diagnostic_text, error_text, plan_text, result_text
from rtcctl.reports.style import Tone
from rtcctl.reports.sums import blast, budget, summary
from rtcctl.reports.wording import plain, shown
from tests.planner.support import desired, ledger, live, planned, whole_account, whole_ledger, whole_set

from .support import WHERE, change, outcome, plan, result, step

LONG = Address("RecordRule", "an-app-of-a-rather-long-name", "a-rule-of-a-rather-long-name-too")
EVIL = "a\x1b[31mred\x07\u202eabc\u2066\x9b2J\r\nnext"


def one(members: tuple[MemberChange, ...] = (), action: Action = "update", **more: object) -> str:
    return plan_text(Plan((change(action, members=members, **more),)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "found",
    [
        planned(whole_set(), live(), ledger()),
        planned(whole_set(), whole_account(), ledger()),
        planned(desired(), whole_account(), whole_ledger(), destroy=True),
        plan(
            change("update", LONG, reason="a reason that is so long that it has to stand on a line of its own below",
                   members=(MemberChange(("obs_addr", "object"), "x" * 50, "y z " * 40, Place("rtc.yaml", 7, 3)),),
                   consequences=("words " * 30,)),
            refusals=(Refusal("destroy", "words " * 40, LONG, "--allow-destroy"),),
            unmanaged={"App": 120, "RecordRule": 4, "RecordCallback": 7, "AutoRecordMode": 10, "MixStreamJob": 5},
        ),
    ],
)  # fmt: skip
def test_a_plan_fits_80_columns(found: Plan) -> None:
    assert max(len(line) for line in plan_text(found).splitlines()) <= 80


def test_a_wider_terminal_is_used() -> None:
    found = plan(change("update", LONG, reason="a reason that is so long that it has to stand on a line of its own"))
    assert len(plan_text(found, width=160).splitlines()) < len(plan_text(found).splitlines())


def test_a_plan_shows_old_and_new_with_the_place_and_what_forces_a_replacement() -> None:
    text = one(
        (
            MemberChange(("url",), "http://old", "http://new", Place("rtc.yaml", 7, 3)),
            MemberChange(("app_name",), "a", "b", forces_replacement=True),
            MemberChange(("auth_key",), Mark("(secret #1)"), Mark("(secret #2)")),
            MemberChange(("record_cycle",), 3600, Mark("(server default)")),
        ),
        unchanged=2,
    )
    assert '      url           "http://old" → "http://new"  # rtc.yaml:7:3\n' in text
    assert '      app_name      "a" → "b"  # forces replacement\n' in text
    assert "      auth_key      (secret #1) → (secret #2)\n" in text
    assert "      record_cycle  3600 → (server default)\n" in text
    assert "      # 2 unchanged\n" in text


def test_a_plan_names_its_calls_and_on_what_they_depend() -> None:
    steps = (step(), step(verb="stop", effect="deposed-deleted"), step(verb="disable", only_if_refused="App/a create"))
    assert one(steps=steps).count("POST /v2/apps/{app_id}/disable") == 3
    assert "disable  (the old one)" in one(steps=steps)
    assert "disable  (only if refused with 400)" in one(steps=steps)


def test_what_stands_beside_the_action_is_told_in_words() -> None:
    text = one(adopt=True, moved_from=Address("App", "old"), not_ours=True)
    assert "~ App/a  # adopt, moved from App/old, not ours" in text


def test_a_no_op_is_shown_only_where_there_is_something_to_say() -> None:
    assert plan_text(plan(change("no-op", calls=0))) == "No changes."
    assert "the job ended" in plan_text(plan(change("no-op", calls=0, reason="the job ended")))
    assert "moved from App/old" in plan_text(plan(change("no-op", calls=0, moved_from=Address("App", "old"))))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (plan(), "No changes."),
        (plan(change("import", calls=0, records=True)), "No changes. 1 to record."),
        (plan(change("create"), change("update")), "Plan: 1 to add, 1 to change, 0 to destroy."),
        (plan(change("replace"), change("delete")), "Plan: 1 to add, 0 to change, 2 to destroy."),
        (
            plan(change("create"), change("forget", calls=0, records=True)),
            "Plan: 1 to add, 0 to change, 0 to destroy. 1 to record.",
        ),
    ],
)
def test_a_plan_is_summed_up_in_one_line(found: Plan, text: str) -> None:
    assert summary(found) == text
    assert plan_text(found).splitlines()[-1] == text


def test_a_refusal_says_whether_anything_lifts_it() -> None:
    text = plan_text(plan(refusals=(Refusal("a", "one", None, "--allow-destroy"), Refusal("b", "two"))))
    assert text.startswith("Needs --allow-destroy: one\nRefused: two\n\n")


def test_what_a_given_flag_lifts_is_told_as_allowed() -> None:
    found = plan(refusals=(Refusal("a", "one", None, "--allow-destroy"), Refusal("b", "two", None, "--other")))
    text = plan_text(found, allowed=("--allow-destroy",))
    assert text.startswith("Allowed by --allow-destroy: one\nNeeds --other: two\n\n")


def test_what_is_left_alone_is_counted() -> None:
    assert "Not managed here and left alone: 2 App, 1 RecordRule." in plan_text(
        plan(unmanaged={"RecordRule": 1, "App": 2})
    )


def inert(text: str) -> bool:
    return all(letter.isprintable() or letter == "\n" for letter in text)


def test_texts_of_the_service_are_made_inert() -> None:
    assert plain(EVIL) == "a\\x1b[31mred\\x07\\u202eabc\\u2066\\x9b2J\\r\\nnext"
    text = plan_text(
        plan(
            change("update", members=(MemberChange(("url",), EVIL, {"x": [EVIL]}),), consequences=(EVIL,)),
            change("no-op", calls=0, reason="a reason long enough for a line of its own " + EVIL * 3),
            refusals=(Refusal("destroy", EVIL),),
        )
    )
    assert inert(text)
    error = RejectedError(FailedCall("POST", "/v2/apps", 400), EVIL, mend=EVIL)
    assert inert(result_text(result(outcome(change(), "failed", error, ids={"app_id": EVIL}, status={"state": EVIL}))))
    assert inert(error_text(error))
    assert inert(diagnostic_text(Diagnostic(EVIL, Place(EVIL, 1, 1), EVIL, EVIL)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", '"text"'),
        ("ö", '"ö"'),
        (3600, "3600"),
        (True, "true"),
        (None, "null"),
        (["MP4"], '["MP4"]'),
        (Secret("fake-secret-0123", "live"), "(secret)"),
        ({"a": Secret("fake-secret-0123", "live")}, '{"a": "(secret)"}'),
        (Ref(WHERE, "app_id"), "(id of App/a, known after apply)"),
        (Mark("(not set)"), "(not set)"),
    ],
)
def test_values_are_written_as_a_user_would(value: Value | Mark, text: str) -> None:
    assert shown(value) == text


def ended(action: Action, where: str = "a") -> Change:
    return change(action, Address("App", where))


def test_a_result_tells_what_became_of_every_object_and_sums_up() -> None:
    error = RejectedError(FailedCall("POST", "/v2/apps", 400, "RTC.00001020", "req-1"), "AppExist", mend="rename it")
    found = result(
        outcome(ended("create"), ids={"app_id": "id-1"}),
        outcome(
            ended("update", "b"), ids={"app_id": "id-2"}, status={"state": "STOPPED", "stop_reason": "TENANT_STOP"}
        ),
        outcome(ended("replace", "c")),
        outcome(ended("delete", "d"), ids={"app_id": "id-4"}),
        outcome(ended("create", "e"), "failed", error),
        outcome(ended("create", "f"), "unknown", RtcctlError("interrupted while the call was under way")),
        outcome(ended("create", "g"), "not attempted"),
        recorded=3,
    )
    assert result_text(found).splitlines() == [
        "  App/a  created id-1",
        "  App/b  updated STOPPED TENANT_STOP id-2",
        "  App/c  replaced",
        "  App/d  deleted",
        "  App/e  FAILED",
        "      POST /v2/apps: 400 RTC.00001020 (request req-1): AppExist",
        "      = rename it",
        "  App/f  UNKNOWN",
        "      interrupted while the call was under way",
        "  App/g  NOT ATTEMPTED",
        "",
        "Incomplete: 2 added, 1 changed, 2 destroyed, 1 failed, 1 unknown, 1 not attempted. 3 recorded.",
    ]


def test_the_sum_says_whether_all_was_applied_or_it_was_interrupted() -> None:
    assert result_text(result(outcome(ended("create")))).endswith("\nApplied: 1 added, 0 changed, 0 destroyed.")
    assert result_text(result(outcome(ended("create"), "not attempted"), interrupted=True)).endswith(
        "\nInterrupted: 0 added, 0 changed, 0 destroyed, 1 not attempted."
    )
    assert result_text(result()) == "Applied: 0 added, 0 changed, 0 destroyed."


def test_facts_that_do_not_fit_stand_on_a_line_of_their_own() -> None:
    found = result(outcome(change("create", LONG), ids={"rule_id": "5d0ec2c53a2c15625017adb8bbbcd9aa"}))
    first, second, *_ = result_text(found).splitlines()
    assert first.endswith("  created")
    assert second == "      5d0ec2c53a2c15625017adb8bbbcd9aa"


def test_a_diagnostic_shows_place_line_caret_and_mend() -> None:
    found = Diagnostic("unknown member urll", Place("rtc.yaml", 12, 5), "did you mean url?", "    urll: x")
    assert diagnostic_text(found).splitlines() == [
        "rtc.yaml:12:5: error: unknown member urll",
        "  12 |     urll: x",
        "     |     ^",
        "  = did you mean url?",
    ]


def test_the_caret_stands_where_the_shown_line_has_the_place() -> None:
    found = Diagnostic("odd", Place("rtc.yaml", 3, 40), "", "k: (secret) x: 1", "warning", caret=13)
    text = diagnostic_text(found).splitlines()
    assert text[0] == "rtc.yaml:3:40: warning: odd"
    assert text[1][text[2].index("^")] == "x"


def test_the_caret_stands_below_what_it_means_behind_letters_of_two_columns():
    found = Diagnostic("odd", Place("rtc.yaml", 3, 12), "", "room_id: 教室 x", caret=13)
    assert diagnostic_text(found).splitlines()[1:] == ["  3 | room_id: 教室 x", "    |               ^"]


def test_a_tab_before_the_caret_counts_as_one_column() -> None:
    text = diagnostic_text(Diagnostic("odd", Place("rtc.yaml", 3, 2), "", "\tx")).splitlines()
    assert text[1][text[2].index("^")] == "x"


def test_a_diagnostic_without_a_place_or_line_is_one_line() -> None:
    assert diagnostic_text(Diagnostic("odd")) == "error: odd"
    assert diagnostic_text(Diagnostic("odd", Place("rtc.yaml"))) == "rtc.yaml: error: odd"
    assert diagnostic_text(Diagnostic("odd", None, "", "a line without a place")) == "error: odd"


def test_an_error_is_told_with_its_mend() -> None:
    assert error_text(RtcctlError("broken")) == "error: broken"
    assert error_text(RtcctlError("broken", mend="mend it")) == "error: broken\n  = mend it"


def test_colour_adds_nothing_to_what_is_said() -> None:
    tones: set[Tone] = set()

    def paint(tone: Tone, text: str) -> str:
        tones.add(tone)
        return f"<{tone}>{text}</>"

    def bare(text: str) -> str:
        for tone in tones:
            text = text.replace(f"<{tone}>", "")
        return text.replace("</>", "")

    found = planned(desired(), whole_account(), whole_ledger(), destroy=True)
    assert bare(plan_text(found, paint=paint)) == plan_text(found)
    failure = result(outcome(change(), "failed", RtcctlError("x")), outcome(change()))
    assert bare(result_text(failure, paint=paint)) == result_text(failure)
    warning = Diagnostic("odd", Place("rtc.yaml", 1, 1), "mend", "x", "warning")
    assert bare(diagnostic_text(warning, paint=paint)) == diagnostic_text(warning)
    assert {"good", "bad", "quiet", "strong", "changed"} == tones


def is_inert(text: str) -> bool:
    return all(c.isprintable() or c == "\n" for c in text)


def test_what_the_service_or_a_file_name_brings_is_inert_wherever_it_is_shown() -> None:
    reason = plan(change("no-op", calls=0, reason=f"the job ended ({EVIL})"))
    item = MemberChange(("mix_param", f"user_background_images[{EVIL}]"), 1, 2)
    elsewhere = MemberChange(("url",), 1, 2, Place(EVIL, 1, 1))
    for found in (reason, plan(change("update", members=(item,))), plan(change("update", members=(elsewhere,)))):
        assert is_inert(plan_text(found))


def test_a_long_place_does_not_break_80_columns() -> None:
    member = MemberChange(("url",), 1, 2, Place("folder/" * 14 + "x.yaml", 1, 1))
    assert max(map(len, plan_text(plan(change("update", members=(member,)))).splitlines())) <= 80


def test_the_caret_stands_right_where_something_was_written_out_before_it() -> None:
    text = diagnostic_text(Diagnostic("odd", Place("rtc.yaml", 3, 3), "", "\u202e:x")).splitlines()
    assert text[1][text[2].index("^")] == "x"


def test_what_ended_the_run_is_told_with_the_result() -> None:
    text = result_text(result(outcome(change()), error=RtcctlError("can't write the state", mend="mend the disk")))
    assert "error: can't write the state" in text
    assert "mend the disk" in text


def test_a_member_that_goes_says_so() -> None:
    text = one((MemberChange(("layout_panes[2]",), {"id": 2}, None, Place("rtc.yaml", 7, 3)),))
    assert '{"id": 2} → (none)  # rtc.yaml:7:3' in text


def test_drift_stands_beside_the_member_and_is_counted() -> None:
    moved = MemberChange(("record_cycle",), 60, 3600, Place("rtc.yaml", 7, 3), drift=True)
    text = one((moved, MemberChange(("object",), "a", "b")))
    assert "      record_cycle  60 → 3600  # changed outside rtcctl, rtc.yaml:7:3\n" in text
    assert text.count("changed outside rtcctl") == 1
    assert "1 of these changes repairs drift.\n" in text
    both = plan(change("update", members=(moved,)), change("create", LONG, lost=True))
    assert "2 of these changes repair drift.\n" in plan_text(both)


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (0, "PARTIAL PLAN: only App/a and what that needs; nothing else would change."),
        (1, "PARTIAL PLAN: only App/a and what that needs; 1 other change is left out."),
        (2, "PARTIAL PLAN: only App/a and what that needs; 2 other changes are left out."),
    ],
)
def test_a_partial_plan_is_loud(left: int, says: str) -> None:
    assert says in plan_text(plan(change(), targets=(WHERE,), left_out=left))


@pytest.mark.parametrize(
    ("assumed", "says"), [(1, "1 object was not read and taken"), (2, "2 objects were not read and taken")]
)
def test_what_was_not_read_is_told(assumed: int, says: str) -> None:
    found = plan(change(), refresh="none", assumed=assumed)
    assert f"{says} to be as last applied (--refresh=none).\n" in plan_text(found)
    assert "not read" not in plan_text(plan(change(), refresh="changed"))


def budgeted(calls: int, at_most: int, seconds: float, shared: float, assumes: ThrottleModel = "category") -> str:
    cost = Budget((Calls("apps", calls, at_most, seconds),), seconds, shared, assumes)
    return budget(plan(change(), budget=cost))


def test_the_budget_tells_calls_and_the_least_time() -> None:
    start = "Calls: 5 (apps 5); the documented limits ask for "
    assert budget(plan(change())) == ""
    assert budgeted(5, 5, 0, 0) == f"{start}no waiting."
    assert budgeted(5, 5, 60, 60) == f"{start}at least 60 s."
    assert budgeted(5, 7, 60, 60).startswith("Calls: 5 to 7 (apps 5 to 7); ")
    own, share = "no waiting where each category has its own", "at least 60 s where they share one"
    assert budgeted(5, 5, 0, 60) == f"{start}{own} (assumed), {share}."
    assert budgeted(5, 5, 0, 60, "shared") == f"{start}{share} (assumed), {own}."


@pytest.mark.parametrize(
    ("phrases", "says"),
    [
        ((), ""),
        (("delete 1 app",), "This would delete 1 app."),
        (("delete 2 apps", "stop 3 running recordings"), "This would delete 2 apps and stop 3 running recordings."),
        (("a", "b", "c"), "This would a, b and c."),
    ],
)
def test_the_blast_radius_is_one_sentence(phrases: tuple[str, ...], says: str) -> None:
    assert blast(plan(change(), blast=phrases)) == says
