"""Everybody who is compared does the same: as many calls, and afterwards nothing is left to do for anybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from benchmarks._field import NO_LIMITS, Field
from benchmarks._measure import Run
from benchmarks._service import served

MAKERS: dict[str, Callable[[Field, str], Run]] = {
    "rtcctl": lambda field, end: field.rtcctl("apply", end, *NO_LIMITS),
    "sequential": lambda field, end: field.script("sequential", end),
    "threads": lambda field, end: field.script("threads", end),
    "bare": Field.bare,
}

NEXT = dict(zip(MAKERS, [*list(MAKERS)[1:], "rtcctl"], strict=True))


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory):
    with served(latency=0) as service:
        yield Field(service, tmp_path_factory.mktemp("field"), 2)


@pytest.mark.parametrize("maker", MAKERS)
def test_what_one_has_made_is_as_the_others_want_it(field: Field, maker: str):
    made = field.counted("nothing", partial(MAKERS[maker], field, "apps"))
    assert made.calls == 9
    field.service.clear()
    MAKERS[NEXT[maker]](field, "apps")
    assert [each["method"] for each in field.service.calls()] == ["GET"] * 3


@pytest.mark.parametrize("maker", MAKERS)
def test_one_changed_member_is_one_call(field: Field, maker: str):
    assert field.counted("apps", partial(MAKERS[maker], field, "changed")).calls == 4
    puts = [each for each in field.service.calls() if each["method"] != "GET"]
    assert [each["operation"] for each in puts] == ["UpdateRecordRule"]


def test_limits_are_held_and_lifted(field: Field, tmp_path: Path):
    field.prepare("apps")
    field.service.hold_limits()
    field.script("sequential", "apps")
    assert field.service.refused() == 0
    field.service.lift_limits()
    assert field.service.refused() == 0
