"""One form for equal values."""

from __future__ import annotations

import pytest

from rtcctl.diff.normalize import is_empty, normalize
from rtcctl.kinds import KINDS, Member
from rtcctl.model.values import Value

NUMBER = Member(name="x", type="number", doc="")
LIST = Member(name="list", type="array", doc="", items=Member(name="item", type="string", doc=""))
FORMATS = dict(KINDS["RecordRule"].leaves)[("record_formats",)]


@pytest.mark.parametrize(("one", "two"), [(0.1, 0.10000000149), (1, 1.0), (0.333333333, 0.33333334), (0, -0.0)])
def test_numbers_that_a_32_bit_float_can_not_tell_apart_are_equal(one: float, two: float) -> None:
    assert normalize(NUMBER, one) == normalize(NUMBER, two)


def test_numbers_that_it_can_tell_apart_are_not() -> None:
    assert normalize(NUMBER, 0.1) != normalize(NUMBER, 0.10001)


def test_a_list_keeps_its_order_unless_order_means_nothing() -> None:
    assert normalize(LIST, ("b", "a")) == ["b", "a"]
    assert normalize(FORMATS, ("MP4", "HLS")) == normalize(FORMATS, ["HLS", "MP4"])


def test_what_is_not_of_the_declared_type_is_left_as_it_is() -> None:
    assert normalize(LIST, "text") == "text"
    assert normalize(NUMBER, "text") == "text"


@pytest.mark.parametrize("value", [None, "", [], ()])
def test_these_say_the_same_as_nothing(value: Value) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, " ", {}, [None]])
def test_these_say_something(value: Value) -> None:
    assert not is_empty(value)
