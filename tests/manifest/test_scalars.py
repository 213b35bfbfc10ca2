"""YAML 1.2's core schema, and what stays text beyond it."""

from __future__ import annotations

import pytest

from rtcctl.manifest.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("-7", -7),
        ("999999999999999", 999999999999999),
        ("0o17", 15),
        ("0xFf", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-1.", -1.0),
        ("0.3333333333333333", 0.3333333333333333),
        ("1e3", 1000.0),
        ("0.75", 0.75),
    ],
)
def test_words_and_numbers(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "off",
        "on",
        "yes",
        "no",
        "y",
        "nULL",
        "tRUE",
        "12:30",
        "12:30:45",
        "2024-01-15",
        "1_000",
        "0b1010",
        "0o8",
        "-0x1f",
        "0x1234567890abcdef",
        "0123",
        "-07",
        "00.5",
        "1000000000000000",
        "01234567890123456789012345678901",
        ".inf",
        "-.INF",
        ".nan",
        "1e999",
        "+",
        ".",
        "1.2.3",
        "--1",
        "<<",
    ],
)
def test_what_stays_text(text):
    assert resolve(text) == text
