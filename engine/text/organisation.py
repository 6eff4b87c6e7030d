"""What `organisation.yaml` says beyond its shape: the time zone, the country and the days of its calendar exist."""

from __future__ import annotations

import datetime
import zoneinfo

from engine.expressions import values
from engine.problems import Code, Problems, suggest
from engine.text.nodes import MapNode

__all__ = ["check_organisation", "day", "span"]


def check_organisation(node: MapNode | None, problems: Problems) -> None:
    if node is None:
        return
    zone = node.text("timezone")
    if zone and not _is_zone(zone):
        problems.add(Code.PACK_011.at(node.place_of("timezone"), zone=zone, suggestion=suggest(zone, zoneinfo.available_timezones())))
    country = node.text("country")
    if len(country) == 2 and not _is_country(country):
        problems.add(Code.PACK_012.at(node.place_of("country"), country=country))
    for given in (*node.scalars("holidays"), *node.scalars("make_up_days")):
        if isinstance(given.value, str) and day(given.value) is None:
            problems.add(Code.PACK_013.at(given.place, day=given.value))
    quiet = node.text("quiet_hours")
    if quiet and span(quiet) is None:
        problems.add(Code.MESSAGE_009.at(node.place_of("quiet_hours"), text=quiet))


def day(text: str) -> datetime.date | None:
    """The day that a text such as 2026-10-01 spells, None when it spells none."""
    return values.parse_date(text)


def span(text: str) -> tuple[datetime.time, datetime.time] | None:
    """The two times that a text such as 21:00-08:00 spells, None when it spells no span."""
    begin, _, end = text.partition("-")
    times = values.parse_time(begin.strip()), values.parse_time(end.strip())
    return (times[0], times[1]) if times[0] is not None and times[1] is not None and times[0] != times[1] else None


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_country(code: str) -> bool:
    """Whether phone numbers can be read for it, which is what the country is for."""
    import phonenumbers

    return code in phonenumbers.SUPPORTED_REGIONS
