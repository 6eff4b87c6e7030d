"""Working days of the organisation's calendar, which the scope gives as a constant."""

from __future__ import annotations

import datetime

from engine.expressions.calendar import Calendar
from engine.expressions.functions import sql_clock as sql
from engine.expressions.functions.function import A_DATE, AN_INT, Function, always, exactly, plain, takes
from engine.expressions.limits import MAX_DAYS
from engine.expressions.types import CALENDAR, DATE, INT, WORKDAYS
from engine.expressions.values import Workdays

__all__ = ["FUNCTIONS"]

A_COUNT = exactly(WORKDAYS)
SETTINGS = (("calendar", CALENDAR),)


def _workdays(count: int) -> Workdays | None:
    return Workdays(count) if -MAX_DAYS <= count <= MAX_DAYS else None


def _plus(day: datetime.date, span: Workdays, calendar: Calendar) -> datetime.date | None:
    return calendar.shift(day, span.count)


def _turned(span: Workdays, day: datetime.date, calendar: Calendar) -> datetime.date | None:
    return calendar.shift(day, span.count)


def _minus(day: datetime.date, span: Workdays, calendar: Calendar) -> datetime.date | None:
    return calendar.shift(day, -span.count)


def _between(start: datetime.date, end: datetime.date, calendar: Calendar) -> int:
    return calendar.between(start, end)


FUNCTIONS: list[Function] = [
    Function("+", (A_DATE, A_COUNT), always(DATE), plain(_plus), sql.sqlite_add, sql.postgresql_shift(1), settings=SETTINGS, works=takes(60)),
    Function("+", (A_COUNT, A_DATE), always(DATE), plain(_turned), sql.sqlite_add, sql.postgresql_shift(1), settings=SETTINGS, works=takes(60)),
    Function("-", (A_DATE, A_COUNT), always(DATE), plain(_minus), sql.sqlite_subtract, sql.postgresql_shift(-1), settings=SETTINGS, works=takes(60)),
    Function("workdays", (AN_INT,), always(WORKDAYS), plain(_workdays), *sql.workdays(), "a duration; fits dates, and skips weekends and holidays",
             ('date("2026-11-20") + workdays(1)', 'date("2026-11-23")')),
    Function("workdays_between", (A_DATE, A_DATE), always(INT), plain(_between), sql.sqlite_between, sql.postgresql_between,
             "working days after the first date up to the second", ('workdays_between(date("2026-11-20"), date("2026-11-24"))', "2"),
             settings=SETTINGS, works=takes(60)),
]
