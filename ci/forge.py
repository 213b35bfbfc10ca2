"""GitHub and GitLab as far as the pipeline's steps need them: JSON over HTTP, with nothing but the standard library.

Tokens come from the environment, go to the forge that the CI system names and nowhere else, and are never shown.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PAGES = 20
_SECONDS = 60.0


class StepError(Exception):
    """A step can't go on; says why in a line."""


@dataclass(frozen=True)
class Forge:
    """An API: its URL, and the header with the token."""

    api: str
    header: tuple[str, str]

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        """Return the answer's body.

        Raises:
            StepError: the forge said no, or nothing.
        """
        url = path if path.startswith(self.api) else self.api + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
        request.add_unredirected_header(*self.header)  # what it redirects to is somebody else's
        shown = f"{method} {urllib.parse.urlsplit(url).path}"
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            error.close()
            raise StepError(f"{shown}: {error.code}; may the token do this?") from None
        except OSError as error:
            raise StepError(f"{shown}: {getattr(error, 'reason', error)}") from None

    def json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the answer's JSON."""
        return json.loads(self.call(method, path, body) or b"null")

    def listed(self, path: str, key: str = "") -> Iterator[dict[str, Any]]:
        """Yield the items of a listing, page by page."""
        sign = "&" if "?" in path else "?"
        for page in range(1, _PAGES + 1):
            answer = self.json("GET", f"{path}{sign}per_page=100&page={page}")
            items = answer[key] if key else answer
            yield from items
            if len(items) < 100:
                return


def setting(name: str, default: str | None = None) -> str:
    """Return an environment variable.

    Raises:
        StepError: it is not set, and there is no default.
    """
    found = os.environ.get(name) or default
    if not found:
        raise StepError(f"{name} is not set")
    return found


def on_gitlab() -> bool:
    """Tell which CI system runs the step."""
    return bool(os.environ.get("CI_API_V4_URL"))


def github() -> Forge:
    """Return GitHub's API; the token is GH_TOKEN."""
    api = setting("GITHUB_API_URL", "https://api.github.com")
    return Forge(api, ("Authorization", f"Bearer {setting('GH_TOKEN')}"))


def gitlab() -> Forge:
    """Return GitLab's API, below the project; the token is RTCCTL_GITLAB_TOKEN."""
    return Forge(setting("CI_API_V4_URL"), ("PRIVATE-TOKEN", setting("RTCCTL_GITLAB_TOKEN")))


def run(step: Any) -> None:
    """Run a step; an error is one line and exit code 1."""
    try:
        step()
    except StepError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
