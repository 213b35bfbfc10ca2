"""The layout of a mixed-stream job before and after a change of a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from msgspec import Struct

from rtcctl.layout import Picture, arrange, sample
from rtcctl.model.plan import Change, MemberChange
from rtcctl.model.values import Mark
from rtcctl.reports.pictures import words
from rtcctl.reports.pictures.svg import svg
from rtcctl.reports.wording import jsonable

_KIND = "MixStreamJob"
_KEYS = {"layout_panes": "id", "user_background_images": "user_id"}
_DRAWN = frozenset(
    {
        *_KEYS,
        "encode_template",
        "layout_template",
        "default_user_background_image",
        "screen_background_image",
        "background_image",
    }
)
_ITEM = re.compile(r"(\w+)\[(.*)\]", re.DOTALL)


class Layouts(Struct, frozen=True):
    """The pictures of one job; None: there is none, or it can't be told from the plan."""

    before: Picture | None
    after: Picture


def layouts(change: Change) -> Layouts | None:
    """Return how the layout of a job looks before and after; None where the change does not touch it.

    A plan tells what differs: the picture before is the one after with every difference taken back. What nobody
    declares, such as a background set elsewhere, stays as it is and is in neither.
    """
    entry = change.entry.members.get("mix_param") if change.entry else None
    touched = [member for member in change.members if member.path[0] == "mix_param" and _base(member) in _DRAWN]
    if change.address.kind != _KIND or not isinstance(entry, Mapping) or not touched or change.action == "no-op":
        return None
    after: dict[str, Any] = jsonable(entry)  # type: ignore[assignment]
    before = None if change.action == "create" else _taken_back(after, touched)
    return Layouts(_picture(before) if before else None, _picture(after))


def figure(change: Change) -> Iterator[str]:
    """Yield a job's layout before and after as HTML, side by side where there is room; nothing where it stays."""
    found = layouts(change)
    pictures = (("before", found.before), ("after", found.after)) if found else ()
    drawn = [(name, picture) for name, picture in pictures if picture is not None and picture.width]
    if drawn:
        yield '<figure class="layout">'
        for name, picture in drawn:
            yield f"<div><p>{escape(f'{name}: {words.title(picture)}')}</p>{svg(picture, name, inline=True)}"
            yield from (f"<p>{escape(remark)}</p>" for remark in words.remarks(picture))
            yield "</div>"
        yield "</figure>"


def _picture(mix_param: Mapping[str, Any]) -> Picture:
    return arrange(mix_param, sample(mix_param))


def _base(member: MemberChange) -> str:
    """Return the member of mix_param that a path leads into."""
    return member.path[1].partition("[")[0] if len(member.path) > 1 else ""


def _taken_back(after: Mapping[str, Any], members: list[MemberChange]) -> Mapping[str, Any] | None:
    """Return mix_param as it was; None where a difference names an item that can't be found again."""
    before: dict[str, Any] = {**after}
    for name in _KEYS:
        if isinstance(before.get(name), list):
            before[name] = [dict(item) for item in before[name] if isinstance(item, Mapping)]
    for member in members:
        old = None if isinstance(member.old, Mark) else jsonable(member.old)
        found = _ITEM.fullmatch(member.path[1])
        if found is None:
            before[member.path[1]] = old
        elif not _item_back(before, found[1], found[2], member.path[2:], old):
            return None
    return before


def _item_back(before: dict[str, Any], name: str, key: str, below: tuple[str, ...], old: object) -> bool:
    """Take back a difference inside a list; tell whether its item was found."""
    found = before.get(name)
    items: list[dict[str, Any]] = found if isinstance(found, list) else []
    before[name] = items
    at = next((index for index, item in enumerate(items) if str(item.get(_KEYS[name])) == key), None)
    if below:
        if at is None:
            return False
        items[at][below[0]] = old
        return True
    if at is not None:
        del items[at]
    if isinstance(old, Mapping):
        items.append(dict(old))
    return at is not None or isinstance(old, Mapping)
