"""Time zones: by IANA name, or as an offset from UTC such as +08:00; and the parts of an instant there."""

from __future__ import annotations

import datetime
import functools
import re
import zoneinfo

__all__ = ["local", "zone"]

OFFSET = re.compile(r"([+-]?)([0-9]{2}):([0-9]{2})")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


@functools.lru_cache(maxsize=256)
def zone(name: str) -> datetime.tzinfo | None:
    """The zone of the name or offset; None for any other text. CEL's offsets may lack the sign."""
    offset = OFFSET.fullmatch(name)
    if offset:
        hours, minutes = int(offset[2]), int(offset[3])
        if hours > 23 or minutes > 59:
            return None
        span = datetime.timedelta(hours=hours, minutes=minutes)
        return datetime.timezone(-span if offset[1] == "-" else span)
    if not NAME.fullmatch(name):
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local(at: datetime.datetime, there: datetime.tzinfo) -> datetime.datetime | None:
    """The instant on the clocks of the zone; None where they would show a year before 1 or after 9999."""
    try:
        return at.astimezone(there)
    except OverflowError:
        return None
