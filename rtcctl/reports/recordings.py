"""Recorded files as a table, and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rtcctl.model.cells import columns
from rtcctl.model.recording import Place, Recording, Recordings
from rtcctl.reports.as_json import FORMAT_VERSION
from rtcctl.reports.style import Paint, uncoloured
from rtcctl.reports.wording import plain

_NOT_AUTHORIZED = "not authorized: SparkRTC can't write there; declare a BucketAuthorization"
_NO_BUCKET = "the account lists no such bucket"


def text(found: Recordings, *, paint: Paint = uncoloured, width: int | None = None) -> str:
    """Write each place with the files in it; with a width a name that does not fit has a line of its own."""
    lines = [line for place in found.places for line in (*_place(place, found, paint, width), "")]
    lines += [f"App {plain(app)} is not in the account yet." for app in found.missing_apps]
    count, size = len(found.files), _size(sum(file.size_kb for file in found.files))
    lines.append(paint("strong", f"{count} file{'' if count == 1 else 's'}, {size}." if count else "No recordings."))
    return "\n".join(lines)


def document(found: Recordings) -> dict[str, Any]:
    """Return what was found as a document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "recordings",
        "places": [
            {**_where(place), "apps": list(place.apps), "authorized": place.authorized} for place in found.places
        ],
        "files": [
            {
                **_where(file.place),
                "app": file.app or None,
                "app_id": file.app_id or None,
                "file_name": file.file_name,
                "size_kb": file.size_kb,
                "last_modified": file.last_modified,
            }
            for file in found.files
        ],
        "missing_apps": list(found.missing_apps),
    }


def _place(place: Place, found: Recordings, paint: Paint, width: int | None) -> Iterator[str]:
    yield paint("strong", f"{plain(place.bucket)}/{plain(place.prefix)} ({plain(place.location)})")
    if place.authorized is not True:
        yield paint("bad", f"  {_NO_BUCKET if place.authorized is None else _NOT_AUTHORIZED}")
    files = [file for file in found.files if file.place == place]
    widest = max((len(plain(file.app)) for file in files), default=0)
    for file in files:
        yield _file(file, widest, width)


def _file(file: Recording, widest: int, width: int | None) -> str:
    app = f"{plain(file.app or '-'):<{max(widest, 1)}}"
    head, name = f"  {app}  {_size(file.size_kb):>9}  {plain(file.last_modified)}", plain(file.file_name)
    fits = width is None or columns(f"{head}  {name}") <= width
    return f"{head}  {name}" if fits else f"{head}\n    {name}"


def _where(place: Place) -> dict[str, str]:
    return {"bucket": place.bucket, "location": place.location, "prefix": place.prefix}


def _size(kilobytes: int) -> str:
    return f"{kilobytes / 1024:.1f} MB" if kilobytes >= 1024 else f"{kilobytes} KB"
