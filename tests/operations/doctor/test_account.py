"""What the account holds is compared with what is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rtcctl import manifest
from rtcctl.errors import ExitCode
from rtcctl.model.resource import Desired, Project
from rtcctl.operations.doctor import account

APP = """apiVersion: rtcctl.dev/v1
kind: App
metadata: {name: %s}
spec:
  record_rules:
    - name: r
      obs_addr: {bucket: %s, location: cn-north-4, project_id: p}
      record_formats: [MP4]
      mp4_config: {}
"""
BUCKET = """apiVersion: rtcctl.dev/v1
kind: BucketAuthorization
metadata: {name: %s}
spec: {bucket: %s, location: cn-north-4}
"""


def read(*documents: str) -> Desired:
    return manifest.load(("-",), stdin="---\n".join(documents).encode, environ={}, cwd=Path())


def live(bucket: str, authorized: object = True) -> dict[str, Any]:
    return {"bucket": bucket, "location": "cn-north-4", "is_authorized": authorized}


@pytest.mark.parametrize(
    ("listed", "status", "found"),
    [
        (None, "skipped", "the apps could not be listed"),
        ({}, "skipped", "the listing does not tell how many apps there are"),
        ({"count": True}, "skipped", "the listing does not tell how many apps there are"),
        ({"count": 2}, "ok", "2 of 3 apps"),
        ({"count": 3}, "warning", "3 of 3 apps: there is no room for another one"),
    ],
)
def test_the_quota(listed, status, found):
    check = account.quota(listed, Project(app_quota=3))
    assert (check.status, check.found) == (status, found)


def test_without_a_manifest_no_bucket_is_needed():
    assert account.buckets([], None).status == "skipped"


def test_without_rules_no_bucket_is_needed():
    assert account.buckets([], read("apiVersion: rtcctl.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {}\n")).found == (
        "the manifest has no recording rule"
    )


def test_buckets_that_could_not_be_listed():
    assert account.buckets(None, read(APP % ("a", "b"))).found == "the buckets could not be listed"


def test_a_bucket_that_is_authorized():
    check = account.buckets([live("b"), live("other", authorized=False)], read(APP % ("a", "b")))
    assert (check.status, check.found) == ("ok", "1 of 1 authorized")


def test_a_bucket_that_will_be_authorized():
    check = account.buckets([live("b", authorized=False)], read(APP % ("a", "b"), BUCKET % ("x", "b")))
    assert (check.status, check.found) == ("ok", "0 of 1 authorized; apply will authorize b in cn-north-4")


@pytest.mark.parametrize("listed", [[], [live("b", authorized=False)], [live("other")]])
def test_a_bucket_that_nobody_authorizes_is_a_failure_that_names_its_rules(listed):
    check = account.buckets(listed, read(APP % ("a1", "b"), APP % ("a2", "b")))
    assert (check.status, check.exit_code) == ("failed", ExitCode.INVALID)
    assert check.found == ("not authorized, nor declared to be: b in cn-north-4, for RecordRule/a1/r, RecordRule/a2/r")
