"""The times of one step of a plan: by the calendar, by the clocks of a zone, and by when the clinics are open."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator
from typing import Any

from engine.expressions import Env, to_python
from engine.expressions.calendar import Calendar
from engine.expressions.tree import Arith, Node
from engine.expressions.types import DAYS, DurationOf
from engine.expressions.values import Months, Workdays, add_months, bounded_days
from engine.model import Hours, PlanStep, Rule

__all__ = ["Moment", "Recurrence", "midnight"]

Moment = datetime.date | datetime.datetime
_DAY = datetime.timedelta(days=1)
_LOOK_AHEAD = 366
"""A clinic that does not open for a year is taken as always open."""
_FAR = 1 << 22


class Recurrence:
    """When a step comes for one person. `first` is None while it is unknown."""

    def __init__(self, step: PlanStep, env: Env, zone: datetime.tzinfo, calendar: Calendar, hours: Hours) -> None:
        self._step = step
        self._env = env
        self._zone = zone
        self._calendar = calendar
        self._hours = hours
        self._every = _span(step.every)
        self._window = _span(step.window)
        self._counting: _Counting | None = None
        self.first: Moment | None = to_python(step.at.tree)(env)

    def at(self, n: int) -> Moment | None:
        """The n-th time, from 1; None beyond the years 1 to 9999 and for a step that comes only once."""
        counted = self.counted(n)
        return self._opening(counted) if counted is not None and self._step.working else counted

    def counted(self, n: int) -> Moment | None:
        """The same before it is moved to when the clinic is open."""
        if n == 1 or self.first is None:
            return self.first
        if self._every is None:
            return None
        if isinstance(self._every, Months):
            return self._months_later((n - 1) * self._every.count)
        return self._later(self.first, self._every, n - 1, whole_days=self._whole_days(self._step.every))

    def come(self, now: datetime.datetime) -> int:
        """How many times of a step without an end have begun by an instant."""
        def begun(n: int) -> bool:
            at = self.at(n)
            return at is not None and self.starts(at) <= now

        if not begun(1):
            return 0
        high = 2
        while high < _FAR and begun(high):
            high *= 2
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if begun(middle) else (low, middle)
        return low

    def starts(self, at: Moment) -> datetime.datetime:
        """The instant at which it begins: for a date, when the day does in the zone."""
        return at.astimezone(datetime.UTC) if isinstance(at, datetime.datetime) else midnight(at, self._zone)

    def until(self, at: Moment) -> datetime.datetime | None:
        """The first instant at which it is too late; a date's window counts from the end of the day. None without a window."""
        if self._window is None:
            return None
        whole = self._whole_days(self._step.window)
        if isinstance(at, datetime.datetime):
            end = self._later(at, self._window, 1, whole_days=whole)
            return self.starts(end) if end is not None else None
        if whole or isinstance(self._window, Months | Workdays):
            last = self._later(at, self._window, 1, whole_days=whole)
            last = bounded_days(last, 1) if last is not None else None
            return midnight(last, self._zone) if last is not None else None
        last = bounded_days(at, 1)
        return midnight(last, self._zone) + self._window if last is not None else None

    @staticmethod
    def _whole_days(rule: Rule | None) -> bool:
        return rule is not None and rule.tree.type == DAYS

    def _later(self, at: Moment, span: Any, count: int, *, whole_days: bool) -> Moment | None:
        """`count` spans later. Days, months and working days go by the clocks of the zone, hours by time that has passed."""
        if isinstance(at, datetime.datetime):
            if isinstance(span, datetime.timedelta) and not whole_days:
                return _sum(at, count * span)
            return self._by_day(at, lambda day: self._day_later(day, span, count))
        return self._day_later(at, span, count)

    def _day_later(self, day: datetime.date, span: Any, count: int) -> datetime.date | None:
        if isinstance(span, Months):
            return add_months(day, count * span.count)
        if isinstance(span, Workdays):
            return self._calendar.shift(day, count * span.count)
        return bounded_days(day, count * span.days)

    def _by_day(self, at: datetime.datetime, move: Callable[[datetime.date], datetime.date | None]) -> datetime.datetime | None:
        """The instant of the same time of day on another day."""
        here = at.astimezone(self._zone)
        day = move(here.date())
        return _instant(day, here.timetz().replace(tzinfo=None), self._zone) if day is not None else None

    def _months_later(self, count: int) -> Moment | None:
        """The first time counted so many months later: of `anchor + months(1)` one month later is `anchor + months(2)`, so that the day
        of the month is the anchor's."""
        if self._counting is None:
            self._counting = _Counting.of(self._step.at.tree, self._env)
        at, first = self._counting.base, count
        if at is None:
            return None
        if not any(isinstance(span, Months) for span, _ in self._counting.spans):
            at, first = self._later(at, Months(count), 1, whole_days=True), 0
        for span, sign in self._counting.spans:
            if at is None:
                return None
            if isinstance(span, Months):
                at, first = self._later(at, Months(first + sign * span.count), 1, whole_days=True), 0
            else:
                at = self._as_written(at, span, sign)
        return at

    def _as_written(self, at: Moment, span: Any, sign: int) -> Moment | None:
        """What `at + span` gives in an expression."""
        if isinstance(at, datetime.datetime):
            return _sum(at, sign * span)
        return self._day_later(at, span, sign)

    # When the clinics are open

    def _opening(self, at: Moment) -> Moment:
        """The time itself when they are open then, else when they open next; a day on which they are closed moves to the next."""
        if not isinstance(at, datetime.datetime):
            return next((day for day in self._days(at) if self._hours.of(day, self._calendar)), at)
        here = at.astimezone(self._zone)
        time = here.time()
        for day in self._days(here.date()):
            for opens, closes in self._hours.of(day, self._calendar):
                if day != here.date() or time < opens:
                    # On an open day without hours of its own the time of day stays.
                    return _instant(day, time if closes == datetime.time.max else opens, self._zone)
                if time < closes or closes == datetime.time.max:
                    return at
        return at

    def _days(self, first: datetime.date) -> Iterator[datetime.date]:
        return (day for number in range(_LOOK_AHEAD) if (day := bounded_days(first, number)) is not None)


@dataclasses.dataclass(frozen=True, slots=True)
class _Counting:
    """How an expression counts a time: `base`, then each span added (1) or taken off (-1), in order. A null span leaves nothing."""

    base: Moment | None
    spans: tuple[tuple[Any, int], ...]

    @classmethod
    def of(cls, tree: Node, env: Env) -> _Counting:
        spans: list[tuple[Any, int]] = []
        while isinstance(tree, Arith) and tree.op in "+-":
            whole, span = tree.args if isinstance(tree.args[1].type, DurationOf) else tree.args[::-1]
            if not isinstance(span.type, DurationOf) or whole.type != tree.type:
                break
            spans.insert(0, (to_python(span)(env), 1 if tree.op == "+" else -1))
            tree = whole
        return cls(None if any(span is None for span, _ in spans) else to_python(tree)(env), tuple(spans))


def midnight(day: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    """When a day begins in a zone; where the clocks leap over midnight, when the day's first hour there is begins."""
    return _instant(day, datetime.time.min, zone)


def _instant(day: datetime.date, time: datetime.time, zone: datetime.tzinfo) -> datetime.datetime:
    """The instant of a time of day; of two that there are the first, for one that the clocks leap over that much later."""
    try:
        return datetime.datetime.combine(day, time, zone).astimezone(datetime.UTC)
    except OverflowError:
        return datetime.datetime.combine(day, time, datetime.UTC)


def _sum(at: datetime.datetime, span: datetime.timedelta) -> datetime.datetime | None:
    try:
        return at + span
    except OverflowError:
        return None


def _span(rule: Rule | None) -> Any:
    return to_python(rule.tree)(None) if rule is not None else None
