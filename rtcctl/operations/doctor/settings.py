"""What is set, as far as it can be judged without a call: manifest, credentials, endpoints, proxies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # there on every system

from rtcctl.api import credentials as sources
from rtcctl.api.credentials import Credentials, PasswordCredentials
from rtcctl.api.endpoints import is_loopback, normalize
from rtcctl.errors import ExitCode, ManifestError, RtcctlError
from rtcctl.model.checkup import Check
from rtcctl.model.resource import Account, Desired, Project
from rtcctl.operations.connection import endpoints, iam_endpoints
from rtcctl.operations.doctor.limited import failed
from rtcctl.operations.loading import load
from rtcctl.operations.settings import Settings

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_USERINFO = re.compile(r"^([^:/@]*://)?.*@")
_KINDS = {
    "a token": (sources.TOKEN,),
    "AK/SK": (sources.ACCESS_KEY, sources.SECRET_KEY),
    "a credentials file": (sources.FILE,),
    "an IAM user": (sources.USERNAME, sources.PASSWORD),
}


def manifest(settings: Settings) -> tuple[Check, Desired | None]:
    """Read the manifest, where one is named."""
    name = "manifest"
    if not settings.files:
        return Check(name, "skipped", "none is named; -f FILE looks at it, its buckets and its callback too"), None
    try:
        desired = load(settings)
    except ManifestError as error:
        first = next(each for each in error.diagnostics if each.severity == "error")
        where = f"{first.place}: " if first.place is not None else ""
        files = " ".join(f"-f {file}" for file in settings.files)
        mend = f"{first.mend}; `rtcctl validate {files}` shows all" if first.mend else f"rtcctl validate {files}"
        return Check(name, "failed", f"{error.message}; {where}{first.message}", mend, ExitCode.INVALID), None
    count, warnings = len(desired.resources), len(desired.warnings)
    found = f"valid, {count} resource{'' if count == 1 else 's'}, project {desired.project.name}"
    if warnings:
        more = f"{warnings} warning{'' if warnings == 1 else 's'}"
        return Check(name, "warning", f"{found}, {more}", "`rtcctl validate` shows them"), desired
    return Check(name, "ok", found), desired


def credentials(settings: Settings, project: Project) -> tuple[Check, Credentials | None]:
    """Look for credentials as every command does; only where they are is told."""
    prefix = project.account.env_prefix
    try:
        found = sources.find(settings.environ, prefix)
    except RtcctlError as error:
        return failed("credentials", error), None
    unused = sorted(set(_set(settings.environ, prefix)) - set(re.split(r", ", found.source)))
    more = f"; not used beside it: {', '.join(unused)}" if unused else ""
    return Check("credentials", "ok", f"{found.describe()}{more}"), found


def _set(environ: Mapping[str, str], prefix: str) -> Iterator[str]:
    for names in _KINDS.values():
        for name in names:
            full = f"{prefix}_{name}" if prefix else name
            if environ.get(full, "").strip():
                yield full


def endpoint(settings: Settings, account: Account) -> tuple[Check, str]:
    """Judge the service's endpoint; empty where it can't be used."""
    return _endpoint("endpoint", endpoints(settings, account), "endpoint")


def iam_endpoint(settings: Settings, account: Account, found: Credentials | None) -> tuple[Check, str]:
    """Judge IAM's endpoint, which only user and password need; empty where it can't be used."""
    check, url = _endpoint("IAM endpoint", iam_endpoints(settings, account), "IAM endpoint")
    if check.status == "ok" and found is not None and not isinstance(found, PasswordCredentials):
        return Check(check.name, "skipped", f"not needed with {found.describe()}"), url
    return check, url


def _endpoint(name: str, given: tuple[tuple[str, str], ...], what: str) -> tuple[Check, str]:
    source, url = next((source, url) for source, url in given if url)
    try:
        found = normalize(url, what)
    except RtcctlError as error:
        return Check(name, "failed", f"{error.message} (from {source})", error.mend, error.exit_code), ""
    return Check(name, "ok", f"{found} (from {source})"), found


def proxy_of(environ: Mapping[str, str], url: str) -> str:
    """Return the variable whose proxy calls to a URL go through; empty where they go directly."""
    host = urlsplit(url).hostname or ""
    if not url or is_loopback(url) or proxy_bypass_environment(host, {"no": _either(environ, "NO_PROXY")}):
        return ""
    first = f"{urlsplit(url).scheme.upper()}_PROXY"
    return next((name for name in (first, "ALL_PROXY") if _either(environ, name)), "")


def proxy(environ: Mapping[str, str], url: str) -> Check:
    """Tell of proxies and of authorities of one's own, both of which the HTTP library takes from the environment."""
    shown = [f"{name}={_hidden(_either(environ, name))}" for name in (*_PROXIES, "NO_PROXY") if _either(environ, name)]
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        path = environ.get(name)
        if path and not Path(path).exists():
            return Check(
                "proxy", "failed", f"{name} names what does not exist", "correct or unset it", ExitCode.INVALID
            )
        if path:
            shown.append(f"{name} is set")
    if not shown:
        return Check("proxy", "ok", "none is set: calls go directly")
    used = proxy_of(environ, url)
    way = f"calls to the endpoint go through {used}" if used else "calls to the endpoint go directly"
    return Check("proxy", "ok", f"{', '.join(shown)}; {way}")


def _either(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name.lower()) or environ.get(name) or "").strip()


def _hidden(value: str) -> str:
    """Return a proxy's address without user and password."""
    return _USERINFO.sub(lambda found: f"{found[1] or ''}(secret)@", value)
