"""`rtcctl simulator serve` as a process: driven over HTTP by rtcctl with each kind of credentials, and by the SDK."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator

import pytest

from rtcctl.simulator import ACCOUNT, request_log
from tests.e2e.processes import COMMAND, PATIENCE, first_line, served_simulator, started
from tests.e2e.support import EXAMPLE2, KEYS, STATE, USER, Cli, told

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own affair
    from huaweicloudsdkcloudrtc import v2 as rtc
    from huaweicloudsdkcore.auth.credentials import BasicCredentials


@pytest.fixture
def url(cli: Cli) -> Iterator[str]:
    """A served simulator with its data in `served.db`."""
    with served_simulator(cli.folder / "served.db") as found:
        yield found


@pytest.mark.parametrize("credentials", [KEYS, USER], ids=["keys", "password"])
def test_rtcctl_applies_example_2_over_http(cli: Cli, url, credentials):
    cli.environ({**credentials, "RTCCTL_ENDPOINT": url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": url})
    cli("plan", "-f", EXAMPLE2, "--detailed-exitcode", code=2)
    cli("apply", "-f", EXAMPLE2, "--auto-approve")
    assert cli("plan", "-f", EXAMPLE2, "--detailed-exitcode").out == "No changes.\n"
    writes = [each for each in request_log(cli.folder / "served.db") if each["method"] != "GET"]
    made = [each for each in told(writes) if "tokens" not in each]
    authentication, app, rule, callback, job = (
        "PUT /v2/rtc-ops/buckets/authentication",
        "POST /v2/apps",
        "POST /v2/apps/{app}/record-rules",
        "PUT /v2/apps/{app}/record-callback",
        "POST /v2/apps/{app}/mix-stream-jobs",
    )
    assert sorted(made) == sorted((authentication, app, rule, callback, job))
    # What needs nothing of each other leaves at once, and either may come first.
    for first, later in ((authentication, rule), (app, rule), (app, callback), (rule, job)):
        assert made.index(first) < made.index(later)
    assert STATE.exists()


def test_the_official_sdk_lists_what_rtcctl_made(cli: Cli, url):
    cli.environ({**KEYS, "RTCCTL_ENDPOINT": url})
    cli("apply", "-f", EXAMPLE2, "--auto-approve")
    credentials = BasicCredentials(ACCOUNT.access_key, ACCOUNT.secret_key, ACCOUNT.project_id)
    client = rtc.CloudRTCClient.new_builder().with_credentials(credentials).with_endpoint(url).build()
    found = client.list_apps(rtc.ListAppsRequest())
    client.close()
    assert [each.app_name for each in found.apps] == ["rtctest"]
    assert found.apps[0].callbacks.record_callback.url == "http://mydomain.com/callback"


def test_flags_name_the_endpoints_as_well_as_variables_do(cli: Cli, url):
    cli.environ(USER)
    cli("plan", "-f", EXAMPLE2, "--endpoint", url, "--iam-endpoint", url, "--detailed-exitcode", code=2)


def test_what_serve_prints_can_be_pasted(cli: Cli):
    with started("simulator", "serve", "--port", "0") as process:
        lines = [first_line(process.stdout) for _ in range(4)]
        exports = [word for line in lines[1:] for word in line.split()[1:]]
        values = dict(word.split("=", 1) for word in exports)
        assert set(values) == {*KEYS, "RTCCTL_ENDPOINT", "HUAWEICLOUD_SDK_IAM_ENDPOINT"}
        cli.environ(values)
        cli("plan", "-f", EXAMPLE2, "--detailed-exitcode", code=2)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_taken_port_is_one_line(cli: Cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = cli("simulator", "serve", "--port", str(taken.getsockname()[1]), code=3)
    assert ran.err.startswith("error: the simulator can't start on port")
    assert len(ran.err.splitlines()) == 2


def test_data_that_is_none_is_one_line(cli: Cli):
    cli.write("something else", "other.txt")
    ran = cli("simulator", "serve", "--port", "0", "--data", "other.txt", code=3)
    assert ran.err.startswith("error: other.txt is not usable as data of the simulator")


def test_the_data_is_kept_between_two_servers(cli: Cli):
    data = cli.folder / "kept.db"
    cli.environ(KEYS)
    with served_simulator(data) as url:
        cli("apply", "-f", EXAMPLE2, "--endpoint", url, "--auto-approve")
    with served_simulator(data) as url:
        cli.monkeypatch.setenv("RTCCTL_STATE", "anew")
        ran = cli("plan", "-f", EXAMPLE2, "--endpoint", url, "--output", "json")
        assert ran.change("App/rtctest")["adopt"] is True


def test_python_m_rtcctl_and_the_module_are_one(cli: Cli):
    assert COMMAND[0] == sys.executable
    ran = subprocess.run([*COMMAND, "version"], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert ran.stdout == cli("version").out
