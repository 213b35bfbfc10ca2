"""From the words of `backend` or RTCCTL_STATE to the place itself; they may hold a password and are never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from rtcctl.errors import CredentialsError, UsageError
from rtcctl.model.ledger import Binding
from rtcctl.model.values import Secret
from rtcctl.state.folder import FolderState
from rtcctl.state.store import Store

KNOWN = "a folder such as .rtcctl/, s3://BUCKET/PREFIX or postgresql://USER@HOST/DATABASE"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_BUCKET = re.compile(
    r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/((?:[\w=+@-][\w.=+@-]*/)*[\w=+@-][\w.=+@-]*)?/?)?", re.ASCII
)
_OPTIONS = {
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_SESSION_TOKEN": "session_token",
}
_TRUE = ("true", "1")


def scheme_of(backend: str) -> str:
    """Return the scheme of a backend in lower case; empty for a folder."""
    found = _SCHEME.match(backend)
    return found.group(1).lower() if found else ""


def in_folder(folder: Path, project: str, account: str) -> Path:
    """Return the file of the state that a folder holds for a project and account."""
    return folder / project / f"{account}.state.json"


def beside(data: Path) -> Path:
    """Return where the embedded simulator's states are: a trial never touches the state of a real account."""
    return data.with_name(f"{data.name}.state")


def find(backend: str, folder: Path, binding: Binding, environ: Mapping[str, str], *, endpoint: str = "") -> Store:
    """Return the state that a backend means. Nothing is opened yet.

    Args:
        backend: as the manifest or RTCCTL_STATE have it.
        folder: what a folder's name is relative to.
        binding: whose state it is.
        environ: where credentials for an object store are.
        endpoint: the object store's URL, without a path; empty for Amazon's own of the region.

    Raises:
        UsageError: it is not a place that is known, or the library for it is not installed.
        CredentialsError: there are none for the object store.
    """
    scheme = scheme_of(backend)
    if not scheme:
        if (folder / backend).is_file():
            raise UsageError(f"the state's place {backend} is a file, not a folder", mend=f"name {KNOWN}")
        return FolderState(in_folder(folder / backend, binding.project, binding.account), binding)
    if scheme == "s3":
        return _objects(backend, binding, environ, endpoint)
    if scheme == "postgresql":
        from rtcctl.state.postgres import PostgresState

        return PostgresState(Secret(scheme + backend[len(scheme) :], "backend"), binding)
    raise UsageError(f"a state can't be kept at {scheme}://…", mend=f"name {KNOWN}")


def _objects(backend: str, binding: Binding, environ: Mapping[str, str], endpoint: str) -> Store:
    from rtcctl.state.objects import ObjectState

    found = _BUCKET.fullmatch("s3" + backend[2:])
    if found is None:
        raise UsageError("the state's s3:// URL is malformed", mend="write s3://BUCKET/PREFIX, letters and -_.=+@ only")
    bucket, prefix = found.group(1), found.group(2) or ""
    options = {option: environ[name] for name, option in _OPTIONS.items() if environ.get(name)}
    if not {"access_key_id", "secret_access_key"} <= options.keys():
        mend = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones)"
        raise CredentialsError("there are no credentials for the state's object store", mend=mend)
    options["region"] = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    if endpoint:
        options |= _endpoint(endpoint, bucket, environ)
    return ObjectState(bucket, prefix, options, binding)


def _endpoint(endpoint: str, bucket: str, environ: Mapping[str, str]) -> dict[str, str]:
    # Huawei's own guide ("Accessing OBS") knows buckets by BUCKET.ENDPOINT alone, and its endpoints begin with "obs.".
    scheme, _, host = endpoint.partition("://")
    virtual = environ.get("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "").lower() in _TRUE or host.startswith("obs.")
    url = f"{scheme}://{bucket}.{host}" if virtual else endpoint
    # The library prefers AWS_ENDPOINT_URL_S3 of the environment to `endpoint`, so both have to be said.
    return {"endpoint": url, "aws_endpoint_url_s3": url, "virtual_hosted_style_request": str(virtual).lower()}
