"""Functions of SQLite about calendars and clocks, by the same Python as everywhere. Dates, instants and times are texts."""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Callable
from typing import Any

from engine.expressions import moments, zones
from engine.expressions.calendar import Calendar

__all__ = ["FUNCTIONS", "calendar_text"]

PARTS: dict[str, Callable[[Any], int]] = {
    "getFullYear": lambda x: x.year, "getMonth": lambda x: x.month - 1, "getDate": lambda x: x.day, "getDayOfMonth": lambda x: x.day - 1,
    "getDayOfWeek": lambda x: x.isoweekday() % 7, "getDayOfYear": lambda x: x.timetuple().tm_yday - 1, "getHours": lambda x: x.hour,
    "getMinutes": lambda x: x.minute, "getSeconds": lambda x: x.second, "getMilliseconds": lambda x: x.microsecond // 1000,
}
formatter = functools.lru_cache(maxsize=256)(moments.formatter)


def _local(at: str, zone: str) -> datetime.datetime | None:
    return zones.local(datetime.datetime.fromisoformat(at), zones.zone(zone) or datetime.UTC)


def part(at: str, name: str, zone: str) -> int | None:
    found = _local(at, zone)
    return None if found is None else PARTS[name](found)


def date_part(day: str, name: str) -> int:
    return PARTS[name](datetime.date.fromisoformat(day))


def local_date(at: str, zone: str) -> str | None:
    found = _local(at, zone)
    return None if found is None else found.date().isoformat()


def format_instant(at: str, form: str, zone: str) -> str | None:
    found = _local(at, zone)
    return None if found is None else formatter(form)(found)


def format_date(day: str, form: str) -> str:
    return formatter(form)(datetime.date.fromisoformat(day))


def format_time(at: str, form: str) -> str:
    return formatter(form)(datetime.time.fromisoformat(at))


def calendar_text(calendar: Calendar) -> str:
    """The calendar as an argument of SQLite's functions."""
    days = [sorted(day.isoformat() for day in each) for each in (calendar.holidays, calendar.make_up_days)]
    return json.dumps([sorted(calendar.weekend), *days])


@functools.lru_cache(maxsize=16)
def _calendar(text: str) -> Calendar:
    weekend, holidays, made_up = json.loads(text)
    day = datetime.date.fromisoformat
    return Calendar(frozenset(weekend), frozenset(map(day, holidays)), frozenset(map(day, made_up)))


def add_workdays(day: str, count: int, calendar: str) -> str | None:
    found = _calendar(calendar).shift(datetime.date.fromisoformat(day), count)
    return None if found is None else found.isoformat()


def workdays_between(start: str, end: str, calendar: str) -> int:
    return _calendar(calendar).between(datetime.date.fromisoformat(start), datetime.date.fromisoformat(end))


# Name -> (function of values that are not null, number of arguments).
FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "cw_part": (part, 3),
    "cw_date_part": (date_part, 2),
    "cw_local_date": (local_date, 2),
    "cw_format_instant": (format_instant, 3),
    "cw_format_date": (format_date, 2),
    "cw_format_time": (format_time, 2),
    "cw_add_workdays": (add_workdays, 3),
    "cw_workdays_between": (workdays_between, 3),
}
