"""What every place for a state does alike, against real servers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rtcctl.errors import ExitCode, ForeignStateError, StateLockedError, UsageError
from rtcctl.model.ledger import Delta, Entry, Ledger, Pending, after
from rtcctl.state.store import Store

from .places import Place
from .support import KEY, address, full_ledger

BEGUN = Pending(address("App/c"), "create", "2024-01-15T08:31:00Z")
CALLBACK = address("RecordCallback/a")
DELTAS = (
    Delta(begun=(BEGUN,), serial=8, sources=4, throttle="category", identity={"tenant_name": "acme-rtc"}),
    Delta({BEGUN.address: Entry({"app_id": "c1"}, {"state": "ACTIVATION"})}, settled=frozenset({BEGUN.address})),
    Delta({address("App/a"): None, CALLBACK: full_ledger().entries[CALLBACK]}),
)


def ledger_of(place: Place, serial: int = 7) -> Ledger:
    return replace(full_ledger(), binding=place.binding, serial=serial)


def saved(place: Place) -> Ledger:
    store = place.open()
    store.load()
    store.save(ledger_of(place))
    return ledger_of(place)


def cut_off(place: Place) -> Ledger:
    """An apply that wrote all deltas to its journal and was never heard of again."""
    base, store = saved(place), place.open()
    store.begin(store.load())
    for delta in DELTAS:
        store.append([delta])
    return after(base, DELTAS)


def test_an_absent_state_is_an_empty_ledger_of_a_new_lineage(place: Place) -> None:
    one, two = place.open().load(), place.open().load()
    assert one == Ledger(place.binding, one.lineage)
    assert len(one.lineage) == 32
    assert one.lineage != two.lineage


def test_what_was_saved_is_loaded(place: Place) -> None:
    assert place.open().load() != saved(place)
    assert place.open().load() == ledger_of(place)


def test_one_run_saves_again_and_again(place: Place) -> None:
    store = place.open()
    store.load()
    for serial in (1, 2, 3):
        store.save(ledger_of(place, serial))
    assert place.open().load() == ledger_of(place, 3)


def test_a_foreign_state_is_refused_when_it_is_loaded(place: Place) -> None:
    saved(place)
    with pytest.raises(ForeignStateError, match="belongs to endpoint") as caught:
        place.open(replace(place.binding, endpoint="simulator")).load()
    assert place.project in caught.value.message


def test_accounts_of_a_project_and_projects_of_a_place_are_apart(place: Place) -> None:
    saved(place)
    assert place.open(replace(place.binding, account="other")).load().entries == {}
    assert place.open(replace(place.binding, project=f"{place.project}x")).load().entries == {}


def test_a_journal_is_put_upon_the_snapshot(place: Place) -> None:
    expected = cut_off(place)
    assert place.open().load() == expected


def test_several_deltas_at_once_are_as_good_as_one_by_one(place: Place) -> None:
    base, store = saved(place), place.open()
    store.begin(store.load())
    store.append(DELTAS)
    assert place.open().load() == after(base, DELTAS)


def test_the_first_apply_of_all_leaves_its_lineage_before_its_first_call(place: Place) -> None:
    store = place.open()
    base = store.load()
    store.begin(base)
    assert place.open().load() == base
    store.append(DELTAS[:1])
    assert place.open().load() == after(base, DELTAS[:1])


def test_the_end_of_an_apply_folds_the_journal_into_the_snapshot(place: Place) -> None:
    store = place.open()
    store.load()
    store.save(ledger_of(place))
    store.begin(ledger_of(place))
    store.append(DELTAS)
    store.save(after(ledger_of(place), DELTAS))
    assert place.open().load() == after(ledger_of(place), DELTAS)
    again = place.open()
    again.begin(again.load())
    again.append([Delta(sources=9)])
    assert place.open().load() == replace(after(ledger_of(place), DELTAS), sources=9)


def test_an_apply_after_one_that_was_cut_off_keeps_what_that_one_did(place: Place) -> None:
    left = cut_off(place)
    store = place.open()
    store.begin(store.load())
    assert place.open().load() == left
    store.append([Delta(serial=9, sources=5)])
    assert place.open().load() == replace(left, serial=9, sources=5)


def test_an_append_before_begin_is_a_mistake_of_ours(place: Place) -> None:
    with pytest.raises(RuntimeError):
        place.open().append(DELTAS)


def test_a_state_locked_by_another_process_names_holder_nonce_and_time_and_exits_8(place: Place) -> None:
    with place.process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        store = place.open()
        with pytest.raises(StateLockedError) as caught, store.locked():
            raise AssertionError
        holder = store.holder()
        assert holder is not None
        assert (holder.user, holder.pid) == ("alice", process.pid)
        assert caught.value.exit_code == ExitCode.LOCKED
        assert f"locked by {holder} (" in caught.value.message
        assert holder.nonce in caught.value.message
        assert f"process {process.pid}, since {holder.since}" in caught.value.message
        process.communicate()
    assert store.holder() is None
    with store.locked() as before:
        assert before is None


def test_two_applies_at_once_one_works_and_the_other_changes_nothing(place: Place) -> None:
    saved(place)
    with place.process("apply") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        meanwhile = place.open().load()
        with pytest.raises(StateLockedError), place.open().locked():
            raise AssertionError
        assert place.open().load() == meanwhile
        assert (meanwhile.serial, meanwhile.pending) == (8, ())


def test_the_lock_is_free_after_an_error_inside_the_block(place: Place) -> None:
    with pytest.raises(KeyError), place.open().locked():
        raise KeyError
    with place.open().locked() as before:
        assert before is None


def test_one_store_can_be_locked_again(place: Place) -> None:
    store = place.open()
    for _ in range(2):
        with store.locked():
            store.save(replace(store.load(), serial=store.load().serial + 1))
    assert store.load().serial == 2


def test_what_a_run_that_was_cut_off_left_is_told_until_it_is_folded(place: Place) -> None:
    saved(place)
    assert not place.open().unfolded
    for folding in ("save", "begin"):
        cut_off(place)
        store = place.open()
        found = store.load()
        seen = [store.unfolded]
        getattr(store, folding)(found)
        seen.append(store.unfolded)
        store.save(found)
        after_that = place.open()
        assert after_that.load() == found
        assert [*seen, after_that.unfolded] == [True, False, False]


def test_a_lock_is_held_for_the_time_of_its_block(place: Place) -> None:
    store = place.open()
    assert not store.is_held()
    with store.locked():
        assert store.is_held()
        assert not place.open().is_held()
    assert not store.is_held()


def test_a_lock_that_nobody_holds_can_not_be_unlocked(place: Place) -> None:
    with pytest.raises(UsageError, match="no lock fake"):
        place.open().unlock("fake")
    with place.open().locked():
        pass
    with pytest.raises(UsageError, match="no lock fake"):
        place.open().unlock("fake")


def test_a_held_lock_is_not_given_up_for_another_nonce(place: Place) -> None:
    store = place.open()
    with store.locked():
        with pytest.raises((UsageError, StateLockedError)):
            place.open().unlock("fake")
        store.load()
        store.save(ledger_of(place))


def test_no_secret_of_the_ledger_is_kept(place: Place) -> None:
    cut_off(place)
    assert KEY.reveal() not in repr(place.open().load())


def test_what_was_loaded_is_all_that_is_overwritten(shared: Place) -> None:
    saved(shared)
    late, other = shared.open(), shared.open()
    late.load()
    other.load()
    other.save(ledger_of(shared, 8))
    for write in (late.save, late.begin):
        if write == late.begin:
            other.begin(ledger_of(shared, 8))
        with pytest.raises(StateLockedError) as caught:
            write(ledger_of(shared, 99))
        assert "another run" in caught.value.message
        assert "nothing was overwritten" in caught.value.mend
    assert shared.open().load() == ledger_of(shared, 8)


def test_a_state_that_came_up_since_is_not_overwritten(shared: Place) -> None:
    late: Store = shared.open()
    late.load()
    saved(shared)
    with pytest.raises(StateLockedError):
        late.save(ledger_of(shared, 1))
    assert shared.open().load() == ledger_of(shared)


def test_what_a_run_writes_that_lost_the_state_is_not_taken_for_the_holders(shared: Place) -> None:
    saved(shared)
    one, two = shared.open(), shared.open()
    one.begin(one.load())
    one.append(DELTAS[:1])
    two.begin(two.load())
    two.append([Delta(sources=9)])
    one.append(DELTAS[1:2])  # nothing told it, for neither holds the lock
    left = after(ledger_of(shared), [*DELTAS[:1], Delta(sources=9)])
    assert shared.open().load() == left
    with pytest.raises(StateLockedError):
        two.append([Delta(sources=10)])
    assert shared.open().load() == left
