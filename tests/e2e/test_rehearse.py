"""rehearse: what apply would do, told without doing it, on the embedded simulator and at a service."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from rtcctl.schema import load
from rtcctl.simulator import create_app
from tests.e2e.support import AUTH_KEY, DATA, EXAMPLE2, EXAMPLES, KEYS, Cli, Json, Loopback, Stranger, simulated

SHARE = ("layout_template: nine_grids_view", "layout_template: screen_share_left\n        layout_panes: [{id: 1}]")


def check(document: Json) -> Json:
    """Validate against the published schema, and return the document."""
    schemas = [load(each) for each in ("plan", "result", "drift", "rehearsal")]
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )
    Draft202012Validator(schemas[-1], registry=registry).validate(document)
    return document


def kept(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its content and when it was changed; SQLite's shared memory holds locks and no data."""
    gc.collect()  # a command before this one may not have closed its data yet
    files = [each for each in folder.rglob("*") if each.is_file() and not each.name.endswith("-shm")]
    return {str(each): (each.read_bytes(), each.stat().st_mtime_ns) for each in files}


@pytest.fixture
def changed(cli: Cli) -> Path:
    """A manifest that replaces the running job of Example 2."""
    return cli.write(EXAMPLE2.read_text().replace(*SHARE))


def test_an_empty_account_is_rehearsed_and_nothing_is_made(cli: Cli):
    ran = cli.sim("rehearse", EXAMPLE2)
    assert "Applied: 5 added, 0 changed, 0 destroyed.\n" in ran.out
    assert "Requests made: 5 (POST 3, PUT 2; apps 1, record-rules 1, callbacks 1," in ran.out
    assert "A plan afterwards: no changes.\n" in ran.out
    assert "Rehearsed on a copy of nothing; 2 reads went to the embedded simulator" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert kept(cli.folder) == {}


def test_embedded_data_and_state_stay_as_they_are(cli: Cli, changed: Path):
    cli.apply(EXAMPLE2)
    before = kept(cli.folder)
    ran = cli.sim("rehearse", changed)
    assert "Needs --allow-destroy: MixStreamJob/rtctest/room001: a recording would be\n" in ran.out
    assert "MixStreamJob/rtctest/room001  replaced INIT\n" in ran.out
    assert kept(cli.folder) == before
    cli.converged(EXAMPLE2)


def test_embedded_data_that_another_process_has_open_are_read_as_they_are_now(cli: Cli):
    cli.apply(EXAMPLE2)
    theirs = Stranger()
    for number in range(3):
        theirs.new_app(f"theirs{number}")
    log = DATA.with_name(DATA.name + "-wal")
    before = DATA.read_bytes(), log.read_bytes()
    assert cli.sim("rehearse", EXAMPLE2, "--output", "json").document["copied"]["App"] == 4
    assert (DATA.read_bytes(), log.read_bytes()) == before


def test_a_state_that_is_left_of_data_that_are_gone_counts_no_more(cli: Cli):
    cli.apply(EXAMPLE2)
    DATA.unlink()
    before = kept(cli.folder)
    assert cli.sim("rehearse", EXAMPLE2, "--output", "json").document["result"]["calls"] == 5
    assert kept(cli.folder) == before


def test_data_that_are_none_are_one_line(cli: Cli):
    cli.write("not a database" * 100, "notes.txt")
    ran = cli.sim("rehearse", EXAMPLE2, "--simulator-data", "notes.txt", code=3)
    assert "notes.txt is not usable as data of the simulator" in ran.err


def test_a_rehearsal_is_not_kept_out_by_a_lock(cli: Cli):
    cli.apply(EXAMPLE2)
    with cli.holding():
        cli.sim("rehearse", EXAMPLE2)


@pytest.mark.parametrize(
    ("conditions", "code", "is_settled"),
    [
        ((), 0, True),
        (("--scenario", str(EXAMPLES / "faults" / "lost-answers.yaml")), 6, False),
        (("--variant", "masked-keys", "--variant", "text-numbers"), 0, True),
    ],
)
def test_the_document_fits_its_schema(cli: Cli, conditions, code, is_settled):
    document = check(cli.sim("rehearse", EXAMPLE2, "--output", "json", *conditions, code=code).document)
    assert (document["kind"], document["exit_code"], document["rehearsed"]) == ("rehearsal", code, True)
    assert document["afterwards"]["is_settled"] is is_settled
    assert sum(each["count"] for each in document["requests"]) >= document["result"]["calls"] > 0


def test_what_nothing_lifts_is_shown_and_ends_with_7(cli: Cli):
    cli.apply(cli.write(EXAMPLE2.read_text() + "  lifecycle: {prevent_destroy: true}\n", "kept.yaml"))
    text = EXAMPLE2.read_text().replace("metadata:\n  name: rtctest", "metadata:\n  name: rtctest\n", 1)
    renamed = cli.write(text + "  app_name: another\n  lifecycle: {prevent_destroy: true}\n")
    ran = cli.sim("rehearse", renamed, code=7)
    assert "Refused: App/rtctest is protected by lifecycle.prevent_destroy" in ran.out
    assert "Not rehearsed: apply would refuse this plan.\n" in ran.out
    document = check(cli.sim("rehearse", renamed, "--output", "json", code=7).document)
    assert (document["rehearsed"], document["result"], document["afterwards"]) == (False, None, None)


def test_a_saved_plan_is_rehearsed_with_or_without_its_manifest(cli: Cli, changed: Path):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    cli.apply(EXAMPLE2)
    cli.sim("plan", changed, "--out", "plan.json")
    before = kept(cli.folder)
    alone = cli("rehearse", "plan.json", "--simulator", "--output", "json")
    assert check(alone.document)["afterwards"]["drift"]["has_drift"] is False
    both = cli.sim("rehearse", changed, "plan.json", "--output", "json")
    assert check(both.document)["afterwards"]["plan"]["has_changes"] is False
    assert kept(cli.folder) == before


def test_a_stale_saved_plan_ends_with_5(cli: Cli, changed: Path):
    cli.environ({"RTC_CALLBACK_KEY": AUTH_KEY})
    cli.apply(EXAMPLE2)
    cli.sim("plan", changed, "--out", "plan.json")
    cli.apply(cli.write(EXAMPLE2.read_text().replace("mydomain", "example"), "other.yaml"))
    assert "the state moved on since the plan was made" in cli("rehearse", "plan.json", "--simulator", code=5).err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan.json", "--refresh", "none"), "a saved plan is rehearsed as it is"),
        ((), "name a manifest with -f, or a plan file"),
        (("-f", str(EXAMPLE2), "--variant", "masked-kays"), "did you mean 'masked-keys'?"),
        (("-f", str(EXAMPLE2), "--scenario", "none.yaml"), "none.yaml can't be read"),
    ],
)
def test_wrong_usage_ends_with_3(cli: Cli, arguments, message):
    assert message in cli("rehearse", "--simulator", *arguments, code=3).err


def test_nothing_secret_is_told_and_a_service_gets_reads_alone(cli: Cli, changed: Path):
    cli.environ({**KEYS, "RTC_CALLBACK_KEY": AUTH_KEY})
    live = create_app()
    with Loopback(simulated(live)) as server:
        cli("apply", "-f", EXAMPLE2, "--auto-approve", "--endpoint", server.url)
        server.heard.clear()
        before = kept(cli.folder)
        ours, other = (AUTH_KEY, "fake-callback-key-not-a-real-secret-2")
        for key in (ours, other):
            cli.environ({"RTC_CALLBACK_KEY": key})
            for format_ in ("text", "json"):
                ran = cli("rehearse", "-f", changed, "--endpoint", server.url, "--output", format_)
                assert not [each for each in (*KEYS.values(), ours, other) if each in ran.text.replace(PROJECT, "")]
        assert {each.split()[0] for each in server.told} == {"GET"}
        assert kept(cli.folder) == before
        assert json.loads(ran.out)["reads"] * 4 == len(server.heard)


PROJECT = KEYS["HUAWEICLOUD_SDK_PROJECT_ID"]
