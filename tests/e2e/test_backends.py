"""The state in a folder, in object storage and in a database, as a user of the command line meets it."""

from __future__ import annotations

import os
import sys
from itertools import count

import pytest
from msgspec.structs import replace

from rtcctl.model.ledger import Binding, Delta
from rtcctl.simulator import create_app
from rtcctl.state.store import Store
from tests.cli.test_terminal import Typed
from tests.e2e.support import Cli, Loopback, ready_token, simulated
from tests.state.places import Place
from tests.state.servers import ACCESS_KEY, BUCKET, QUOTED_PASSWORD, SECRET_KEY

MANIFEST = """
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: one}
spec: {}
---
apiVersion: rtcctl.dev/v1
kind: Project
metadata: {name: %s}
"""
SECRETS = (SECRET_KEY, QUOTED_PASSWORD, "fake-p", "ss/word")
_names = count()


@pytest.fixture(params=["folder", "s3", "postgresql"])
def place(request: pytest.FixtureRequest, cli: Cli) -> Place:
    """A place for a state that the environment names."""
    name = f"e2e-{next(_names)}"
    if request.param == "folder":
        cli.monkeypatch.setenv("RTCCTL_STATE", "states")
        return Place("folder", str(cli.folder / "states"), name)
    if request.param == "s3":
        url = request.getfixturevalue("endpoint")
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "RTCCTL_S3_ENDPOINT": url}
        for variable, value in {**keys, "RTCCTL_STATE": f"s3://{BUCKET}/some/prefix"}.items():
            cli.monkeypatch.setenv(variable, value)
        return Place("s3", url, name)
    url = request.getfixturevalue("database")
    cli.monkeypatch.setenv("RTCCTL_STATE", url)
    return Place("postgresql", url, name)


def test_what_one_run_applied_the_next_one_knows(cli: Cli, place: Place):
    app = create_app()
    cli.environ({**ready_token(app), "CI": "true"})
    manifest = cli.write(MANIFEST % place.project)
    with Loopback(simulated(app)) as server:
        cli.monkeypatch.setenv("RTCCTL_ENDPOINT", server.url)
        ran = [cli("apply", "-f", manifest, "--auto-approve"), cli("plan", "-f", manifest)]
        assert "No changes" in ran[1].out
        ran.append(cli("destroy", "-f", manifest, "--auto-approve", "--allow-destroy"))
    assert all(("most CI runners forget" in each.err) == (place.kind == "folder") for each in ran)
    assert all(secret not in each.out + each.err for each in ran for secret in SECRETS)
    assert [each.name for each in cli.folder.iterdir() if each.name != "manifest.yaml"] == ["states"] * (
        place.kind == "folder"
    )


def test_of_two_applies_at_once_one_ends_with_exit_8_and_names_the_other(cli: Cli, place: Place):
    app = create_app()
    cli.environ(ready_token(app))
    manifest = cli.write(MANIFEST % place.project)
    with Loopback(simulated(app)) as server, place.process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        cli.monkeypatch.setenv("RTCCTL_ENDPOINT", server.url)
        ran = cli("apply", "-f", manifest, "--auto-approve", code=8)
        assert f"the state is locked by alice@{os.uname().nodename}, process {process.pid}, since " in ran.err
        assert all(secret not in ran.out + ran.err for secret in SECRETS)
        assert server.heard == []
        process.communicate()
        cli("apply", "-f", manifest, "--auto-approve")


@pytest.mark.parametrize("place", ["folder", "postgresql"], indirect=True)  # object storage takes a lease's time
def test_a_lock_that_was_taken_over_is_told(cli: Cli, place: Place):
    app = create_app()
    cli.environ(ready_token(app))
    manifest = cli.write(MANIFEST % place.project)
    with place.process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.kill()
    with Loopback(simulated(app)) as server:
        cli.monkeypatch.setenv("RTCCTL_ENDPOINT", server.url)
        ran = cli("apply", "-f", manifest, "--auto-approve")
    assert "the last run ended without giving up its lock: alice@" in ran.err
    assert f"process {process.pid}" in ran.err


def is_left(store: Store) -> bool:
    store.load()
    return store.unfolded


def test_an_apply_with_nothing_to_do_folds_what_a_killed_one_has_left(cli: Cli, place: Place):
    app = create_app()
    cli.environ(ready_token(app))
    manifest = cli.write(MANIFEST % place.project)
    with Loopback(simulated(app)) as server:
        cli.monkeypatch.setenv("RTCCTL_ENDPOINT", server.url)
        for _ in range(2):  # the second one learns whose account it is, and puts that down
            cli("apply", "-f", manifest, "--auto-approve")
        binding = Binding(place.project, "default", server.url, {})
        killed = place.open(binding)
        ledger = killed.load()
        killed.begin(ledger)
        killed.append([Delta(serial=ledger.serial + 1)])
        assert is_left(place.open(binding))
        assert "No changes" in cli("plan", "-f", manifest).out
        assert is_left(place.open(binding))
        assert cli("apply", "-f", manifest, "--auto-approve").out == "No changes.\n"
    assert not is_left(place.open(binding))
    assert place.open(binding).load() == replace(ledger, serial=ledger.serial + 1)


@pytest.mark.parametrize("place", ["s3", "postgresql"], indirect=True)
def test_the_lock_of_a_run_that_lives_is_taken_only_from_who_says_so(cli: Cli, place: Place):
    manifest = cli.write(MANIFEST % place.project)
    binding = Binding(place.project, "default", "", {})
    with place.process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        holder = place.open(binding).holder()
        assert holder is not None
        unlock = ("state", "unlock", holder.nonce, "-f", manifest)
        ran = cli(*unlock, code=3)
        assert f"seems to be alive: alice@{os.uname().nodename}, process {process.pid}, since {holder.since}" in ran.err
        assert "add --auto-approve to go ahead" in ran.err
        cli.monkeypatch.setattr(sys, "stdin", Typed("no\n"))
        cli(*unlock, code=130)
        assert place.open(binding).holder() == holder
        cli.monkeypatch.setattr(sys, "stdin", Typed("yes\n"))
        cli(*unlock)
        assert place.open(binding).holder() is None
        process.kill()


@pytest.mark.parametrize("place", ["s3", "postgresql"], indirect=True)
def test_auto_approve_asks_nothing_about_a_run_that_lives(cli: Cli, place: Place):
    manifest = cli.write(MANIFEST % place.project)
    with place.process("hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        holder = place.open().holder()
        assert holder is not None
        ran = cli("state", "unlock", holder.nonce, "-f", manifest, "--auto-approve")
        assert "seems to be alive" in ran.err
        process.kill()


@pytest.mark.parametrize("variable", ["RTCCTL_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
def test_an_object_store_over_plain_http_is_refused(cli: Cli, variable: str):
    cli.environ({"RTCCTL_TOKEN": "fake-token", "RTCCTL_STATE": "s3://abc", variable: "http://store.example"})
    with Loopback(simulated(create_app())) as server:
        ran = cli("plan", "-f", cli.write(MANIFEST % "p"), "--endpoint", server.url, code=3)
        assert server.heard == []
    assert "the endpoint of the state's object store on store.example is plain http" in ran.err


def test_object_storage_without_credentials_is_refused_with_exit_4(cli: Cli):
    cli.environ({"RTCCTL_TOKEN": "fake-token", "RTCCTL_STATE": "s3://abc"})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        cli.monkeypatch.delenv(name, raising=False)
    ran = cli("plan", "-f", cli.write(MANIFEST % "p"), "--endpoint", "http://127.0.0.1:1", code=4)
    assert "AWS_ACCESS_KEY_ID" in ran.err
