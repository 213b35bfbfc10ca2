"""Apps: identity, quota, states, pages."""

from __future__ import annotations

import pytest

from .driver import GRID, Driver


def test_create_answers_with_the_id_only(sim: Driver) -> None:
    answer = sim.done("POST", "/v2/apps", {"app_name": "rtctest"}, 201)
    assert list(answer) == ["app_id"]


def test_show_has_everything_the_service_fills_in(sim: Driver) -> None:
    path = sim.new_app("classroom")
    app = sim.done("GET", path)
    app_key = app["authentication"].pop("app_key")
    assert len(app_key) == 32
    assert app == {
        "app_name": "classroom",
        "app_id": path.rpartition("/")[2],
        "state": {"state": "ACTIVATION", "update_time": "2024-01-15T08:30:00.071Z"},
        "scope": "DOMESTIC",
        "tenant_name": "simulator",
        "domain": path.rpartition("/")[2] + ".SparkRTC.myhuaweicloud.com",
        "create_time": "2024-01-15T08:30:00.071Z",
        "authentication": {"enable": True, "expire": 300, "update_time": "2024-01-15T08:30:00.071Z"},
        "callbacks": {},
        "auto_record_mode": {"mode": "AUTO_RECORD_OFF"},
    }


def test_second_app_of_a_name_is_refused_until_the_first_is_gone(sim: Driver) -> None:
    path = sim.new_app()
    sim.refused(400, "RTC.00001020", "POST", "/v2/apps", {"app_name": "rtctest"})
    sim.done("DELETE", path, status=204)
    assert sim.new_app() != path


def test_twenty_first_app_is_refused(sim: Driver) -> None:
    for number in range(20):
        sim.new_app(f"app{number}")
    sim.refused(400, "RTC.00001017", "POST", "/v2/apps", {"app_name": "one too many"})


def test_offset_is_a_page_number(sim: Driver) -> None:
    for number in range(5):
        sim.new_app(f"app{number}")
    pages = [sim.done("GET", f"/v2/apps?offset={page}&limit=2") for page in range(4)]
    assert [page["count"] for page in pages] == [5, 5, 5, 5]
    assert [[app["app_name"] for app in page["apps"]] for page in pages] == [
        ["app0", "app1"],
        ["app2", "app3"],
        ["app4"],
        [],
    ]


def test_list_without_parameters_shows_all(sim: Driver) -> None:
    sim.new_app()
    assert [app["app_name"] for app in sim.done("GET", "/v2/apps")["apps"]] == ["rtctest"]


def test_state_filter_applies_to_the_page_and_the_count(sim: Driver) -> None:
    sim.new_app("on")
    sim.done("POST", sim.new_app("off") + "/disable")
    answer = sim.done("GET", "/v2/apps?state=DEACTIVATION")
    assert (answer["count"], [app["app_name"] for app in answer["apps"]]) == (1, ["off"])
    assert sim.done("GET", "/v2/apps?state=ARREARS") == {"count": 0, "apps": []}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=ten", "limit=", "offset=-1", "offset=2147483648", "offset=1e1", "state=DELETED"],
)
def test_page_parameters_out_of_bounds_are_refused(sim: Driver, query: str) -> None:
    assert query.partition("=")[0] in sim.refused(400, "RTC.00001003", "GET", f"/v2/apps?{query}")


def test_last_possible_page_is_empty(sim: Driver) -> None:
    assert sim.done("GET", "/v2/apps?offset=2147483647&limit=100") == {"count": 0, "apps": []}


def test_unknown_query_parameters_and_repetitions_are_ignored(sim: Driver) -> None:
    sim.new_app()
    assert len(sim.done("GET", "/v2/apps?limit=1&limit=0&name=x")["apps"]) == 1


def test_disable_and_enable_tell_the_new_state_and_its_time(sim: Driver) -> None:
    path = sim.new_app()
    sim.clock.advance(60)
    off = sim.done("POST", path + "/disable")["state"]
    assert off == {"state": "DEACTIVATION", "update_time": "2024-01-15T08:31:00.071Z"}
    assert sim.done("GET", path)["state"] == off
    sim.clock.advance(60)
    assert sim.done("POST", path + "/disable")["state"] == off
    assert sim.done("POST", path + "/enable")["state"]["state"] == "ACTIVATION"


def test_app_with_rules_is_not_deleted(sim: Driver) -> None:
    path = sim.new_app()
    rule_id = sim.new_rule(path)
    sim.refused(400, "RTC.00001019", "DELETE", path)
    sim.done("DELETE", f"{path}/record-rules/{rule_id}", status=204)
    sim.done("DELETE", path, status=204)
    assert sim.done("GET", "/v2/apps") == {"count": 0, "apps": []}


def test_jobs_go_with_their_app(sim: Driver) -> None:
    path = sim.new_app()
    job = sim.done("POST", path + "/mix-stream-jobs", {"mix_param": GRID}, 201)
    sim.done("DELETE", path, status=204)
    sim.refused(404, "RTC.00001003", "GET", f"{path}/mix-stream-jobs/{job['job_id']}")
    assert sim.app.state.simulator.store.collection("mix_job", "simulator", path[9:]).list() == []


UNKNOWN = "/v2/apps/0123456789abcdef"
CALLS_ON_AN_APP = [
    ("GET", ""),
    ("DELETE", ""),
    ("POST", "/enable"),
    ("POST", "/disable"),
    ("GET", "/record-rules"),
    ("GET", "/record-rules/x"),
    ("DELETE", "/record-rules/x"),
    ("GET", "/record-callback"),
    ("GET", "/auto-record-mode"),
    ("GET", "/mix-stream-jobs/x"),
    ("DELETE", "/mix-stream-jobs/x"),
    ("GET", "/individual-stream-jobs/x"),
    ("DELETE", "/individual-stream-jobs/x"),
]


@pytest.mark.parametrize(("method", "suffix"), CALLS_ON_AN_APP)
def test_unknown_app_is_404_with_the_code_of_an_invalid_value(sim: Driver, method: str, suffix: str) -> None:
    sim.refused(404, "RTC.00001003", method, UNKNOWN + suffix)


@pytest.mark.parametrize(
    "name", ["課堂", "a" * 500, "with space", "zero\x00byte", "'; DROP TABLE objects; --", "\U0001f3a5"]
)
def test_any_text_can_be_an_app_name(sim: Driver, name: str) -> None:
    path = sim.new_app(name)
    assert sim.done("GET", path)["app_name"] == name
    sim.refused(400, "RTC.00001020", "POST", "/v2/apps", {"app_name": name})
