"""A manifest over two accounts, and the accounts: each on a server of its own, with its own credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rtcctl.simulator import create_app
from rtcctl.simulator.accounts import SimulatedAccount, account_named
from tests.e2e.support import DATA, Answering, Cli, Heard, Json, Loopback, Ran, Reply, simulated
from tests.simulator.driver import send, token_request

NAMES = ("edu", "events")
PROJECT = """apiVersion: rtcctl.dev/v1
kind: Project
metadata: {name: fleet}
spec:
  accounts:
    edu: {credentials: "env:EDU"}
    events: {credentials: "env:EVENTS"}
"""
APP = """---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: NAME}
spec:
  account: ACCOUNT
"""
HOOK = """  record_callback: {url: "http://ACCOUNT.example/hook", auth_key: "${env:KEY_ACCOUNT}"}
"""
RULE = """  record_rules:
    - name: default
      obs_addr: {bucket: b, location: cn-north-4, object: x/, project_id: "01234567890123456789012345678901"}
      record_formats: [MP4]
      mp4_config: {record_cycle: 3600}
"""
JOB = """  mix_stream_jobs:
    - name: lesson
      mix_param: {room_id: r1, encode_template: 1280x720_15_1130, max_idle_time: 30, layout_template: nine_grids_view}
      record_param: {record_rule: default}
"""
BUCKET = """---
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {name: rec}
spec: {account: ACCOUNT, bucket: b, location: cn-north-4}
"""
SECRETS = {"KEY_edu": "fake-callback-key-of-edu-0123456789", "KEY_events": "fake-callback-key-of-events-01234567"}


def app(account: str, name: str = "a", spec: str = "") -> str:
    """The document of an app."""
    return (APP + spec).replace("ACCOUNT", account).replace("NAME", name)


def both(spec: str = "", name: str = "a") -> str:
    """A manifest with the same app in both accounts."""
    return PROJECT + "".join(app(each, name, spec) for each in NAMES)


def state_of(account: str, *, simulator: bool = True) -> Path:
    folder = DATA.with_name(DATA.name + ".state") if simulator else Path(".rtcctl")
    return folder / "fleet" / f"{account}.state.json"


def credentials(account: SimulatedAccount) -> dict[str, str]:
    """What its owner sets, with the account's name in capitals as prefix."""
    prefix = account.name.upper()
    return {
        f"{prefix}_HUAWEICLOUD_SDK_AK": account.access_key,
        f"{prefix}_HUAWEICLOUD_SDK_SK": account.secret_key,
        f"{prefix}_HUAWEICLOUD_SDK_PROJECT_ID": account.project_id,
    }


@dataclass
class Served:
    """One account, served on loopback. `before` may answer in the simulator's place."""

    account: SimulatedAccount
    before: Callable[[Heard], Reply | None] = field(default=lambda _: None)

    def __post_init__(self) -> None:
        self.app = create_app(accounts=(self.account,), start_delay=0)
        self._answer: Answering = simulated(self.app)
        self.server = Loopback(self._reply)

    def _reply(self, heard: Heard) -> Reply:
        return self.before(heard) or self._answer(heard)

    @property
    def told(self) -> list[str]:
        """What it heard, in short."""
        return self.server.told

    @property
    def writes(self) -> list[str]:
        return [each for each in self.told if not each.startswith("GET")]

    def hand(self, method: str, path: str, body: object = None) -> Json:
        """Do something by hand, behind rtcctl's back."""
        of = token_request(name=self.account.user, password=self.account.password, domain=self.account.domain)
        token = send(self.app, "POST", "/v3/auth/tokens", json=of).headers["x-subject-token"]
        content: Json = {"json": body} if body is not None else {}
        answer = send(self.app, method, path, headers={"X-Auth-Token": token}, **content)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}

    def apps(self) -> dict[str, Json]:
        return {each["app_name"]: each for each in self.hand("GET", "/v2/apps")["apps"]}


@dataclass
class Fleet:
    """Two served accounts, and the command line with credentials for both."""

    cli: Cli
    edu: Served
    events: Served

    def __iter__(self) -> Iterator[Served]:
        return iter((self.edu, self.events))

    def forget(self) -> None:
        """Forget what was heard so far."""
        for each in self:
            each.server.heard.clear()

    def apply(self, manifest: str | Path, *arguments: str, code: int = 0) -> Ran:
        return self.cli("apply", "-f", manifest, "--auto-approve", *arguments, code=code)

    def plan(self, manifest: str | Path, *arguments: str, code: int = 0) -> Ran:
        return self.cli("plan", "-f", manifest, *arguments, code=code)

    def converged(self, manifest: str | Path, *arguments: str) -> None:
        assert self.plan(manifest, "--detailed-exitcode", *arguments).out.endswith("No changes.\n")


@contextmanager
def serving(cli: Cli) -> Iterator[Fleet]:
    """Both accounts served, the environment set."""
    edu, events = (Served(account_named(name)) for name in NAMES)
    with edu.server, events.server:
        for each in (edu, events):
            prefix = each.account.name.upper()
            url = each.server.url
            cli.environ(credentials(each.account))
            cli.environ({f"{prefix}_RTCCTL_ENDPOINT": url, f"{prefix}_HUAWEICLOUD_SDK_IAM_ENDPOINT": url})
        cli.environ(SECRETS)
        yield Fleet(cli, edu, events)


def without_credentials(fleet: Fleet) -> None:
    fleet.cli.monkeypatch.delenv("EVENTS_HUAWEICLOUD_SDK_AK")


def with_wrong_ones(fleet: Fleet) -> None:
    fleet.cli.monkeypatch.setenv("EVENTS_HUAWEICLOUD_SDK_SK", "fake-and-wrong")
