"""The worst kind of failure decides how doctor ends."""

from __future__ import annotations

import pytest

from rtcctl.errors import ExitCode
from rtcctl.model.checkup import WORST, Check, Checkup

FAILED = {code: Check(code.name, "failed", "x", "", code) for code in WORST}


def ended(*checks: Check) -> ExitCode:
    return Checkup(checks, "here").exit_code


def test_without_a_failure_all_is_well():
    assert ended() == ExitCode.OK
    assert ended(Check("a", "ok", "x"), Check("b", "warning", "x"), Check("c", "skipped", "x")) == ExitCode.OK


@pytest.mark.parametrize("code", WORST)
def test_each_failure_has_its_code(code):
    assert ended(FAILED[code]) == code


def test_settings_count_before_permission_before_the_network():
    assert ended(*reversed(FAILED.values())) == ExitCode.INVALID
    assert ended(FAILED[ExitCode.FAILED], FAILED[ExitCode.NOT_ALLOWED]) == ExitCode.NOT_ALLOWED
    assert ended(FAILED[ExitCode.LOCKED], FAILED[ExitCode.FAILED]) == ExitCode.FAILED


def test_a_code_beyond_the_order_is_a_plain_failure():
    assert ended(Check("a", "failed", "x", "", ExitCode.REFUSED)) == ExitCode.FAILED


def test_checks_are_counted_by_their_end():
    checkup = Checkup((Check("a", "ok", "x"), Check("b", "ok", "x"), Check("c", "failed", "x")), "here")
    assert [checkup.count(status) for status in ("ok", "warning", "failed", "skipped")] == [2, 0, 1, 0]
