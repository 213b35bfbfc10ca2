"""The clock and the time formats of the API; every object has its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

UNSET = "0001-01-01T00:00:00Z"
_CHINA = timezone(timedelta(hours=8))


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def from_epoch(seconds: float) -> datetime:
    """The time so many seconds after the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds(moment: datetime) -> str:
    """`2024-01-15T08:30:00Z`: recording rules and jobs."""
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%S}Z"


def milliseconds(moment: datetime) -> str:
    """`2024-01-15T08:30:00.075Z`: apps, their state and automatic recording."""
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1_000:03}Z"


def four_digits(moment: datetime) -> str:
    """`2024-01-15T08:30:00.0718Z`: the recording callback."""
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 100:04}Z"


def microseconds(moment: datetime) -> str:
    """`2024-01-15T08:30:00.075000Z`: IAM tokens and the request log."""
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%S.%f}Z"


def obs_date(moment: datetime) -> str:
    """`2024/01/15 16:30:00 GMT+08:00`: OBS buckets and objects."""
    return f"{moment.astimezone(_CHINA):%Y/%m/%d %H:%M:%S} GMT+08:00"


def in_file_names(moment: datetime) -> str:
    """`2024-01-15-08-30-00`: the variable {file_start_time}; unconfirmed: in UTC."""
    return f"{_utc(moment):%Y-%m-%d-%H-%M-%S}"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
