"""The ways to authenticate a call: a ready token, a signature, or a token of IAM (`iam.py`).

Source: NOTES section 2. An `Authenticator` adds headers; after a 401 it may renew what it has, once per call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from rtcctl.api.credentials import AkSkCredentials, Credentials, TokenCredentials
from rtcctl.api.moments import moment
from rtcctl.api.preparing import Prepared
from rtcctl.api.signing import authorization, sdk_date
from rtcctl.api.wire import Wire

if TYPE_CHECKING:
    from rtcctl.api.iam import Now

CLOCK_MARGIN = timedelta(minutes=5)
"""From what difference on a wrong clock is worth a word; 15 minutes is the usual tolerance (unconfirmed)."""


class Authenticator(Protocol):
    """What the client needs to know of a way to authenticate."""

    async def headers(self, request: Prepared, host: str) -> dict[str, str]:
        """Return the headers that authenticate a request; `Content-Type` is among them."""

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 to the given headers, tell whether another attempt is worth it."""

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that no message may hold."""

    def mend(self, date: str) -> str:
        """Return what to do about a 401; `date` is the answer's Date header."""


def authenticator(credentials: Credentials, iam: Callable[[], Wire], now: Now) -> Authenticator:
    """Return the way that fits the credentials; only a password needs a wire to IAM."""
    if isinstance(credentials, TokenCredentials):
        return ReadyToken(credentials)
    if isinstance(credentials, AkSkCredentials):
        return Signature(credentials, now)
    from rtcctl.api.iam import FetchedToken

    return FetchedToken(credentials, iam(), now)


class ReadyToken:
    """A token as given: it can't be renewed."""

    def __init__(self, credentials: TokenCredentials) -> None:
        self._credentials = credentials

    async def headers(self, request: Prepared, host: str) -> dict[str, str]:
        """Add the token."""
        return {"Content-Type": request.content_type, "X-Auth-Token": self._credentials.token.reveal()}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Say no."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Return the token."""
        return (self._credentials.token.reveal(),)

    def mend(self, date: str) -> str:
        """Name where the token came from."""
        return f"get a new token into {self._credentials.source}: a token is valid for 24 hours"


class Signature:
    """AK/SK: every request is signed by itself, with the time of its sending."""

    def __init__(self, credentials: AkSkCredentials, now: Now) -> None:
        self._credentials = credentials
        self._now = now

    async def headers(self, request: Prepared, host: str) -> dict[str, str]:
        """Sign content type, host, project, date and (temporary keys) the security token."""
        credentials = self._credentials
        signed = {
            "Content-Type": request.content_type,
            "Host": host,
            "X-Project-Id": credentials.project_id,
            "X-Sdk-Date": sdk_date(self._now()),
        }
        if credentials.security_token:
            signed["X-Security-Token"] = credentials.security_token.reveal()
        signed["Authorization"] = authorization(
            request.method,
            request.path,
            request.query,
            signed,
            request.body,
            access_key=credentials.access_key,
            secret_key=credentials.secret_key.reveal(),
        )
        return signed

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Say no: the same keys make the same signature."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Return AK, SK and the security token."""
        credentials, token = self._credentials, self._credentials.security_token
        keys = (credentials.access_key, credentials.secret_key.reveal())
        return (*keys, *((token.reveal(),) if token else ()))

    def mend(self, date: str) -> str:
        """Name the SK and, where the answer shows one, the difference of the clocks."""
        return f"check AK and SK ({self._credentials.source}){_clock_words(date, self._now())}"


def _clock_words(date: str, now: datetime) -> str:
    theirs = moment(date)
    if theirs is None:
        return "; and this machine's clock: a signature is valid for some minutes only"
    difference = now - theirs
    if abs(difference) <= CLOCK_MARGIN:
        return ""
    way = "ahead of" if difference > timedelta(0) else "behind"
    return f"; this machine's clock is {abs(difference) // timedelta(minutes=1)} minutes {way} the service's: set it"
