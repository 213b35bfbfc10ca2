"""Saved plans that fit: what is in the file, what applying it does, and what stops it from being written or used."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rtcctl.planfile import file
from rtcctl.schema import load as load_schema
from rtcctl.simulator import create_app
from tests.e2e.saved import APP, EVERYTHING, MANIFEST, PLAN, applied, apply_file, authorize, edited, refused, save
from tests.e2e.support import (
    AUTH_KEY,
    EXAMPLE2,
    SIMULATED_STATE,
    Cli,
    Json,
    Loopback,
    Reply,
    Since,
    Stranger,
    calls,
    ready_token,
    simulated,
)


def document(cli: Cli) -> Json:
    found: Json = json.loads((cli.folder / PLAN).read_text())
    return found


def test_a_saved_plan_makes_exactly_its_calls_and_asks_nothing(cli: Cli):
    applied(cli)
    manifest = edited(cli, *EVERYTHING)
    said = save(cli, manifest)
    assert said.err.endswith(f"The plan is in {PLAN}; make exactly these calls with: rtcctl apply {PLAN} --simulator\n")
    since = Since()
    ran = apply_file(cli)
    assert sorted(since.told) == [
        "PUT /v2/apps/{app}/mix-stream-jobs/{job}",
        "PUT /v2/apps/{app}/record-callback",
        "PUT /v2/apps/{app}/record-rules/{rule}",
    ]
    assert ran.out.startswith(said.out)
    assert ran.out.endswith("Applied: 0 added, 3 changed, 0 destroyed.\n")
    cli.converged(manifest)


def test_a_first_plan_makes_everything(cli: Cli):
    authorize()
    cli.monkeypatch.setenv("KEY", AUTH_KEY)
    manifest = cli.write(MANIFEST)
    save(cli, manifest)
    result = apply_file(cli, "--output", "json").document
    assert (result["kind"], result["exit_code"], result["calls"]) == ("result", 0, 4)
    cli.converged(manifest)


def test_what_is_not_relied_upon_may_move(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    stranger = Stranger()
    stranger.new_app("theirs")
    stranger.send("PUT", f"/v2/apps/{stranger.apps()['a']['app_id']}/auto-record-mode", {"mode": "AUTO_RECORD_OFF"})
    apply_file(cli)


def test_a_plan_with_something_to_record_alone(cli: Cli):
    Stranger().new_app("a")
    manifest = cli.write(APP)
    assert save(cli, manifest).out.endswith("No changes. 1 to record.\n")
    since = Since()
    apply_file(cli)
    assert since.requests == []
    cli.converged(manifest)
    refused(cli, "the state moved on since the plan was made, from serial 0 to 1")


def test_a_setting_that_is_forgotten_and_stays(cli: Cli):
    applied(cli, MANIFEST.partition("  mix_stream_jobs")[0])
    save(cli, cli.write(MANIFEST.partition("  record_callback")[0]))
    since = Since()
    apply_file(cli)
    assert since.requests == []


def test_a_plan_with_nothing_to_do_can_be_applied(cli: Cli):
    manifest = applied(cli)
    save(cli, manifest)
    before = (cli.folder / SIMULATED_STATE).read_bytes()
    assert apply_file(cli).out.endswith("No changes.\n")
    assert (cli.folder / SIMULATED_STATE).read_bytes() == before


def test_what_needs_consent_needs_it_again(cli: Cli):
    applied(cli)
    save(cli, cli.write(APP))
    since = Since()
    assert "--allow-destroy allows it" in apply_file(cli, code=7).err
    assert since.requests == []
    apply_file(cli, "--allow-destroy")
    assert "DELETE /v2/apps/{app}/record-rules/{rule}" in since.told


def test_what_is_cut_off_is_planned_anew(cli: Cli):
    app = create_app()
    cli.environ({**ready_token(app), "KEY": AUTH_KEY})
    answer = simulated(app)
    with Loopback(lambda each: Reply(500) if each.path.endswith("/record-callback") else answer(each)) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url})
        cli("plan", "-f", cli.write(MANIFEST), "--out", PLAN)
        cli("apply", PLAN, code=6)
        before = len(server.heard)
        ran = cli("apply", PLAN, code=5)
        assert "the state moved on since the plan was made, from serial 0" in ran.err
        assert len(server.heard) == before


def test_a_state_whose_place_comes_from_a_variable_is_found_again(cli: Cli):
    app = create_app()
    cli.environ({**ready_token(app), "STATES": "states"})
    project = (
        "---\napiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: live}\nspec: {backend: '${env:STATES}/'}\n"
    )
    with Loopback(simulated(app)) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url})
        cli("plan", "-f", cli.write(APP + project), "--out", PLAN)
        assert document(cli)["backend"] == "${env:STATES}/"
        cli("apply", PLAN)
        assert (cli.folder / "states/live/default.state.json").is_file()
        cli.monkeypatch.delenv("STATES")
        assert "variable STATES is not set" in cli("apply", PLAN, code=3).err


@pytest.mark.parametrize("form", ["text", "json"])
def test_show_says_what_plan_said_from_anywhere_without_credentials(cli: Cli, form):
    applied(cli)
    text = MANIFEST.replace("mp4_config:", "hls_config: {record_cycle: 60}\n      mp4_config:")
    manifest = edited(cli, *EVERYTHING, text=text)
    planned = save(cli, manifest, "--output", form)
    assert "hls_config" in planned.err
    elsewhere = cli.folder / "elsewhere"
    elsewhere.mkdir()
    cli.monkeypatch.chdir(elsewhere)
    cli.monkeypatch.delenv("KEY")
    shown = cli("show", cli.folder / PLAN, "--output", form)
    assert shown.out == planned.out
    *warnings, last = shown.err.splitlines()
    assert warnings == planned.err.splitlines()[:-1]
    assert last.startswith("Planned 20")
    assert "project default, account default at simulator, state serial" in last
    assert list(elsewhere.iterdir()) == []


def test_the_file_is_private_and_fits_its_schema(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    assert stat.S_IMODE((cli.folder / PLAN).stat().st_mode) == 0o600
    jsonschema.validate(document(cli), load_schema("plan"))


def test_nothing_secret_is_in_the_file_or_printed(cli: Cli):
    applied(cli)
    state = json.loads((cli.folder / SIMULATED_STATE).read_text())
    prints = state["entries"]["RecordCallback/a"]["secrets"]["auth_key"]
    cli.monkeypatch.setenv("KEY", "fake-callback-key-not-a-real-secret-2")
    texts = [save(cli, edited(cli, *EVERYTHING)).text, (cli.folder / PLAN).read_text()]
    texts += [cli("show", PLAN).text, apply_file(cli).text]
    hidden = [prints[name] for name in ("salt", "sent", "read")]
    for key in (AUTH_KEY, "fake-callback-key-not-a-real-secret-2"):
        hidden += [key, hashlib.sha256(key.encode()).hexdigest(), hashlib.md5(key.encode()).hexdigest()]
    assert all(hidden)
    for text in texts:
        assert not [each for each in hidden if each in text]
    assert '"$secret": "env:KEY"' in texts[1]
    assert Stranger().apps()["a"]["callbacks"]["record_callback"]["auth_key"] == "fake-callback-key-not-a-real-secret-2"


def test_the_same_inputs_give_the_same_file_but_for_the_time(cli: Cli):
    applied(cli)
    manifest = edited(cli, *EVERYTHING)
    found = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "rtcctl", "plan", "-f", str(manifest), "--simulator", "--out", PLAN]
        environ = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.run(command, check=True, capture_output=True, env=environ)
        found.append((cli.folder / PLAN).read_text())
    for name in ("created", "digest"):
        found = [text.replace(str(json.loads(text)[name]), "") for text in found]
    assert found[0] == found[1]


def test_a_variable_that_is_missing_is_named_before_any_call(cli: Cli):
    applied(cli)
    save(cli, edited(cli, *EVERYTHING))
    before = len(calls(writes=False))
    cli.monkeypatch.delenv("KEY")
    ran = apply_file(cli, code=3)
    assert "variable KEY is not set; auth_key of RecordCallback/a (manifest.yaml:11:3) needs it" in ran.err
    assert len(calls(writes=False)) == before


def test_a_secret_in_a_file_is_found_from_the_current_directory(cli: Cli):
    cli.write(AUTH_KEY + "\n", "live/keys/callback")
    text = MANIFEST.replace("${env:KEY}", "${file:keys/callback}")
    manifest = cli.write(text, "live/app.yaml")
    save(cli, manifest)
    assert AUTH_KEY not in (cli.folder / PLAN).read_text()
    assert '"$secret": "file:live/keys/callback"' in (cli.folder / PLAN).read_text()
    (cli.folder / "live/keys/callback").rename(cli.folder / "away")
    ran = apply_file(cli, code=3)
    assert "file live/keys/callback can't be read: no such file or directory" in ran.err
    assert "the path starts at the current directory" in ran.err
    (cli.folder / "away").rename(cli.folder / "live/keys/callback")
    apply_file(cli)
    assert Stranger().apps()["a"]["callbacks"]["record_callback"]["auth_key"] == AUTH_KEY


def test_a_secret_that_stands_in_the_manifest_is_refused_with_its_line(cli: Cli):
    ran = cli.sim("plan", EXAMPLE2, "--out", PLAN, code=3)
    line = next(n for n, text in enumerate(EXAMPLE2.read_text().splitlines(), 1) if "auth_key:" in text)
    assert f"mixed-recording.yaml:{line}:5" in ran.err
    assert "auth_key of RecordCallback/rtctest stands in the manifest" in ran.err
    assert not (cli.folder / PLAN).exists()
    assert not (cli.folder / ".rtcctl").exists()


def test_an_empty_default_is_no_secret(cli: Cli):
    manifest = cli.write(MANIFEST.partition("  mix_stream_jobs")[0].replace("${env:KEY}", "${env:KEY:-}"))
    save(cli, manifest)
    apply_file(cli)
    cli.converged(manifest)


@pytest.mark.parametrize("name", ["missing/plan.json", "/dev/null", "."])
def test_a_place_that_can_not_be_written_is_an_error(cli: Cli, name):
    manifest = cli.write(APP)
    before_reading = name != "/dev/null"
    ran = cli.sim("plan", manifest, "--out", name, code=3 if before_reading else 1)
    assert name in ran.err
    assert ran.out == ""
    assert sorted(path.name for path in cli.folder.iterdir()) == [".rtcctl", "manifest.yaml"][before_reading:]
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    "flags",
    [("--target", "App/a"), ("--replace", "MixStreamJob/a/lesson"), ("--refresh", "none"), ("--start-unknown-jobs",)],
)
def test_a_saved_plan_has_its_scope(cli: Cli, flags):
    save(cli, cli.write(APP))
    ran = apply_file(cli, *flags, code=3)
    assert "a saved plan is applied as it is" in ran.err


def test_apply_wants_a_plan_or_a_manifest(cli: Cli):
    assert "name a manifest with" in cli("apply", "--simulator", code=3).err


@pytest.mark.parametrize("command", ["apply", "show"])
@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (MANIFEST, 3, "it is not a plan file"),
        ("", 3, "it is not a plan file"),
        ('{"kind": "plan-file", "format_version": 1}', 5, "its format_version is 1, this rtcctl reads 2"),
        ('{"kind": "plan-file", "format_version": 2}', 5, "it was edited after it was written"),
        ("[" * 50_000, 3, "it is not a plan file"),
        ('{"kind": ' + "9" * 50_000 + "}", 3, "it is not a plan file"),
    ],
    ids=["manifest", "empty", "version", "digest", "deep", "huge"],
)
def test_what_is_no_plan_file_is_refused(cli: Cli, command, content, code, words):
    cli.write(content, PLAN)
    flags = ["--simulator"] if command == "apply" else []
    assert f"{PLAN}: {words}" in cli(command, PLAN, *flags, code=code).err
    assert not (cli.folder / ".rtcctl").exists()


@pytest.mark.parametrize("command", ["apply", "show"])
def test_what_is_not_there_or_a_folder_is_refused(cli: Cli, command):
    (cli.folder / "folder").mkdir()
    assert "can't read the plan file" in cli(command, "missing.json", code=3).err
    assert "Is a directory" in cli(command, "folder", code=3).err


def test_an_edited_file_is_refused(cli: Cli):
    save(cli, cli.write(APP))
    path = cli.folder / PLAN
    path.write_text(path.read_text().replace('"app_name": "a"', '"app_name": "b"'))
    refused(cli, "it was edited after it was written")


def test_a_secret_that_is_empty_at_apply_is_refused_before_any_call(cli: Cli):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    save(cli, cli.write(EXAMPLE2.read_text()))
    cli.environ({"RTC_CALLBACK_KEY": ""})
    since = Since()
    ran = cli("apply", PLAN, "--simulator", code=3)
    assert "variable RTC_CALLBACK_KEY is empty" in ran.err
    assert since.told == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"project": 5},
        {"project": "../../elsewhere"},
        {"backend": 5},
        {"accounts": []},
        {"max_deletes": -1},
    ],
    ids=["project", "path", "backend", "accounts", "limit"],
)
def test_a_plan_file_of_another_form_is_refused_though_its_digest_fits(cli: Cli, wrong: dict[str, Any]):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    save(cli, cli.write(EXAMPLE2.read_text()))
    document = json.loads(Path(PLAN).read_text())
    document |= {name: (document[name] | value if isinstance(value, dict) else value) for name, value in wrong.items()}
    del document["digest"]
    Path(PLAN).write_text(json.dumps({**document, "digest": file._digest(document)}))
    for command in (("show", PLAN), ("apply", PLAN, "--simulator")):
        assert "wrong type" in cli(*command, code=5).err


def test_show_never_prints_what_a_terminal_would_obey(cli: Cli):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    save(cli, cli.write(EXAMPLE2.read_text()))
    document = json.loads(Path(PLAN).read_text())
    document["created"] = "\x1b[31m now\nPlan: 0 to add"
    del document["digest"]
    Path(PLAN).write_text(json.dumps({**document, "digest": file._digest(document)}))
    assert "\x1b" not in cli("show", PLAN, code=5).err
