"""What the page is served, without a browser."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from rtcctl.simulator import page
from rtcctl.simulator.changes import Changes

from .driver import Driver, send

if TYPE_CHECKING:
    from collections.abc import Coroutine

KEY = "example-key-not-a-real-secret-0000"


def view(sim: Driver) -> Any:
    return send(sim.app, "GET", "/_simulator/view").json()


def only_app(sim: Driver) -> Any:
    return view(sim)["accounts"][0]["apps"][0]


def join(sim: Driver, app: str, room: str, user: str, **media: object) -> None:
    path = f"/_simulator/apps/{app.rpartition('/')[2]}/rooms/{room}/join"
    answer = send(sim.app, "POST", path, json={"user_id": user, **media})
    assert answer.status_code == 200, answer.text


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/", "text/html"), ("/_simulator/page.css", "text/css"), ("/_simulator/page.js", "text/javascript")],
)
def test_page_is_three_files_that_may_load_nothing_from_elsewhere(sim: Driver, path: str, media_type: str) -> None:
    answer = send(sim.app, "GET", path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in answer.text
    assert "innerHTML" not in answer.text


def test_view_shows_a_job_with_the_picture_of_who_is_there(sim: Driver) -> None:
    app = sim.new_app()
    sim.new_mix_job(app)
    for user in ("alice", "bob"):
        join(sim, app, "room001", user, screen=user == "bob")
    (job,) = only_app(sim)["jobs"]
    panes = job["picture"]["panes"]
    assert [(pane["user_id"], pane["video_type"]) for pane in panes] == [
        ("alice", "CAMERASTREAM"), ("bob", "CAMERASTREAM"), ("bob", "SCREENSTREAM")
    ]  # fmt: skip
    assert job["picture"]["approximate"]


def test_view_has_no_picture_of_a_job_that_is_over_or_of_a_single_stream(sim: Driver) -> None:
    app = sim.new_app()
    path = sim.new_mix_job(app)
    sim.done("DELETE", path, status=204)
    sim.done("POST", f"{app}/individual-stream-jobs", {"room_id": "room001", "user_id": "alice"}, 201)
    assert [job["picture"] for job in only_app(sim)["jobs"]] == [None, None]


def test_view_keeps_the_latest_of_the_jobs_that_are_over_behind_those_that_run(sim: Driver) -> None:
    app = sim.new_app()
    over = [sim.new_mix_job(app) for _ in range(12)]
    running = sim.new_mix_job(app)
    for path in over:
        sim.done("DELETE", path, status=204)
    shown = [job["job_id"] for job in only_app(sim)["jobs"]]
    assert shown == [path.rpartition("/")[2] for path in (running, *over[:3:-1])]


def test_view_shows_the_latest_requests_first_and_no_key(sim: Driver) -> None:
    app = sim.new_app()
    sim.done("PUT", f"{app}/record-callback", {"url": "http://127.0.0.1:9/", "auth_key": KEY})
    answer = send(sim.app, "GET", "/_simulator/view")
    assert KEY not in answer.text
    operations = [request["operation"] for request in answer.json()["requests"]]
    assert operations == ["UpdateRecordCallback", "CreateApp", "KeystoneCreateUserTokenByPassword"]


def test_view_shows_files_of_the_app_only(sim: Driver) -> None:
    sim.done(
        "PUT", "/v2/rtc-ops/buckets/authentication", {"bucket": "obsName", "location": "cn-north-4", "operation": 1}
    )
    for name in ("first", "second"):
        app = sim.new_app(name)
        rule = sim.new_rule(app)
        path = sim.new_mix_job(app, record_param={"record_rule_id": rule})
        view(sim)
        sim.clock.advance(60)
        sim.done("DELETE", path, status=204)
    newest, oldest = view(sim)["accounts"][0]["apps"]
    assert (newest["app_name"], oldest["app_name"]) == ("second", "first")
    for each in (newest, oldest):
        (file,) = each["files"]
        assert each["app_id"] in file["name"]
        assert file["name"].endswith(".mp4")
        assert file["seconds"] >= 60


def test_events_come_at_once_at_each_change_and_as_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "HEARTBEAT_SECONDS", 0.01)

    async def work() -> list[str]:
        changes = Changes()
        events = page.stream(changes)
        found = [await anext(events)]
        changes.bump()
        found.append(await anext(events))
        found.append(await anext(events))
        changes.close()
        return [*found, *[each async for each in events]]

    found = run(work())
    assert found[:3] == [f"event: change\ndata: {number}\n\n" for number in (0, 1, 1)]
    assert len(found) == 3
