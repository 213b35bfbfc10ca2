"""Mutated requests of every kind: never a server error, every answer as documented (the driver checks that)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from .driver import GRID, MP4_RULE, Driver, send, token_request

ODD: list[Any] = [None, True, 0, -1, 1.5, 10**30, "", "x", "\x00", "é" * 70, [], [[]], {}, {"a": {}}, [None], "custom"]
NAMES = ["bucket", "type", "location", "limit", "offset", "state", "%ff", "auth_key"]
TEXTS = ["", "1", "100", "-1", "folders", "cn-north-4", "%00", "%ED%A0%80", "ACTIVATION", "9" * 5000, "+", "٣"]


def bodies(sim: Driver, app: str) -> list[tuple[str, str, dict[str, Any]]]:
    rule_id = sim.new_rule(app)
    record_param = {"record_rule_id": rule_id}
    pane = {"layout_panes": [{"id": 1, "x": 0.5}], "user_background_images": []}
    return [
        ("POST", "/v2/apps", {"app_name": "a"}),
        ("PUT", f"{app}/record-rules/{rule_id}", {**MP4_RULE, "hls_config": {"record_cycle": 0}}),
        ("PUT", app + "/record-callback", {"url": "http://a/", "auth_key": "k"}),
        ("PUT", app + "/auto-record-mode", {"mode": "AUTO_INDIVIDUAL_RECORD", **record_param}),
        ("POST", app + "/mix-stream-jobs", {"mix_param": {**GRID, **pane}, "record_param": record_param}),
        ("PUT", sim.new_mix_job(app), {"mix_param": {"layout_template": "nine_grids_view", **pane}}),
        ("POST", app + "/individual-stream-jobs", {"room_id": "r", "user_id": "u", "record_param": record_param}),
        ("POST", app + "/rooms/room001/batch-remove-users", {"user_ids": ["u", "v"]}),
        ("PUT", "/v2/rtc-ops/buckets/authentication", {"bucket": "b", "operation": 1, "location": "cn-north-4"}),
        ("POST", "/v3/auth/tokens", token_request()),
    ]


def mutated(dice: random.Random, value: Any) -> Any:
    if dice.random() < 0.1:
        return dice.choice(ODD)
    if isinstance(value, dict):
        kept = {name: mutated(dice, member) for name, member in value.items() if dice.random() > 0.05}
        return {**kept, "unknown": dice.choice(ODD)} if dice.random() < 0.1 else kept
    return [mutated(dice, item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(5))
def test_no_body_is_a_server_error(sim: Driver, seed: int) -> None:
    dice = random.Random(seed)
    cases = bodies(sim, sim.new_app())
    for _ in range(60):
        method, path, body = dice.choice(cases)
        assert sim.send(method, path, mutated(dice, body)).status_code < 500
    assert send(sim.app, "GET", "/_simulator/requests").status_code == 200


@pytest.mark.parametrize("seed", range(5))
def test_no_query_or_path_is_a_server_error(sim: Driver, seed: int) -> None:
    dice = random.Random(seed)
    app = sim.new_app()
    paths = ["/v2/apps", "/v2/rtc-ops/buckets/objects", app + "/record-rules", "/v2/apps/%00", "/v2/apps/%ff", "/v2/é"]
    for _ in range(40):
        pairs = [f"{dice.choice(NAMES)}={dice.choice(TEXTS)}" for _ in range(dice.randint(0, 5))]
        assert sim.send("GET", f"{dice.choice(paths)}?{'&'.join(pairs)}").status_code < 500
    assert send(sim.app, "GET", "/_simulator/requests").status_code == 200
