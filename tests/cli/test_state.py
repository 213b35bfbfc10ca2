"""`rtcctl state`: what is owned, renamed and forgotten, without a call and without credentials."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtcctl.state import lock
from tests.e2e.processes import PATIENCE
from tests.e2e.support import (
    AUTH_KEY,
    EXAMPLE2,
    KEYS,
    SIMULATED_STATE,
    STATE,
    Cli,
    Ran,
    Since,
    calls,
    check_document,
)
from tests.ledger_documents import check_ledger_document

JOB = "MixStreamJob/rtctest/room001"
BEGUN = "2024-01-15T08:30:00+00:00"
SUBCOMMANDS = (("list",), ("show", "App/rtctest"), ("mv", JOB, f"{JOB}x"), ("forget", JOB))


def state(cli: Cli, *arguments: str, manifest: str | Path = EXAMPLE2, code: int = 0) -> Ran:
    """Run a subcommand on the embedded simulator's state."""
    name, *others = arguments
    return cli("state", name, "-f", manifest, "--simulator", *others, code=code)


def document(cli: Cli, *arguments: str, manifest: str | Path = EXAMPLE2) -> dict[str, Any]:
    found = state(cli, *arguments, "--output", "json", manifest=manifest).document
    check_ledger_document(found)
    return found


def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SIMULATED_STATE.read_text())
    return found


def lose_the_start() -> str:
    """Leave the state as an apply does that never got the answer to the job's POST; return the lost id."""
    kept = stored()
    lost = kept["entries"].pop(JOB)["ids"]["job_id"]
    kept["pending"] = [{"address": JOB, "verb": "start", "started": BEGUN}]
    SIMULATED_STATE.write_text(json.dumps(kept))
    return str(lost)


def test_list_shows_every_owned_address_with_its_id(cli: Cli):
    cli.apply(EXAMPLE2)
    lines = state(cli, "list").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(stored()["entries"])
    assert f"{JOB}    {stored()['entries'][JOB]['ids']['job_id']}" in lines
    found = document(cli, "list")
    assert {each["address"]: each["ids"] for each in found["entries"]} == {
        address: entry["ids"] for address, entry in stored()["entries"].items()
    }
    assert (found["endpoint"], found["serial"]) == ("simulator", stored()["serial"])


def test_list_says_when_nothing_is_owned_and_makes_nothing(cli: Cli):
    assert state(cli, "list").out.startswith("The state owns nothing (")
    assert document(cli, "list")["entries"] == []
    assert not Path(".rtcctl").exists()


def test_list_names_what_was_begun(cli: Cli):
    cli.apply(EXAMPLE2)
    lose_the_start()
    assert state(cli, "list").out.endswith(f"\npending: start {JOB}, begun {BEGUN}\n")


def test_show_tells_ids_and_members(cli: Cli):
    cli.apply(EXAMPLE2)
    text = state(cli, "show", JOB).out
    assert text.startswith(f"{JOB}\n  app_id: ")
    assert '      room_id: "room001"\n' in text
    assert document(cli, "show", f"default:{JOB}")["members"] == stored()["entries"][JOB]["members"]


def test_nothing_secret_comes_out(cli: Cli):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    cli.apply(EXAMPLE2)
    secrets = [
        text for each in stored()["entries"].values() for s in each.get("secrets", {}).values() for text in s.values()
    ]
    assert len([text for text in secrets if text]) == 3
    said = ""
    for format_ in ("text", "json"):
        for subcommand in (("list",), ("show", "RecordCallback/rtctest"), ("show", "App/rtctest")):
            said += state(cli, *subcommand, "--output", format_).text
    assert "(secret, fingerprint kept)" in said
    said += state(cli, "mv", "App/rtctest", "App/other").text
    said += state(cli, "forget", "App/other").text
    assert [text for text in (*secrets, AUTH_KEY) if text and text in said] == []


def test_a_renamed_job_is_the_same_job_for_the_plan(cli: Cli):
    cli.apply(EXAMPLE2)
    before, serial = SIMULATED_STATE.read_bytes(), stored()["serial"]
    since = Since()
    ran = state(cli, "mv", JOB, "MixStreamJob/rtctest/lecture")
    assert ran.out.startswith(f"Moved {JOB} to MixStreamJob/rtctest/lecture.\n")
    assert stored()["serial"] == serial + 1
    assert SIMULATED_STATE.with_name(SIMULATED_STATE.name + ".backup").read_bytes() == before
    manifest = cli.write(EXAMPLE2.read_text().replace("- name: room001", "- name: lecture"))
    cli.converged(manifest)
    assert since.requests == []


def test_a_renamed_app_takes_everything_along(cli: Cli):
    cli.apply(EXAMPLE2)
    found = document(cli, "mv", "App/rtctest", "default:App/classes")
    assert found["moved"][0] == {"from": "App/rtctest", "to": "App/classes"}
    assert len(found["moved"]) == 4
    text = EXAMPLE2.read_text()
    text = text.replace("name: rtctest\nspec:\n", "name: classes\nspec:\n  app_name: rtctest\n")
    cli.converged(cli.write(text))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mv", "App/rtctes", "App/b"], "the state has no App/rtctes = did you mean App/rtctest?"),
        (["forget", "App/zzzzzzzzzzz"], "`rtcctl state list` names all"),
        (["show", "MixStramJob/rtctest/room001"], "there is no kind MixStramJob = did you mean 'MixStreamJob'?"),
        (["mv", JOB, "BucketAuthorization/recordings"], "kinds differ"),
        (["mv", JOB, "MixStreamJob/other/room001"], "rtcctl state mv App/rtctest App/other"),
        (["mv", JOB, JOB], "is in the state already"),
        (["mv", JOB, "MixStreamJob/rtctest"], "write MixStreamJob/APP/NAME"),
        (["show", "App/a/b"], "write App/NAME"),
        (["show", "RecordCallback/a/b"], "write RecordCallback/APP"),
        (["show", "nothing"], "'nothing' is not an address"),
        (["show", "App/\x1b[2J"], "is not an address"),
        (["forget", "edu:App/rtctest"], "of the account 'edu', this manifest of 'default'"),
        (["forget", ":App/rtctest"], "of the account ''"),
        (["mv", "App/rtctest", "edu:App/b"], "of the account 'edu'"),
    ],
)
def test_what_makes_no_sense_is_exit_3_and_changes_nothing(cli: Cli, arguments, words):
    cli.apply(EXAMPLE2)
    before = SIMULATED_STATE.read_bytes()
    ran = state(cli, *arguments, code=3)
    assert words in " ".join(ran.err.split())
    assert "\x1b" not in ran.err
    assert SIMULATED_STATE.read_bytes() == before
    found = state(cli, *arguments, "--output", "json", code=3).document
    check_document(found, "result")
    assert found["error"]["type"] == "UsageError"


def test_an_address_of_an_empty_state_is_not_guessed(cli: Cli):
    assert "= it owns nothing" in state(cli, "forget", JOB, code=3).err


def test_a_forgotten_app_is_adopted_by_the_next_plan(cli: Cli):
    manifest = cli.write("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")
    cli.apply(manifest)
    since = Since()
    ran = state(cli, "forget", "App/a", manifest=manifest)
    assert "The manifest still declares App/a: the next apply adopts what it finds of that." in ran.out
    assert cli.plan(manifest).change("App/a")["adopt"] is True
    assert since.requests == []


def test_a_forgotten_app_takes_everything_along_and_names_the_job(cli: Cli):
    cli.apply(EXAMPLE2)
    entries = stored()["entries"]
    ids = entries[JOB]["ids"]
    found = document(cli, "forget", "App/rtctest")
    assert sorted(stored()["entries"]) == ["BucketAuthorization/recordings"]
    [job] = [each for each in found["forgotten"] if each["address"] == JOB]
    assert job == {"address": JOB, "ids": ids, "deposed": [], "declared": True, "room_id": "room001"}


def test_a_forgotten_job_is_told_with_its_room_and_the_call_that_stops_it(cli: Cli):
    cli.apply(EXAMPLE2)
    ids = stored()["entries"][JOB]["ids"]
    manifest = cli.write(EXAMPLE2.read_text().replace("room_id: room001", "room_id: room002"))
    text = state(cli, "forget", JOB, manifest=manifest).out
    assert f"{JOB} may still run in room001.\n" in text
    assert f"stop it: DELETE /v2/apps/{ids['app_id']}/mix-stream-jobs/{ids['job_id']}\n" in text
    assert cli.plan(EXAMPLE2).change(JOB)["action"] == "create"


def test_a_lost_start_is_settled_by_forgetting_it(cli: Cli):
    cli.apply(EXAMPLE2)
    lose_the_start()
    assert [each["rule"] for each in cli.plan(EXAMPLE2).document["refusals"]] == ["lost-job"]
    found = document(cli, "forget", JOB)
    assert found["settled"] == [{"address": JOB, "verb": "start", "started": BEGUN}]
    assert found["forgotten"][0]["room_id"] == "room001"
    assert stored()["pending"] == []
    assert cli.plan(EXAMPLE2).document["refusals"] == []


@pytest.mark.parametrize("subcommand", SUBCOMMANDS[2:], ids=lambda each: each[0])
def test_a_locked_state_is_exit_8_and_left_alone(cli: Cli, subcommand):
    cli.apply(EXAMPLE2)
    before = SIMULATED_STATE.read_bytes()
    with cli.holding():
        state(cli, *subcommand, code=8)
    assert SIMULATED_STATE.read_bytes() == before


@pytest.mark.parametrize("subcommand", SUBCOMMANDS[:2], ids=lambda each: each[0])
def test_looking_needs_no_lock(cli: Cli, subcommand):
    cli.apply(EXAMPLE2)
    with cli.holding():
        state(cli, *subcommand)


@pytest.mark.parametrize("subcommand", SUBCOMMANDS, ids=lambda each: each[0])
def test_a_foreign_or_damaged_state_is_exit_5(cli: Cli, subcommand):
    cli.apply(EXAMPLE2)
    kept = stored()
    SIMULATED_STATE.write_text(json.dumps({**kept, "endpoint": "https://elsewhere.example"}))
    assert "belongs to endpoint 'https://elsewhere.example'" in state(cli, *subcommand, code=5).err
    SIMULATED_STATE.write_text("{")
    assert "is damaged" in state(cli, *subcommand, code=5).err
    assert SIMULATED_STATE.read_text() == "{"


@pytest.mark.parametrize("subcommand", SUBCOMMANDS, ids=lambda each: each[0])
def test_no_call_is_made_and_the_simulator_is_not_even_opened(cli: Cli, subcommand):
    cli.apply(EXAMPLE2)
    seen = len(calls(writes=False))
    state(cli, *subcommand)
    assert len(calls(writes=False)) == seen


def as_of_a_service(cli: Cli, place: Path, **changed: str) -> None:
    """Put the simulator's state where that of a service is looked for."""
    cli.apply(EXAMPLE2)
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps({**stored(), "endpoint": "https://rtc.example", **changed}))


def test_the_state_of_a_service_needs_no_credentials(cli: Cli):
    as_of_a_service(cli, STATE)
    assert JOB in cli("state", "list", "-f", EXAMPLE2, "--endpoint", "https://RTC.example/").out
    cli.environ({"RTCCTL_ENDPOINT": "https://rtc.example"})
    cli("state", "mv", "-f", EXAMPLE2, JOB, f"{JOB}x")
    kept = json.loads(STATE.read_text())
    assert f"{JOB}x" in kept["entries"]
    assert kept["identity"] == stored()["identity"]
    cli("state", "list", "-f", EXAMPLE2, "--endpoint", "https://other.example", code=5)
    cli("state", "list", "-f", EXAMPLE2, "--endpoint", "http://other.example", code=3)


def test_credentials_of_another_account_do_not_matter(cli: Cli):
    as_of_a_service(cli, STATE)
    cli.environ({**KEYS, "HUAWEICLOUD_SDK_PROJECT_ID": "another"})
    cli("state", "list", "-f", EXAMPLE2, "--endpoint", "https://rtc.example")


def test_the_project_document_and_the_environment_say_where_the_state_is(cli: Cli):
    as_of_a_service(cli, Path("kept/classroom/edu.state.json"), project="classroom", account="edu")
    project = (
        "apiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: classroom}\n"
        "spec: {backend: kept/, accounts: {edu: {credentials: env:EDU}}}\n---\n"
    )
    manifest = cli.write(project + EXAMPLE2.read_text())
    where = ("-f", manifest, "--endpoint", "https://rtc.example")
    assert JOB in cli("state", "list", *where).out
    assert cli("state", "show", *where, f"edu:{JOB}").out.startswith(JOB)
    assert (
        "of the account 'default', this manifest of 'edu'" in cli("state", "show", *where, f"default:{JOB}", code=3).err
    )
    cli.environ({"RTCCTL_STATE": "nowhere"})
    assert "owns nothing" in cli("state", "list", *where).out
    cli.environ({"RTCCTL_STATE": "ftp://bucket/prefix"})
    cli("state", "list", *where, code=3)


@pytest.mark.parametrize("subcommand", SUBCOMMANDS, ids=lambda each: each[0])
def test_a_wrong_manifest_or_none_is_exit_3(cli: Cli, subcommand):
    name, *others = subcommand
    cli("state", name, "-f", "missing.yaml", *others, code=3)
    assert "--file" in cli("state", name, *others, code=3).err


def test_help_names_the_subcommands_and_loads_nothing_heavy(cli: Cli):
    text = cli("state", "--help").out
    assert re.findall(r"^  (\w+)  ", text, re.MULTILINE) == ["forget", "list", "mv", "show", "unlock"]
    command = [sys.executable, "-X", "importtime", "-m", "rtcctl", "state", "list", "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert loaded & {"httpx", "jsonschema", "starlette", "yaml", "asyncio"} == set()


def left_behind(nonce: str) -> None:
    """Leave the lock as a process does that crashed."""
    holder = {"user": "ops", "host": "build7", "pid": 1, "since": BEGUN, "nonce": nonce}
    SIMULATED_STATE.with_name(SIMULATED_STATE.name + ".lock").write_text(json.dumps(holder))


def test_unlock_clears_what_a_process_that_is_gone_left(cli: Cli):
    cli.apply(EXAMPLE2)
    left_behind("5f0c5f0c5f0c5f0c")
    assert document(cli, "unlock", "5f0c5f0c5f0c5f0c")["place"] == str(SIMULATED_STATE.absolute())
    assert "nothing has to be unlocked" in state(cli, "unlock", "5f0c5f0c5f0c5f0c", code=3).err
    left_behind("5f0c5f0c5f0c5f0c")
    assert state(cli, "unlock", "5f0c5f0c5f0c5f0c").out.endswith("is free.\n")


def test_unlock_leaves_a_live_process_its_lock(cli: Cli):
    cli.apply(EXAMPLE2)
    path = SIMULATED_STATE.with_name(SIMULATED_STATE.name + ".lock")
    with lock.hold(path):
        nonce = json.loads(path.read_text())["nonce"]
        assert f"process {os.getpid()}" in state(cli, "unlock", nonce, code=8).err
