"""What `organisation.yaml` says beyond its shape: the time zone, the country and the days of its calendar exist."""

from __future__ import annotations

import datetime
import zoneinfo

from engine.expressions import values
from engine.model.hours import Hours, Span
from engine.problems import Code, Problems, suggest
from engine.text.nodes import MapNode, ScalarNode

__all__ = ["check_organisation", "day", "opening_hours", "span"]


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
    hours = node.map("hours")
    for name, entry in hours.entries.items() if hours is not None else ():
        text = entry.node.value if isinstance(entry.node, ScalarNode) else ""
        why = _no_hours(name, text) if isinstance(text, str) else ""
        if why:
            problems.add(Code.PACK_014.at(entry.node.place, text=text, why=why))
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


def opening_hours(node: MapNode | None) -> Hours:
    """The hours by day of the week; a later line says more of a day than one that has it among others."""
    found: dict[int, tuple[Span, ...]] = {}
    for name in sorted(node.entries, key=lambda name: "-" not in name) if node is not None else ():
        spans = _spans(node.text(name)) if node is not None else None
        found.update(dict.fromkeys(_week_days(name), spans or ()))
    return Hours(found)


def _week_days(text: str) -> tuple[int, ...]:
    """The ISO days of the week of `monday`, `mon` or `mon-fri`; none for another text."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    first, _, last = text.partition("-")
    if first[:3] not in names or (last or first)[:3] not in names:
        return ()
    begin, end = names.index(first[:3]), names.index((last or first)[:3])
    return tuple(day + 1 for day in range(begin, end + 1))


def _spans(text: str) -> tuple[Span, ...] | None:
    """The spans of `08:30-12:00, 13:30-17:30` in their order; None when some part is no span of one day."""
    found = [span(part.strip()) for part in text.split(",")]
    whole = tuple(each for each in found if each is not None and each[0] < each[1])
    in_order = all(one[1] <= two[0] for one, two in zip(whole, whole[1:], strict=False))
    return whole if len(whole) == len(found) and in_order else None


def _no_hours(name: str, text: str) -> str:
    if not _week_days(name):
        return f"'{name}' is no day and no span of days of the week"
    return "" if _spans(text) is not None else "a time is wrong, or they are not in order"


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
