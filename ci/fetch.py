#!/usr/bin/env python3
"""Fetches the plan file that was made for a merge request, after the merge.

    RTCCTL_CI_PLAN       where to put it (rtcctl-plan.json)
    GitHub:  GITHUB_REPOSITORY, GH_TOKEN, GITHUB_API_URL, RTCCTL_CI_ARTIFACT (rtcctl-plan), RTCCTL_CI_HEAD (the pull
             request's last commit)
    GitLab:  CI_API_V4_URL, CI_PROJECT_ID, CI_COMMIT_SHA (all given), RTCCTL_CI_JOB (rtcctl-plan), RTCCTL_GITLAB_TOKEN

A plan file is as good as the manifest: artifacts of forks are not taken. Whether it fits what was merged is checked by
`rtcctl apply`, which compares manifest, state and account with what the file was made for.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote, urlencode

from forge import StepError, github, gitlab, on_gitlab, run, setting


def main() -> None:
    """Write the plan file."""
    plan = Path(setting("RTCCTL_CI_PLAN", "rtcctl-plan.json"))
    content = of_gitlab(plan) if on_gitlab() else of_github(plan.name)
    plan.write_bytes(content)
    plan.chmod(0o600)
    print(f"fetched {plan}")


def of_github(name: str) -> bytes:
    """Return the file out of the newest artifact that this repository made for the commit."""
    forge = github()
    head = setting("RTCCTL_CI_HEAD")
    query = urlencode({"name": setting("RTCCTL_CI_ARTIFACT", "rtcctl-plan")})
    found = [
        artifact
        for artifact in forge.listed(f"/repos/{setting('GITHUB_REPOSITORY')}/actions/artifacts?{query}", "artifacts")
        if not artifact["expired"]
        and artifact["workflow_run"]["head_sha"] == head
        and artifact["workflow_run"]["head_repository_id"] == artifact["workflow_run"]["repository_id"]
    ]
    if not found:
        raise StepError(f"no plan was made for {head}, or it expired: plan and approve again")
    newest = max(found, key=lambda artifact: str(artifact["created_at"]))
    return _unpacked(forge.call("GET", newest["archive_download_url"]), name)


def _unpacked(packed: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            if name not in archive.namelist():
                raise StepError(f"the artifact holds no {name}")
            return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):  # the last: encrypted, or packed in another way
        raise StepError("the artifact is no ZIP archive that can be read: plan and approve again") from None


def of_gitlab(plan: Path) -> bytes:
    """Return the file of the last pipeline of the merge request that the commit came from."""
    forge = gitlab()
    project, commit = setting("CI_PROJECT_ID"), setting("CI_COMMIT_SHA")
    merged = [
        str(request["iid"])
        for request in forge.listed(f"/projects/{project}/repository/commits/{commit}/merge_requests")
        if request["state"] == "merged" and request["source_project_id"] == request["target_project_id"]
    ]
    if not merged:
        raise StepError(f"{commit} came from no merge request of this project: plan and approve again")
    ref = quote(f"refs/merge-requests/{merged[0]}/head", safe="")
    query = urlencode({"job": setting("RTCCTL_CI_JOB", "rtcctl-plan")})
    return forge.call("GET", f"/projects/{project}/jobs/artifacts/{ref}/raw/{quote(str(plan))}?{query}")


if __name__ == "__main__":
    run(main)
