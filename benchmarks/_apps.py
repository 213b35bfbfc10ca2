"""Made-up apps, each with a rule, a callback and automatic recording: as a manifest, and as the scripts' JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

CALLBACK_KEY = "benchmark-callback-key-not-a-secret"
QUOTA = 100_000
"""Apps that an account may have."""
APPS_IN_FILE = 2_000
_PROJECT_ID = "01234567890123456789012345678901"
_PROJECT = """apiVersion: rtcctl.dev/v1
kind: Project
metadata: {{name: benchmark}}
spec:
  quota: {{apps: {quota}}}
{accounts}"""
_APP = """---
apiVersion: rtcctl.dev/v1
kind: App
metadata:
  name: {name}
spec:
{account}  record_rules:
    - name: default
      obs_addr:
        bucket: example
        location: cn-north-4
        object: Record/
        project_id: "{project_id}"
      record_formats: [MP4]
      mp4_config:
        record_cycle: {cycle}
  record_callback:
    url: http://callback.example/{name}
    auth_key: ${{env:RTC_CALLBACK_KEY}}
  auto_record_mode:
    mode: AUTO_INDIVIDUAL_RECORD
    record_rule: default
{more}"""
_JOB = """  mix_stream_jobs:
    - name: room
      mix_param:
        room_id: room
        encode_template: 1280x720_15_2260
        max_idle_time: 300
        layout_template: nine_grids_view
      record_param:
        record_rule: default
"""


def name(number: int) -> str:
    """Return the name of an app by its number."""
    return f"app{number:05}"


def cycle(number: int, changed: Collection[int]) -> int:
    """Return the member that is changed."""
    return 7200 if number in changed else 3600


def manifest(
    numbers: Iterable[int],
    *,
    changed: Collection[int] = (),
    jobs: bool = False,
    account: str = "",
    header: str | None = None,
) -> str:
    """Return the documents of apps; `account` is theirs, `header` what stands before them, by default a Project."""
    more, of_account = _JOB if jobs else "", f"  account: {account}\n" if account else ""
    documents = [
        _APP.format(name=name(each), account=of_account, project_id=_PROJECT_ID, cycle=cycle(each, changed), more=more)
        for each in numbers
    ]
    return (project() if header is None else header) + "".join(documents)


def write_set(folder: Path, count: int, *, jobs: bool = False) -> Path:
    """Write the manifest of so many apps into files of a folder, for a file may not be too large, and return it."""
    folder.mkdir()
    for start in range(0, count, APPS_IN_FILE):
        numbers = range(start, min(start + APPS_IN_FILE, count))
        text = manifest(numbers, jobs=jobs, header="" if start else None)
        (folder / f"{name(start)}.yaml").write_text(text, encoding="utf-8")
    return folder


def project(accounts: Iterable[str] = ()) -> str:
    """Return the Project; each account finds its credentials under its own prefix."""
    lines = [f"    {each}: {{credentials: 'env:{each.upper()}'}}\n" for each in accounts]
    return _PROJECT.format(quota=QUOTA, accounts="".join(["  accounts:\n", *lines]) if lines else "")


def listed(numbers: Iterable[int], *, changed: Collection[int] = ()) -> list[dict[str, Any]]:
    """Return the same apps as the scripts take them."""
    return [
        {
            "app_name": name(each),
            "record_rule": {
                "obs_addr": {
                    "bucket": "example",
                    "location": "cn-north-4",
                    "object": "Record/",
                    "project_id": _PROJECT_ID,
                },
                "record_formats": ["MP4"],
                "mp4_config": {"record_cycle": cycle(each, changed)},
            },
            "record_callback": {"url": f"http://callback.example/{name(each)}"},
            "auto_record_mode": "AUTO_INDIVIDUAL_RECORD",
        }
        for each in numbers
    ]


def write_json(path: Path, value: object) -> Path:
    """Write a script's list, and return where it is."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def read_json(path: Path) -> Any:
    """Return what `write_json` has written."""
    return json.loads(path.read_text(encoding="utf-8"))
