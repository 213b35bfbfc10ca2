"""What tests of rehearsals share: a live account on loopback that is watched, manifests, and looks at results."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from rtcctl.model.plan import Step
from rtcctl.model.rehearsal import Rehearsal
from rtcctl.operations import api, rehearsal
from rtcctl.operations.loading import load
from rtcctl.operations.rehearsing_stage import Conditions
from rtcctl.operations.settings import Settings
from rtcctl.operations.workflow import Session, open_session
from rtcctl.planfile import file
from rtcctl.planfile.saved import SavedPlan
from rtcctl.planner.options import Options
from rtcctl.reports.rehearsal import rehearsal_document, rehearsal_text
from tests.e2e.support import KEYS, Loopback
from tests.simulator.driver import Driver

KEY = "fake-callback-key-not-a-real-secret-1"
OTHER_KEY = "fake-callback-key-not-a-real-secret-2"
LESSON = """
    - name: lesson
      mix_param: {room_id: room1, encode_template: 1920x1080_30_4620, LAYOUT}
      record_param: {record_rule: default}"""
GRID = "layout_template: nine_grids_view"
SHARE = "layout_template: screen_share_left, layout_panes: [{id: 1, user_id: u1}]"
APP = """
apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: NAME}
spec:
  record_rules:
    - name: default
      obs_addr: {bucket: obsName, location: cn-north-4, project_id: "01234567890123456789012345678901"}
      record_formats: [MP4]
      mp4_config: {record_cycle: CYCLE}
  record_callback: {url: "http://127.0.0.1:9/cb", auth_key: "${env:RTC_KEY}"}
  auto_record_mode: {mode: AUTO_INDIVIDUAL_RECORD, record_rule: default}
"""
JOBS = "  mix_stream_jobs:" + LESSON + "\n"
SINGLE = """  individual_stream_jobs:
    - {name: desk, room_id: room1, user_id: u1, record_param: {record_rule: default}}
"""
BUCKET = """---
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {name: recordings}
spec: {bucket: obsName, location: cn-north-4}
"""


def app(name: str = "rtctest", jobs: str = JOBS, layout: str = GRID, cycle: int = 3600, more: str = "") -> str:
    return (APP + jobs + more).replace("NAME", name).replace("LAYOUT", layout).replace("CYCLE", str(cycle))


class Quiet:
    """Nobody watches."""

    def started(self, step: Step) -> None: ...

    def finished(self, step: Step, seconds: float, error: object) -> None: ...


@dataclass
class Account:
    """A live account on loopback, a folder with its state, and a manifest."""

    folder: Path
    app: Starlette
    server: Loopback
    environ: dict[str, str] = field(default_factory=lambda: {**KEYS, "RTC_KEY": KEY})

    @property
    def settings(self) -> Settings:
        return Settings(("m.yaml",), endpoint=self.server.url, environ=self.environ, folder=self.folder)

    def write(self, text: str) -> None:
        (self.folder / "m.yaml").write_text(text, encoding="utf-8")

    def apply(self, text: str) -> None:
        """Apply for real."""
        self.write(text)

        async def work(session: Session) -> int:
            with session.connection.state.locked():
                planned = await session.plan(Options(start_unknown_jobs=True))
                result = await session.apply(planned, Quiet(), allow_destroy=True)
            await session.close()
            return int(result.exit_code)

        assert asyncio.run(work(open_session(self.settings, load(self.settings)))) == 0
        self.server.heard.clear()

    def save(self, text: str, options: Options | None = None) -> SavedPlan:
        """Plan into a file and read it."""
        self.write(text)
        path = self.folder / "plan.json"

        file.write(path, api.plan(load(self.settings), self.settings, options or Options()))
        self.server.heard.clear()
        return file.read(path)

    def rehearse(
        self, text: str, options: Options | None = None, conditions: Conditions | None = None, code: int = 0
    ) -> Rehearsal:
        self.write(text)
        work = rehearsal.rehearse(self.settings, load(self.settings), options or Options(), conditions or Conditions())
        return self.checked(asyncio.run(self.untouched(work)), code)

    def rehearse_saved(self, saved: SavedPlan, *, manifest: bool, code: int = 0) -> Rehearsal:
        desired = load(self.settings) if manifest else None
        work = rehearsal.rehearse_saved(self.settings, saved, desired, Conditions())
        return self.checked(asyncio.run(self.untouched(work)), code)

    async def untouched(self, work: Any) -> Any:
        """Only reads reach the account, and every file stays as it is, whatever becomes of the work."""
        before = self.kept()
        try:
            return await work
        finally:
            assert [each for each in self.server.told if not each.startswith("GET ")] == []
            assert self.kept() == before

    def kept(self) -> dict[str, tuple[bytes, int]]:
        files = [each for each in self.folder.rglob("*") if each.is_file()]
        return {str(each): (each.read_bytes(), each.stat().st_mtime_ns) for each in files}

    def checked(self, found: Rehearsal, code: int) -> Rehearsal:
        text = rehearsal_text(found)
        assert found.exit_code == code, text
        assert found.reads == len(self.server.heard)
        for told in (text, json.dumps(rehearsal_document(found)), repr(found)):
            assert KEY not in told
            assert OTHER_KEY not in told
        assert max(map(len, text.splitlines())) <= 80
        return found

    def stranger(self) -> Driver:
        return Driver(self.app, self.app.state.simulator.options.now)


def outcomes(found: Rehearsal) -> dict[str, str]:
    assert found.result is not None
    return {str(each.change.address): f"{each.change.action} {each.outcome}" for each in found.result.changes}


def requests(found: Rehearsal) -> dict[tuple[str, str], int]:
    return {(each.method, each.category): each.count for each in found.made}


def faults(folder: Path, text: str) -> Conditions:
    path = folder / "faults.yaml"
    path.write_text(f"faults:\n  - {{{text}}}\n")
    return Conditions(path)
