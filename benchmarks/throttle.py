"""How long an apply of 100 apps takes at the real limits, over real connections.

    python -m benchmarks.throttle [category|shared]

Serves the simulator on loopback with the documented limits, applies apps with rules, callbacks, automatic recording
and a job each, and compares with the least time that the limits allow. Exits with 1 when it takes more than 1.05 times
that and the start-up, or when a call was refused. Takes about a minute, with `shared` about six.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from rtcctl.simulator import ACCOUNT

APPS = 100
AIM = 1.05
CONFIGURATION_LIMIT, JOB_LIMIT = 60, 10
COMMAND = [sys.executable, "-m", "rtcctl"]
SERVE = """
import sys
from rtcctl.simulator import Options, serve
from rtcctl.simulator.throttle import ThrottleOptions
throttle = ThrottleOptions(scope=sys.argv[1], window="sliding")
options = Options(app_quota=1000, throttle=throttle, variants=frozenset({"unauthorized-ignored"}))
serve(None, port=0, ready=lambda url: print(url, flush=True), options=options)
"""
PROJECT = """apiVersion: rtcctl.dev/v1
kind: Project
metadata: {name: throttle}
spec: {quota: {apps: 1000}}
"""
APP = """---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {{name: app{number:03}}}
spec:
  record_rules:
    - name: default
      obs_addr: {{bucket: example, location: cn-north-4, object: "", project_id: "01234567890123456789012345678901"}}
      record_formats: [MP4]
      mp4_config: {{record_cycle: 3600}}
  record_callback: {{url: "http://callback.example/"}}
  auto_record_mode: {{mode: AUTO_INDIVIDUAL_RECORD, record_rule: default}}
  mix_stream_jobs:
    - name: room
      mix_param: {{room_id: room, encode_template: 1280x720_15_2260, layout_template: nine_grids_view}}
      record_param: {{record_rule: default}}
"""


def least(scope: str) -> float:
    """Seconds in windows that have to be waited for, and then those for the jobs of the apps that came last."""
    calls, per_app = (4 * APPS + 1, 4) if scope == "shared" else (APPS + 1, 1)
    windows = -(-calls // CONFIGURATION_LIMIT) - 1
    in_last = (calls - windows * CONFIGURATION_LIMIT) // per_app
    return windows * 60 + max(0, -(-in_last // JOB_LIMIT) - 1)


def startup(environment: dict[str, str], manifest: Path) -> float:
    """Seconds of a run that calls nothing; the best of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        _run(["validate", "-f", str(manifest)], environment)
        best = min(best, time.perf_counter() - begun)
    return best


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own
        [*COMMAND, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


def refused(url: str) -> int:
    """Calls that the simulator answered with 429."""
    with urllib.request.urlopen(f"{url}/_simulator/throttle") as answer:  # noqa: S310 - loopback
        return sum(counter["refused"] for counter in json.load(answer)["counters"])


def measure(scope: str, folder: Path) -> bool:
    """Apply, print the figures, and tell whether the aim was met."""
    manifest = folder / "many.yaml"
    manifest.write_text(PROJECT + "".join(APP.format(number=number) for number in range(APPS)), encoding="utf-8")
    serve = [sys.executable, "-c", SERVE, scope]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own
        try:
            url = server.stdout.readline().strip() if server.stdout else ""
            environment = {
                **os.environ,
                "RTCCTL_ENDPOINT": url,
                "RTCCTL_STATE": str(folder / "state"),
                "HUAWEICLOUD_SDK_AK": ACCOUNT.access_key,
                "HUAWEICLOUD_SDK_SK": ACCOUNT.secret_key,
                "HUAWEICLOUD_SDK_PROJECT_ID": ACCOUNT.project_id,
            }
            start = startup(environment, manifest)
            begun = time.perf_counter()
            _run(["apply", "-f", str(manifest), "--auto-approve", "--throttle", scope], environment)
            took = time.perf_counter() - begun
            count = refused(url)
        finally:
            server.terminate()
    aim = AIM * (least(scope) + start)
    sys.stdout.write(
        f"{APPS} apps, limits {scope}: {took:.1f} s (least {least(scope):.0f} s + start-up {start:.2f} s, "
        f"aim {aim:.1f} s), {count} calls refused\n"
    )
    return took <= aim and not count


def main() -> int:
    """Measure one model, by default a limit for each category."""
    scope = sys.argv[1] if len(sys.argv) > 1 else "category"
    with tempfile.TemporaryDirectory() as folder:
        return 0 if measure(scope, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
