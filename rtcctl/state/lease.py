"""A lock in object storage: an object that names its holder and is renewed; whoever stops renewing it loses it.

Ages are measured by the store's clock alone, so that a wrong clock here takes no lock from a living run. A lock that
ended stays as an object that says so: to remove it could not be made conditional upon its content.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from rtcctl.errors import RtcctlError, StateLockedError, UsageError
from rtcctl.model import jsontext
from rtcctl.state.bucket import Bucket, ConflictError, Found, NoConditionsError
from rtcctl.state.holder import Holder, named

SECONDS = 60.0
"""For how long a lock stands without being renewed."""
_ATTEMPTS = 5
_NO_TAG = '"00000000000000000000000000000000"'
# A machine that sleeps loses its lock meanwhile, so the clock has to count that time where the system has such a one.
_clock = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """The lock at one path; `seconds` is how long it stands without being renewed."""

    def __init__(self, bucket: Bucket, path: str, seconds: float = SECONDS) -> None:
        self._bucket = bucket
        self._path = path
        self._seconds = seconds
        self._me: Holder | None = None
        self._tag = ""
        self._renewed = 0
        self._sure_until = 0.0
        self._lost = False
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self) -> Holder | None:
        """Take the lock and keep renewing it; return the run that it was taken over from, if that one had crashed.

        Raises:
            StateLockedError: another run holds it.
            UsageError: the store does not keep the conditions of a write, so that no lock would hold.
        """
        self._probe()
        self._me, self._renewed, self._lost = Holder.me(), 0, False
        started = _clock()
        before = self._claim()
        self._sure_until = started + self._seconds
        self._ending.clear()
        self._thread = threading.Thread(target=self._keep, name="rtcctl-lease", daemon=True)
        self._thread.start()
        return before

    def check(self) -> None:
        """Make sure that no other run can have the lock.

        Raises:
            StateLockedError: it was lost, or could not be renewed in time.
        """
        if not self.is_held():
            raise StateLockedError(
                f"the lock on the state {self._bucket.place} was lost: another run took it, or the store could not be"
                f" reached for {self._seconds:.0f} s",
                mend="this run wrote nothing since; run plan to see where things stand",
            )

    def confirm(self) -> None:
        """Make sure that the lock is ours this moment; a renewal would tell only later that it was taken away.

        Raises:
            StateLockedError: it was lost.
        """
        try:
            found = self._bucket.get(self._path)
        except RtcctlError:
            self.check()  # it stands until its time is over
            return
        if found is None or _holder(found) != self._me:
            self._lost = True
        self.check()

    def is_held(self) -> bool:
        """Tell whether no other run can have the lock."""
        return self._me is not None and not self._lost and _clock() <= self._sure_until

    def release(self) -> None:
        """End the lock. Where the store can't be reached it ends by itself."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        try:
            if not self._lost:
                self._bucket.replace(self._path, self._ended(), self._tag)
        except (ConflictError, RtcctlError):
            pass  # lost, or it runs out
        self._me = None

    def holder(self) -> Holder | None:
        """Return who holds the lock, or crashed with it."""
        found = self._bucket.get(self._path)
        return _holder(found) if found is not None else None

    def running(self) -> Holder | None:
        """Return who holds the lock and still renews it."""
        found = self._bucket.get(self._path)
        holder = _holder(found) if found is not None else None
        if found is None or holder is None or holder.has_ended:
            return None
        age = self._age(found)
        # A renewal is due after a third of the time; it may be slow, and the store's times are whole seconds.
        return holder if age is not None and age <= _seconds(found, self._seconds) / 2 + 2.0 else None

    def unlock(self, nonce: str) -> None:
        """End the lock of the run that has this nonce, whether it lives or not.

        Raises:
            UsageError: there is no such lock.
        """
        for _ in range(_ATTEMPTS):  # its holder may renew it meanwhile
            found = self._bucket.get(self._path)
            holder = _holder(found) if found is not None else None
            if found is None or holder is None or holder.nonce != nonce:
                mend = f"it is held by {holder}" if holder else "it is not locked"
                raise UsageError(f"the state {self._bucket.place} has no lock {nonce}", mend=mend)
            try:
                self._bucket.replace(self._path, self._ended(), found.tag)
            except ConflictError:
                continue
            return
        raise RtcctlError(f"the lock {nonce} changed whenever it was read", mend="try again")

    def _claim(self) -> Holder | None:
        """Put our name there, if it is free, ended or out of time."""
        try:
            self._tag = self._bucket.create(self._path, self._content())
        except ConflictError as conflict:
            found = conflict.standing
        else:
            return None
        if found is None:  # the store was at odds with itself, or somebody cleans up by hand
            raise self._locked(None)
        holder = _holder(found)
        if not _ended(found) and not self._is_over(found):
            raise self._locked(holder)
        try:
            self._tag = self._bucket.replace(self._path, self._content(), found.tag)
        except ConflictError as conflict:
            raise self._locked(_holder(conflict.standing) if conflict.standing else None) from None
        return holder

    def _is_over(self, found: Found) -> bool:
        """Tell whether a lock was not renewed for its time and a good bit more."""
        age = self._age(found)
        return age is not None and age > _over_after(_seconds(found, self._seconds))

    def _age(self, found: Found) -> float | None:
        """Return the seconds since an object was written, by the store's clock; None where it does not tell."""
        probe = f"{self._path}.probe"
        self._bucket.put(probe, secrets.token_bytes(16))
        now = self._bucket.modified(probe)
        return None if now is None else (now - found.modified).total_seconds()

    def _probe(self) -> None:
        """Try whether the store keeps both conditions; nothing depends on the object that this is tried with."""
        probe = f"{self._path}.probe"
        try:
            self._refused(self._bucket.create, probe)  # there may be none yet
            kept = self._refused(self._bucket.create, probe) and self._refused(
                partial(self._bucket.replace, tag=_NO_TAG), probe
            )
        except NoConditionsError:
            kept = False
        if not kept:
            raise UsageError(
                f"the object store of {self._bucket.place} ignores the conditions of a write (If-None-Match, If-Match),"
                " so that a lock in it would not hold",
                mend="keep the state in PostgreSQL (postgresql://…) or in a folder",
            )

    @staticmethod
    def _refused(writing: Callable[[str, bytes], str], path: str) -> bool:
        try:
            writing(path, secrets.token_bytes(16))
        except ConflictError:
            return True
        return False

    def _keep(self) -> None:
        while not self._ending.wait(self._seconds / 3):
            started = _clock()
            try:
                kept = self._renew()
            except RtcctlError:
                continue  # the store may be back before the time is over
            if not kept:
                self._lost = True
                return
            self._sure_until = started + self._seconds

    def _renew(self) -> bool:
        self._renewed += 1
        for _ in range(2):
            try:
                self._tag = self._bucket.replace(self._path, self._content(), self._tag)
            except ConflictError as conflict:
                # An earlier renewal may have arrived though its answer did not.
                holder = _holder(conflict.standing) if conflict.standing else None
                if conflict.standing is None or holder is None or holder != self._me:
                    return False
                self._tag = conflict.standing.tag
            else:
                return True
        return False

    def _content(self) -> bytes:
        holder = self._me.document() if self._me is not None else None
        return _dumps({"holder": holder, "lease": self._seconds, "renewed": self._renewed})

    def _ended(self) -> bytes:
        return _dumps({"ended": secrets.token_hex(8)})

    def _locked(self, holder: Holder | None) -> StateLockedError:
        unlock = f", or free it: rtcctl state unlock {holder.nonce}" if holder is not None else ""
        return StateLockedError(
            f"the state is locked by {named(holder)} ({self._bucket.place})",
            mend=f"wait for that run to end (a crashed one loses it after {_over_after(self._seconds):.0f} s){unlock}",
        )


def _over_after(seconds: float) -> float:
    """Return how old an unrenewed lock is when it may be taken over: its holder has known for long that it is lost."""
    return seconds + max(2.0, seconds / 4)  # the store's times are whole seconds


def _dumps(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True).encode()


def _document(found: Found) -> dict[str, Any]:
    try:
        document = jsontext.loads(found.content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _holder(found: Found) -> Holder | None:
    return Holder.from_document(_document(found).get("holder"))


def _ended(found: Found) -> bool:
    return "ended" in _document(found)


def _seconds(found: Found, default: float) -> float:
    seconds = _document(found).get("lease")
    return float(seconds) if isinstance(seconds, (int, float)) else default
