"""Drift as text and as JSON."""

from __future__ import annotations

import jsonschema
import pytest

from rtcctl.model.address import Address
from rtcctl.model.drift import Drift, Drifted, Happened
from rtcctl.model.plan import MemberChange
from rtcctl.model.values import Mark
from rtcctl.reports.drift import drift_document, drift_text
from rtcctl.reports.style import Tone
from rtcctl.schema import load

RULE = Address("RecordRule", "a", "default")
LONG = Address("MixStreamJob", "an-app-of-a-rather-long-name", "a-job-of-a-rather-long-name-too")
CYCLE = MemberChange(("mp4_config", "record_cycle"), 3600, 60, drift=True)
KEY = MemberChange(("auth_key",), Mark("(secret)"), Mark("(another secret)"), drift=True)
GONE = MemberChange(("record_rule_id",), "r1", None, drift=True)
ALL = Drift(
    (
        Drifted(RULE, "changed", members=(CYCLE, KEY, GONE)),
        Drifted(Address("App", "b"), "deleted"),
        Drifted(LONG, "stopped", "TENANT_STOP"),
        Drifted(Address("MixStreamJob", "a", "x"), "ended", "EXCEED_MAX_IDLE_TIME"),
    ),
    9,
)


def test_everything_that_moved_is_told_with_what_was_applied_and_what_is_live() -> None:
    assert drift_text(ALL) == "\n".join(
        [
            "  ~ RecordRule/a/default  # changed outside rtcctl",
            "      mp4_config.record_cycle  3600 → 60",
            "      auth_key                 (secret) → (another secret)",
            '      record_rule_id           "r1" → (none)',
            "",
            "  - App/b  # deleted outside rtcctl",
            "",
            "  - MixStreamJob/an-app-of-a-rather-long-name/a-job-of-a-rather-long-name-too",
            "      # stopped outside rtcctl (TENANT_STOP)",
            "",
            "    MixStreamJob/a/x  # ended by itself (EXCEED_MAX_IDLE_TIME)",
            "",
            "Drift: 1 changed, 1 deleted, 1 stopped outside rtcctl, 5 as last applied.",
        ]
    )


@pytest.mark.parametrize(("checked", "says"), [(0, "0 objects"), (1, "1 object"), (2, "2 objects")])
def test_no_drift_says_how_much_was_looked_at(checked: int, says: str) -> None:
    assert drift_text(Drift((), checked)) == f"No drift: {says} looked at."


def test_a_job_that_ended_by_itself_is_shown_and_does_not_count() -> None:
    found = Drift((Drifted(LONG, "ended", "INTERNAL_ERROR"),), 3)
    assert drift_text(found).endswith("\n\nNo drift: 3 objects looked at.")
    assert drift_document(found)["has_drift"] is False


def test_a_note_of_the_service_stays_inert_and_within_80_columns() -> None:
    evil = "a\x1b[31m" + "very long reason " * 10
    text = drift_text(Drift((Drifted(LONG, "stopped", evil),), 1))
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_tones_go_with_what_happened() -> None:
    heard: list[tuple[Tone, str]] = []

    def paint(tone: Tone, text: str) -> str:
        heard.append((tone, text.strip().partition(" ")[0]))
        return text

    drift_text(ALL, paint=paint)
    assert [tone for tone, text in heard if text in ("~", "-", "MixStreamJob/a/x")] == [
        "changed",
        "bad",
        "bad",
        "quiet",
    ]


@pytest.mark.parametrize("found", [Drift(), ALL])
def test_the_document_fits_its_schema(found: Drift) -> None:
    jsonschema.validate(drift_document(found), load("drift"))


def test_the_document_tells_members_and_counts() -> None:
    document = drift_document(ALL)
    assert (document["has_drift"], document["checked"]) == (True, 9)
    first, *others = document["objects"]
    assert first["members"] == [
        {"path": "mp4_config.record_cycle", "applied": 3600, "live": 60},
        {"path": "auth_key", "applied": "(secret)", "live": "(another secret)"},
        {"path": "record_rule_id", "applied": "r1", "live": None},
    ]
    happened: list[Happened] = [each["happened"] for each in others]
    assert happened == ["deleted", "stopped", "ended"]
