"""The garbage collector rests for a while, and is afterwards as it was before."""

from __future__ import annotations

import gc

import pytest

from rtcctl.model.uncollected import uncollected


def failing() -> None:
    with uncollected():
        assert not gc.isenabled()
        raise ZeroDivisionError


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_rests_and_is_then_as_it_was_even_after_a_failure(is_on: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if is_on else gc.disable)()
        with pytest.raises(ZeroDivisionError):
            failing()
        assert gc.isenabled() == is_on
    finally:
        (gc.enable if was else gc.disable)()
