"""Explanations as text that fits, and as documents."""

from __future__ import annotations

import pytest

from rtcctl.model.explanation import Brief, Effect, Explanation
from rtcctl.operations.explaining import all_kinds, explain, paths
from rtcctl.reports import explanation as report
from rtcctl.reports.style import Style

FOUND = Explanation(
    "App.spec.x",
    "integer",
    "What x is.",
    required=True,
    unit="seconds",
    default="3",
    default_of="the service",
    limits=("1 to 5", "or 0"),
    values=("a", "b"),
    notes=("immutable",),
    change="makes a new App, then removes the old one",
    effects=(Effect("clients notice", "when it is on", "API Reference, X"), Effect("always")),
    source="API Reference, Y",
    members=(Brief("y", "string", "What y is.", required=True),),
)


def test_everything_that_is_known_is_written():
    assert report.text(FOUND).splitlines() == [
        "App.spec.x  integer, required",
        "",
        "  What x is.",
        "",
        "  unit      seconds",
        "  allowed   1 to 5",
        "            or 0",
        "  values    a, b",
        "  default   3 (of the service)",
        "  note      immutable",
        "  source    API Reference, Y",
        "  change    makes a new App, then removes the old one",
        "            ! when it is on: clients notice (API Reference, X)",
        "            ! always",
        "",
        "  Members (* required):",
        "    y*  string  What y is.",
    ]


def test_consequences_of_a_kind_stand_under_a_label_of_their_own():
    lines = report.text(Explanation("App", "a document", "", source="X", effects=(Effect("one"), Effect("two"))))
    assert lines.splitlines()[-3:] == ["  source    X", "  change    ! one", "            ! two"]


@pytest.mark.parametrize("width", [80, 132])
@pytest.mark.parametrize("path", list(paths()))
def test_no_line_is_longer_than_the_terminal(path, width):
    lines = report.text(explain(path), Style(width)).splitlines()
    assert [line for line in lines if len(line) > width] == []


def test_what_nothing_is_known_of_takes_no_line():
    assert report.text(Explanation("App.x", "string", "")) == "App.x  string"


def test_colour_adds_to_words_and_takes_none_away():
    painted = report.text(FOUND, Style(80, lambda tone, text: f"<{tone}>{text}</>"))
    assert "<strong>App.spec.x</>" in painted
    assert "! always" in painted


def test_the_list_of_kinds_says_how_to_go_on():
    text = report.kinds_text(all_kinds())
    assert "MixStreamJob" in text
    assert text.endswith("`rtcctl explain KIND` shows the members of one, KIND.MEMBER what is known of that.")


def test_a_document_has_all_of_it():
    found = report.document(FOUND)
    assert (found["kind"], found["path"], found["required"]) == ("explanation", "App.spec.x", True)
    assert found["default"] == {"value": "3", "of": "the service"}
    assert found["effects"][1] == {"says": "always", "when": None, "source": None}
    assert found["members"] == [{"name": "y", "type": "string", "description": "What y is.", "required": True}]
    assert report.document(Explanation("App.x", "string", ""))["default"] is None
    assert report.kinds_document(all_kinds())["kinds"][1]["name"] == "App"
