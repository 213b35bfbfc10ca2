"""One folder, several environments: whatever belongs to one is never deleted by another."""

from __future__ import annotations

import json
import shutil

import pytest

from rtcctl.simulator import create_app
from tests.e2e.kustomize import build
from tests.e2e.support import (
    EXAMPLE2,
    EXAMPLES,
    KEYS,
    STATE,
    USER,
    Cli,
    Loopback,
    Since,
    Stranger,
    ready_token,
    simulated,
)

OVERLAYS = EXAMPLES / "two-environments" / "overlays"
APP = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: %s}\nspec: {}\n"
PROJECT = "---\napiVersion: rtcctl.dev/v1\nkind: Project\nmetadata: {name: %s}\n"


def overlay(cli: Cli, name: str):
    return cli.write(build(OVERLAYS / name), f"{name}.yaml")


def test_overlay_prod_then_overlay_test_in_one_folder_leaves_prod_alone(cli: Cli):
    prod, test = overlay(cli, "prod"), overlay(cli, "test")
    cli.apply(prod)
    stranger = Stranger()
    before = stranger.apps()
    ran = cli.plan(test)
    assert set(ran.pending().values()) == {"create"}
    cli.apply(test)
    after = stranger.apps()
    assert set(after) == {"classroom-prod", "classroom-test"}
    assert after["classroom-prod"] == before["classroom-prod"]
    cli.converged(prod)
    cli.converged(test)
    cli.sim("destroy", test, "--auto-approve", "--allow-destroy")
    assert stranger.apps() == before


def test_another_environments_set_without_a_project_of_its_own_is_refused_before_any_call(cli: Cli):
    prod, test = cli.write(APP % "prod", "prod.yaml"), cli.write(APP % "test", "test.yaml")
    cli.apply(prod)
    since = Since()
    for command in ("plan", "apply"):
        ran = cli.sim(command, test, code=5)
        assert ran.out == ""
        assert "looks like another environment's" in ran.err
        assert "nothing was called" in ran.err
    assert since.requests == []
    assert list(Stranger().apps()) == ["prod"]


def test_overlays_that_lost_their_project_never_replace_an_app_that_is_protected_in_the_state(cli: Cli):
    prod, test = (cli.write(build(OVERLAYS / name).partition("---\n")[0], f"{name}.yaml") for name in ("prod", "test"))
    cli.apply(prod)
    since = Since()
    ran = cli.apply(test, "--allow-destroy", code=7)
    assert "App/classroom is protected by lifecycle.prevent_destroy" in ran.err
    assert since.requests == []
    assert list(Stranger().apps()) == ["classroom-prod"]


def test_the_embedded_simulator_then_another_endpoint_are_two_worlds(cli: Cli):
    cli.apply(EXAMPLE2)
    before = Stranger().apps()
    app = create_app()
    cli.environ(ready_token(app))
    with Loopback(simulated(app)) as server:
        ran = cli("plan", "-f", EXAMPLE2, "--endpoint", server.url, "--output", "json")
        assert set(ran.pending().values()) == {"create"}
        assert {each.method for each in server.heard} == {"GET"}
    assert Stranger().apps() == before
    cli.converged(EXAMPLE2)


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
def test_a_state_of_one_endpoint_is_refused_for_another_before_any_call(cli: Cli, command):
    app = create_app()
    cli.environ(ready_token(app))
    with Loopback(simulated(app)) as first, Loopback(simulated(create_app())) as second:
        cli("apply", "-f", EXAMPLE2, "--endpoint", first.url, "--auto-approve")
        before = STATE.read_bytes()
        flags = [] if command == "plan" else ["--auto-approve"]
        ran = cli(command, "-f", EXAMPLE2, "--endpoint", second.url, *flags, code=5)
        assert second.heard == []
    assert ran.out == ""
    assert first.url in ran.err
    assert second.url in ran.err
    assert "nothing was called" in ran.err
    assert STATE.read_bytes() == before


def test_a_state_of_one_account_is_refused_for_another_before_any_call(cli: Cli):
    app = create_app()
    with Loopback(simulated(app)) as server:
        cli.environ({**KEYS, "RTCCTL_ENDPOINT": server.url})
        cli("apply", "-f", EXAMPLE2, "--auto-approve")
        heard = len(server.heard)
        cli.monkeypatch.setenv("HUAWEICLOUD_SDK_PROJECT_ID", "f" * 32)
        ran = cli("plan", "-f", EXAMPLE2, code=5)
        assert "project_id '01234567890123456789012345678901', not 'ffffffffffffffffffffffffffffffff'" in ran.err
        assert len(server.heard) == heard


def test_a_state_of_one_iam_domain_is_refused_for_another_before_any_call(cli: Cli):
    app = create_app()
    with Loopback(simulated(app)) as server:
        cli.environ({**USER, "RTCCTL_ENDPOINT": server.url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": server.url})
        cli("apply", "-f", EXAMPLE2, "--auto-approve")
        heard = len(server.heard)
        cli.monkeypatch.setenv("RTCCTL_DOMAIN", "another")
        assert "domain 'simulator', not 'another'" in cli("plan", "-f", EXAMPLE2, code=5).err
        assert len(server.heard) == heard


def test_two_projects_share_a_place_for_states_and_keep_apart(cli: Cli):
    app = create_app()
    cli.environ({**ready_token(app), "RTCCTL_STATE": "states"})
    one = cli.write(APP % "one" + PROJECT % "first", "one.yaml")
    two = cli.write(APP % "two" + PROJECT % "second", "two.yaml")
    with Loopback(simulated(app)) as server:
        cli.monkeypatch.setenv("RTCCTL_ENDPOINT", server.url)
        for manifest in (one, two):
            cli("apply", "-f", manifest, "--auto-approve")
        for manifest in (one, two):
            assert cli("plan", "-f", manifest, "--output", "json").pending() == {}
        assert [each for each in server.told if each.startswith("DELETE")] == []
    assert sorted(each.parent.name for each in (cli.folder / "states").rglob("*.state.json")) == ["first", "second"]


def test_a_state_in_another_projects_place_is_refused_before_any_call(cli: Cli):
    app = create_app()
    cli.environ({**ready_token(app), "RTCCTL_STATE": "states"})
    one = cli.write(APP % "one" + PROJECT % "first", "one.yaml")
    two = cli.write(APP % "one" + PROJECT % "second", "two.yaml")
    with Loopback(simulated(app)) as server:
        cli.monkeypatch.setenv("RTCCTL_ENDPOINT", server.url)
        cli("apply", "-f", one, "--auto-approve")
        shutil.copytree(cli.folder / "states" / "first", cli.folder / "states" / "second")
        heard = len(server.heard)
        for command in (["plan"], ["apply", "--auto-approve"], ["destroy", "--auto-approve", "--allow-destroy"]):
            ran = cli(*command, "-f", two, code=5)
            assert "belongs to project 'first', not 'second'" in ran.err
        assert len(server.heard) == heard


def test_the_projects_backend_says_where_the_state_lives_and_the_variable_overrides_it(cli: Cli):
    app = create_app()
    cli.environ(ready_token(app))
    manifest = cli.write(APP % "one" + PROJECT % "p" + "spec: {backend: kept/here}\n")
    with Loopback(simulated(app)) as server:
        cli.monkeypatch.setenv("RTCCTL_ENDPOINT", server.url)
        cli("apply", "-f", manifest, "--auto-approve")
        cli.monkeypatch.setenv("RTCCTL_STATE", "elsewhere")
        cli("apply", "-f", manifest, "--auto-approve")
    found = sorted(str(each.relative_to(cli.folder)) for each in cli.folder.rglob("*.state.json"))
    assert found == ["elsewhere/p/default.state.json", "kept/here/p/default.state.json"]


@pytest.mark.parametrize("place", ["ftp://h/state", "mysql://u:fake-password-not-real@h/db"])
def test_a_place_of_another_kind_is_refused_and_not_taken_for_a_folder(cli: Cli, place):
    cli.environ({"RTCCTL_TOKEN": "fake-token", "RTCCTL_STATE": place})
    with Loopback(simulated(create_app())) as server:
        ran = cli("apply", "-f", EXAMPLE2, "--endpoint", server.url, "--auto-approve", code=3)
        assert server.heard == []
    assert f"a state can't be kept at {place.partition('://')[0]}://…" in ran.err
    assert "fake-password-not-real" not in ran.err
    assert list(cli.folder.iterdir()) == []


def test_the_simulator_leaves_the_declared_backend_alone(cli: Cli):
    cli.monkeypatch.setenv("RTCCTL_STATE", "elsewhere")
    manifest = cli.write(APP % "one" + PROJECT % "p" + "spec: {backend: kept/here}\n")
    cli.apply(manifest)
    assert sorted(each.name for each in cli.folder.iterdir()) == [".rtcctl", "manifest.yaml"]


def test_a_local_state_under_ci_is_warned_about(cli: Cli):
    app = create_app()
    with Loopback(simulated(app)) as server:
        cli.environ({**ready_token(app), "RTCCTL_ENDPOINT": server.url, "CI": "true"})
        ran = cli("plan", "-f", EXAMPLE2, "--output", "json")
    assert "most CI runners forget" in ran.err
    [warning] = json.loads(ran.out)["warnings"]
    assert warning["severity"] == "warning"


def test_a_pruning_set_with_fewer_files_needs_consent(cli: Cli):
    cli.write(APP % "one", "set/one.yaml")
    cli.write("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: two}\nspec: {}\n", "set/two.yaml")
    cli.apply("set")
    since = Since()
    (cli.folder / "set" / "two.yaml").unlink()
    assert "the last apply read 2" in " ".join(cli.apply("set", code=7).out.split())
    assert since.requests == []


def test_who_answered_is_kept_as_soon_as_it_is_learned(cli: Cli):
    app = create_app()
    cli.environ(ready_token(app))
    with Loopback(simulated(app)) as server:
        cli.environ({"RTCCTL_ENDPOINT": server.url})
        for _ in range(2):
            cli("apply", "-f", EXAMPLE2, "--auto-approve")
    assert json.loads(STATE.read_text())["identity"] == {"tenant_name": "simulator"}
