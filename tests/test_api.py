"""The Python API: the names of `rtcctl`, and a run from a manifest to an empty plan with nothing else."""

from __future__ import annotations

import ast
import os
import pydoc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

import rtcctl
from rtcctl.applying.stop import Stop

KEY = "fake-callback-key-of-this-test-0"
MANIFEST = """
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: classroom}
spec:
  record_callback: {url: "https://hooks.example/rtc", auth_key: "${env:RTC_CALLBACK_KEY}"}
  auto_record_mode: {mode: AUTO_RECORD_OFF}
"""


@pytest.fixture
def settings(tmp_path: Path) -> rtcctl.Settings:
    (tmp_path / "rtc.yaml").write_text(MANIFEST)
    return rtcctl.Settings(("rtc.yaml",), simulator=True, environ={"RTC_CALLBACK_KEY": KEY}, folder=tmp_path)


class Watcher:
    """Remembers what it was told, and may do something at the first call."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.ended: list[str] = []
        self._then = then

    def started(self, step: rtcctl.Step) -> None:
        self._then()

    def finished(self, step: rtcctl.Step, seconds: float, error: rtcctl.RtcctlError | None) -> None:
        self.ended.append(step.id)


def test_a_plan_is_applied_and_the_next_is_empty(settings: rtcctl.Settings) -> None:
    desired = rtcctl.load(settings)
    saved = rtcctl.plan(desired, settings)
    assert [str(change.address) for change in saved.plan.changes] == [
        "App/classroom",
        "RecordCallback/classroom",
        "AutoRecordMode/classroom",
    ]
    watcher = Watcher()
    result = rtcctl.apply(saved, settings, observer=watcher)
    assert result.exit_code == rtcctl.ExitCode.OK
    assert len(watcher.ended) == result.calls == 3
    assert not rtcctl.plan(desired, settings).plan.has_changes
    assert not rtcctl.drift(desired, settings).has_drift


def test_a_plan_that_was_written_and_read_is_applied_with_the_secrets_of_then(settings: rtcctl.Settings) -> None:
    path = settings.folder / "plan.json"
    rtcctl.write_plan(path, rtcctl.plan(rtcctl.load(settings), settings))
    assert KEY not in path.read_text()
    saved = rtcctl.read_plan(path)
    with pytest.raises(rtcctl.UsageError, match="RTC_CALLBACK_KEY"):
        rtcctl.apply(saved, replace(settings, environ={}))
    assert rtcctl.apply(saved, settings).exit_code == rtcctl.ExitCode.OK
    with pytest.raises(rtcctl.StalePlanError):
        rtcctl.apply(saved, settings)


def test_a_literal_secret_is_applied_from_a_plan_in_memory(settings: rtcctl.Settings) -> None:
    path = settings.folder / "rtc.yaml"
    path.write_text(MANIFEST.replace("${env:RTC_CALLBACK_KEY}", KEY))
    desired = rtcctl.load(settings)
    assert rtcctl.apply(rtcctl.plan(desired, settings), settings).exit_code == rtcctl.ExitCode.OK
    assert not rtcctl.plan(desired, settings).plan.has_changes


def test_destruction_needs_consent(settings: rtcctl.Settings) -> None:
    desired = rtcctl.load(settings)
    rtcctl.apply(rtcctl.plan(desired, settings), settings)
    saved = rtcctl.plan(desired, settings, rtcctl.Options(destroy=True))
    with pytest.raises(rtcctl.RefusedError):
        rtcctl.apply(saved, settings)
    assert rtcctl.apply(saved, settings, allow_destroy=True).exit_code == rtcctl.ExitCode.OK
    assert rtcctl.plan(desired, settings).plan.count("create") == 3


def test_a_run_is_stopped_from_its_observer(settings: rtcctl.Settings) -> None:
    stop = Stop()
    saved = rtcctl.plan(rtcctl.load(settings), settings)
    result = rtcctl.apply(saved, settings, observer=Watcher(lambda: stop.ask("enough")), stop=stop)
    assert result.exit_code == rtcctl.ExitCode.PARTIAL
    assert result.ended == "enough"
    assert [each.outcome for each in result.changes] == ["done", "not attempted", "not attempted"]


def test_a_state_that_is_held_is_not_written(settings: rtcctl.Settings) -> None:
    saved = rtcctl.plan(rtcctl.load(settings), settings)
    session = rtcctl.open_session(settings, rtcctl.load(settings))
    with session.connection.state.locked(), pytest.raises(rtcctl.StateLockedError):
        rtcctl.apply(saved, settings)


class Seen:
    """A watcher that keeps what it is told."""

    def __init__(self, bodies: bool = False) -> None:
        self.bodies = bodies
        self.happenings: list[object] = []

    def see(self, happening: object) -> None:
        self.happenings.append(happening)


def test_a_watcher_is_told_what_goes_on(settings: rtcctl.Settings) -> None:
    seen = Seen()
    rtcctl.plan(rtcctl.load(settings), replace(settings, watcher=seen))
    kinds = [type(each).__name__ for each in seen.happenings]
    assert kinds[0] == "Note"  # whose credentials they are
    assert kinds.index("Reading") < kinds.index("Sent") < kinds.index("Answered") < kinds.index("Over")
    assert not any(getattr(each, "body", "") for each in seen.happenings)


def test_every_name_is_there_and_the_one_that_type_checkers_see() -> None:
    source = ast.parse(Path(rtcctl.__file__).read_text())
    (block,) = (node for node in source.body if isinstance(node, ast.If))
    imported = {
        alias.name: str(node.module) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert sorted(imported) == rtcctl.__all__ == sorted(rtcctl.__all__)
    assert {name: f"rtcctl.{module}" for module, names in rtcctl._PLACES.items() for name in names.split()} == imported
    for name in rtcctl.__all__:
        assert getattr(rtcctl, name) is not None
        assert name in dir(rtcctl)
    with pytest.raises(AttributeError, match="'rtcctl' has no attribute 'nothing'"):
        _ = rtcctl.nothing


def test_a_name_stays_what_it_is_once_everything_is_imported() -> None:
    """A package of the same name would take its place as soon as something imports it."""
    packages = {path.name for path in Path(rtcctl.__file__).parent.iterdir()} | {
        path.stem for path in Path(rtcctl.__file__).parent.glob("*.py")
    }
    assert not packages & set(rtcctl.__all__)


def test_the_example_of_the_docs_runs(settings: rtcctl.Settings, tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "python.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    (tmp_path / "examples").symlink_to(Path(__file__).parents[1] / "examples")
    environ = {**os.environ, "RTC_CALLBACK_KEY": KEY}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environ
    )
    assert "create App/rtctest" in found.stdout
    assert found.stdout.endswith("OK 5 calls\n")


def test_nothing_is_loaded_before_it_is_used() -> None:
    code = "import rtcctl, sys; print(*[name for name in sys.modules if name.startswith('rtcctl')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["rtcctl"]


@pytest.mark.parametrize("name", rtcctl.__all__)
def test_help_tells_of_every_name(name: str) -> None:
    assert name in pydoc.render_doc(getattr(rtcctl, name))
