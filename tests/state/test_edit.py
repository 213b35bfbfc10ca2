"""Editing a ledger: what moves or goes together, what stands in the way, and what a taken job becomes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rtcctl.errors import ExitCode, UsageError
from rtcctl.model.ledger import Entry, Ledger, Pending
from rtcctl.state import codec, edit

from .support import BINDING, LINEAGE, address, full_ledger

STARTED = "2024-01-15T08:30:00+00:00"
JOB = address("MixStreamJob/a/room1")
J1 = {"app_id": "a1", "job_id": "j1"}
J2 = {"app_id": "a1", "job_id": "j2"}


def ledger(*owned: str, begun: tuple[str, ...] = (), job: Entry | None = None) -> Ledger:
    """A ledger that owns these addresses, each with an id made of its own text, and perhaps the job."""
    return Ledger(
        BINDING,
        LINEAGE,
        serial=7,
        entries={address(each): Entry({"id": each}) for each in owned} | ({JOB: job} if job else {}),
        pending=tuple(Pending(address(each), "create", STARTED) for each in begun),
        sources=2,
    )


def names(found: Ledger) -> list[str]:
    return sorted(map(str, edit.known(found)))


def test_a_child_moves_alone():
    after, pairs = edit.move(ledger("App/a", "RecordRule/a/x"), address("RecordRule/a/x"), address("RecordRule/a/y"))
    assert [tuple(map(str, pair)) for pair in pairs] == [("RecordRule/a/x", "RecordRule/a/y")]
    assert after.entries == {
        address("App/a"): Entry({"id": "App/a"}),
        address("RecordRule/a/y"): Entry({"id": "RecordRule/a/x"}),
    }


def test_an_app_takes_along_what_hangs_on_it_and_nothing_else():
    owned = ("App/a", "RecordRule/a/x", "RecordCallback/a", "MixStreamJob/a/j", "App/ab", "RecordRule/ab/x")
    before = ledger("BucketAuthorization/a", *owned)
    after, pairs = edit.move(before, address("App/a"), address("App/b"))
    assert str(pairs[0][0]) == "App/a"
    assert names(after) == [
        "App/ab",
        "App/b",
        "BucketAuthorization/a",
        "MixStreamJob/b/j",
        "RecordCallback/b",
        "RecordRule/ab/x",
        "RecordRule/b/x",
    ]
    assert after.entries[address("RecordRule/b/x")].ids == {"id": "RecordRule/a/x"}


def test_pending_operations_move_along():
    before = ledger("App/a", begun=("App/a", "MixStreamJob/a/j", "App/c"))
    after, _ = edit.move(before, address("App/a"), address("App/b"))
    assert after.pending == tuple(
        Pending(address(each), "create", STARTED) for each in ("App/b", "MixStreamJob/b/j", "App/c")
    )


def test_what_was_only_begun_can_be_renamed():
    after, pairs = edit.move(
        ledger(begun=("MixStreamJob/a/j",)), address("MixStreamJob/a/j"), address("MixStreamJob/a/k")
    )
    assert names(after) == ["MixStreamJob/a/k"]
    assert len(pairs) == 1


def test_an_edit_raises_the_serial_by_one_and_leaves_the_rest():
    before = full_ledger()
    moved, _ = edit.move(before, address("App/a"), address("App/z"))
    gone, _, _ = edit.forget(before, JOB)
    taken = edit.take(before, JOB, J1, stopped="", prevent_destroy=False)
    for after in (moved, gone, taken):
        assert after.serial == before.serial + 1
        rest = replace(after, serial=before.serial, entries=before.entries, pending=before.pending)
        assert rest == before
        assert codec.from_json(codec.to_json(after)) == after


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("RecordRule/a/x", "MixStreamJob/a/y", "kinds differ"),
        ("RecordRule/a/x", "RecordRule/b/x", "hangs on App/a"),
        ("RecordCallback/a", "RecordCallback/b", "hangs on App/a"),
        ("RecordRule/a/x", "RecordRule/a/y", "RecordRule/a/y is in the state already"),
        ("App/a", "App/a", "App/a is in the state already"),
        ("App/a", "App/c", "App/c is in the state already"),
        ("App/a", "App/d", "MixStreamJob/d/j is in the state already"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(old, new, words):
    before = ledger(
        "App/a", "RecordRule/a/x", "RecordRule/a/y", "RecordCallback/a", "App/c", begun=("MixStreamJob/d/j",)
    )
    with pytest.raises(UsageError, match=words) as caught:
        edit.move(before, address(old), address(new))
    assert caught.value.exit_code is ExitCode.INVALID
    assert caught.value.mend or "kinds differ" in words


def test_the_mend_of_a_child_that_shall_change_apps_names_the_way():
    with pytest.raises(UsageError) as caught:
        edit.move(ledger("RecordRule/a/x"), address("RecordRule/a/x"), address("RecordRule/b/x"))
    assert "rtcctl state mv App/a App/b" in caught.value.mend


def test_forgetting_an_app_drops_all_that_hangs_on_it():
    before = ledger("App/a", "RecordRule/a/x", "App/ab", begun=("MixStreamJob/a/j", "App/ab"))
    after, entries, settled = edit.forget(before, address("App/a"))
    assert names(after) == ["App/ab"]
    assert set(entries) == {address("App/a"), address("RecordRule/a/x")}
    assert [each.address for each in settled] == [address("MixStreamJob/a/j")]
    assert [each.address for each in after.pending] == [address("App/ab")]


def test_forgetting_a_child_leaves_its_app():
    after, entries, settled = edit.forget(ledger("App/a", "RecordRule/a/x"), address("RecordRule/a/x"))
    assert (names(after), list(entries), settled) == (["App/a"], [address("RecordRule/a/x")], ())


def test_a_job_that_was_there_before_is_adopted():
    after = edit.take(ledger("App/a"), JOB, J1, stopped="", prevent_destroy=True)
    assert after.entries[JOB] == Entry(J1, adopted=True, prevent_destroy=True)


def test_a_job_that_an_apply_began_to_start_is_our_own_and_settled():
    before = ledger("App/a", begun=(str(JOB), "App/b"))
    after = edit.take(before, JOB, J1, stopped="TENANT_STOP", prevent_destroy=False)
    assert after.entries[JOB] == Entry(J1, stopped="TENANT_STOP")
    assert [str(each.address) for each in after.pending] == ["App/b"]


def test_the_successor_of_a_replacement_that_was_cut_off_has_the_old_job_as_its_predecessor():
    old = Entry(J1, {"mix_param": {"room_id": "r"}}, deposed=({"app_id": "a1", "job_id": "j0"},))
    before = ledger(begun=(str(JOB),), job=old)
    edit.check_free(before, JOB, "j2")
    after = edit.take(before, JOB, J2, stopped="", prevent_destroy=False)
    assert after.entries[JOB] == Entry(J2, deposed=(J1, {"app_id": "a1", "job_id": "j0"}))


def test_taking_what_is_owned_keeps_its_members_and_settles_what_was_begun():
    old = Entry(J1, {"mix_param": {"room_id": "r"}}, prevent_destroy=True)
    after = edit.take(ledger(begun=(str(JOB),), job=old), JOB, J1, stopped="INTERNAL_ERROR", prevent_destroy=False)
    assert after.entries[JOB] == replace(old, stopped="INTERNAL_ERROR", prevent_destroy=False)
    assert after.pending == ()


def test_a_job_known_to_be_over_is_replaced_and_not_its_predecessors():
    old = Entry(J1, stopped="TENANT_STOP", deposed=(J2, {"app_id": "a1", "job_id": "j0"}))
    before = ledger(job=old)
    edit.check_free(before, JOB, "j2")
    after = edit.take(before, JOB, J2, stopped="", prevent_destroy=False)
    assert after.entries[JOB].deposed == ({"app_id": "a1", "job_id": "j0"},)


def test_an_entry_without_an_id_leaves_no_predecessor():
    before = ledger(job=Entry({}))
    edit.check_free(before, JOB, "j2")
    assert edit.take(before, JOB, J2, stopped="", prevent_destroy=False).entries[JOB].deposed == ()


def test_another_job_that_may_run_is_in_the_way():
    with pytest.raises(UsageError, match="owned already: job_id j1") as caught:
        edit.check_free(ledger(job=Entry(J1)), JOB, "j2")
    assert f"rtcctl state forget {JOB}" in caught.value.mend
    edit.check_free(ledger(job=Entry(J1)), JOB, "j1")


@pytest.mark.parametrize("entry", [Entry(J1), Entry(J2, deposed=(J1,))], ids=["owned", "deposed"])
def test_a_job_of_another_address_is_not_taken(entry):
    with pytest.raises(UsageError, match=f"job_id j1 is {JOB}'s") as caught:
        edit.check_free(ledger(job=entry), address("MixStreamJob/a/other"), "j1")
    assert f"rtcctl state mv {JOB} MixStreamJob/a/other" in caught.value.mend


def test_ids_of_another_kind_do_not_count():
    edit.check_free(ledger(job=Entry(J1)), address("IndividualStreamJob/a/other"), "j1")


@pytest.mark.parametrize(
    ("members", "room"), [({"mix_param": {"room_id": "r"}}, "r"), ({"room_id": "s"}, "s"), ({}, "")]
)
def test_the_room_of_a_job(members, room):
    assert edit.room(members) == room
