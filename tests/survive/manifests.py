"""Three apps with rules, callbacks, automatic recording and four jobs, and the same with something changed in each."""

from __future__ import annotations

from dataclasses import dataclass

PROJECT_ID = "01234567890123456789012345678901"
ROOMS = ("room1", "room2", "room3", "room4")
APPS = ("alpha", "beta", "gamma")
BUCKETS = ("bucket-a", "bucket-b", "bucket-c")


@dataclass(frozen=True)
class Declared:
    """A manifest's text."""

    text: str


def app(name: str, *, cycle: int = 3600, url: str = "one", state: str = "ACTIVATION", jobs: str = "") -> str:
    """One app with everything that it may have."""
    return f"""---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {{name: {name}}}
spec:
  state: {state}
  record_rules:
    - name: default
      obs_addr: {{bucket: bucket-a, location: cn-north-4, object: Record/, project_id: "{PROJECT_ID}"}}
      record_formats: [MP4]
      mp4_config: {{record_cycle: {cycle}}}
  record_callback: {{url: "http://callback.example/{url}"}}
  auto_record_mode: {{mode: AUTO_INDIVIDUAL_RECORD, record_rule: default}}
{jobs}"""


def mix_job(room: str, idle: int = 3600) -> str:
    """A mixed-stream job."""
    return f"""    - name: {room}
      mix_param:
        {{room_id: {room}, encode_template: 1280x720_15_2260, max_idle_time: {idle}, layout_template: nine_grids_view}}
      record_param: {{record_rule: default}}
"""


def single_job(room: str) -> str:
    """A single-stream job."""
    return f"""    - name: {room}
      room_id: {room}
      user_id: anna
      max_idle_time: 3600
      record_param: {{record_rule: default}}
"""


def jobs(mixed: tuple[str, ...], single: tuple[str, ...] = (), idle: int = 3600) -> str:
    """Jobs of one app."""
    found = "  mix_stream_jobs:\n" + "".join(mix_job(room, idle) for room in mixed) if mixed else ""
    return found + ("  individual_stream_jobs:\n" + "".join(single_job(room) for room in single) if single else "")


_HEAD = f"""apiVersion: rtcctl.dev/v1
kind: Project
metadata: {{name: properties}}
spec: {{safety: {{max_deletes: 100}}, quota: {{apps: 100}}}}
---
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {{name: recordings}}
spec: {{bucket: bucket-a, location: cn-north-4, project_id: "{PROJECT_ID}"}}
"""

BUILD = Declared(
    _HEAD
    + app("alpha", jobs=jobs(("room1", "room2")))
    + app("beta", jobs=jobs((), ("room3",)))
    + app("gamma", jobs=jobs(("room4",)))
)
CHANGED = Declared(
    _HEAD
    + app("alpha", cycle=7200, url="two", jobs=jobs(("room1", "room2"), idle=1800))
    + app("beta", cycle=7200, url="two", jobs=jobs((), ("room3",)))
    + app("gamma", cycle=7200, url="two", jobs=jobs(("room4",), idle=1800))
)
GONE = Declared(_HEAD)
"""Nothing but the authorization: for `destroy`."""


def many(count: int) -> Declared:
    """So many apps with everything, and a job each."""
    return Declared(_HEAD + "".join(app(f"app{n:03}", jobs=jobs((f"room{n}",))) for n in range(count)))


def _rule(cycle: int) -> str:
    return f"""  record_rules:
    - name: default
      obs_addr: {{bucket: bucket-a, location: cn-north-4, object: default/, project_id: "{PROJECT_ID}"}}
      record_formats: [MP4]
      mp4_config: {{record_cycle: {cycle}}}
"""


def whole(name: str, *, cycle: int, url: str, idle: int, mode: str) -> str:
    """One app with everything, and a job of each kind."""
    return f"""---
apiVersion: rtcctl.dev/v1
kind: App
metadata: {{name: {name}}}
spec:
{_rule(cycle)}
  record_callback: {{url: "http://callback.example/{url}"}}
  auto_record_mode: {{{mode}}}
{jobs((f"{name}-mixed",), (f"{name}-single",), idle)}"""


def _recorded(name: str) -> str:
    """One app with a rule and a single-stream job."""
    head = f"---\napiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {{name: {name}}}\nspec:\n"
    return head + _rule(3600) + jobs((), (f"{name}-single",))


def _bare(state: str) -> str:
    one = "---\napiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {{name: {0}}}\nspec: {{state: {1}}}\n"
    return "".join(one.format(name, state) for name in APPS)


_PROJECT, _, _ = _HEAD.partition("---")
_BUCKETS = "".join(
    f"""---
apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {{name: {bucket}}}
spec: {{bucket: {bucket}, location: cn-north-4, project_id: "{PROJECT_ID}"}}
"""
    for bucket in BUCKETS
)
_RECORDING = "mode: AUTO_INDIVIDUAL_RECORD, record_rule: default"
WHOLE = Declared(
    _PROJECT + _BUCKETS + "".join(whole(name, cycle=3600, url="one", idle=3600, mode=_RECORDING) for name in APPS)
)
WHOLE_CHANGED = Declared(
    _PROJECT
    + _BUCKETS
    + "".join(whole(name, cycle=7200, url="two", idle=1800, mode="mode: AUTO_RECORD_OFF") for name in APPS)
)
"""Something is changed in every object that a manifest can change."""
RECORDED = Declared(_PROJECT + "".join(_recorded(name) for name in APPS))
BARE = Declared(_PROJECT + _bare("ACTIVATION"))
DISABLED = Declared(_PROJECT + _bare("DEACTIVATION"))
