"""Objects in one bucket of an S3-compatible store, written on condition; failures are told in our own words.

A condition that fails may be our own doing: an answer was lost and the request repeated. So what stands there is read,
and a write that finds exactly what it was to write has succeeded. Contents therefore have to differ between writers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from msgspec import Struct

from rtcctl.errors import CredentialsError, RtcctlError, UsageError

if TYPE_CHECKING:
    from obstore import PutResult
    from obstore.store import S3Config, S3Store

_T = TypeVar("_T")
_AT_ONCE = 16
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_EXTRA = "pip install 'rtcctl[s3]'"


class Found(Struct, frozen=True):
    """An object: its content, the tag that names this version of it, and when the store took it."""

    content: bytes
    tag: str
    modified: datetime


class ConflictError(Exception):
    """The condition of a write failed. `standing` is what is there instead, None where nothing is."""

    def __init__(self, standing: Found | None) -> None:
        super().__init__()
        self.standing = standing


class NoConditionsError(RtcctlError):
    """The store does not know the conditions of a write at all."""


class Bucket:
    """One bucket. `options` are obstore's for an S3Store, credentials among them; `place` may be shown.

    Raises:
        UsageError: the library for it is not installed.
    """

    def __init__(self, name: str, options: Mapping[str, str], place: str, *, patience: float) -> None:
        self.place = place
        self._store = _open(name, options, patience)

    def get(self, path: str) -> Found | None:
        """Return an object, None where there is none."""
        import obstore

        def getting() -> Found:
            result = obstore.get(self._store, path)
            return Found(bytes(result.bytes()), result.meta["e_tag"] or "", result.meta["last_modified"])

        return self._perhaps("read", getting)

    def get_all(self, paths: Sequence[str]) -> list[Found | None]:
        """Return many objects, some at a time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self.get, paths))

    def modified(self, path: str) -> datetime | None:
        """Return when the store took an object, by its own clock."""
        import obstore

        return self._perhaps("read", lambda: obstore.head(self._store, path)["last_modified"])

    def list(self, prefix: str) -> list[str]:
        """Return the paths below a prefix, sorted."""
        import obstore

        def listing() -> list[str]:
            return sorted(meta["path"] for batch in obstore.list(self._store, prefix) for meta in batch)

        return self._told("read", listing)

    def put(self, path: str, content: bytes) -> None:
        """Write an object, whatever is there."""
        import obstore

        self._told("write", lambda: obstore.put(self._store, path, content, use_multipart=False))

    def create(self, path: str, content: bytes) -> str:
        """Write an object where there is none, and return its tag.

        Raises:
            ConflictError: there is one.
        """
        import obstore

        return self._conditionally(path, content, lambda: obstore.put(self._store, path, content, mode="create"))

    def replace(self, path: str, content: bytes, tag: str) -> str:
        """Write an object in place of the version that a tag names, and return the new tag.

        Raises:
            ConflictError: another version is there, or none.
        """
        import obstore

        return self._conditionally(path, content, lambda: obstore.put(self._store, path, content, mode={"e_tag": tag}))

    def copy(self, path: str, to: str) -> None:
        """Copy an object inside the store."""
        import obstore

        self._told("write", lambda: obstore.copy(self._store, path, to))

    def delete(self, paths: Iterable[str]) -> None:
        """Delete objects; those that are not there are no error."""
        import obstore

        gone = list(paths)
        if gone:
            self._told("write", lambda: obstore.delete(self._store, gone))

    def _conditionally(self, path: str, content: bytes, writing: Callable[[], PutResult]) -> str:
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        def trying() -> str | None:
            try:
                return writing()["e_tag"] or ""
            except (AlreadyExistsError, PreconditionError):
                return None
            except FileNotFoundError as error:  # some stores answer 404 where an object to be replaced is not there
                if "NoSuchBucket" in str(error):
                    raise
                return None

        tag = self._told("write", trying)
        if tag is not None:
            return tag
        standing = self.get(path)
        if standing is not None and standing.content == content:
            return standing.tag
        raise ConflictError(standing)

    def _perhaps(self, verb: str, work: Callable[[], _T]) -> _T | None:
        def trying() -> _T | None:
            try:
                return work()
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None

        return self._told(verb, trying)

    def _told(self, verb: str, work: Callable[[], _T]) -> _T:
        from obstore.exceptions import BaseError

        try:
            return work()
        except (BaseError, OSError, ValueError) as error:
            raise _in_our_words(error, f"can't {verb} the state {self.place}") from None


def _open(name: str, options: Mapping[str, str], patience: float) -> S3Store:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ModuleNotFoundError:
        raise UsageError("a state in object storage needs the library obstore", mend=_EXTRA) from None
    try:
        return S3Store(
            name,
            # Bulk deletion is what S3-compatible stores differ in most.
            config=cast("S3Config", {**options, "disable_bulk_delete": "true"}),
            client_options={
                "allow_http": options.get("endpoint", "").startswith("http://"),
                "connect_timeout": timedelta(seconds=min(5.0, patience)),
                "timeout": timedelta(seconds=patience),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=patience)},
        )
    except (BaseError, ValueError):
        raise UsageError(
            "the object store's settings are not usable", mend="check AWS_REGION and the other AWS_* variables"
        ) from None


def _in_our_words(error: Exception, what: str) -> RtcctlError:
    """Return an error that holds the store's status and code, and nothing else of what the library says."""
    said = str(error)
    status, code = _STATUS.search(said), _CODE.search(said)
    answer = " ".join(found.group(1) for found in (status, code) if found)
    number = int(status.group(1)) if status else 0
    if number in (401, 403):
        return CredentialsError(f"{what}: {answer}", mend="check AWS_ACCESS_KEY_ID and what that key may do there")
    if number == 501:
        return NoConditionsError(f"{what}: {answer}")
    if code and code.group(1) == "NoSuchBucket":
        return RtcctlError(f"{what}: there is no such bucket", mend="create it, or correct the backend")
    if answer:
        return RtcctlError(f"{what}: the store answered {answer}", mend="see the store's own log; then run plan")
    return RtcctlError(f"{what}: the store gave no answer", mend="check RTCCTL_S3_ENDPOINT and the network")
