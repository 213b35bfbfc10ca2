"""What an edit of the state means is said in words: what stays, what comes back, what may still run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rtcctl.errors import Diagnostic
from rtcctl.model.edits import Forgotten, Imported, Moved
from rtcctl.model.ledger import Entry, Pending
from rtcctl.reports import edits as report
from tests.ledger_documents import check_ledger_document
from tests.state.support import address

APP, JOB, RULE = address("App/a"), address("MixStreamJob/a/room1"), address("RecordRule/a/r")
IDS = {"app_id": "a1", "job_id": "j2"}
BEGUN = Pending(JOB, "start", "2024-01-15T08:30:00+00:00")
STOP = "DELETE /v2/apps/a1/mix-stream-jobs/j2"
IMPORTED = Imported(JOB, IDS, {"state": "RUNNING"}, "room1", "room1", adopted=True, serial=3)


def gone(where=JOB, *, declared=(), rooms=None, settled=(), **entries: Entry) -> Forgotten:
    by_address = {{"app": APP, "job": JOB, "rule": RULE}[name]: entry for name, entry in entries.items()}
    return Forgotten(where, by_address, settled, frozenset(declared), rooms or {}, serial=9)


def told(found: Forgotten) -> str:
    """The text in one line, for wrapping is not what is looked at."""
    return " ".join(report.forgotten_text(found).split())


def test_every_rename_is_told():
    moved = Moved(((APP, address("App/b")), (RULE, address("RecordRule/b/r"))), 4)
    assert report.moved_text(moved).splitlines()[:2] == [
        "Moved App/a to App/b.",
        "Moved RecordRule/a/r to RecordRule/b/r.",
    ]
    document = report.moved_document(moved)
    check_ledger_document(document)
    assert document["moved"][1] == {"from": "RecordRule/a/r", "to": "RecordRule/b/r"}


def test_a_forgotten_job_may_run_and_is_kept_or_stopped_by_its_id():
    found = gone(job=Entry(IDS), rooms={JOB: "room1"}, declared=[JOB])
    lines = report.forgotten_text(found).splitlines()
    assert f"{JOB} may still run in room1." in lines
    assert f"  keep it: rtcctl import {JOB} j2" in lines
    assert f"  stop it: {STOP}" in lines
    assert "without an import the next apply starts it, as a new job" in told(found)


def test_a_job_that_is_not_declared_has_to_be_before_an_import():
    text = told(gone(job=Entry(IDS)))
    assert "may still run. keep it: declare it, then rtcctl import" in text
    assert "still declares" not in text


def test_a_job_known_to_be_over_runs_no_more():
    text = told(gone(job=Entry(IDS, stopped="TENANT_STOP"), declared=[JOB]))
    assert "may still run" not in text
    assert STOP not in text


def test_an_entry_without_an_id_gives_no_command():
    text = told(gone(job=Entry({"app_id": "a1"}, deposed=({"app_id": "a1"},)), declared=[JOB]))
    assert "may still run" not in text
    assert "(job_id ). end it: DELETE /v2/apps/a1/mix-stream-jobs/{job_id}" in text


def test_predecessors_are_named_with_the_call_that_ends_them():
    text = told(gone(job=Entry({"app_id": "a1", "job_id": "j3"}, deposed=(IDS,))))
    assert f"The predecessor of {JOB} stays as well (job_id j2). end it: {STOP}" in text


def test_a_predecessor_that_no_call_ends_is_named_too():
    entry = Entry({"app_id": "a2"}, deposed=({"app_id": "a1"},))
    found = Forgotten(address("RecordCallback/a"), {address("RecordCallback/a"): entry}, (), frozenset(), {}, 1)
    assert "stays as well (a1). end it: no call does" in told(found)


def test_a_start_whose_end_was_never_learned_is_settled():
    found = gone(settled=(BEGUN,), rooms={JOB: "room1"}, declared=[JOB])
    text = told(found)
    assert text.startswith(f"Forgot {JOB}.")
    assert (
        "was begun at 2024-01-15T08:30:00+00:00 and counts as never started now. If it runs in room1 after all" in text
    )
    assert "may still run" not in text
    document = report.forgotten_document(found)
    check_ledger_document(document)
    assert document["forgotten"] == [
        {"address": str(JOB), "ids": {}, "deposed": [], "declared": True, "room_id": "room1"}
    ]
    assert document["settled"] == [{"address": str(JOB), "verb": "start", "started": BEGUN.started}]


def test_a_forgotten_app_is_adopted_again_but_its_jobs_are_not_started_by_guess():
    found = gone(APP, app=Entry({"app_id": "a1"}), rule=Entry({}), job=Entry(IDS), declared=[APP, RULE, JOB])
    text = told(found)
    assert text.startswith("Forgot App/a and what hangs on it: MixStreamJob/a/room1, RecordRule/a/r.")
    assert "still declares App/a, RecordRule/a/r: the next apply adopts what it finds of that." in text
    assert "without an import the next apply asks for --start-unknown-jobs" in text
    document = report.forgotten_document(found)
    check_ledger_document(document)
    assert [each["address"] for each in document["forgotten"]] == ["App/a", str(JOB), "RecordRule/a/r"]


@pytest.mark.parametrize("declared", [True, False])
def test_an_authorization_is_never_withdrawn_once_it_is_adopted(declared):
    where = address("BucketAuthorization/b")
    found = Forgotten(where, {where: Entry({})}, (), frozenset({where} if declared else ()), {}, 1)
    assert ("left as it is ever after" in told(found)) is declared


def test_prose_is_wrapped_and_commands_are_not():
    found = gone(APP, app=Entry({"app_id": "a1"}), job=Entry(IDS), declared=[APP, JOB], rooms={JOB: "r" * 60})
    for line in report.forgotten_text(found).splitlines():
        assert len(line) <= 80 or line.startswith(("  keep it:", "  stop it:")) or "r" * 60 in line


def test_an_import_tells_state_room_and_what_to_do_next():
    assert report.imported_text(IMPORTED).splitlines() == [
        f"Imported {JOB}: RUNNING in room1.",
        "Run plan to see what differs.",
    ]
    over = replace(IMPORTED, status={"state": "STOPPED", "stop_reason": "TENANT_STOP"}, room="")
    assert report.imported_text(over).startswith(f"Imported {JOB}: STOPPED TENANT_STOP.")
    assert report.imported_text(replace(over, status={})).startswith(f"Imported {JOB}: state not told.")


def test_an_import_of_what_was_owned_says_so():
    text = report.imported_text(replace(IMPORTED, owned_before=True))
    assert " ".join(text.split()).startswith(f"{JOB} was owned already: RUNNING in room1.")


def test_an_import_names_the_job_that_it_succeeds():
    successor = replace(IMPORTED, predecessor={"app_id": "a1", "job_id": "j1"})
    assert "succeeds the job owned so far (job_id j1), which the next apply stops" in " ".join(
        report.imported_text(successor).split()
    )
    document = report.imported_document(successor)
    check_ledger_document(document)
    assert document["predecessor"] == {"app_id": "a1", "job_id": "j1"}


def test_an_import_as_a_document():
    document = report.imported_document(replace(IMPORTED, warnings=(Diagnostic("look out", severity="warning"),)))
    check_ledger_document(document)
    assert (document["kind"], document["address"], document["ids"]) == ("import", str(JOB), IDS)
    assert (document["room_id"], document["declared_room_id"], document["predecessor"]) == ("room1", "room1", None)
    assert [each["message"] for each in document["warnings"]] == ["look out"]
