"""The days of a calendar and where its entries stand among each other: dates and quarters of an hour in, places out."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

__all__ = ["Day", "Entry", "Placed", "Scale", "Span", "day_of", "entry_of", "hours_of", "placed"]

QUARTERS = 4
DEFAULT_MINUTES = 30
MOST_PARTS = 6
"""So many entries stand side by side; further ones at the same time stand over the last."""
EARLIEST, LATEST = 8, 19
"""The hours that are shown even where nothing happens."""


class Scale(enum.Enum):
    """How much a calendar shows at once."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """The days that are shown: one, a week from Monday, or the whole weeks of a month."""

    scale: Scale
    day: date

    @property
    def first(self) -> date:
        if self.scale is Scale.DAY:
            return self.day
        return _monday(self.day if self.scale is Scale.WEEK else self.day.replace(day=1))

    @property
    def until(self) -> date:
        """The day after the last."""
        if self.scale is Scale.DAY:
            return self.day + timedelta(1)
        if self.scale is Scale.WEEK:
            return self.first + timedelta(7)
        return _monday(_next_month(self.day) - timedelta(1)) + timedelta(7)

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(n) for n in range((self.until - self.first).days))

    def moved(self, by: int) -> date:
        """A day in the span before (-1) or after (1) this one."""
        if self.scale is Scale.MONTH:
            return _next_month(self.day) if by > 0 else (self.day.replace(day=1) - timedelta(1)).replace(day=1)
        return self.day + timedelta(by * (1 if self.scale is Scale.DAY else 7))


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One record; `start` and `end` are wall clock times of the clinic, or dates where the whole day is meant."""

    id: str
    start: datetime | date
    end: datetime | date | None

    @property
    def whole_day(self) -> bool:
        return not isinstance(self.start, datetime)


@dataclasses.dataclass(frozen=True, slots=True)
class Placed:
    """An entry on a day: its first quarter of an hour, how many it takes, and its part of the width (`part` of `parts`, from 1)."""

    entry: Entry
    at: int
    quarters: int
    part: int
    parts: int


@dataclasses.dataclass(frozen=True, slots=True)
class Day:
    """What stands on a day; `placed` counts quarters from midnight."""

    day: date
    whole: Sequence[Entry]
    placed: Sequence[Placed]


def day_of(moment: datetime | date) -> date:
    """The day of a wall clock time."""
    return moment.date() if isinstance(moment, datetime) else moment


def entry_of(id: str, start: datetime | date, end: datetime | date | None, minutes: int | None, zone: tzinfo) -> Entry:
    """The entry of a record's values; what has no end takes half an hour."""
    if not isinstance(start, datetime):
        return Entry(id, start, end if end is not None and not isinstance(end, datetime) and end > start else None)
    local = _local(start, zone)
    until = _local(end, zone) if isinstance(end, datetime) else _later(local, minutes or DEFAULT_MINUTES)
    return Entry(id, local, max(until, local))


def _local(moment: datetime, zone: tzinfo) -> datetime:
    """On the clinic's clocks; as it is at the ends of the calendar, where these would show a year that there is not."""
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return moment.replace(tzinfo=None)


def _later(local: datetime, minutes: int) -> datetime:
    """The end of what lasts so long, whatever somebody has typed."""
    try:
        return local + timedelta(minutes=minutes)
    except OverflowError:
        return datetime.max if minutes > 0 else local


def placed(entries: Iterable[Entry], days: Sequence[date]) -> list[Day]:
    """The entries on each of these days; one that lasts over midnight stands on every day that it touches."""
    whole: Mapping[date, list[Entry]] = {day: [] for day in days}
    timed: Mapping[date, list[Entry]] = {day: [] for day in days}
    for entry in entries:
        first, last = day_of(entry.start), day_of(entry.end or entry.start)
        if isinstance(entry.end, datetime) and last > first and entry.end == datetime.combine(last, datetime.min.time()):
            last -= timedelta(1)
        for day in days:
            if first <= day <= last:
                (whole if entry.whole_day else timed)[day].append(entry)
    return [Day(day, whole[day], _side_by_side(day, timed[day])) for day in days]


def _side_by_side(day: date, entries: Sequence[Entry]) -> list[Placed]:
    """Entries that overlap share the width; those that do not, take all of it."""
    bounds = sorted(((*_quarters(day, entry), entry) for entry in entries), key=lambda one: (one[0], -one[1], one[2].id))
    found: list[Placed] = []
    group: list[tuple[int, int, int, Entry]] = []
    reach = -1
    for start, end, entry in bounds:
        if start >= reach:
            found += _shared(group)
            group = []
        taken = {part for part, _start, until, _entry in group if until > start}
        part = next(n for n in range(1, len(group) + 2) if n not in taken)
        group.append((min(part, MOST_PARTS), start, end, entry))
        reach = max(reach, end)
    return found + _shared(group)


def _shared(group: Sequence[tuple[int, int, int, Entry]]) -> list[Placed]:
    parts = max((part for part, *_rest in group), default=1)
    return [Placed(entry, start, end - start, part, parts) for part, start, end, entry in group]


def _quarters(day: date, entry: Entry) -> tuple[int, int]:
    midnight = datetime.combine(day, datetime.min.time())
    assert isinstance(entry.start, datetime)
    end = entry.end if isinstance(entry.end, datetime) else entry.start
    start = max(0, _since(midnight, entry.start) // 15)
    return start, min(24 * QUARTERS, max(start + 1, -(-_since(midnight, end) // 15)))


def _since(midnight: datetime, moment: datetime) -> int:
    return int((moment - midnight).total_seconds() // 60)


def hours_of(days: Sequence[Day]) -> tuple[int, int]:
    """The first hour that a grid shows and the hour it ends with: a working day, and more where something is earlier or later."""
    starts = [one.at // QUARTERS for day in days for one in day.placed]
    ends = [-(-(one.at + one.quarters) // QUARTERS) for day in days for one in day.placed]
    return min([EARLIEST, *starts]), max([LATEST, *ends])
