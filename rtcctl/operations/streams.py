"""What the documented names of streams tell about a recorded file.

Streams are called m_{job_id}_{room_id} (mixed), s_{job_id}_{room_id}_{user_id} (single) and, recorded automatically,
{app_id}_{room_id}_{user_id}_{v|av}_{m|a}; by default a file's name is that of its stream and the time of its start.
"""

from __future__ import annotations

import re

_HASH = r"[0-9A-Za-z]+"


def is_of_job(file_name: str, job_id: str) -> bool:
    """Tell whether a job made the file."""
    return re.search(rf"(?:^|/)[ms]_{re.escape(job_id)}_", file_name) is not None


def is_of_room(file_name: str, room: str) -> bool:
    """Tell whether a file is of a room.

    Rooms and users may hold underscores, so that in single streams the user `c` of room `a_b` is also found as the user
    `b_c` of room `a`; mixed streams are told apart by the time that follows.
    """
    name = re.escape(room)
    mixed = rf"m_{_HASH}_{name}(?:_\d{{4}}-\d\d-|[./]|$)"
    single = rf"(?:s_)?{_HASH}_{name}_(?!\d{{4}}-\d\d-)[^/]+"
    return re.search(rf"(?:^|/)(?:{mixed}|(?!m_){single})", file_name) is not None
