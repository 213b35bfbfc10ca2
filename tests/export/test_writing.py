"""Values come back as they were, whoever reads the YAML; comments can't be left by what stands in them."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rtcctl.export.writing import Block, Entry, Variable, comment, mapping, notes, scalar
from tests.export.support import loaded

ODD = [
    "off", "No", "y", "N", "~", "null", "", "12:30", "1e3", "0o17", "0x1f", "0123", "2020-01-01", "1_000", ".inf", "<<",
    "=", "- a", "-", "--- a", "...", "? x", "#x", "a #b", "a: b", "a:", "'", '"', "it's", '"quoted"', "[a", "{a: 1}",
    "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", " a", "a ", "a\nb", "a\r\nb", "\t", "\0", "\x7f", "\x1b[31m",
    "a\x85b", "a\u2028b", "\ufeff", "\u202eabc", "été", "数据", "مرحبا", "\U0001f469\u200d\U0001f3eb", "\U0010ffff",
    "\\n", "${env:HOME}", "$${env:HOME}", "$$${", "${", "$", "x" * 300, "a b " * 100,
]  # fmt: skip


def through_a_manifest(value: str) -> object:
    """A text as our own loader reads what was written."""
    app = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec:\n  app_name: "
    [found] = loaded(f"{app}{scalar(value or 'x')}\n").resources.values()
    return found.members["app_name"] if value else ""


@pytest.mark.parametrize("value", ODD)
def test_a_text_comes_back_as_it_was(value: str) -> None:
    assert through_a_manifest(value) == value
    assert yaml.safe_load(scalar(value)) == value.replace("${", "$${")
    assert scalar(value).isprintable()


@given(st.text())
def test_any_text_comes_back_as_it_was(value: str) -> None:
    assert through_a_manifest(value) == value
    assert scalar(value).isprintable()


@pytest.mark.parametrize(
    ("value", "text"), [(7200, "7200"), (True, "true"), (-1, "-1"), (["HLS", "MP4"], "[HLS, MP4]")]
)
def test_other_values_are_written_plainly(value: int, text: str) -> None:
    assert scalar(value) == text


def test_plain_texts_stay_plain_and_what_others_could_misread_is_quoted() -> None:
    assert [scalar(text) for text in ("rtc-1", "Record/", "été")] == ["rtc-1", "Record/", "été"]
    assert [scalar(text) for text in ("012", "y", "-x")] == ['"012"', '"y"', '"-x"']
    assert scalar(Variable("KEY")) == "${env:KEY:-}"


def test_a_mapping_has_its_comments_above_its_members() -> None:
    inner: Block = (Entry("name", "x"), Entry("b", 1, ("about b",)))
    block: Block = (
        Entry("a", inner, ("about a",)),
        Entry(notes=("about c",)),
        Entry("d", [inner]),
        Entry("e", (Entry(notes=("none",)),)),
    )
    assert list(mapping(block)) == [
        "# about a", "a:", "  name: x", "  # about b", "  b: 1",
        "# about c",
        "d:", "  - name: x", "    # about b", "    b: 1",
        "# none", "e: {}",
    ]  # fmt: skip
    assert list(notes(block)) == ["about a", "about b", "about c", "about b", "none"]


def test_long_comments_are_wrapped_and_indented_ones_are_not() -> None:
    lines = list(comment(["word " * 50, "", "  " + "word " * 50], indent=4))
    assert max(map(len, lines[:3])) <= 120
    assert lines[3:] == ["    #", "    #   " + ("word " * 50).strip()]


@given(st.text())
def test_a_comment_never_ends_before_its_line(text: str) -> None:
    for line in comment([text, f"  {text}"]):
        assert line.startswith("#")
        assert line.isprintable()
