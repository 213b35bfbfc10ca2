"""Jobs as text of 80 columns and as documents that fit their schema; nothing in them moves a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from rtcctl.errors import ExitCode, FailedCall, NotPermittedError, ServerError
from rtcctl.model.address import Address
from rtcctl.model.jobs import Followed, JobStatus, Predecessor, Standing
from rtcctl.model.plan import Plan
from rtcctl.model.result import ApplyResult
from rtcctl.reports import as_json, as_text, following
from rtcctl.reports import jobs as report
from tests.jobs_documents import check_jobs_document

from .support import validate

WHERE = Address("MixStreamJob", "a", "room1")
USER = Address("IndividualStreamJob", "a", "teacher")
LONG = Address("IndividualStreamJob", "a" * 63, "b" * 63)
IDS = {"app_id": "a1", "job_id": "aded41e48134da09a826b69e5ad84ded"}
SINCE = "2024-01-15T08:30:00Z"
RUNNING = Standing("RUNNING", "", SINCE)
HOSTILE = "\x1b[2J\u202eboo\n"


def lines(*jobs: JobStatus) -> list[str]:
    return report.status_text(jobs).splitlines()


def test_a_job_is_told_with_what_it_records_and_since_when():
    assert lines(JobStatus(WHERE, IDS, RUNNING, "room001", declared=True)) == [
        "MixStreamJob/a/room1  RUNNING",
        f"      room room001, since {SINCE}",
        f"      job_id {IDS['job_id']}",
        "1 job: 1 RUNNING.",
    ]


def test_what_ended_says_why_and_a_user_and_what_is_not_declared_are_told():
    stopped = Standing("STOPPED", "TENANT_STOP")
    assert lines(JobStatus(USER, IDS, stopped, "r1", "u1"))[:2] == [
        "IndividualStreamJob/a/teacher  STOPPED (TENANT_STOP)",
        "      room r1, user u1, not declared",
    ]


@pytest.mark.parametrize(
    ("standing", "words", "count"),
    [
        (Standing("", "no longer readable"), "not found (no longer readable)", "1 not found"),
        (Standing(), "not told", "1 not told"),
    ],
)
def test_what_is_not_known_is_said_so(standing, words, count):
    text = lines(JobStatus(WHERE, {}, standing, declared=True))
    assert text == [f"{WHERE}  {words}", f"1 job: {count}."]


def test_a_start_that_was_never_heard_of_again_is_told():
    assert lines(JobStatus(WHERE, {}, None, declared=True, begun=SINCE)) == [
        str(WHERE),
        f"      a start was begun {SINCE} and never heard of again",
        "1 job: 1 unknown.",
    ]


def test_a_replacement_that_was_never_heard_of_again_stands_beside_the_job_that_runs():
    assert lines(JobStatus(WHERE, IDS, RUNNING, begun=SINCE))[3] == (
        f"      a start was begun {SINCE} and never heard of again"
    )


def test_predecessors_that_are_still_there_are_told():
    left = (Predecessor({"job_id": "old1"}, RUNNING), Predecessor({"job_id": "old2"}, Standing("INIT")))
    assert lines(JobStatus(WHERE, IDS, RUNNING, declared=True, predecessors=left))[3:5] == [
        f"      predecessor still there: job_id old1, RUNNING since {SINCE}",
        "      predecessor still there: job_id old2, INIT",
    ]


def test_jobs_are_counted_by_how_they_stand():
    assert lines(JobStatus(WHERE, IDS, RUNNING), JobStatus(USER, IDS, RUNNING), JobStatus(WHERE, {}, Standing("INIT")))[
        -1
    ] == ("3 jobs: 1 INIT, 2 RUNNING.")
    assert lines() == ["The state owns no job that is meant."]


def test_lines_fit_eighty_columns_as_far_as_words_let_them():
    job = JobStatus(LONG, IDS, Standing("STOPPED", "EXCEED_MAX_IDLE_TIME"), "r" * 64, "u" * 64, begun=SINCE)
    late = Followed(LONG, IDS, "running", "late", RUNNING, 300.0, ServerError(FailedCall("GET", "/x", 500), "w " * 90))
    text = report.status_text([job]) + "\n" + report.waited_text([late], "running")
    assert [line for line in text.splitlines() if len(line) > 80 and str(LONG) not in line] == []
    assert "      STOPPED (EXCEED_MAX_IDLE_TIME)\n" in text


STATUSES = [
    JobStatus(WHERE, IDS, RUNNING, "r", declared=True, predecessors=(Predecessor(IDS, Standing("INIT")),)),
    JobStatus(USER, IDS, Standing("", "no longer readable"), "r", "u"),
    JobStatus(WHERE, {}, None, begun=SINCE),
]


def test_statuses_are_a_document_of_their_schema():
    document = read(report.status_document(STATUSES))
    check_jobs_document(document)
    first, gone, begun = document["jobs"]
    assert (first["state"], first["over"], first["since"], first["room_id"]) == ("RUNNING", False, SINCE, "r")
    assert first["predecessors"] == [
        {"ids": IDS, "state": "INIT", "over": False, "stop_reason": None, "since": None},
    ]
    assert (gone["state"], gone["over"], gone["stop_reason"]) == (None, True, "no longer readable")
    assert (begun["state"], begun["over"], begun["begun"], begun["ids"]) == (None, None, SINCE, {})
    with pytest.raises(Exception, match="more"):
        check_jobs_document({**document, "more": 1})


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_json.dumps(document))
    return found


REFUSED = NotPermittedError(FailedCall("GET", "/x", 403), "no", mend="ask for the right")
FOLLOWED = (
    Followed(WHERE, IDS, "running", "reached", RUNNING, 1.25),
    Followed(WHERE, IDS, "running", "ended", Standing("STOPPED", "INTERNAL_ERROR"), 0.5),
    Followed(WHERE, IDS, "running", "late", Standing("INIT"), 300.0),
    Followed(WHERE, IDS, "running", "failed", None, 0.0, REFUSED),
    Followed(WHERE, IDS, "running", "interrupted", None, 2.0),
)


def test_what_became_of_waiting_is_told_for_each_job():
    assert report.waited_text(FOLLOWED, "running").splitlines() == [
        "  MixStreamJob/a/room1  RUNNING after 1.2 s",
        "  MixStreamJob/a/room1",
        "      STOPPED (INTERNAL_ERROR) after 0.5 s: it will not run any more",
        "  MixStreamJob/a/room1  NOT running after 300.0 s: INIT",
        "  MixStreamJob/a/room1  can't be read after 0.0 s",
        "      GET /x: 403: no",
        "      = ask for the right",
        "  MixStreamJob/a/room1  not followed any longer after 2.0 s: not read",
        "1 of 5 jobs running, 4 not.",
    ]
    assert report.waited_text(FOLLOWED[:1], "running").endswith("\n1 of 1 job running.")
    assert report.waited_text((), "running") == "The state owns no job that is meant."


def test_good_and_bad_ends_are_told_apart_by_colour_too():
    text = report.waited_text(FOLLOWED[:2], "running", paint=lambda tone, text: f"<{tone}>{text}")
    assert "<good>RUNNING" in text
    assert "<bad>      STOPPED" in text


def test_what_became_of_waiting_is_a_document_of_its_schema():
    document = read(report.waited_document(FOLLOWED, "running", ExitCode.NOT_ALLOWED))
    check_jobs_document(document)
    assert (document["exit_code"], document["aim"]) == (4, "running")
    assert [each["ending"] for each in document["jobs"]] == ["reached", "ended", "late", "failed", "interrupted"]
    assert document["jobs"][3]["error"] == {
        "type": "NotPermittedError",
        "message": "GET /x: 403: no",
        "mend": "ask for the right",
    }


def test_jobs_that_an_apply_followed_stand_in_its_result():
    result = ApplyResult(followed=FOLLOWED)
    document = read(as_json.result_document(Plan(), result))
    validate(document, "result")
    assert len(document["followed"]) == 5
    assert "  MixStreamJob/a/room1  NOT running after 300.0 s: INIT\n" in as_text.result_text(result)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Followed(WHERE, IDS, "running", None, Standing("INIT"), 0.5), "INIT after 0.5 s"),
        (Followed(WHERE, IDS, "running", None, RUNNING, 0.5, REFUSED), "can't be read, trying again"),
        (FOLLOWED[0], "RUNNING after 1.2 s"),
        (FOLLOWED[3], "can't be read after 0.0 s"),
    ],
)
def test_progress_is_a_line(seen, words):
    assert following.progress_line(seen) == f"{WHERE}: {words}"


def test_what_a_terminal_would_obey_is_written_out():
    standing = Standing(HOSTILE, HOSTILE, HOSTILE)
    job = JobStatus(WHERE, {"job_id": HOSTILE}, standing, HOSTILE, HOSTILE, begun=HOSTILE)
    seen = Followed(WHERE, {}, "running", None, standing, 0, ServerError(FailedCall("GET", "/x", 500), HOSTILE))
    texts = (
        report.status_text([job, JobStatus(WHERE, {}, None, begun=HOSTILE)]),
        report.status_text([JobStatus(WHERE, {}, RUNNING, predecessors=(Predecessor({"job_id": HOSTILE}, standing),))]),
        report.waited_text([seen], "running"),
        following.progress_line(seen),
        as_json.dumps(report.status_document([job])),
        as_json.dumps(report.waited_document([seen], "running", ExitCode.OK)),
    )
    for text in texts:
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "boo\n" not in text
