"""Variants in random combinations: never a server error, every answer as the schemas say (the driver checks that)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from rtcctl.simulator import Options, create_app
from rtcctl.simulator.variants import EXCLUSIVE, VARIANTS

from .driver import MP4_RULE, Clock, Driver

KEY = "8923ab8c2dcef4538923ab8c2dcef453"


def combination(dice: random.Random) -> list[str]:
    chosen = set(dice.sample(sorted(VARIANTS), dice.randint(2, 12)))
    for group in EXCLUSIVE:
        chosen -= set(sorted(chosen.intersection(group))[1:])
    return sorted(chosen - {"text-numbers", "callback-null"})  # these two are not what the schemas say


@pytest.mark.parametrize("seed", range(40))
def test_combinations_are_no_server_error_and_as_the_schemas_say(clock: Clock, seed: int) -> None:
    variants = combination(random.Random(seed))
    sim = Driver(create_app(options=Options(now=clock, variants=frozenset(variants))), clock)
    sim.headers["Content-Type"] = "application/json"
    path = sim.new_app()
    rule = f"{path}/record-rules/{sim.new_rule(path)}"
    job = sim.new_mix_job(path, max_idle_time=30)
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/v2/apps?limit=1&offset=1&state=ACTIVATION", None),
        ("GET", path, None),
        ("GET", path + "/record-rules", None),
        ("POST", path + "/record-rules", MP4_RULE),
        ("PUT", rule, MP4_RULE),
        ("GET", path + "/record-callback", None),
        ("PUT", path + "/record-callback", {"url": "http://a/", "auth_key": KEY}),
        ("GET", path + "/record-callback", None),
        ("GET", path + "/auto-record-mode", None),
        ("PUT", path + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", "record_rule_id": rule[-32:]}),
        ("PUT", path + "/auto-record-mode", {"mode": "AUTO_RECORD_OFF"}),
        ("PUT", job, {"mix_param": {"max_idle_time": 30}}),
        ("DELETE", job, None),
        ("GET", job, None),
        ("DELETE", rule, None),
        ("POST", path + "/disable", None),
        ("DELETE", path, None),
        ("GET", "/v2/apps", None),
        ("GET", path, None),
    ]
    for method, called, body in calls:
        assert sim.send(method, called, body).status_code < 500, (variants, method, called)
