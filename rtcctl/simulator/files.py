"""Files of recordings: their names, how long and how large they are, and the objects that a bucket shows for them.

A file is `{format, name, started_at, recorded, resumed_at, interrupted_at, ended, kbps, config, ...}`: `recorded` are
the seconds before `resumed_at`, which is None while it is interrupted. Times are epoch seconds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import quote

from rtcctl.simulator import times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rtcctl.simulator.store import Collection, Document, Store

KIND = "file"
EXTENSIONS = {"MP4": ".mp4", "HLS": ".m3u8"}
MAX_SLICES = 1_000  # shown per file
MAX_KILOBYTES = 15 * 1024 * 1024  # the API's own bound


def new(recording: Document, record_format: str, at: float) -> Document:
    """A file that begins now, under the name that the rule's prefix gives it."""
    rule = recording["rule"]
    config = rule["mp4_config" if record_format == "MP4" else "hls_config"]
    values = {
        "{app_id}": rule["app_id"],
        "{publish_domain}": recording["domain"],
        "{app}": "live",
        "{record_type}": "continuous_record",
        "{record_format}": record_format.lower(),
        "{stream}": recording["stream_name"],
        "{file_start_time}": times.in_file_names(times.from_epoch(at)),
    }
    prefix = config["record_prefix"]
    for variable, value in values.items():
        prefix = prefix.replace(variable, value)
    return {
        "format": record_format,
        "app_id": rule["app_id"],
        "room_id": recording["room_id"],
        "job_id": recording["id"],
        "bucket": rule["obs_addr"]["bucket"],
        "location": rule["obs_addr"]["location"],
        "base": _folder(rule["obs_addr"].get("object", "")) + prefix,
        "started_at": at,
        "recorded": 0.0,
        "resumed_at": at,
        "interrupted_at": None,
        "ended": False,
        "kbps": recording["picture"]["kbps"],
        "config": config,
    }


def resume(file: Document, at: float) -> None:
    """Go on after an interruption."""
    if file["resumed_at"] is None:
        file |= {"resumed_at": at, "interrupted_at": None}


def interrupt(file: Document, at: float) -> None:
    """Pause; a file that pauses already is left as it is."""
    if file["resumed_at"] is not None:
        file |= {"recorded": duration(file, at), "resumed_at": None, "interrupted_at": at}


def duration(file: Document, at: float) -> float:
    """Seconds recorded so far."""
    under_way = 0.0 if file["resumed_at"] is None else max(at - file["resumed_at"], 0.0)
    return float(file["recorded"] + under_way)


def put(store: Store, account: str, bucket: str, location: str, file: Document) -> None:
    """Write a file to its bucket; as everywhere in OBS, one of the same name is overwritten."""
    _files(store, account, bucket, location).put(file["base"] + EXTENSIONS[file["format"]], file)


def objects(store: Store, account: str, bucket: str, location: str, at: float) -> Iterator[Document]:
    """What a bucket holds, as ListObsBucketObjects shows it."""
    for file in _files(store, account, bucket, location).list():
        yield from _objects(file, at)


def count(store: Store, account: str, bucket: str, location: str) -> int:
    """How many files, not counting slices, were written to a bucket."""
    return _files(store, account, bucket, location).count()


def notification(file: Document, picture: Document) -> Document:
    """The members that come only with RECORD_FILE_COMPLETE."""
    host = f"obs.{file['location']}.myhuaweicloud.com"
    name = file["base"] + EXTENSIONS[file["format"]]
    sizes = {key: picture[key] for key in ("width", "height") if picture[key]}
    return {
        "record_format": file["format"],
        "download_url": f"https://{file['bucket']}.{host}:443/{quote(name)}",
        "file_size": _kilobytes(file, file["recorded"]) * 1024,
        "record_duration": round(file["recorded"]),
        "start_time": times.seconds(times.from_epoch(file["started_at"])),
        "end_time": times.seconds(times.from_epoch(file["interrupted_at"])),
        **sizes,
        "obs_location": host,  # unconfirmed: a region by its description, an endpoint in the sample
        "obs_bucket": file["bucket"],
        "obs_object": name,
    }


def _objects(file: Document, at: float) -> Iterator[Document]:
    seconds = duration(file, at)
    changed = at if file["resumed_at"] is not None else file["interrupted_at"]
    if file["format"] == "MP4":
        yield _object(file["base"] + ".mp4", _kilobytes(file, seconds), changed)
        return
    slice_seconds = file["config"]["record_slice_duration"]
    whole, rest = divmod(seconds, slice_seconds)
    lengths = [slice_seconds] * min(int(whole), MAX_SLICES)
    if file["ended"] and rest and whole < MAX_SLICES:
        lengths.append(rest)
    yield _object(file["base"] + ".m3u8", 1 + len(lengths) // 20, changed)
    passed = 0.0
    for number, length in enumerate(lengths):
        passed += length
        # unconfirmed: the names of slices
        name = f"{file['base']}_{number:05}.ts"
        yield _object(name, _kilobytes(file, length), min(file["started_at"] + passed, changed))


def _object(name: str, kilobytes: int, changed: float) -> Document:
    return {"file_name": name, "size": kilobytes, "last_modified": times.obs_date(times.from_epoch(changed))}


def _kilobytes(file: Document, seconds: float) -> int:
    return min(math.ceil(int(file["kbps"]) * seconds / 8), MAX_KILOBYTES)


def _folder(path: str) -> str:
    # unconfirmed: a path without a slash at its end is a folder too
    return path if not path or path.endswith("/") else path + "/"


def _files(store: Store, account: str, bucket: str, location: str) -> Collection:
    return store.collection(KIND, account, f"{location}/{bucket}")
