"""Addresses for whoever is typing: from a half-written manifest and from local states, without a call."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from rtcctl.model.address import Address
from rtcctl.model.ledger import Binding, Entry, Ledger, Pending
from rtcctl.operations.addressing import known
from rtcctl.state import codec
from rtcctl.state.places import beside, in_folder

EXAMPLE = Path(__file__).parents[2] / "examples" / "mixed-recording.yaml"
DECLARED = (
    "BucketAuthorization/recordings",
    "App/rtctest",
    "RecordRule/rtctest/default",
    "RecordCallback/rtctest",
    "MixStreamJob/rtctest/room001",
)


@pytest.fixture
def folder(tmp_path):
    shutil.copy(EXAMPLE, tmp_path / "rtc.yaml")
    return tmp_path


def kept(path: Path) -> None:
    path.parent.mkdir(parents=True)
    ledger = Ledger(
        Binding("default", "default", "https://x"),
        "l",
        entries={Address("App", "old"): Entry({"app_id": "1"})},
        pending=(Pending(Address("MixStreamJob", "old", "j"), "start", "2026-01-01T00:00:00Z"),),
    )
    path.write_text(codec.to_json(ledger))


def test_those_of_the_manifest(folder):
    found = known(("rtc.yaml",), {}, folder, None)
    assert found.declared == DECLARED
    assert (found.owned, found.everything) == ((), DECLARED)
    assert found.jobs == ("MixStreamJob/rtctest/room001",)
    assert found.apps == ("App/rtctest",)


def test_a_manifest_that_is_being_written_gives_what_it_has(folder):
    text = EXAMPLE.read_text().replace("room_id: room001", "room_id: [").replace("MP4", "${env:NOT_SET}")
    (folder / "rtc.yaml").write_text(text + "\n  wrong: member\n")
    assert DECLARED[0] in known(("rtc.yaml",), {}, folder, None).declared
    (folder / "rtc.yaml").write_text(EXAMPLE.read_text() + "  no_such_member: 1\n")
    assert known(("rtc.yaml",), {}, folder, None).declared == DECLARED


@pytest.mark.parametrize("files", [(), ("-",), ("none.yaml",), ("empty.yaml",)])
def test_no_manifest_has_none(folder, files):
    (folder / "empty.yaml").write_text("")
    assert known(files, {}, folder, None).everything == ()


def test_those_of_the_local_state(folder):
    kept(in_folder(folder / ".rtcctl", "default", "default"))
    found = known(("rtc.yaml",), {}, folder, None)
    assert found.owned == ("App/old", "MixStreamJob/old/j")
    assert found.everything == (*DECLARED, *found.owned)
    assert found.jobs == ("MixStreamJob/rtctest/room001", "MixStreamJob/old/j")


def test_those_of_the_state_that_a_variable_names(folder):
    kept(in_folder(folder / "elsewhere", "default", "default"))
    assert known((), {"RTCCTL_STATE": "elsewhere"}, folder, None).owned


def test_those_of_the_embedded_simulator(folder):
    data = Path("data") / "sim.db"
    kept(in_folder(beside(folder / data), "default", "default"))
    assert known((), {}, folder, data).owned
    assert not known((), {}, folder, None).owned


@pytest.mark.parametrize("backend", ["s3://bucket/prefix", "postgresql://user@127.0.0.1/state"])
def test_a_state_elsewhere_is_not_asked(folder, backend, monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert known((), {"RTCCTL_STATE": backend}, folder, None).owned == ()
