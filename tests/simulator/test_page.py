"""The page in a headless browser: it shows what is going on, lives, acts, and stays inert under hostile names."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from rtcctl.simulator import ACCOUNT

from .browser import Page, browser, needs_chromium
from .driver import GRID, MP4_RULE, token_request

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_chromium

SERVE = """
from rtcctl.simulator import Options, VirtualClock, serve
serve(None, port=0, options=Options(now=VirtualClock()), ready=lambda url: print(url, flush=True))
"""
HOSTILE = "<img src=x onerror=document.title='bad'>\"'&amp;‮</option><script>document.title='bad'</script>"


class Service:
    """A simulator of its own, with a user."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url)
        answer = self.client.post("/v3/auth/tokens", json=token_request())
        self.client.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]

    def send(self, method: str, path: str, body: object = None) -> dict[str, str]:
        answer = self.client.request(method, path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, str] = answer.json() if answer.content else {}
        return found

    def job(self, name: str = "rtctest") -> str:
        """An app with a rule and a running job; its path."""
        app = "/v2/apps/" + self.send("POST", "/v2/apps", {"app_name": name})["app_id"]
        bucket = {"bucket": "obsName", "location": "cn-north-4", "operation": 1, "project_id": ACCOUNT.project_id}
        self.send("PUT", "/v2/rtc-ops/buckets/authentication", bucket)
        rule = self.send("POST", f"{app}/record-rules", MP4_RULE)["rule_id"]
        self.send("POST", f"{app}/mix-stream-jobs", {"mix_param": GRID, "record_param": {"record_rule_id": rule}})
        self.send("POST", "/_simulator/clock", {"advance": 1})
        return app

    def join(self, app: str, user: str) -> None:
        self.send("POST", f"/_simulator/apps/{app.rpartition('/')[2]}/rooms/room001/join", {"user_id": user})


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def service(tab: Page) -> Iterator[Service]:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = Service(process.stdout.readline().strip())
        yield found
        found.client.close()
        tab.leave()
        process.terminate()
        assert process.wait(10) == 0


def press(tab: Page, text: str) -> None:
    """Press the first button of this text."""
    tab.value(f"[...document.querySelectorAll('button')].find((each) => each.textContent === '{text}').click()")


def test_page_follows_what_happens_without_being_loaded_anew(tab: Page, service: Service) -> None:
    tab.open(service.url)
    tab.until("document.body.innerText.includes('No apps yet')")
    app = service.job()
    tab.until("document.querySelector('.job .badge').textContent === 'RUNNING'")
    service.join(app, "alice")
    service.join(app, "bob")
    tab.until("document.querySelectorAll('svg .pane').length === 2")
    assert tab.value("[...document.querySelectorAll('svg text')].map((each) => each.textContent)") == ["alice", "bob"]
    assert "approximate" in tab.text()
    assert "CreateMixJob" in tab.text()
    assert tab.complaints == []


def test_form_and_buttons_let_users_join_and_leave_and_time_pass(tab: Page, service: Service) -> None:
    service.job()
    tab.open(service.url)
    tab.until("document.querySelector('#join select').options.length === 1")
    tab.value("""(() => {
        const form = document.getElementById("join");
        form.elements.room_id.value = "room001";
        form.elements.user_id.value = "carla";
        form.requestSubmit();
    })()""")
    tab.until("document.querySelector('.user .name').textContent === 'carla'")
    press(tab, "Leave")
    tab.until("!document.querySelector('.user')")
    press(tab, "+1 min")
    tab.until("document.body.innerText.includes('EXCEED_MAX_IDLE_TIME')")
    tab.until("document.body.innerText.includes('In the bucket (1)')")
    assert tab.complaints == []


@pytest.mark.parametrize(("button", "reason"), [("Stop", "TENANT_STOP"), ("Fail", "INTERNAL_ERROR")])
def test_job_is_ended_by_a_button(tab: Page, service: Service, button: str, reason: str) -> None:
    service.job()
    tab.open(service.url)
    tab.until("document.querySelector('.job button')")
    press(tab, button)
    tab.until(f"document.querySelector('.job.over').innerText.includes('{reason}')")
    assert not tab.value("document.querySelector('.job button')")


def test_refusal_is_shown(tab: Page, service: Service) -> None:
    service.job()
    tab.open(service.url)
    tab.until("document.querySelector('#join select').options.length === 1")
    tab.value("""(() => {
        const form = document.getElementById("join");
        form.elements.room_id.value = "no such room!";
        form.elements.user_id.value = "carla";
        form.requestSubmit();
    })()""")
    tab.until("!document.getElementById('message').hidden")
    assert "room_id" in tab.value("document.getElementById('message').textContent")


def test_hostile_names_are_text_and_nothing_else(tab: Page, service: Service) -> None:
    service.job(HOSTILE)
    tab.open(service.url)
    tab.until("document.querySelector('#apps h2')")
    assert tab.value("document.querySelector('#apps h2').textContent") == HOSTILE
    assert tab.value("document.querySelector('#join option').textContent") == HOSTILE
    assert tab.value("document.querySelectorAll('main img, main script').length") == 0
    assert tab.value("document.title") == "SparkRTC simulator"
    assert tab.complaints == []


def test_what_is_typed_stays_while_the_page_changes(tab: Page, service: Service) -> None:
    app = service.job()
    tab.open(service.url)
    tab.until("document.querySelector('#join select').options.length === 1")
    tab.value(
        "(() => { const it = document.getElementById('join').elements.user_id; it.focus(); it.value = 'half'; })()"
    )
    service.join(app, "alice")
    tab.until("document.querySelector('.user .name').textContent === 'alice'")
    assert tab.value("[document.activeElement.name, document.activeElement.value]") == ["user_id", "half"]


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("dark", [False, True])
def test_page_fits_its_window_in_both_schemes(tab: Page, service: Service, width: int, *, dark: bool) -> None:
    app = service.job("a" * 64)
    service.join(app, "u" * 64)
    tab.open(service.url, width, dark=dark)
    tab.until("document.querySelector('.user')")
    assert tab.value("document.documentElement.scrollWidth") <= width
    ground = tab.value("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(17, 21, 28)" if dark else "rgb(244, 245, 247)")


def test_page_says_when_the_simulator_is_gone(tab: Page) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        tab.open(process.stdout.readline().strip())
        tab.until("document.getElementById('live').dataset.state === 'live'")
        process.terminate()
        assert process.wait(10) == 0
    tab.until("document.getElementById('live').dataset.state === 'lost'")
    tab.leave()
