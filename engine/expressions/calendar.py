"""The working days of an organisation: the weekend, holidays, and days of the weekend that are worked to make up for them."""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

__all__ = ["WEEKEND", "Calendar"]

WEEKEND = frozenset({6, 7})
LAST = datetime.date.max.toordinal()


@dataclass(frozen=True, slots=True, repr=False)
class Calendar:
    """`weekend` holds ISO days of the week (Monday 1 to Sunday 7); `holidays` and `make_up_days` are dates in any order.

    A make-up day is a working day whatever else it is; a holiday is none. Days are counted with a closed form, so that a
    shift by a million working days takes no longer than one by a day.
    """

    weekend: frozenset[int] = WEEKEND
    holidays: frozenset[datetime.date] = frozenset()
    make_up_days: frozenset[datetime.date] = frozenset()
    _off: tuple[int, ...] = field(init=False, compare=False)
    _on: tuple[int, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        off = {day for day in self.holidays - self.make_up_days if day.isoweekday() not in self.weekend}
        on = {day for day in self.make_up_days if day.isoweekday() in self.weekend}
        object.__setattr__(self, "_off", tuple(sorted(day.toordinal() for day in off)))
        object.__setattr__(self, "_on", tuple(sorted(day.toordinal() for day in on)))

    @property
    def holidays_worked_else(self) -> tuple[int, ...]:
        """Numbers of the days that only a holiday keeps from being worked, 1 for 1 January of the year 1, in order."""
        return self._off

    @property
    def weekend_worked(self) -> tuple[int, ...]:
        """Numbers of the days of weekends that are worked, in order."""
        return self._on

    @property
    def total(self) -> int:
        """Working days of all years from 1 to 9999."""
        return self._count(LAST)

    def __repr__(self) -> str:
        """In a fixed order, so that equal calendars read alike in every process."""
        days = (", ".join(day.isoformat() for day in sorted(given)) for given in (self.holidays, self.make_up_days))
        return f"Calendar({sorted(self.weekend)}, {', '.join(f'[{each}]' for each in days)})"

    def works(self, day: datetime.date) -> bool:
        """Whether it is a working day."""
        return self._count(day.toordinal()) > self._count(day.toordinal() - 1)

    def between(self, start: datetime.date, end: datetime.date) -> int:
        """Working days after `start` up to `end`, that one included; negative when `end` lies before."""
        return self._count(end.toordinal()) - self._count(start.toordinal())

    def shift(self, day: datetime.date, count: int) -> datetime.date | None:
        """The `count`-th working day after `day`, or before it for a negative count; the day itself for 0. None outside
        the years 1 to 9999, or when no day is worked."""
        if count == 0:
            return day
        start = day.toordinal()
        wanted = self._count(start) + count if count > 0 else self._count(start - 1) + count + 1
        if wanted < 1 or wanted > self._count(LAST):
            return None
        return datetime.date.fromordinal(bisect_left(range(LAST + 1), wanted, key=self._count))

    def _count(self, ordinal: int) -> int:
        """Working days from 1 January of the year 1, a Monday, to the day, both included."""
        weeks, rest = divmod(ordinal, 7)
        regular = weeks * (7 - len(self.weekend)) + sum(day not in self.weekend for day in range(1, rest + 1))
        return regular - bisect_right(self._off, ordinal) + bisect_right(self._on, ordinal)
