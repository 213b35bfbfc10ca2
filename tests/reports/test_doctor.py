"""What doctor found as text, told by words before colours, and as a document of its schema."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from rtcctl.errors import ExitCode
from rtcctl.model.checkup import Check, Checkup
from rtcctl.reports import doctor as report
from rtcctl.reports.style import Style
from rtcctl.schema import load

CHECKUP = Checkup(
    (
        Check("python", "ok", "3.11"),
        Check("clock", "warning", "6 minutes off", "set it"),
        Check("credentials", "failed", "none found", "set some", ExitCode.NOT_ALLOWED),
        Check("write", "skipped", "never tried"),
    ),
    "https://example.com",
)


def test_a_line_for_each_with_its_word_and_the_mend_below():
    assert report.text(CHECKUP, Style(90)).splitlines() == [
        "ok       python       3.11",
        "warning  clock        6 minutes off",
        "                      > set it",
        "FAILED   credentials  none found",
        "                      > set some",
        "skipped  write        never tried",
        "",
        "Something is wrong with https://example.com: 1 failed, 1 warning, 1 ok, 1 skipped.",
    ]


def test_nothing_failed_is_said_so():
    assert report.text(Checkup((Check("a", "ok", "x"),), "here")).endswith("Nothing is wrong with here: 1 ok.")


@pytest.mark.parametrize("width", [80, 100])
def test_long_words_wrap_within_the_terminal(width):
    long = Check("state", "failed", "/a/path/" + "x" * 150, "do " * 60)
    lines = report.text(Checkup((long,), "https://" + "y" * 100), Style(width)).splitlines()
    assert [line for line in lines if len(line) > width] == []
    assert sum(line.strip().startswith(">") for line in lines) == 1


def test_colour_is_added_to_words():
    painted = report.text(CHECKUP, Style(80, lambda tone, text: f"<{tone}>{text}</>"))
    assert "<bad>FAILED</>" in painted
    assert "<quiet>never tried</>" in painted


def test_foreign_text_is_made_inert():
    assert "\x1b" not in report.text(Checkup((Check("a", "failed", "\x1b[31m", "\x1b"),), "\x1b"))


def test_the_document_is_of_its_schema():
    schema = load("doctor")
    Draft202012Validator.check_schema(schema)
    document = report.document(CHECKUP)
    Draft202012Validator(schema).validate(document)
    assert document["exit_code"] == 4
    assert document["summary"] == {"ok": 1, "warning": 1, "failed": 1, "skipped": 1}
    assert [check["exit_code"] for check in document["checks"]] == [None, None, 4, None]
    assert [check["mend"] for check in document["checks"]] == [None, "set it", "set some", None]
