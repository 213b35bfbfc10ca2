"""What an error answer tells: code and message, in the shapes of service, gateway and IAM (NOTES section 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from msgspec import Struct

from rtcctl.api.hiding import hide, token_like
from rtcctl.model import jsontext

_CODE = re.compile(r"(RTC|APIGW|APIG)\.[0-9]{3,12}")


class ErrorBody(Struct, frozen=True):
    """What an error answer tells. `readable` is unset where a body is there that no service of this kind writes."""

    code: str = ""
    message: str = ""
    readable: bool = True


def read_error(body: bytes, secrets: tuple[str, ...] = ()) -> ErrorBody:
    """Find code and message as the official SDK does.

    The pairs `error_code`/`error_msg`, `errorCode`/`errorMsg`, `code`/`message`, then the same in nested objects. A
    code that stands without a message is taken last, which the SDK does not do.
    """
    if not body.strip():
        return ErrorBody()
    try:
        data = parse(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, Mapping):
        return ErrorBody(readable=False)
    code, message = next(_pairs(data), (data.get("error_code") or data.get("errorCode") or "", ""))
    if not code and not message:
        return ErrorBody(readable=False)
    return ErrorBody(_code(_scalar(code), secrets), hide(_scalar(message), secrets))


def _pairs(data: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[Any, Any]]:
    for code, message in (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")):
        if code in data and message in data:
            yield data[code], data[message]
    for below in data.values():
        if isinstance(below, Mapping) and depth < 5:
            yield from _pairs(below, depth + 1)


def _scalar(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) else ""


def _code(text: str, secrets: tuple[str, ...]) -> str:
    # A documented code stays whole even if a very short secret happens to be part of it: decisions hang on it.
    return text if _CODE.fullmatch(text) else token_like(text, secrets, limit=64)


def parse(body: bytes) -> Any:
    """Return the JSON value that a body holds.

    Raises:
        ValueError: it holds none; `NaN` and `Infinity` are none either.
        RecursionError: it is nested too deep.
    """
    return jsontext.loads(body, parse_constant=_no_json)


def _no_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
