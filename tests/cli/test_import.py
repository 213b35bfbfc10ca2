"""`rtcctl import`: a job becomes one of ours by its id, and what was begun at its address is settled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rtcctl.simulator import create_app
from tests.cli.test_state import BEGUN, JOB, lose_the_start, stored
from tests.e2e.support import (
    DESTROY,
    EXAMPLE2,
    SIMULATED_STATE,
    STATE,
    Cli,
    Heard,
    Loopback,
    Ran,
    Reply,
    Since,
    Stranger,
    calls,
    check_document,
    ready_token,
    simulated,
    told,
)
from tests.ledger_documents import check_ledger_document

TEXT = EXAMPLE2.read_text()


def import_(
    cli: Cli, job_id: str, *arguments: str, at: str = JOB, manifest: str | Path = EXAMPLE2, code: int = 0
) -> Ran:
    return cli.sim("import", manifest, at, job_id, *arguments, code=code)


def document(cli: Cli, job_id: str, *arguments: str, **more: Any) -> dict[str, Any]:
    found = import_(cli, job_id, "--output", "json", *arguments, **more).document
    check_ledger_document(found)
    return found


def lose_everything() -> str:
    """Lose the state, as a runner that forgets does; return the id of the job that runs."""
    lost = stored()["entries"][JOB]["ids"]["job_id"]
    SIMULATED_STATE.unlink()
    return str(lost)


def stop(job_id: str, ids: dict[str, str]) -> None:
    Stranger().send("DELETE", f"/v2/apps/{ids['app_id']}/mix-stream-jobs/{job_id}")


def test_after_the_loss_of_the_state_a_job_is_ours_again_without_a_write(cli: Cli):
    cli.apply(EXAMPLE2)
    job_id = lose_everything()
    assert [each["rule"] for each in cli.plan(EXAMPLE2).document["refusals"]] == ["unknown-job"]
    since = Since()
    ran = import_(cli, job_id)
    assert ran.out == f"Imported {JOB}: RUNNING in room001.\nRun plan to see what differs.\n"
    assert ran.err == ""
    assert list(stored()["entries"]) == [JOB]
    plan = cli.plan(EXAMPLE2)
    assert plan.document["refusals"] == []
    assert plan.document["has_changes"] is False
    assert (plan.change(JOB)["action"], plan.change(JOB)["records"]) == ("no-op", True)
    cli.apply(EXAMPLE2)
    assert since.requests == []
    cli.converged(EXAMPLE2)


def test_what_is_recorded_is_adopted_and_fits_the_schema(cli: Cli):
    cli.apply(EXAMPLE2)
    app_id = stored()["entries"]["App/rtctest"]["ids"]["app_id"]
    job_id = lose_everything()
    found = document(cli, job_id)
    assert found["ids"] == {"app_id": app_id, "job_id": job_id}
    assert found["status"]["state"] == "RUNNING"
    assert (found["adopted"], found["owned_before"], found["warnings"]) == (True, False, [])
    assert stored()["entries"][JOB] == {"adopted": True, "ids": found["ids"], "members": {}}
    assert stored()["serial"] == found["serial"] == 1


def test_only_reads_are_made(cli: Cli):
    cli.apply(EXAMPLE2)
    job_id = lose_everything()
    seen = len(calls(writes=False))
    import_(cli, job_id)
    assert told(calls(writes=False)[seen:]) == ["GET /v2/apps", "GET /v2/apps/{app}/mix-stream-jobs/{job}"]


def test_an_imported_job_is_stopped_by_destroy_as_any_other(cli: Cli):
    cli.apply(EXAMPLE2)
    import_(cli, lose_everything())
    cli.apply(EXAMPLE2)
    since = Since()
    cli.sim("destroy", EXAMPLE2, *DESTROY)
    assert "DELETE /v2/apps/{app}/mix-stream-jobs/{job}" in since.told


def test_a_job_of_another_room_is_warned_about_and_then_replaced(cli: Cli):
    cli.apply(EXAMPLE2)
    job_id = lose_everything()
    manifest = cli.write(TEXT.replace("room_id: room001", "room_id: room002"))
    ran = import_(cli, job_id, manifest=manifest)
    assert "manifest.yaml:35:9: warning: the job records room001" in ran.err
    assert "is declared for room002: plan will replace it" in ran.err
    assert ran.out.startswith(f"Imported {JOB}: RUNNING in room001.")
    change = cli.plan(manifest).change(JOB)
    assert change["action"] == "replace"
    assert [each["path"] for each in change["members"] if each["forces_replacement"]] == ["mix_param.room_id"]
    found = document(cli, job_id, manifest=manifest)
    assert [each["line"] for each in found["warnings"]] == [35]
    assert (found["room_id"], found["declared_room_id"]) == ("room001", "room002")


def test_a_lost_start_is_settled_and_the_job_is_our_own(cli: Cli):
    cli.apply(EXAMPLE2)
    job_id = lose_the_start()
    serial = stored()["serial"]
    assert document(cli, job_id)["adopted"] is False
    assert (stored()["pending"], stored()["serial"]) == ([], serial + 1)
    assert stored()["entries"][JOB]["ids"]["job_id"] == job_id
    plan = cli.plan(EXAMPLE2).document
    assert (plan["refusals"], plan["warnings"], plan["has_changes"]) == ([], [], False)


def test_a_start_whose_answer_was_lost_is_settled_by_the_jobs_id(cli: Cli):
    app = create_app(start_delay=0)
    cli.environ(ready_token(app))
    answer = simulated(app)
    started: list[str] = []

    def losing(request: Heard) -> Reply:
        found = answer(request)
        if request.method == "POST" and request.path.endswith("/mix-stream-jobs"):
            started.append(json.loads(found.body)["job_id"])
            return Reply(201, found.body[:5])
        return found

    with Loopback(losing) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url})
        cli("apply", "-f", EXAMPLE2, "--auto-approve", code=6)
        assert json.loads(STATE.read_text())["pending"][0]["address"] == JOB
        assert f"Imported {JOB}: RUNNING" in cli("import", "-f", EXAMPLE2, JOB, started[0]).out
        cli("apply", "-f", EXAMPLE2, "--auto-approve")
        assert cli("plan", "-f", EXAMPLE2, "--detailed-exitcode").out == "No changes.\n"
        assert len(started) == 1
    assert json.loads(STATE.read_text())["identity"] == {"tenant_name": "simulator"}


def test_the_successor_of_a_replacement_that_was_cut_off_leads_to_the_stop_of_the_old_job(cli: Cli):
    cli.apply(EXAMPLE2)
    old = stored()["entries"][JOB]["ids"]
    body = {
        "mix_param": {
            "room_id": "room002",
            "encode_template": "1920x1080_30_4620",
            "layout_template": "nine_grids_view",
        },
        "record_param": stored()["entries"][JOB]["members"]["record_param"],
    }
    new = Stranger().send("POST", f"/v2/apps/{old['app_id']}/mix-stream-jobs", body)["job_id"]
    SIMULATED_STATE.write_text(
        json.dumps({**stored(), "pending": [{"address": JOB, "verb": "start", "started": BEGUN}]})
    )
    manifest = cli.write(TEXT.replace("room_id: room001", "room_id: room002"))
    ran = import_(cli, new, manifest=manifest)
    assert f"succeeds the job owned so far (job_id {old['job_id']})" in " ".join(ran.out.split())
    assert stored()["entries"][JOB]["deposed"] == [old]
    since = Since()
    cli.apply(manifest, "--allow-destroy")
    assert since.told == ["DELETE /v2/apps/{app}/mix-stream-jobs/{job}"]
    assert since.requests[0]["path"].endswith(old["job_id"])
    cli.converged(manifest)


def test_the_owned_job_can_be_imported_again(cli: Cli):
    cli.apply(EXAMPLE2)
    entry = stored()["entries"][JOB]
    ran = import_(cli, entry["ids"]["job_id"])
    assert f"{JOB} was owned already: RUNNING in room001." in " ".join(ran.out.split())
    assert stored()["entries"][JOB] == entry
    cli.converged(EXAMPLE2)


def test_a_job_that_is_over_is_recorded_as_such_and_gives_way_to_another(cli: Cli):
    cli.apply(EXAMPLE2)
    ids = stored()["entries"][JOB]["ids"]
    job_id = lose_the_start()
    stop(job_id, ids)
    assert "STOPPED TENANT_STOP in room001." in import_(cli, job_id).out
    assert stored()["entries"][JOB]["stopped"] == "TENANT_STOP"
    assert cli.plan(EXAMPLE2).pending() == {}
    body = {"mix_param": {"room_id": "room001", "encode_template": "1920x1080_30_4620"}}
    body["mix_param"]["layout_template"] = "nine_grids_view"
    other = Stranger().send("POST", f"/v2/apps/{ids['app_id']}/mix-stream-jobs", body)["job_id"]
    assert "RUNNING in room001." in import_(cli, other).out
    assert stored()["entries"][JOB]["ids"]["job_id"] == other
    assert "stopped" not in stored()["entries"][JOB]


def test_protection_is_recorded_with_the_job(cli: Cli):
    manifest = cli.write(TEXT.replace("        restart: Never\n", "") + "  lifecycle: {prevent_destroy: true}\n")
    cli.apply(manifest)
    import_(cli, lose_the_start(), manifest=manifest)
    assert stored()["entries"][JOB]["prevent_destroy"] is True


def refused(cli: Cli, code: int, job_id: str, words: str, **more: Any) -> None:
    """An import fails, says so in both forms, and leaves the state alone."""
    before = SIMULATED_STATE.read_bytes() if SIMULATED_STATE.exists() else None
    assert words in " ".join(import_(cli, job_id, code=code, **more).err.split())
    found = import_(cli, job_id, "--output", "json", code=code, **more).document
    check_document(found, "result")
    assert found["exit_code"] == code
    assert (SIMULATED_STATE.read_bytes() if SIMULATED_STATE.exists() else None) == before


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("MixStreamJob/rtctest/room01", f"does not declare MixStreamJob/rtctest/room01 = did you mean {JOB}?"),
        ("IndividualStreamJob/x/y", "= declare the job first, as it was started"),
        ("App/rtctest", "App/rtctest is not a job = apps, rules and settings are found by their names"),
        ("RecordRule/rtctest/default", "plan adopts them by itself"),
        ("nothing", "is not an address"),
        (f"edu:{JOB}", "of the account 'edu'"),
    ],
)
def test_what_is_no_declared_job_is_exit_3_before_anything_is_opened(cli: Cli, at, words):
    refused(cli, 3, "j1", words, at=at)
    assert not Path(".rtcctl").exists()


def test_a_manifest_without_jobs_has_none_to_name(cli: Cli):
    manifest = cli.write("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")
    refused(cli, 3, "j1", "= it declares no job", manifest=manifest)


def test_an_address_that_has_another_job_is_exit_3(cli: Cli):
    cli.apply(EXAMPLE2)
    since = len(calls(writes=False))
    refused(cli, 3, "another", f"rtcctl state forget {JOB}")
    assert len(calls(writes=False)) == since


def test_a_job_of_another_address_is_exit_3(cli: Cli):
    cli.apply(EXAMPLE2)
    manifest = cli.write(TEXT.replace("- name: room001", "- name: other"))
    job_id = stored()["entries"][JOB]["ids"]["job_id"]
    other = "MixStreamJob/rtctest/other"
    refused(cli, 3, job_id, f"rtcctl state mv {JOB} {other}", manifest=manifest, at=other)


@pytest.mark.parametrize("job_id", ["", ".."])
def test_an_id_that_would_lead_elsewhere_is_exit_3(cli: Cli, job_id):
    cli.apply(EXAMPLE2)
    lose_the_start()
    refused(cli, 3, job_id, "job_id")


def test_a_job_that_the_app_does_not_have_is_named_with_address_and_app(cli: Cli):
    cli.apply(EXAMPLE2)
    lose_the_start()
    app_id = stored()["entries"]["App/rtctest"]["ids"]["app_id"]
    refused(cli, 1, "nope", f"the app rtctest ({app_id}) has no MixStreamJob nope, which {JOB} shall be")
    refused(cli, 1, "nope", f"rtcctl state forget {JOB}")


def test_an_app_that_is_not_there_is_exit_1(cli: Cli):
    refused(cli, 1, "j1", f"{JOB}: the account has no App/rtctest")


def test_an_app_made_anew_outside_is_found_by_its_name(cli: Cli):
    cli.apply(EXAMPLE2)
    lose_the_start()
    kept = stored()
    kept["entries"]["App/rtctest"]["ids"]["app_id"] = "gone"
    SIMULATED_STATE.write_text(json.dumps(kept))
    refused(cli, 1, "nope", "the app rtctest (")


def test_two_apps_of_the_name_are_exit_1(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    apps = {"count": 2, "apps": [{"app_id": each, "app_name": "rtctest"} for each in ("a2", "a1")]}
    with Loopback(lambda _: Reply(200, json.dumps(apps).encode())) as server:
        ran = cli("import", "-f", EXAMPLE2, "--endpoint", server.url, JOB, "j1", code=1)
        assert f"{JOB}: 2 apps are called like App/rtctest (a1, a2)" in ran.err
        assert server.told == ["GET /v2/apps"]


def test_a_gateway_that_knows_no_such_path_says_nothing_about_the_job(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    apps = {"count": 1, "apps": [{"app_id": "a1", "app_name": "rtctest"}]}
    unknown = Reply(404, b'{"error_code": "APIGW.0101", "error_msg": "The API does not exist"}')
    answers = {"GET /v2/apps": Reply(200, json.dumps(apps).encode())}
    with Loopback(lambda request: answers.get(str(request), unknown)) as server:
        ran = cli("import", "-f", EXAMPLE2, "--endpoint", server.url, JOB, "j1", code=1)
    assert "APIGW.0101" in ran.err
    assert "shall be" not in ran.err
    assert not STATE.exists()


def test_a_job_whose_answer_tells_no_room_is_not_warned_about(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token"})
    apps = {"count": 1, "apps": [{"app_id": "a1", "app_name": "rtctest"}]}
    answers = {"GET /v2/apps": Reply(200, json.dumps(apps).encode())}
    with Loopback(lambda request: answers.get(str(request), Reply(200, b'{"job_id": "j1"}'))) as server:
        ran = cli("import", "-f", EXAMPLE2, "--endpoint", server.url, JOB, "j1")
    assert (ran.out.splitlines()[0], ran.err) == (f"Imported {JOB}: state not told.", "")


def test_a_single_stream_job_is_imported_with_the_place_of_its_room(cli: Cli):
    job = "IndividualStreamJob/a/one"
    manifest = cli.write(
        "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec:\n  individual_stream_jobs:\n"
        "    - {name: one, room_id: room1, user_id: user1, video_type: CAMERASTREAM}\n"
    )
    cli.apply(manifest)
    job_id = stored()["entries"][job]["ids"]["job_id"]
    cli("state", "forget", "-f", manifest, "--simulator", job)
    moved = cli.write(manifest.read_text().replace("room1", "room2"))
    ran = import_(cli, job_id, at=job, manifest=moved)
    assert ran.out.startswith(f"Imported {job}: RUNNING in room1.")
    assert "manifest.yaml:6:19: warning: the job records room1" in ran.err


def test_a_locked_state_is_exit_8(cli: Cli):
    cli.apply(EXAMPLE2)
    job_id = lose_the_start()
    with cli.holding():
        refused(cli, 8, job_id, "the state is locked by")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"endpoint": "https://elsewhere.example"}, "belongs to endpoint"),
        ({"identity": {"project_id": "another"}}, "project_id 'another'"),
        ({"identity": {"tenant_name": "another"}}, "tenant_name 'another'"),
    ],
    ids=["endpoint", "project", "tenant"],
)
def test_a_foreign_state_is_exit_5(cli: Cli, change, words):
    cli.apply(EXAMPLE2)
    job_id = lose_the_start()
    SIMULATED_STATE.write_text(json.dumps({**stored(), **change}))
    refused(cli, 5, job_id, words)


def test_credentials_are_needed(cli: Cli):
    cli("import", "-f", EXAMPLE2, JOB, "j1", code=4)


def test_a_state_that_ci_forgets_is_warned_about(cli: Cli):
    cli.environ({"CI": "true", "RTCCTL_TOKEN": "fake-token"})
    apps = {"count": 1, "apps": [{"app_id": "a1", "app_name": "rtctest"}]}
    answers = {"GET /v2/apps": Reply(200, json.dumps(apps).encode())}
    with Loopback(lambda request: answers.get(str(request), Reply(200, b"{}"))) as server:
        ran = cli("import", "-f", EXAMPLE2, "--endpoint", server.url, JOB, "j1")
    assert "which most CI runners forget" in ran.err


def test_importing_the_old_job_settles_that_its_replacement_never_started(cli: Cli):
    cli.apply(EXAMPLE2)
    entry = stored()["entries"][JOB]
    SIMULATED_STATE.write_text(
        json.dumps({**stored(), "pending": [{"address": JOB, "verb": "start", "started": BEGUN}]})
    )
    manifest = cli.write(TEXT.replace("room_id: room001", "room_id: room002"))
    assert "lost-job" in [each["rule"] for each in cli.plan(manifest).document["refusals"]]
    import_(cli, entry["ids"]["job_id"], manifest=manifest)
    assert (stored()["entries"][JOB], stored()["pending"]) == (entry, [])
    assert "lost-job" not in [each["rule"] for each in cli.plan(manifest).document["refusals"]]
