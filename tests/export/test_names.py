"""Names are valid, unique, and as near to what people call a thing as they can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.export.names import names, variables
from rtcctl.model.address import is_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("classroom-1", "classroom-1"),
        ("Class room №1", "Class-room-No1"),
        ("Übung: été", "Ubung-ete"),
        ("-dash", "dash"),
        ("数据", "app"),
        ("", "app"),
        ("x" * 300, "x" * 63),
    ],
)
def test_a_name_is_what_is_left_of_a_text(text: str, name: str) -> None:
    assert names([text], "app") == [name]


def test_a_text_that_is_a_name_keeps_it_whoever_comes_first() -> None:
    assert names(["a b", "a-b", "a/b"], "app") == ["a-b-2", "a-b", "a-b-3"]


def test_numbered_names_are_no_longer_than_names_may_be() -> None:
    assert names(["x" * 63, "x" * 64], "app") == ["x" * 63, "x" * 61 + "-2"]


@given(st.lists(st.text(max_size=70) | st.sampled_from(["a", "a-b", "a-b-2", "a b", "x" * 64])))
def test_names_are_valid_and_each_is_given_once(texts: list[str]) -> None:
    found = names(texts, "app")
    assert all(map(is_name, found))
    assert len(set(found)) == len(texts)


def test_variables_are_upper_case_and_each_is_given_once() -> None:
    assert variables(["a-b", "a.b", "c"]) == {
        "a-b": "RTC_CALLBACK_KEY_A_B",
        "a.b": "RTC_CALLBACK_KEY_A_B_2",
        "c": "RTC_CALLBACK_KEY_C",
    }
