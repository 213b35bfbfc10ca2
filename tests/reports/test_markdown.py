"""Markdown is never too long, says what was left out, and ends with a mark."""

from __future__ import annotations

import re

import pytest

from rtcctl.errors import Diagnostic, RtcctlError
from rtcctl.model.address import Address
from rtcctl.model.drift import Drift, Drifted
from rtcctl.model.finished import Compared, Failed, Finished, Planned
from rtcctl.model.plan import Change, MemberChange, Plan, Refusal
from rtcctl.model.run import Run
from rtcctl.reports import formats
from rtcctl.reports.formats.markdown import LIMIT, mark
from rtcctl.reports.marked import code, fenced

from .support import step


def many(count: int, letter: str = "x", apps: int = 40) -> tuple[Change, ...]:
    return tuple(
        Change(
            where := Address("RecordRule", f"app{index % apps}", f"rule{index}"),
            "update",
            members=(MemberChange(("url",), letter * 300, letter * 300),),
            steps=(step(where),),
            consequences=(letter * 300,),
        )
        for index in range(count)
    )


def rendered(finished: Finished) -> str:
    text = formats.render("markdown", finished)
    assert len(text) <= LIMIT
    assert len(text.encode()) <= LIMIT
    return text


@pytest.mark.parametrize("letter", ["x", "😀", "`", "*", "&"])
def test_what_does_not_fit_is_counted(letter: str) -> None:
    text = rendered(Planned(Plan(many(2000, letter)), Run(project="school")))
    shown = text.count("\n! RecordRule/")
    assert 0 < shown < 2000
    assert f"**{2000 - shown} changes left out**" in text
    assert text.endswith("\n<!-- rtcctl:school -->")
    assert text.count("<details>") == text.count("</details>")


def test_most_of_the_room_is_used() -> None:
    assert len(rendered(Planned(Plan(many(2000))))) > LIMIT * 0.9


def test_lists_on_top_leave_room_for_each_other_and_for_changes() -> None:
    warnings = tuple(Diagnostic("w" * 300, severity="warning") for _ in range(500))
    refusals = tuple(Refusal("r", "y" * 300) for _ in range(500))
    text = rendered(Planned(Plan(many(500), refusals, warnings)))
    assert text.count("more, left out here") == 3
    for part in ("**Safety**", "**Warnings**", "**What this does", "changes left out**", "\n! RecordRule/"):
        assert part in text


def test_one_change_left_out_is_one_change() -> None:
    changes = many(1)
    assert "left out" not in rendered(Planned(Plan(changes)))
    assert "**1 change left out**" in rendered(Planned(Plan((*changes, *_long()))))


def _long() -> tuple[Change, ...]:
    where = Address("App", "long")
    members = tuple(MemberChange((f"m{index}",), "x" * 300, "y" * 300) for index in range(500))
    return (Change(where, "update", members=members, steps=(step(where),)),)


def test_drift_that_does_not_fit_is_counted() -> None:
    members = (MemberChange(("url",), "x" * 300, "y" * 300),)
    objects = tuple(Drifted(Address("App", f"a{index}"), "changed", members=members) for index in range(500))
    text = rendered(Compared(Drift(objects, 500)))
    assert "objects left out**" in text
    assert "one" not in rendered(Compared(Drift((), 3)))


def test_a_long_value_is_cut_and_says_by_how_much() -> None:
    where = Address("App", "a")
    change = Change(where, "create", members=(MemberChange(("url",), None, "x" * 10_000),), steps=(step(where),))
    assert "… (9602 more)" in rendered(Planned(Plan((change,))))


def test_an_error_is_told_with_details_and_what_to_do() -> None:
    text = rendered(Failed(RtcctlError("broken", mend="mend it", details=("a line",)), run=Run("plan")))
    assert text.startswith("### plan ended with an error (exit code 1).\n\n- **broken**\n- `a line`\n- *mend it*\n")
    assert text.endswith("\n<!-- rtcctl -->")


@pytest.mark.parametrize(
    ("text", "written"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("``x", "``` ``x ```"), (" a", "`  a `"), ("", "`   `")],
)
def test_a_code_span_holds_any_backticks(text: str, written: str) -> None:
    assert code(text) == written


def test_a_fence_is_longer_than_any_in_it() -> None:
    assert fenced(["a ````", "b"], "diff") == ["`````diff", "a ````", "b", "`````"]


PROJECTS = (
    *("ab", "a-b", "a--b", "a---b", "a----b", "a-", "a--", "-", "--", "a-%2Db", "a%2Db", "a.b", "a_b", "a b", "A-b"),
    *("\u00e4-b", "ab\ud800", "-->", "x" * 100, "x" * 200, "x" * 201, "x" * 199 + "y", "x" * 100 + "+"),
    *("-" * 300, "-" * 301),
)


def test_each_project_has_a_mark_of_its_own() -> None:
    marks = [mark(Run(project=name)) for name in PROJECTS]
    assert len(set(marks)) == len(PROJECTS)
    for each in marks:
        inside = each.removeprefix("<!-- rtcctl:").removesuffix(" -->")
        assert re.fullmatch(r"[\w.~%+-]+", inside, re.ASCII)
        assert "--" not in inside, "a comment of HTML may not hold it"
        assert len(each) < 200
    assert mark(Run(project="classroom-prod")) == "<!-- rtcctl:classroom-prod -->"
    assert mark(Run()) == "<!-- rtcctl -->"
