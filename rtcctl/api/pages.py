"""Listings page by page, with guards against a service that reads `offset` otherwise (NOTES section 5).

`offset` is documented as a page number from 0. Should it be a record offset, page 1 repeats all of page 0 but one; then
the listing goes on at the number of ids seen. Few repeats are only objects that moved while the pages were read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from msgspec.structs import replace

from rtcctl.api.answers import Answer
from rtcctl.api.preparing import fill
from rtcctl.errors import BadAnswerError, FailedCall
from rtcctl.model.call import Call

PAGE_SIZE = 100
"""The largest `limit` that the API takes."""
MOST_PAGES = 200
"""Where a listing counts as endless: 20,000 objects, a thousand times the default quota of apps."""

Item: TypeAlias = Mapping[str, Any]


async def read_pages(send: Callable[[Call], Awaitable[Answer]], call: Call, items: str, key: str) -> list[Item]:
    """Return all objects of a listing, each once, in the order of their first appearance.

    Raises:
        BadAnswerError: an answer without its array, with something else in it, or a listing without an end.
        ApiError: a call failed.
    """
    seen: dict[str, Item] = {}
    offset, by_records = 0, False
    for _ in range(MOST_PAGES):
        answer = await send(replace(call, query={**call.query, "offset": offset, "limit": PAGE_SIZE}))
        page = _page(call, answer, items, key)
        known = sum(identity in seen for identity, _ in page)
        fresh = len(page) - known
        for identity, item in page:
            seen.setdefault(identity, item)
        if _ends(len(page), fresh, len(seen), _count(answer)):
            return list(seen.values())
        if not fresh and by_records:
            break
        by_records = by_records or 2 * known > len(page)
        offset = len(seen) if by_records else offset + 1
    raise BadAnswerError(_failed(call, answer), "a listing that repeats itself or does not end")


def _ends(size: int, fresh: int, seen: int, count: int | None) -> bool:
    """Tell whether this was the last page. A short one is, unless `count` promises more and it brought something."""
    if count is not None and seen >= count:
        return True
    return size < PAGE_SIZE and (count is None or not fresh)


def _page(call: Call, answer: Answer, items: str, key: str) -> list[tuple[str, Item]]:
    failed = _failed(call, answer)
    if items not in answer.data:
        raise BadAnswerError(failed, f"an answer without {items}")
    page = answer.data[items] if answer.data[items] is not None else []
    if not isinstance(page, list):
        raise BadAnswerError(failed, f"{items} is no list")
    return [(_identity(item, items, key, failed), item) for item in page]


def _identity(item: Any, items: str, key: str, failed: FailedCall) -> str:
    if not isinstance(item, Mapping):
        raise BadAnswerError(failed, f"{items} holds something that is no object")
    identity = item.get(key)
    if isinstance(identity, bool) or not isinstance(identity, (str, int)) or identity == "":
        raise BadAnswerError(failed, f"{items} holds an object without {key}")
    return str(identity)


def _count(answer: Answer) -> int | None:
    count = answer.data.get("count")
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def _failed(call: Call, answer: Answer) -> FailedCall:
    return FailedCall(call.method, fill(call.path, call.ids), answer.status, "", answer.request_id)
