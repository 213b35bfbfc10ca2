"""Reading answers leniently, and what all kinds share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtcctl.kinds import KINDS, Kind, Member, children_of
from rtcctl.kinds.base import pick, text
from rtcctl.model.remote import RemoteObject
from rtcctl.model.values import Secret

INTEGER = Member(name="a", type="integer", doc="")
NUMBER = Member(name="a", type="number", doc="")
BOOLEAN = Member(name="a", type="boolean", doc="")
TEXT = Member(name="a", type="string", doc="")


@pytest.mark.parametrize(
    ("member", "value", "read"),
    [
        (INTEGER, 30, 30),
        (INTEGER, "30", 30),
        (INTEGER, 30.0, 30),
        (INTEGER, "30.5", None),
        (INTEGER, True, None),
        (INTEGER, "many", None),
        (INTEGER, [], None),
        (NUMBER, "0.25", 0.25),
        (NUMBER, "nan", None),
        (NUMBER, "inf", None),
        (NUMBER, 1.0, 1),
        (BOOLEAN, True, True),
        (BOOLEAN, "TRUE", True),
        (BOOLEAN, "false", False),
        (BOOLEAN, "perhaps", None),
        (TEXT, 1, "1"),
        (TEXT, {}, None),
        (TEXT, [], None),
        (TEXT, "", ""),
    ],
)
def test_scalars_are_read_leniently(member, value, read):
    assert pick({"a": value}, (member,)) == ({} if read is None else {"a": read})


def test_null_and_unknown_members_count_as_not_told():
    assert pick({"a": None, "b": 1}, (TEXT,)) == {}


def test_objects_and_arrays_are_read_at_any_depth():
    inner = Member(name="o", type="object", doc="", members=(INTEGER,))
    panes = Member(name="l", type="array", doc="", members=(INTEGER,))
    words = Member(name="w", type="array", doc="", items=TEXT)
    answer = {"o": {"a": "1", "b": 2}, "l": [{"a": 3}, "slip"], "w": ["x", None, {}]}
    assert pick(answer, (inner, panes, words)) == {"o": {"a": 1}, "l": [{"a": 3}], "w": ["x"]}
    assert pick({"o": 1, "l": 2, "w": 3}, (inner, panes, words)) == {}


def test_an_array_without_declared_items_is_read_as_empty():
    assert pick({"l": [1]}, (Member(name="l", type="array", doc=""),)) == {"l": []}


def test_sensitive_texts_become_secrets():
    secret = Member(name="a", type="string", doc="", sensitive=True)
    read = pick({"a": "geheim"}, (secret,))["a"]
    assert isinstance(read, Secret)
    assert (read.reveal(), read.origin) == ("geheim", "live")


@pytest.mark.parametrize(("value", "read"), [(None, ""), ({}, ""), ([], ""), (1, "1"), (True, "True"), ("x", "x")])
def test_text_reads_a_scalar(value, read):
    assert text({"a": value}, "a") == read


def test_kinds_are_listed_in_building_order():
    names = list(KINDS)
    assert all(name == kind.name for name, kind in KINDS.items())
    for kind in KINDS.values():
        assert not kind.parent or names.index(kind.parent) < names.index(kind.name)
    assert [kind.name for kind in children_of("App")] == names[2:]
    assert children_of("RecordRule") == ()


def test_references_name_known_kinds():
    def refers(members: tuple[Member, ...]) -> Iterator[tuple[str, str]]:
        for member in members:
            yield member.refers, member.refer_as
            yield from refers(member.members)

    for kind in KINDS.values():
        for target, name in refers(kind.members):
            assert bool(target) == bool(name)
            assert not target or KINDS[target].id_name


def test_what_a_kind_may_leave_out():
    kind = Kind()
    remote = RemoteObject("Kind", {"": "id"}, {})
    assert kind.label(remote) == "id"
    assert kind.exists(remote)
    assert kind.compared(("a",), {}, remote)
    assert kind.sendable({"a": 1}) == {"a": 1}
    assert list(kind.check({})) == []


def test_what_a_kind_must_define():
    kind = Kind()
    with pytest.raises(NotImplementedError):
        kind.natural_key({})
    with pytest.raises(NotImplementedError):
        kind.parse({}, {})
    with pytest.raises(NotImplementedError):
        kind.create({}, {})
    with pytest.raises(NotImplementedError):
        kind.update({}, frozenset(), {})
    with pytest.raises(NotImplementedError):
        kind.delete({}, None)


def test_leaves_are_the_members_that_hold_a_value():
    paths = [path for path, _ in KINDS["RecordRule"].leaves]
    assert paths[:4] == [("obs_addr", name) for name in ("location", "project_id", "bucket", "object")]
    assert ("record_formats",) in paths
    assert ("hls_config",) not in paths


def test_what_was_made_has_its_parents_ids_and_its_own():
    assert KINDS["RecordRule"].made({"app_id": "1"}, {}, {"rule_id": 2}) == {"app_id": "1", "rule_id": "2"}
    assert KINDS["RecordCallback"].made({"app_id": "1"}, {}, {}) == {"app_id": "1"}


def test_most_kinds_need_nothing_else_and_are_never_neutral():
    assert KINDS["App"].uses({}) == ()
    assert not KINDS["App"].is_neutral(RemoteObject("App", {}, {}))
