"""Reads are few: one call per hundred apps, one per app for its rules, one per job not known to be over."""

from __future__ import annotations

import functools
import json
from collections import Counter

import pytest

from rtcctl import simulator
from rtcctl.simulator import Options
from tests.e2e.support import DATA, SIMULATED_STATE, Cli, Stranger, calls, shape

BUCKET = """
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {name: b}
spec: {bucket: b, location: cn-north-4, project_id: "01234567890123456789012345678901"}
"""
PROJECT = """
apiVersion: rtcctl.dev/v1
kind: Project
metadata: {name: default}
spec: {quota: {apps: 200}, safety: {max_deletes: 500}}
"""
RULE = """  record_rules:
    - name: default
      obs_addr: {bucket: b, location: cn-north-4, project_id: "01234567890123456789012345678901"}
      record_formats: [MP4]
      mp4_config: {record_cycle: CYCLE}
"""
CALLBACK = """  record_callback: {url: "http://127.0.0.1:9/hook", auth_key: "fake-callback-key-not-a-real-secret-1"}
"""
MODE = """  auto_record_mode: {mode: AUTO_INDIVIDUAL_RECORD, record_rule: default}
"""
JOB = """  mix_stream_jobs:
    - name: lesson
      mix_param: {room_id: r1, encode_template: 1280x720_15_1130, layout_template: nine_grids_view}
      record_param: {record_rule: default}
"""
BARE = RULE
FULL = RULE + CALLBACK + MODE
APPS, RULES, JOBS, BUCKETS = (
    "/v2/apps",
    "/v2/apps/{app}/record-rules",
    "/v2/apps/{app}/mix-stream-jobs/{job}",
    "/v2/rtc-ops/buckets",
)


@pytest.fixture(autouse=True)
def roomy(cli: Cli) -> None:
    """A simulator with room for more apps than the service gives by default."""
    make = functools.partial(simulator.create_app.func, options=Options(app_quota=200, start_delay=0))  # type: ignore[attr-defined]
    cli.monkeypatch.setattr(simulator, "create_app", make)


def apps(count: int, spec: str, *, jobs: int = 0, cycle: int = 7200, changed: int = 0) -> str:
    """So many apps, the first of them with a job; `changed` of them have a rule of another length."""
    found = []
    for index in range(count):
        below = spec.replace("CYCLE", str(3600 if index < changed else cycle)) + (JOB if index < jobs else "")
        found.append(f"apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {{name: a{index:03}}}\nspec:\n{below}")
    return "---\n".join([PROJECT, *found])


def reads(cli: Cli, *arguments: str, code: int = 0) -> Counter[str]:
    """The reads of one plan, counted by their shape; it makes no write."""
    before = len(calls(writes=False)) if DATA.exists() else 0
    cli.sim("plan", "manifest.yaml", "--detailed-exitcode", *arguments, code=code)
    made = calls(DATA, writes=False)[before:]
    assert {each["method"] for each in made} <= {"GET"}
    return Counter(shape(each["path"]) for each in made)


@pytest.mark.parametrize(
    ("count", "pages", "spec"), [(1, 1, BARE), (3, 1, BARE), (1, 1, FULL), (3, 1, FULL), (101, 2, FULL)]
)
def test_a_plan_without_changes_reads_a_page_per_hundred_apps_and_the_rules_of_each(
    cli: Cli, count: int, pages: int, spec: str
):
    cli.apply(cli.write(apps(count, spec)))
    assert reads(cli) == {APPS: pages, RULES: count}
    assert reads(cli, "--refresh=changed") == {APPS: pages}
    assert reads(cli, "--refresh=none") == {}


def test_an_app_without_anything_below_it_still_costs_a_look_at_its_rules(cli: Cli):
    cli.apply(cli.write(apps(3, "  state: ACTIVATION\n")))
    assert reads(cli) == {APPS: 1, RULES: 3}


def test_each_job_not_known_to_be_over_costs_one_call_and_an_authorization_one(cli: Cli):
    manifest = cli.write(apps(5, FULL, jobs=3) + "---" + BUCKET)
    cli.apply(manifest)
    assert reads(cli) == {APPS: 1, RULES: 5, JOBS: 3, BUCKETS: 1}
    assert reads(cli, "--refresh=changed") == {APPS: 1}
    assert reads(cli, "--refresh=none") == {}


def test_a_job_known_to_be_over_costs_nothing_any_more(cli: Cli):
    manifest = cli.write(apps(3, FULL, jobs=2) + "---" + BUCKET)
    cli.apply(manifest)
    stop_one(cli)
    assert reads(cli)[JOBS] == 2
    cli.apply(manifest)  # records that it is over
    assert reads(cli) == {APPS: 1, RULES: 3, JOBS: 1, BUCKETS: 1}


def stop_one(cli: Cli) -> None:
    ids = json.loads((cli.folder / SIMULATED_STATE).read_text())["entries"]["MixStreamJob/a000/lesson"]["ids"]
    Stranger().send("DELETE", f"/v2/apps/{ids['app_id']}/mix-stream-jobs/{ids['job_id']}")


def test_foreign_apps_cost_their_page_and_nothing_else(cli: Cli):
    cli.apply(cli.write(apps(2, FULL)))
    somebody = Stranger()
    for index in range(99):
        somebody.new_app(f"foreign{index}")
    assert reads(cli) == {APPS: 2, RULES: 2}


def test_of_a_hundred_apps_only_the_ten_that_changed_are_read(cli: Cli):
    cli.apply(cli.write(apps(100, FULL)))
    cli.write(apps(100, FULL, changed=10))
    assert reads(cli, "--refresh=changed", code=2) == {APPS: 1, RULES: 10}
    assert reads(cli, "--refresh=none", code=2) == {}
    assert reads(cli, code=2) == {APPS: 1, RULES: 100}


def test_a_change_of_one_app_reads_its_job_too_and_no_other(cli: Cli):
    cli.apply(cli.write(apps(3, FULL, jobs=2) + "---" + BUCKET))
    cli.write(apps(3, FULL, jobs=2, changed=1) + "---" + BUCKET)
    assert reads(cli, "--refresh=changed", code=2) == {APPS: 1, RULES: 1, JOBS: 1}
