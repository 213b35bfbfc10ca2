"""Network failures in plain words: one clear reason each, and whether the request may have arrived.

The libraries' own texts are not passed on: some quote headers.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from rtcctl.api.carrier import (
    NoAnswerInTimeError,
    NotConnectedError,
    NotConnectedInTimeError,
    NotDecodedError,
    NotLetThroughError,
)
from rtcctl.api.endpoints import is_loopback
from rtcctl.errors import BadAnswerError, FailedCall, UnreachableError

_NETWORK = "check the endpoint and the network"
_CERTIFICATE = "check the endpoint; the certificate of a private authority goes into SSL_CERT_FILE"


def network_error(error: Exception, failed: FailedCall, host: str, seconds: float) -> UnreachableError | BadAnswerError:
    """Turn what a carrier raised into ours.

    Args:
        error: a `CarryingError` or an `OSError`, with a `TimeoutError` for a call that took too long in all.
        failed: the call.
        host: host and port that were called.
        seconds: the time-out.
    """
    match error:
        case NotConnectedInTimeError():
            return _unsent(failed, f"no connection to {host} within {seconds:g} s", _NETWORK)
        case NotConnectedError():
            return _unsent(failed, *_connecting(error, host))
        case NotLetThroughError():
            mend = "check HTTPS_PROXY and NO_PROXY"
            return _unsent(failed, f"the proxy did not let the call to {host} through", mend)
        case NoAnswerInTimeError() | TimeoutError():
            return UnreachableError(failed, f"no answer from {host} within {seconds:g} s", sent=True)
        case NotDecodedError():
            return BadAnswerError(failed, "an answer whose compression can't be undone")
        case _:
            return UnreachableError(failed, f"{host} closed the connection before the answer was complete", sent=True)


def _unsent(failed: FailedCall, message: str, mend: str) -> UnreachableError:
    return UnreachableError(failed, message, mend=mend, sent=False)


def _connecting(error: Exception, host: str) -> tuple[str, str]:
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case ssl.SSLCertVerificationError():
                reason = f": {cause.verify_message}" if cause.verify_message else ""
                return f"the certificate of {host} is not trusted{reason}", _CERTIFICATE
            case ssl.SSLError():
                return f"no TLS connection to {host}", "does it speak https at this port?"
            case socket.gaierror():
                return f"the name {host} could not be resolved", _NETWORK
            case OSError() if _is_refused(cause):
                asked = "is the endpoint right, and is the service running?"
                here = is_loopback(f"http://{host}")
                mend = f"{asked} `rtcctl simulator serve` starts a simulator" if here else asked
                return f"{host} refused the connection", mend
    told = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
    return f"no connection to {host}" + (f": {told}" if told else ""), _NETWORK


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
