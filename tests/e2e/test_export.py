"""`rtcctl export`: what is live as a manifest that plans empty at once, without any state."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.e2e.support import (
    AUTH_KEY,
    KEYS,
    STATE,
    Cli,
    Loopback,
    Ran,
    Since,
    Stranger,
    calls,
    kept_files,
    simulated,
    told,
)

ACCOUNT = """
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {name: recordings}
spec: {bucket: obs-name, location: cn-north-4, project_id: "01234567890123456789012345678901"}
---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: both}
spec:
  record_rules:
    - name: main
      obs_addr: {bucket: obs-name, location: cn-north-4, object: Été/, project_id: "01234567890123456789012345678901"}
      record_formats: [MP4, HLS]
      hls_config: {record_cycle: 0, record_slice_duration: 6}
      mp4_config: {record_cycle: 3600}
  record_callback: {url: "https://hooks.example/rtc", auth_key: "${env:RTC_CALLBACK_KEY}"}
  auto_record_mode: {mode: AUTO_INDIVIDUAL_RECORD, record_rule: main}
---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: quiet}
spec:
  auto_record_mode: {mode: AUTO_RECORD_OFF}
---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: disabled}
spec:
  app_name: "Klasse 1: über"
  state: DEACTIVATION
  record_rules:
    - name: main
      obs_addr: {bucket: obs-name, location: cn-north-4, project_id: "01234567890123456789012345678901"}
      record_formats: [MP4]
      mp4_config: {}
"""
NAMES = {
    "BucketAuthorization/obs-name",
    "App/both",
    "RecordRule/both/default",
    "RecordCallback/both",
    "AutoRecordMode/both",
    "App/quiet",
    "AutoRecordMode/quiet",
    "App/Klasse-1-uber",
    "RecordRule/Klasse-1-uber/default",
    "AutoRecordMode/Klasse-1-uber",
}
VARIABLE = "RTC_CALLBACK_KEY_BOTH"


def made(cli: Cli) -> None:
    """An account made by rtcctl, whose state is lost."""
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    cli.apply(cli.write(ACCOUNT))
    forget(cli)


def forget(cli: Cli) -> None:
    shutil.rmtree(cli.folder / ".rtcctl" / "simulator.db.state", ignore_errors=True)


def export(cli: Cli) -> tuple[Path, Ran]:
    ran = cli("export", "--simulator")
    assert AUTH_KEY not in ran.text
    return cli.write(ran.out, "live/rtc.yaml"), ran


def test_an_export_plans_empty_without_a_state(cli: Cli) -> None:
    made(cli)
    since = Since()
    manifest, ran = export(cli)
    assert ran.err == "Exported: 3 apps, 1 authorized bucket.\n"
    plan = cli.sim("plan", manifest, "--detailed-exitcode")
    assert plan.out.endswith(f"No changes. {len(NAMES)} to record.\n")
    assert AUTH_KEY not in plan.text
    document = cli.plan(manifest, "--detailed-exitcode").document
    assert {change["address"] for change in document["changes"]} == NAMES
    assert {change["action"] for change in document["changes"]} == {"import"}
    assert document["refusals"] == []
    assert since.requests == []


def test_an_export_only_reads_and_leaves_no_state(cli: Cli) -> None:
    made(cli)
    before = len(calls(writes=False))
    export(cli)
    reads = told(calls(writes=False)[before:])
    assert [reads.count(read) for read in ("GET /v2/apps", "GET /v2/rtc-ops/buckets")] == [1, 1]
    assert reads.count("GET /v2/apps/{app}/record-rules") == 3
    assert {read.partition(" ")[0] for read in reads} == {"GET"}
    assert not (cli.folder / ".rtcctl" / "simulator.db.state").exists()
    assert sorted(path.name for path in kept_files(cli.folder)) == ["manifest.yaml", "rtc.yaml"]


def test_two_exports_of_an_unchanged_account_are_the_same_bytes(cli: Cli) -> None:
    made(cli)
    assert export(cli)[1].out == export(cli)[1].out


def test_an_export_that_was_applied_is_managed(cli: Cli) -> None:
    made(cli)
    manifest, _ = export(cli)
    since = Since()
    assert cli.apply(manifest).out.endswith(f"No changes. {len(NAMES)} to record.\n")
    assert since.requests == []
    cli.converged(manifest)
    cli.write(manifest.read_text().replace("record_cycle: 3600", "record_cycle: 60"), str(manifest))
    assert cli.plan(manifest).pending() == {"RecordRule/both/default": "update"}


def test_the_variable_of_a_key_manages_it(cli: Cli) -> None:
    made(cli)
    manifest, _ = export(cli)
    cli.environ({VARIABLE: AUTH_KEY})
    assert cli.sim("plan", manifest, "--detailed-exitcode").out.endswith(f"No changes. {len(NAMES)} to record.\n")
    wrong = "fake-callback-key-not-a-real-secret-2"
    cli.environ({VARIABLE: wrong})
    ran = cli.sim("plan", manifest, "--detailed-exitcode", code=2)
    assert "auth_key  (secret #1) → (secret #2)" in ran.out
    assert not {AUTH_KEY, wrong} & set(ran.text.split())
    assert cli.plan(manifest).pending()["RecordCallback/both"] == "update"


def test_an_update_leaves_a_key_alone_whose_variable_is_empty(cli: Cli) -> None:
    made(cli)
    manifest, _ = export(cli)
    cli.apply(manifest)
    cli.write(manifest.read_text().replace("hooks.example/rtc", "hooks.example/new"), str(manifest))
    since = Since()
    cli.apply(manifest)
    assert since.told == ["PUT /v2/apps/{app}/record-callback"]
    callback = Stranger().apps()["both"]["callbacks"]["record_callback"]
    assert (callback["url"], callback["auth_key"]) == ("https://hooks.example/new", AUTH_KEY)


def test_a_disabled_app_that_records_is_told_of(cli: Cli) -> None:
    made(cli)
    stranger = Stranger()
    app = stranger.apps()["both"]
    stranger.send("POST", f"/v2/apps/{app['app_id']}/disable")
    manifest, ran = export(cli)
    assert ran.err.endswith("1 thing left out; comments say which and why.\n")
    assert "auto_record_mode is left out" in ran.out
    plan = cli.sim("plan", manifest, "--detailed-exitcode")
    assert plan.out.endswith(f"No changes. {len(NAMES) - 1} to record.\n")


def test_an_empty_account_is_exported_and_planned(cli: Cli) -> None:
    manifest, ran = export(cli)
    assert ran.err == "Exported: 0 apps, 0 authorized buckets.\n"
    cli.converged(manifest)


def test_names_of_any_script_come_back(cli: Cli) -> None:
    stranger = Stranger()
    names = ["off", "12:30", "-x", 'it\'s: "q"', "数据", "مرحبا", "\u202e", "a\nb", "${env:HOME}", "n" * 300]
    for name in names:
        stranger.new_app(name)
    manifest, ran = export(cli)
    documents = yaml.safe_load_all(ran.out)
    found = {each["spec"].get("app_name", each["metadata"]["name"]).replace("$${", "${") for each in documents}
    assert found == set(names)
    assert all(line.isprintable() for line in ran.out.splitlines())
    assert cli.sim("plan", manifest, "--detailed-exitcode").out.endswith("to record.\n")


def test_an_account_over_the_network_is_exported(cli: Cli) -> None:
    stranger = Stranger()
    stranger.new_app("remote")
    with Loopback(simulated(stranger.app)) as server:
        cli.environ(KEYS)
        ran = cli("export", "--endpoint", server.url)
        manifest = cli.write(ran.out, "remote.yaml")
        plan = cli("plan", "-f", manifest, "--endpoint", server.url, "--detailed-exitcode")
    assert plan.out.endswith("No changes. 2 to record.\n")
    assert not (cli.folder / STATE).exists()


def test_without_credentials_nothing_is_called(cli: Cli) -> None:
    ran = cli("export", "--endpoint", "http://127.0.0.1:9", code=4)
    assert ran.out == ""


def test_the_simulator_and_an_endpoint_exclude_each_other(cli: Cli) -> None:
    ran = cli("export", "--simulator", "--endpoint", "http://127.0.0.1:9", code=3)
    assert "--simulator and --endpoint exclude each other" in ran.err


def test_a_service_that_fails_ends_an_export_without_a_text(cli: Cli) -> None:
    cli.environ(KEYS)
    ran = cli("export", "--endpoint", "http://127.0.0.1:9", code=1)
    assert ran.out == ""
    assert "127.0.0.1:9" in ran.err
