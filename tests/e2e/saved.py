"""A manifest, a plan of a change to it in a file, and an account that can be changed behind rtcctl's back."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.support import AUTH_KEY, Cli, Json, Ran, Since, Stranger

PLAN = "plan.json"
PROJECT_ID = "01234567890123456789012345678901"
RULE_BODY: Json = {
    "obs_addr": {"bucket": "b", "location": "cn-north-4", "object": "x/", "project_id": PROJECT_ID},
    "record_formats": ["MP4"],
    "mp4_config": {"record_cycle": 3600},
}
APP = "apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n"
MANIFEST = f"""
apiVersion: rtcctl.dev/v1
kind: App
metadata: {{name: a}}
spec:
  record_rules:
    - name: default
      obs_addr: {{bucket: b, location: cn-north-4, object: x/, project_id: "{PROJECT_ID}"}}
      record_formats: [MP4]
      mp4_config: {{record_cycle: 3600}}
  record_callback:
    url: http://one.example/cb
    auth_key: ${{env:KEY}}
  mix_stream_jobs:
    - name: lesson
      mix_param: {{room_id: r1, encode_template: 1280x720_15_1130, max_idle_time: 30, layout_template: nine_grids_view}}
      record_param: {{record_rule: default}}
"""
EVERYTHING = (
    ("record_cycle: 3600", "record_cycle: 7000"),
    ("one.example", "two.example"),
    ("max_idle_time: 30", "max_idle_time: 60"),
)


def authorize() -> None:
    """Let the service write into the rule's bucket, by somebody else's doing: a job that can't record fails."""
    grant = {"bucket": "b", "location": "cn-north-4", "operation": 1}
    Stranger().send("PUT", "/v2/rtc-ops/buckets/authentication", grant)


def applied(cli: Cli, text: str = MANIFEST) -> Path:
    """Apply a manifest to an account with nothing in it."""
    authorize()
    cli.monkeypatch.setenv("KEY", AUTH_KEY)
    manifest = cli.write(text)
    cli.apply(manifest)
    cli.plan(manifest)  # a job is looked at once, and runs from then on
    return manifest


def edited(cli: Cli, *pairs: tuple[str, str], text: str = MANIFEST) -> Path:
    """Write the manifest with texts replaced."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return cli.write(text)


def save(cli: Cli, manifest: Path, *arguments: str) -> Ran:
    """Plan into the file."""
    return cli.sim("plan", manifest, "--out", PLAN, *arguments)


def apply_file(cli: Cli, *arguments: str, code: int = 0) -> Ran:
    """Apply the file."""
    return cli("apply", PLAN, "--simulator", *arguments, code=code)


def refused(cli: Cli, *words: str, code: int = 5) -> Ran:
    """The plan in the file is refused, and nothing is called; each of the words is said."""
    since = Since()
    ran = apply_file(cli, "--allow-destroy", code=code)
    assert since.requests == []
    said = " ".join(ran.err.split())
    for word in words:
        assert word in said
    return ran


def paths(stranger: Stranger) -> tuple[str, str, str]:
    """The paths of app a, of its rule, and of its job as last listed in the simulator's log."""
    app = f"/v2/apps/{stranger.apps()['a']['app_id']}"
    [rule] = stranger.send("GET", f"{app}/record-rules")["rules"]
    return app, f"{app}/record-rules/{rule['rule_id']}", f"{app}/mix-stream-jobs"
