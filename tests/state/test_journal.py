"""The journal's lines: what was put in comes out, what a crash cut off is dropped, all other damage is told."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rtcctl.model.address import Address
from rtcctl.model.ledger import Delta, Entry, Ledger, Pending, after
from rtcctl.model.values import Secret
from rtcctl.state import codec, journal
from rtcctl.state.journal import Writer

from .support import KEY, LINEAGE, full_ledger

ADDRESSES = st.sampled_from([Address("App", name) for name in "abc"] + [Address("RecordRule", "a", "x")])


def entry(**members: Any) -> Entry:
    """Hypothesis would ask for annotations of names that only type checkers know."""
    return Entry(**members)


def delta(**members: Any) -> Delta:
    """As `entry`."""
    return Delta(**members)


ENTRIES = st.builds(
    entry,
    ids=st.dictionaries(st.sampled_from(["app_id", "rule_id"]), st.text(max_size=5), max_size=2),
    members=st.dictionaries(
        st.sampled_from("xyz"), st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists)
    ),
    adopted=st.booleans(),
    stopped=st.sampled_from(["", "TENANT_STOP"]),
)
BEGUN = st.builds(Pending, ADDRESSES, st.sampled_from(["create", "update"]), st.just("2024-01-15T08:31:00Z"))
DELTAS = st.builds(
    delta,
    entries=st.dictionaries(ADDRESSES, st.none() | ENTRIES, max_size=3),
    begun=st.lists(BEGUN, max_size=2, unique_by=lambda each: each.address).map(tuple),
    settled=st.frozensets(ADDRESSES, max_size=2),
    serial=st.none() | st.integers(0, 99),
    sources=st.none() | st.integers(0, 99),
    throttle=st.sampled_from([None, "category", "shared"]),
    identity=st.none() | st.dictionaries(st.sampled_from(["domain", "tenant_name"]), st.text(max_size=5), min_size=1),
)
BATCHES = st.lists(st.lists(DELTAS, min_size=1, max_size=3), max_size=4)


def written(base: Ledger, batches: Sequence[Sequence[Delta]]) -> list[bytes]:
    """The lines of a journal, as a store writes them."""
    writer = Writer()
    lines = [writer.head(base)]
    for number, batch in enumerate(batches, start=1):
        writer.number = number
        lines.append(writer.line(batch))
    return lines


def read(lines: Sequence[bytes], *, torn: bool = False) -> tuple[Delta, ...]:
    found = journal.read(lines, torn=torn)
    assert found is not None
    assert (found.lineage, found.serial) == (LINEAGE, 7)
    return found.deltas


def sealed(**document: Any) -> bytes:
    text = json.dumps(document).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


@given(BATCHES)
def test_a_journal_leads_where_its_deltas_lead(batches: list[list[Delta]]) -> None:
    deltas = [delta for batch in batches for delta in batch]
    found = read(written(full_ledger(), batches))
    assert list(found) == deltas
    assert after(full_ledger(), found) == after(full_ledger(), deltas)


@given(BATCHES)
def test_replaying_a_journal_upon_its_own_outcome_changes_nothing(batches: list[list[Delta]]) -> None:
    deltas = [delta for batch in batches for delta in batch]
    once = after(full_ledger(), deltas)
    assert after(once, deltas) == once


def test_the_round_trip_uses_every_member_that_there_is() -> None:
    delta = Delta(
        {Address("App", "a"): None}, (Pending(Address("App", "b"), "create", "now"),),
        frozenset({Address("App", "c")}), 1, 2, "shared", {"domain": "acme"},
    )  # fmt: skip
    assert all(getattr(delta, name) != getattr(Delta(), name) for name in Delta.__struct_fields__)
    assert read(written(full_ledger(), [[delta]])) == (delta,)


@settings(max_examples=30, deadline=None)  # each example is read once for each of its bytes
@given(st.lists(st.lists(DELTAS, min_size=1, max_size=2), min_size=1, max_size=3))
def test_a_file_that_was_cut_anywhere_holds_exactly_the_lines_that_are_whole(batches: list[list[Delta]]) -> None:
    lines = written(full_ledger(), batches)
    content = b"".join(lines)
    ends = [len(b"".join(lines[: count + 1])) for count in range(len(lines))]
    for length in range(len(content) + 1):
        whole = sum(end <= length for end in ends)
        kept = [delta for batch in batches[: max(0, whole - 1)] for delta in batch]
        if whole == 0:
            assert journal.read(journal.split(content[:length]), torn=True) is None
        else:
            assert list(read(journal.split(content[:length]), torn=True)) == kept


@given(st.lists(st.lists(DELTAS, min_size=1, max_size=2), min_size=1, max_size=3), st.data())
def test_a_last_line_with_holes_is_dropped_and_any_other_is_damage(
    batches: list[list[Delta]], data: st.DataObject
) -> None:
    lines = written(full_ledger(), batches)
    which = data.draw(st.integers(0, len(lines) - 1))
    hole = data.draw(st.integers(0, len(lines[which]) - 2))
    lines[which] = lines[which][:hole] + b"\0" + lines[which][hole + 1 :]
    if which == len(lines) - 1:
        assert list(read(lines, torn=True)) == [delta for batch in batches[:-1] for delta in batch]
        with pytest.raises(ValueError, match=f"line {which + 1}"):
            journal.read(lines)
    else:
        with pytest.raises(ValueError, match=f"line {which + 1}: its checksum does not fit"):
            journal.read(lines, torn=True)


def test_no_lines_are_no_journal() -> None:
    assert journal.read([]) is None


def test_a_missing_line_is_damage() -> None:
    head, _, two = written(full_ledger(), [[Delta(serial=8)], [Delta(serial=9)]])
    with pytest.raises(ValueError, match="lines are missing"):
        journal.read([head, two])


def test_lines_of_another_run_are_left_out() -> None:
    head, one = written(full_ledger(), [[Delta(serial=8)]])
    _, foreign = written(full_ledger(), [[Delta(serial=99)]])
    assert read([head, one, foreign]) == (Delta(serial=8),)


@pytest.mark.parametrize(
    "line",
    [
        sealed(format_version=1, lineage=LINEAGE, number=0, run="r"),
        sealed(format_version="1"),
        sealed(format_version=1, lineage=LINEAGE, number=0, run="r", serial=[]),
        b"%08x []\n" % zlib.crc32(b"[]"),
        b"%08x {\n" % zlib.crc32(b"{"),
        b"\n",
    ],
)
def test_what_is_no_head_is_damage(line: bytes) -> None:
    with pytest.raises(ValueError):
        journal.read([line])


@pytest.mark.parametrize(
    "deltas",
    [None, [{"entries": []}], [{"entries": {"App/a": 5}}], [{"begun": [{}]}], [{"settled": ["Room/x"]}], [[]]],
)
def test_a_line_of_another_form_is_damage(deltas: object) -> None:
    head = sealed(format_version=1, lineage=LINEAGE, number=0, run="r", serial=7)
    with pytest.raises(ValueError):
        journal.read([head, sealed(deltas=deltas, number=1, run="r")])


def test_a_later_version_is_told_apart_from_damage() -> None:
    with pytest.raises(codec.LaterVersionError, match="format_version is 2, this rtcctl reads 1"):
        journal.read([sealed(format_version=2)])


def test_a_secret_among_the_members_is_an_error_and_not_a_leak() -> None:
    entry = Entry({"app_id": "a1"}, {"auth_key": Secret(KEY.reveal(), "env:KEY")})
    with pytest.raises(TypeError) as caught:
        Writer().line([Delta({Address("RecordCallback", "a"): entry})])
    assert KEY.reveal() not in str(caught.value)


def test_no_secret_is_written() -> None:
    lines = written(full_ledger(), [[Delta(dict(full_ledger().entries))]])
    assert KEY.reveal().encode() not in b"".join(lines)
    assert read(lines) == (Delta(dict(full_ledger().entries)),)
    assert replace(full_ledger(), entries={}) != after(replace(full_ledger(), entries={}), read(lines))
