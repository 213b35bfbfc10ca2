"""From an HTTP answer to data, or to an exception: nothing unchecked leaves this module.

The official SDK turns a successful answer that it can't read into None members; here that is an error. A body is never
part of a message: only the service's own short text is, cut, and with every secret taken out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

from rtcctl.api.carrier import Reply
from rtcctl.api.errorbody import ErrorBody, parse, read_error
from rtcctl.api.hiding import hide, token_like
from rtcctl.api.mends import NO_ACCOUNT, NO_PERMISSION, WRONG_PLACE, mend_for
from rtcctl.errors import (
    ApiError,
    BadAnswerError,
    FailedCall,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    RejectedError,
    ServerError,
    ThrottledError,
)
from rtcctl.model.call import Call
from rtcctl.model.discreet import Discreet

REQUEST_ID = "X-request-Id"


class Answer(Discreet, frozen=True):
    """A checked answer.

    `data` is the JSON object, empty where the call answers with no body; it may hold secrets and is in no rendering.
    `already` is set where the service refused because the aim was reached before; `data` is empty then.
    """

    status: int
    data: Mapping[str, Any]
    request_id: str = ""
    already: bool = False

    def __repr__(self) -> str:
        """Hide the data."""
        return f"Answer({self.status})"


def read(call: Call, path: str, response: Reply, *, secrets: tuple[str, ...] = (), unauthenticated: str = "") -> Answer:
    """Check an answer against what the call expects.

    Args:
        call: what was asked.
        path: the path with its ids, for messages.
        response: the answer, its body read.
        secrets: texts that no message may hold: those sent, and the credentials.
        unauthenticated: what to do about a 401.

    Raises:
        BadAnswerError: a success that is none, or a redirect.
        ApiError: the service or the gateway refused; the class follows status and code (NOTES section 3).
    """
    request_id = token_like(response.header(REQUEST_ID), secrets)
    failed = FailedCall(call.method, path, response.status, "", request_id)
    if response.status >= 400:
        error = read_error(response.content, secrets)
        if _reached(call, response.status, error):
            return Answer(response.status, {}, request_id, already=True)
        _refuse(failed, error, response, unauthenticated)
    if response.status not in call.expect:
        _unexpected(call, failed)
    return Answer(response.status, _data(call, failed, response), request_id)


def _reached(call: Call, status: int, error: ErrorBody) -> bool:
    """Tell whether the aim was reached before.

    Only the service can say so: a gateway or a stranger that answers 404 says nothing about the object.
    """
    if error.code and error.code in call.done_codes:
        return True
    from_service = error.readable and (not error.code or error.code.startswith("RTC."))
    return from_service and status in call.done_statuses


def _refuse(failed: FailedCall, error: ErrorBody, response: Reply, unauthenticated: str) -> NoReturn:
    status = response.status
    call = FailedCall(failed.method, failed.path, status, error.code, failed.request_id)
    mend = unauthenticated if status == 401 and unauthenticated else mend_for(status, error.code)
    reason = error.message or _phrase(status)
    if not error.readable:
        reason = f"{reason}, with {_described(response)}"
        mend = WRONG_PLACE if status == 404 else mend
    raise _class_of(status, error.code)(call, reason, mend=mend)


def _class_of(status: int, code: str) -> type[ApiError]:
    if status == 401:
        return NotAuthenticatedError
    if status == 429:
        return ThrottledError
    if status >= 500:
        return ServerError
    if status == 403 or code in (NO_ACCOUNT, NO_PERMISSION):
        return NotPermittedError
    return NotFoundError if status == 404 else RejectedError


def _unexpected(call: Call, failed: FailedCall) -> NoReturn:
    status = failed.status or 0
    if 300 <= status < 400:
        raise BadAnswerError(failed, "a redirect, which is not followed", mend=WRONG_PLACE)
    due = " or ".join(str(each) for each in call.expect)
    raise BadAnswerError(failed, f"{_phrase(status)} where {due} is due: whether it took effect is not known")


def _data(call: Call, failed: FailedCall, response: Reply) -> Mapping[str, Any]:
    body = response.content
    if not body.strip():
        # Writes may answer with nothing; a read that does has told nothing.
        if call.method == "GET" or call.returns:
            raise BadAnswerError(failed, f"an empty answer{_instead(call)}")
        return {}
    try:
        data = parse(body)
    except (ValueError, RecursionError) as error:
        cut = "JSON that breaks off" if _breaks_off(error) else "no JSON"
        what = f"{cut}: {_described(response)}"
        raise BadAnswerError(failed, what, mend="" if _breaks_off(error) else WRONG_PLACE) from None
    if not isinstance(data, Mapping):
        raise BadAnswerError(failed, f"JSON that is no object: {_described(response)}", mend=WRONG_PLACE)
    missing = [name for name in call.returns if _lacks(name, data.get(name))]
    if missing:
        raise BadAnswerError(failed, f"an answer without {' and '.join(missing)}")
    return data


def _instead(call: Call) -> str:
    return f" where {' and '.join(call.returns)} is due" if call.returns else " where JSON is due"


def _lacks(name: str, value: Any) -> bool:
    if name.endswith("_id"):
        return not isinstance(value, (str, int)) or isinstance(value, bool) or not str(value).strip()
    return value is None or value in ("", [], {})


def _breaks_off(error: Exception) -> bool:
    """Tell whether the text ended before the value did, as in a truncated answer."""
    if not isinstance(error, json.JSONDecodeError) or not error.doc.lstrip().startswith(("{", "[")):
        return False
    return error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")


def _described(response: Reply) -> str:
    declared = hide(response.header("Content-Type").partition(";")[0], (), 60) or "no content type"
    return f"{declared}, {len(response.content)} bytes"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"status {status}"
