"""Network failures in plain words: one clear reason each, and whether the request may have arrived.

The libraries' own texts are not passed on: some quote headers.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from rtcctl.api.carrier import (
    CarryingError,
    NoAnswerInTimeError,
    NotAnAnswerError,
    NotConnectedError,
    NotConnectedInTimeError,
    NotDecodedError,
    NotLetThroughError,
)
from rtcctl.api.endpoints import is_loopback
from rtcctl.api.mends import WRONG_PLACE
from rtcctl.errors import BadAnswerError, FailedCall, UnreachableError

_NETWORK = "check the endpoint and the network"
_PROXY = "check HTTPS_PROXY and NO_PROXY"
_CERTIFICATE = "check the endpoint; the certificate of a private authority goes into SSL_CERT_FILE"


def network_error(error: Exception, failed: FailedCall, host: str, seconds: float) -> UnreachableError | BadAnswerError:
    """Turn what a carrier raised into ours.

    Args:
        error: a `CarryingError` or an `OSError`, with a `TimeoutError` for a call that took too long in all.
        failed: the call.
        host: host and port that were called.
        seconds: the time-out.
    """
    by_proxy = isinstance(error, CarryingError) and error.by_proxy
    match error:
        case NotConnectedInTimeError():
            what = f"no connection to {_there(host, by_proxy)} within {seconds:g} s"
            return _unsent(failed, what, _mend(_NETWORK, by_proxy))
        case NotConnectedError():
            return _unsent(failed, *_connecting(error, host, by_proxy))
        case NotLetThroughError():
            return _unsent(failed, f"the proxy did not let the call to {host} through", _PROXY)
        case NoAnswerInTimeError() | TimeoutError():
            return UnreachableError(failed, f"no answer from {host} within {seconds:g} s", sent=True)
        case NotDecodedError():
            return BadAnswerError(failed, "an answer whose compression can't be undone")
        case NotAnAnswerError():
            message = f"what {host} answered is no answer of HTTP, or too long a one"
            return UnreachableError(failed, message, mend=WRONG_PLACE, sent=True)
        case _:
            return UnreachableError(failed, f"{host} closed the connection before the answer was complete", sent=True)


def _unsent(failed: FailedCall, message: str, mend: str) -> UnreachableError:
    return UnreachableError(failed, message, mend=mend, sent=False)


def _there(host: str, by_proxy: bool) -> str:
    return f"{host} or the proxy on the way" if by_proxy else host


def _mend(mend: str, by_proxy: bool) -> str:
    return f"{_PROXY}; {mend}" if by_proxy else mend


def _connecting(error: Exception, host: str, by_proxy: bool) -> tuple[str, str]:
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case ssl.SSLCertVerificationError():
                reason = f": {cause.verify_message}" if cause.verify_message else ""
                return f"the certificate of {host} is not trusted{reason}", _CERTIFICATE
            case ssl.SSLError():
                return f"no TLS connection to {host}", "does it speak https at this port?"
            case socket.gaierror():
                names = f"the name {host}, or that of the proxy on the way," if by_proxy else f"the name {host}"
                return f"{names} could not be resolved", _mend(_NETWORK, by_proxy)
            case OSError() if _is_refused(cause):
                asked = "is the endpoint right, and is the service running?"
                here = is_loopback(f"http://{host}")
                mend = f"{asked} `rtcctl simulator serve` starts a simulator" if here else asked
                return f"{_there(host, by_proxy)} refused the connection", _mend(mend, by_proxy)
    told = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
    return f"no connection to {_there(host, by_proxy)}" + (f": {told}" if told else ""), _mend(_NETWORK, by_proxy)


def _is_refused(error: OSError) -> bool:
    """Tell whether nobody listens there. Of a name with several addresses asyncio tells all failures as one text."""
    if error.errno is None:
        return f"[Errno {errno.ECONNREFUSED}]" in str(error)
    return isinstance(error, ConnectionRefusedError)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that led to it, groups taken apart."""
    if error is None:
        return
    yield error
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _causes(each)
    yield from _causes(error.__cause__ or error.__context__)
