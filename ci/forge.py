"""GitHub and GitLab as far as the pipeline's steps need them: JSON over HTTP, with nothing but the standard library.

Tokens come from the environment, go to the forge that the CI system names and nowhere else, and are never shown.
"""

from __future__ import annotations

import http.client
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
        shown = f"{method} {urllib.parse.urlsplit(url).path}"
        try:
            request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
        except ValueError:
            raise StepError(f"{shown}: the forge's API has no URL that can be asked") from None
        request.add_unredirected_header(*self.header)  # what it redirects to is somebody else's
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            error.close()
            raise StepError(f"{shown}: {error.code}; may the token do this?") from None
        except OSError as error:
            raise StepError(f"{shown}: {getattr(error, 'reason', error)}") from None
        except http.client.HTTPException as error:
            raise StepError(f"{shown}: the answer is broken ({type(error).__name__})") from None

    def json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the answer's JSON.

        Raises:
            StepError: the forge said no, or nothing, or something else than JSON.
        """
        content = self.call(method, path, body)
        try:
            return json.loads(content or b"null")
        except (ValueError, RecursionError):
            raise StepError(f"{method} {path.partition('?')[0]}: the answer is no JSON") from None

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


def token(name: str) -> str:
    """Return a token out of the environment, without the blanks and line breaks around it.

    Raises:
        StepError: it is not set, or could not be sent; what it is is not told.
    """
    found = setting(name).strip()
    if not found or not (found.isascii() and found.isprintable()):
        raise StepError(f"{name} is no token: it must be one line of printable ASCII")
    return found


def number(name: str) -> int:
    """Return an environment variable that is a whole number.

    Raises:
        StepError: it is not set, or is none.
    """
    found = setting(name).strip()
    if not (found.isascii() and found.isdecimal()):
        raise StepError(f"{name} is not a number")
    return int(found[:20])


def on_gitlab() -> bool:
    """Tell which CI system runs the step."""
    return bool(os.environ.get("CI_API_V4_URL"))


def github() -> Forge:
    """Return GitHub's API; the token is GH_TOKEN."""
    api = setting("GITHUB_API_URL", "https://api.github.com")
    return Forge(api, ("Authorization", f"Bearer {token('GH_TOKEN')}"))


def gitlab() -> Forge:
    """Return GitLab's API, below the project; the token is RTCCTL_GITLAB_TOKEN."""
    return Forge(setting("CI_API_V4_URL"), ("PRIVATE-TOKEN", token("RTCCTL_GITLAB_TOKEN")))


def run(step: Any) -> None:
    """Run a step; an error is one line and exit code 1."""
    try:
        step()
    except StepError as error:
        failed = str(error)
    except OSError as error:  # of a file; the forge's are told by then
        failed = f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}"
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        failed = f"an answer or a file is not as it should be ({type(error).__name__}); is that the forge's API?"
    else:
        return
    print(f"error: {' '.join(failed.split())}", file=sys.stderr)
    sys.exit(1)
