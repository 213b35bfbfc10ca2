"""Moments as HTTP headers tell them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> datetime | None:
    """Read a date of HTTP (RFC 9110, section 5.6.7), in UTC; None where it is none, or no year of ours."""
    from email.utils import parsedate_to_datetime  # which loads more than all of a call needs

    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
