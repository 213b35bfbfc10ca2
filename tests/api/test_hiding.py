"""Foreign texts lose secrets, control characters and length before they are shown."""

from __future__ import annotations

import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from rtcctl.api.hiding import hide, revealed, token_like
from rtcctl.model.values import Secret, Value

SECRET = 'fake "key" 0123456789 é'


def test_a_secret_is_hidden_in_every_spelling() -> None:
    for spelling in (SECRET, json.dumps(SECRET), json.dumps(SECRET, ensure_ascii=False), quote(SECRET, safe="")):
        shown = hide(f"before {spelling} after", (SECRET,))
        assert "(secret)" in shown
        assert "0123456789" not in shown


def test_the_longest_secret_wins() -> None:
    assert hide("x abcdef y abc", ("abc", "abcdef", "")) == "x (secret) y (secret)"


def test_a_cut_never_leaves_part_of_a_secret() -> None:
    shown = hide("x" * 295 + "fake-secret-value", ("fake-secret-value",))
    assert "fake" not in shown
    assert len(shown) == 300
    assert shown.endswith("…")


def test_control_characters_and_line_ends_go() -> None:
    assert hide("a\x1b[31mred\r\n\tb\u202ec", ()) == "a [31mred b c"


def test_a_secret_that_is_broken_by_line_ends_is_hidden() -> None:
    assert hide("the key one\ntwo was wrong", ("one\ntwo",)) == "the key (secret) was wrong"


def test_secrets_are_found_at_any_depth() -> None:
    value: Value = {"a": [{"b": Secret("one", "")}, Secret("two", "")], "c": "plain", "d": None}
    assert sorted(revealed(value)) == ["one", "two"]


def test_ids_and_codes_must_look_like_it() -> None:
    assert token_like("5f0c-1.A_b", ()) == "5f0c-1.A_b"
    assert token_like("", ()) == ""
    assert token_like("two words", ()) == ""
    assert token_like("x" * 129, ()) == ""
    assert token_like("id-fake-secret-id", ("fake-secret",)) == ""


@given(st.text(max_size=400), st.text("abc0189", min_size=8, max_size=20), st.text(max_size=400))
def test_no_secret_survives(before: str, secret: str, after: str) -> None:
    assert secret not in hide(before + secret + after, (secret,))
