"""Quiet hours: when a message that is not urgent waits until people are up."""

from __future__ import annotations

import datetime
import zoneinfo

from engine.model import Organisation

__all__ = ["quiet_until"]


def quiet_until(organisation: Organisation, now: datetime.datetime) -> datetime.datetime | None:
    """When the quiet hours end that `now` lies in, by the clinics' clock; None outside of them.

    Where the clocks go forward over the end, they end when that hour would have been (the offset before the change holds).
    """
    if organisation.quiet_hours is None:
        return None
    begin, end = organisation.quiet_hours
    here = now.astimezone(zoneinfo.ZoneInfo(organisation.timezone))
    time, day = here.time(), here.date()
    if begin < end:
        inside = begin <= time < end
    else:
        inside = time >= begin or time < end
        day = day + datetime.timedelta(days=1) if time >= begin else day
    if not inside:
        return None
    over = datetime.datetime.combine(day, end, here.tzinfo).astimezone(datetime.UTC)
    return max(over, now + datetime.timedelta(seconds=1))
