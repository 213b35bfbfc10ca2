"""GitHub and GitLab on loopback: comments, artifacts and who wrote them, as their API documentations say."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.e2e.support import Heard, Loopback, Reply

TOKEN = "fake-forge-token-not-a-real-secret"
ME = 7
Json = dict[str, Any]


@dataclass
class Forge:
    """What is kept: comments of request 5, artifacts, and files of jobs by reference, job and path."""

    comments: list[Json] = field(default_factory=list)
    artifacts: list[Json] = field(default_factory=list)
    contents: dict[int, bytes] = field(default_factory=dict)
    files: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    merged: list[Json] = field(default_factory=list)
    refuse: int = 0
    stored_with: dict[str, str] = field(default_factory=dict)

    def upload(self, name: str, head: str, files: dict[str, bytes], **more: Any) -> None:
        """Keep a GitHub artifact."""
        number = len(self.artifacts) + 1
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        self.contents[number] = packed.getvalue()
        run = {"head_sha": head, "repository_id": 1, "head_repository_id": more.pop("fork", 1)}
        created = f"2026-01-01T00:00:{number:02}Z"
        self.artifacts.append(
            {"id": number, "name": name, "expired": False, "created_at": created, "workflow_run": run, **more}
        )

    def answer(self, heard: Heard) -> Reply:
        """Answer a request."""
        url = urlsplit(heard.target)
        if url.path.startswith("/store/"):
            self.stored_with = {name.lower(): value for name, value in heard.headers.items()}
            return Reply(200, self.contents[int(url.path.rpartition("/")[2])])
        if TOKEN not in (
            heard.headers.get("Authorization", "").removeprefix("Bearer "),
            heard.headers.get("Private-Token"),
        ):
            return Reply(401)
        if self.refuse:
            return Reply(self.refuse)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        body = json.loads(heard.body) if heard.body else {}
        for method, pattern, act in _ROUTES:
            found = re.fullmatch(pattern, url.path)
            if method == heard.method and found:
                answer = act(self, found, query, body)
                return answer if isinstance(answer, Reply) else Reply(200, json.dumps(answer).encode())
        return Reply(404)

    def page(self, items: list[Json], query: dict[str, str]) -> list[Json]:
        size, number = int(query.get("per_page", "20")), int(query.get("page", "1"))
        return items[size * (number - 1) : size * number]

    def add(self, body: str, **more: Any) -> Json:
        author = {"user": {"type": "Bot"}, "author_association": "NONE", "author": {"id": ME}}
        self.comments.append({"id": 100 + len(self.comments), "body": body, **author, **more})
        return self.comments[-1]

    def edit(self, number: str, body: str) -> Json:
        [found] = [each for each in self.comments if each["id"] == int(number)]
        found["body"] = body
        return found

    def listed_artifacts(self, url: str, query: dict[str, str]) -> Json:
        found = [
            {**each, "archive_download_url": f"{url}/repos/o/r/actions/artifacts/{each['id']}/zip"}
            for each in self.artifacts
            if each["name"] == query["name"]
        ]
        return {"total_count": len(found), "artifacts": self.page(found, query)}

    def file(self, reference: str, path: str, job: str) -> Reply:
        found = self.files.get((unquote(reference), job, path))
        return Reply(404) if found is None else Reply(200, found)


_HUB = "/repos/o/r"
_LAB = "/projects/3"
_ROUTES: Any = (
    ("GET", f"{_HUB}/issues/5/comments", lambda forge, at, query, body: forge.page(forge.comments, query)),
    ("POST", f"{_HUB}/issues/5/comments", lambda forge, at, query, body: forge.add(body["body"])),
    ("PATCH", f"{_HUB}/issues/comments/(\\d+)", lambda forge, at, query, body: forge.edit(at[1], body["body"])),
    ("GET", f"{_HUB}/actions/artifacts", lambda forge, at, query, body: forge.listed_artifacts(forge.url, query)),
    (
        "GET",
        f"{_HUB}/actions/artifacts/(\\d+)/zip",
        lambda forge, at, query, body: Reply(302, headers={"Location": f"{forge.url}/store/{at[1]}"}),
    ),
    ("GET", "/user", lambda forge, at, query, body: {"id": ME}),
    ("GET", f"{_LAB}/merge_requests/5/notes", lambda forge, at, query, body: forge.page(forge.comments, query)),
    ("POST", f"{_LAB}/merge_requests/5/notes", lambda forge, at, query, body: forge.add(body["body"])),
    ("PUT", f"{_LAB}/merge_requests/5/notes/(\\d+)", lambda forge, at, query, body: forge.edit(at[1], body["body"])),
    ("GET", f"{_LAB}/repository/commits/m/merge_requests", lambda forge, at, query, body: forge.merged),
    (
        "GET",
        f"{_LAB}/jobs/artifacts/([^/]+)/raw/(.+)",
        lambda forge, at, query, body: forge.file(at[1], at[2], query["job"]),
    ),
)


class Served(Forge):
    """A forge with its server; use it in a `with` block."""

    def __init__(self) -> None:
        super().__init__()
        self.server = Loopback(self.answer)
        self.url = self.server.url

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *arguments: object) -> None:
        self.server.__exit__(*arguments)

    @property
    def github(self) -> dict[str, str]:
        """What GitHub gives a step."""
        return {"GITHUB_ACTIONS": "true", "GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": "o/r", "GH_TOKEN": TOKEN}

    @property
    def gitlab(self) -> dict[str, str]:
        """What GitLab gives a job, and the project its token."""
        return {"GITLAB_CI": "true", "CI_API_V4_URL": self.url, "CI_PROJECT_ID": "3", "RTCCTL_GITLAB_TOKEN": TOKEN}
