"""What the quick commands do not load: nobody who asks for the version should wait for an HTTP client."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.processes import PATIENCE, environment, served_simulator
from tests.e2e.support import EXAMPLE2, KEYS, Cli

PROGRAM = (
    "import atexit, sys; bare = set(sys.modules); from rtcctl.cli.main import run; atexit.register(lambda: "
    "print(*[name for name, module in sys.modules.items() if module and name not in bare], file=sys.stderr)); run()"
)
HTTP = {"httptools", "ssl", "asyncio"}
NEVER = {"rich", "starlette", "uvicorn", "deepdiff", "jsonschema", "attrs", "referencing", "pygments"} | {
    "httpx",
    "httpcore",
    "anyio",
}


def loaded(*arguments: object) -> set[str]:
    """Run a command that goes well, and return the modules that it loaded."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=True)
    found = set(ran.stderr.split())
    assert "rtcctl.cli.main" in found
    return found


def ours(modules: set[str]) -> set[str]:
    return {each for each in modules if each.startswith("rtcctl.")}


def test_version_loads_the_group_alone(cli: Cli):
    found = loaded("version")
    assert ours(found) == {
        "rtcctl.cli",
        "rtcctl.cli.ending",
        "rtcctl.cli.lazily",
        "rtcctl.cli.main",
        "rtcctl.cli.output",
    }
    assert (
        found & (NEVER | HTTP | {"yaml", "dataclasses", "pathlib", "shutil", "importlib.metadata", "logging"}) == set()
    )


def test_validate_asks_jsonschema_only_about_a_manifest_that_may_be_wrong(cli: Cli):
    found = loaded("validate", "-f", EXAMPLE2)
    assert found & (NEVER | HTTP | {"logging", "importlib.metadata"}) == set()
    assert {each.split(".")[1] for each in ours(found)} & {"api", "live", "planner", "state", "applying"} == set()
    assert "rtcctl.manifest.wording" not in found
    broken = cli.write(EXAMPLE2.read_text().replace("max_idle_time: 30", "max_idle_time: 4"))
    assert "too small" in cli("validate", "-f", broken, code=3).err


def test_a_plan_without_changes_loads_nothing_that_would_make_or_draw_them(cli: Cli):
    with served_simulator(cli.folder / "served.db") as url:
        cli.environ({**KEYS, "RTCCTL_ENDPOINT": url, "HUAWEICLOUD_SDK_IAM_ENDPOINT": url})
        cli("apply", "-f", EXAMPLE2, "--auto-approve")
        found = loaded("plan", "-f", EXAMPLE2)
    assert found & HTTP == HTTP
    assert found & (NEVER | {"sqlite3", "configparser", "importlib.metadata"}) == set()
    assert not [each for each in ours(found) if each.startswith(("rtcctl.applying.", "rtcctl.simulator"))]
    unneeded = {"api.iam", "api.unreachable", "manifest.report", "model.result", "model.edits", "planfile.file"}
    assert ours(found) & {f"rtcctl.{each}" for each in unneeded} == set()
