"""Dates, instants and durations: days, hours, months, years, age, and what + and - do with them."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable
from typing import Any

from engine.expressions import values
from engine.expressions.functions import postgresql, sqlite
from engine.expressions.functions import sql_dates as sql
from engine.expressions.functions.function import (
    A_DATE,
    A_DURATION,
    A_TEXT,
    AN_INSTANT,
    AN_INT,
    Evaluate,
    Function,
    Param,
    Sql,
    always,
    exactly,
    plain,
)
from engine.expressions.functions.literals import spelled
from engine.expressions.limits import MAX_DAYS, MAX_HOURS, MAX_MICROSECONDS, MAX_MONTHS, MAX_YEARS
from engine.expressions.tree import Node
from engine.expressions.types import DATE, DAYS, HOURS, INSTANT, INT, MONTHS, DurationOf, Type
from engine.expressions.values import Months, Workdays

__all__ = ["FUNCTIONS"]

IN_DAYS, IN_HOURS, IN_MONTHS = exactly(DAYS), exactly(HOURS), exactly(MONTHS)
EXACT_SPAN = Param("duration in hours or days", lambda kind: kind in (HOURS, DAYS))
MOST: dict[Type, int] = {HOURS: MAX_MICROSECONDS, DAYS: MAX_DAYS, MONTHS: MAX_MONTHS}


# Python

def _hours(count: int) -> datetime.timedelta | None:
    return datetime.timedelta(hours=count) if -MAX_HOURS <= count <= MAX_HOURS else None


def _days(count: int) -> datetime.timedelta | None:
    return datetime.timedelta(days=count) if -MAX_DAYS <= count <= MAX_DAYS else None


def _months(count: int) -> Months | None:
    return Months(count) if -MAX_MONTHS <= count <= MAX_MONTHS else None


def _years(count: int) -> Months | None:
    return Months(12 * count) if -MAX_YEARS <= count <= MAX_YEARS else None


def _date_months(day: datetime.date, span: Months) -> datetime.date | None:
    return values.add_months(day, span.count)


def _date_less_months(day: datetime.date, span: Months) -> datetime.date | None:
    return values.add_months(day, -span.count)


def _date_days(day: datetime.date, span: datetime.timedelta) -> datetime.date | None:
    return values.bounded_days(day, span.days)


def _date_less_days(day: datetime.date, span: datetime.timedelta) -> datetime.date | None:
    return values.bounded_days(day, -span.days)


def _instant_sum(at: datetime.datetime, span: datetime.timedelta) -> datetime.datetime | None:
    try:
        return at + span
    except OverflowError:
        return None


def _instant_less(at: datetime.datetime, span: datetime.timedelta) -> datetime.datetime | None:
    return _instant_sum(at, -span)


SPAN = datetime.timedelta(microseconds=MAX_MICROSECONDS)
DAY_SPAN = datetime.timedelta(days=MAX_DAYS)


def _within(found: Any, kind: Type) -> object:
    most: Any = {HOURS: SPAN, DAYS: DAY_SPAN, MONTHS: Months(MAX_MONTHS)}[kind]  # type: ignore[index]
    least: Any = Months(-MAX_MONTHS) if kind == MONTHS else -most
    return found if least <= found <= most else None


def _spans(step: Callable[[Any, Any], Any]) -> Callable[[tuple[Node, ...], Type], Evaluate]:
    def make(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
        if kind == MONTHS:
            return lambda x, y: _within(Months(step(x.count, y.count)), kind)
        return lambda x, y: _within(step(x, y), kind)

    return make


def _between(later: Any, earlier: Any, kind: Type) -> object:
    return _within(later - earlier, kind)


def _negative(span: Any) -> object:
    return type(span)(-span.count) if isinstance(span, Months | Workdays) else -span


def _unit(name: str, kind: DurationOf, evaluate: Evaluate, most: int, factor: int, words: str, example: tuple[str, str]) -> Function:
    return Function(name, (AN_INT,), always(kind), plain(evaluate), *sql.span(most, factor), words, example)


def _both(plus: Function) -> list[Function]:
    """date + duration, and the same with the duration first."""

    def turned(build: Sql | None) -> Sql | None:
        return None if build is None else lambda c: build(sql.turned(c))

    def python(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
        evaluate = plus.python(nodes[::-1], kind)
        return lambda x, y: evaluate(y, x)

    return [plus, Function("+", plus.takes[::-1], plus.gives, python, turned(plus.sqlite), turned(plus.postgresql))]


def _span_sums(sign: str, step: Callable[[Any, Any], Any]) -> list[Function]:
    both = sql.sqlite_spans(sign, MOST), sql.postgresql_spans(sign, MOST)
    return [
        Function(sign, (IN_DAYS, IN_DAYS), always(DAYS), _spans(step), *both),
        Function(sign, (IN_MONTHS, IN_MONTHS), always(MONTHS), _spans(step), *both),
        Function(sign, (EXACT_SPAN, EXACT_SPAN), always(HOURS), _spans(step), *both, promote=True),
    ]


FUNCTIONS: list[Function] = [
    *_both(Function("+", (A_DATE, IN_DAYS), always(DATE), plain(_date_days), sql.sqlite_date("cw_add_days", 1), sql.postgresql_shift(1))),
    *_both(Function("+", (A_DATE, IN_MONTHS), always(DATE), plain(_date_months), sql.sqlite_date("cw_add_months", 1), sql.postgresql_months(1))),
    *_both(Function("+", (AN_INSTANT, EXACT_SPAN), always(INSTANT), plain(_instant_sum), sql.sqlite_instant(1), sql.postgresql_instant(1))),
    Function("-", (A_DATE, IN_DAYS), always(DATE), plain(_date_less_days), sql.sqlite_date("cw_add_days", -1), sql.postgresql_shift(-1)),
    Function("-", (A_DATE, IN_MONTHS), always(DATE), plain(_date_less_months), sql.sqlite_date("cw_add_months", -1), sql.postgresql_months(-1)),
    Function("-", (AN_INSTANT, EXACT_SPAN), always(INSTANT), plain(_instant_less), sql.sqlite_instant(-1), sql.postgresql_instant(-1)),
    Function("-", (A_DATE, A_DATE), always(DAYS), plain(lambda x, y: _between(x, y, DAYS)),
             lambda c: sqlite.limited(sql.sqlite_days(*c.args), MAX_DAYS), lambda c: postgresql.limited(sql.postgresql_days(*c.args), MAX_DAYS)),
    Function("-", (AN_INSTANT, AN_INSTANT), always(HOURS), plain(lambda x, y: _between(x, y, HOURS)),
             sql.sqlite_span_between, sql.postgresql_span_between),
    *_span_sums("+", operator.add),
    *_span_sums("-", operator.sub),
    Function("-x", (A_DURATION,), lambda kinds: kinds[0], plain(_negative), sql.negated, sql.negated),
    _unit("hours", HOURS, _hours, MAX_HOURS, 3_600_000_000, "a duration; fits instants", ("hours(24) == days(1)", "true")),
    _unit("days", DAYS, _days, MAX_DAYS, 1, "a duration; fits dates and instants", ('date("2026-02-27") + days(2)', 'date("2026-03-01")')),
    _unit("months", MONTHS, _months, MAX_MONTHS, 1, "a duration; fits dates, and ends on the last day of a shorter month",
          ('date("2026-01-31") + months(1)', 'date("2026-02-28")')),
    _unit("years", MONTHS, _years, MAX_YEARS, 12, "twelve months each", ('date("2024-02-29") + years(1)', 'date("2025-02-28")')),
    Function("days_between", (A_DATE, A_DATE), always(INT), plain(lambda x, y: (y - x).days),
             lambda c: sql.sqlite_days(*c.args[::-1]), lambda c: sql.postgresql_days(*c.args[::-1]),
             "whole days from the first date to the second", ('days_between(date("2026-11-20"), date("2026-11-22"))', "2")),
    Function("age", (A_DATE,), always(INT), plain(values.age), sql.sqlite_age, sql.postgresql_age,
             "full years from the date to today; null for a date to come",
             ('age(date("2000-11-23"))', "25"), reads=((("today",), DATE),), levels=6),
    Function("date", (A_TEXT,), always(DATE), plain(values.parse_date),
             sql.sqlite_parse, sql.postgresql_date,
             "the date that a text spells; null when it spells none",
             ('date("2026-11-22") < today + days(1)', "true"), prepare=spelled(values.parse_date, DATE, '"2026-11-22"')),
]
