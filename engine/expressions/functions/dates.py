"""Dates, instants and durations: days, hours, months, years, age, and what + and - do with them."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from engine.expressions import values
from engine.expressions.errors import ExpressionError
from engine.expressions.functions import postgresql, sqlite
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
    SqlCall,
    always,
    exactly,
    plain,
)
from engine.expressions.limits import MAX_DAYS, MAX_HOURS, MAX_MICROSECONDS, MAX_MONTHS, MAX_YEARS
from engine.expressions.sql_terms import BIGINT, TEXT, apply, bounded, call, compare, let, number
from engine.expressions.tree import Literal, Node
from engine.expressions.types import DATE, DAYS, HOURS, INSTANT, INT, MONTHS, TIME, DurationOf, Type
from engine.expressions.values import Months
from engine.problems import Code

__all__ = ["FUNCTIONS"]

Term = ColumnElement[Any]
SQL_DATE = sa.Date()
SQL_INSTANT = sa.DateTime(timezone=True)

IN_DAYS, IN_HOURS, IN_MONTHS = exactly(DAYS), exactly(HOURS), exactly(MONTHS)
EXACT_SPAN = Param("duration in hours or days", lambda kind: kind in (HOURS, DAYS))
MOST = {HOURS: MAX_MICROSECONDS, DAYS: MAX_DAYS, MONTHS: MAX_MONTHS}


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
    return Months(-span.count) if isinstance(span, Months) else -span


# SQL

def _span(most: int, factor: int) -> tuple[Sql, Sql]:
    """A count of units as whole number of the type's unit, null beyond `most` of them."""

    def build(limit: Callable[[Term, int], Term]) -> Sql:
        def one(c: SqlCall) -> Term:
            count = limit(sa.cast(c.args[0], BIGINT), most)
            return count if factor == 1 else apply(count, "*", number(factor), BIGINT)

        return one

    return build(sqlite.limited), build(postgresql.limited)


def _signed(c: SqlCall, sign: int) -> Term:
    return c.args[1] if sign > 0 else apply(number(0), "-", c.args[1], BIGINT)


def _microseconds(c: SqlCall, sign: int) -> Term:
    span = _signed(c, sign)
    return apply(span, "*", number(86_400_000_000), BIGINT) if c.nodes[1].type == DAYS else span


def _sqlite_date(name: str, sign: int) -> Sql:
    return lambda c: call(name, c.args[0], _signed(c, sign), kind=TEXT)


def _sqlite_instant(sign: int) -> Sql:
    return lambda c: call("cw_add_microseconds", c.args[0], _microseconds(c, sign), kind=TEXT)


def _day(text: str) -> Term:
    return sa.literal_column(f"DATE '{text}'", SQL_DATE)


def _years_1_to_9999(term: Term) -> Term:
    return bounded(term, _day("0001-12-31 BC"), _day("10000-01-01"), SQL_DATE, least="least", greatest="greatest")


def _postgresql_shift(sign: int) -> Sql:
    return lambda c: _years_1_to_9999(apply(c.args[0], "+", sa.cast(_signed(c, sign), sa.Integer()), SQL_DATE))


def _postgresql_months(sign: int) -> Sql:
    def build(c: SqlCall) -> Term:
        span = call("make_interval", number(0), sa.cast(_signed(c, sign), sa.Integer()), kind=sa.Interval())
        return _years_1_to_9999(sa.cast(apply(c.args[0], "+", span, sa.DateTime()), SQL_DATE))

    return build


def _postgresql_instant(sign: int) -> Sql:
    def build(c: SqlCall) -> Term:
        unit = sa.literal_column("interval '1 microsecond'", sa.Interval())
        span = apply(unit, "*", sa.cast(_microseconds(c, sign), sa.Double()), sa.Interval())
        high = sa.literal_column("TIMESTAMPTZ '10000-01-01 00:00:00+00'", SQL_INSTANT)
        low = sa.literal_column("TIMESTAMPTZ '0001-12-31 23:59:59.999999+00 BC'", SQL_INSTANT)
        return bounded(apply(c.args[0], "+", span, SQL_INSTANT), low, high, SQL_INSTANT, least="least", greatest="greatest")

    return build


def _sqlite_days(later: Term, earlier: Term) -> Term:
    """Julian days of dates all end in .5, so their difference is a whole number."""
    numbers = (call("julianday", arg, kind=sa.Double()) for arg in (later, earlier))
    return sa.cast(apply(next(numbers), "-", next(numbers), sa.Double()), BIGINT)


def _postgresql_days(later: Term, earlier: Term) -> Term:
    return sa.cast(apply(later, "-", earlier, sa.Integer()), BIGINT)


def _sides(c: SqlCall, sign: str) -> tuple[Term, str, Term]:
    return c.args[0], sign, c.args[1]


def _postgresql_span_between(c: SqlCall) -> Term:
    """Microseconds: EXTRACT(EPOCH) of an interval is an exact numeric with six places."""
    seconds = sa.extract("epoch", sa.type_coerce(apply(*_sides(c, "-"), sa.Interval()), sa.Interval()))
    return postgresql.limited(sa.cast(apply(seconds, "*", number(1_000_000), sa.Numeric()), BIGINT), MAX_MICROSECONDS)


def _turned(c: SqlCall) -> SqlCall:
    return SqlCall(c.nodes[::-1], c.args[::-1], c.type)


def _sqlite_spans(sign: str) -> Sql:
    return lambda c: sqlite.limited(apply(*_sides(c, sign), BIGINT), MOST[c.type])  # type: ignore[index]


def _postgresql_spans(sign: str) -> Sql:
    return lambda c: postgresql.limited(apply(*_sides(c, sign), BIGINT), MOST[c.type])  # type: ignore[index]


def _negated(c: SqlCall) -> Term:
    return apply(number(0), "-", c.args[0], BIGINT)


def _age(term: Term, today: Term, least: str) -> Term:
    """Full years from dates as numbers 20261122: their difference without its last four digits, null below zero."""
    gap = apply(today, "-", term, BIGINT)
    return apply(call("nullif", call(least, gap, number(-1), kind=BIGINT), number(-1), kind=BIGINT), "/", number(10_000), BIGINT)


def _sqlite_age(c: SqlCall) -> Term:
    born, today = (sa.cast(call("replace", arg, sa.literal_column("'-'"), sa.literal_column("''"), kind=TEXT), BIGINT) for arg in c.args)
    return _age(born, today, "max")


def _postgresql_age(c: SqlCall) -> Term:
    born, today = (sa.cast(call("to_char", arg, sa.literal_column("'YYYYMMDD'", TEXT), kind=TEXT), BIGINT) for arg in c.args)
    return _age(born, today, "greatest")


LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
REAL_DATE = (
    "^(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{LEAP}-02-29)$"
)


def _postgresql_parse(c: SqlCall) -> Term:
    """A cast raises for a text that is no date, so a pattern of all real dates stands before it."""

    def body(text: Term) -> Term:
        return sa.case((compare(text, "~", sa.literal(REAL_DATE, TEXT)), sa.cast(text, SQL_DATE)))

    return let((c.args[0],), (TEXT,), body, SQL_DATE)


# Literals

def _literal_only(parse: Callable[[str], object], kind: Type, form: str) -> Callable[[tuple[Node, ...]], tuple[Node, ...]]:
    """For constants alone: the parsed value takes the text's place."""

    def prepare(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        given = nodes[0]
        if not isinstance(given, Literal) or not isinstance(given.value, str):
            words = {"text": "a computed text", "what": f"allowed as {kind.words}", "hint": f"write a text such as {form}"}
            raise ExpressionError(given.at, Code.EXPR_015, words)
        found = parse(given.value)
        if found is None:
            raise ExpressionError(given.at, Code.EXPR_015, {"text": given.value, "what": f"a {kind.words}", "hint": f"write it as {form}"})
        return (Literal(kind, given.at, found),)

    return prepare


def _checked_date(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    literal = isinstance(nodes[0], Literal) and isinstance(nodes[0].value, str)
    return _literal_only(values.parse_date, DATE, '"2026-11-22"')(nodes) if literal else nodes


def _constant(name: str, kind: Type, parse: Callable[[str], object], form: str, words: str, example: tuple[str, str]) -> Function:
    same: Sql = lambda c: c.args[0]  # noqa: E731
    return Function(name, (A_TEXT,), always(kind), plain(lambda x: x), same, same, words, example, prepare=_literal_only(parse, kind, form))


def _unit(name: str, kind: DurationOf, evaluate: Evaluate, most: int, factor: int, words: str, example: tuple[str, str]) -> Function:
    return Function(name, (AN_INT,), always(kind), plain(evaluate), *_span(most, factor), words, example)


def _both(plus: Function) -> list[Function]:
    """date + duration, and the same with the duration first."""

    def turned(build: Sql | None) -> Sql | None:
        return None if build is None else lambda c: build(_turned(c))

    def python(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
        evaluate = plus.python(nodes[::-1], kind)
        return lambda x, y: evaluate(y, x)

    return [plus, Function("+", plus.takes[::-1], plus.gives, python, turned(plus.sqlite), turned(plus.postgresql))]


def _span_sums(sign: str, step: Callable[[Any, Any], Any]) -> list[Function]:
    sql = _sqlite_spans(sign), _postgresql_spans(sign)
    return [
        Function(sign, (IN_DAYS, IN_DAYS), always(DAYS), _spans(step), *sql),
        Function(sign, (IN_MONTHS, IN_MONTHS), always(MONTHS), _spans(step), *sql),
        Function(sign, (EXACT_SPAN, EXACT_SPAN), always(HOURS), _spans(step), *sql, promote=True),
    ]


FUNCTIONS: list[Function] = [
    *_both(Function("+", (A_DATE, IN_DAYS), always(DATE), plain(_date_days), _sqlite_date("cw_add_days", 1), _postgresql_shift(1))),
    *_both(Function("+", (A_DATE, IN_MONTHS), always(DATE), plain(_date_months), _sqlite_date("cw_add_months", 1), _postgresql_months(1))),
    *_both(Function("+", (AN_INSTANT, EXACT_SPAN), always(INSTANT), plain(_instant_sum), _sqlite_instant(1), _postgresql_instant(1))),
    Function("-", (A_DATE, IN_DAYS), always(DATE), plain(_date_less_days), _sqlite_date("cw_add_days", -1), _postgresql_shift(-1)),
    Function("-", (A_DATE, IN_MONTHS), always(DATE), plain(_date_less_months), _sqlite_date("cw_add_months", -1), _postgresql_months(-1)),
    Function("-", (AN_INSTANT, EXACT_SPAN), always(INSTANT), plain(_instant_less), _sqlite_instant(-1), _postgresql_instant(-1)),
    Function("-", (A_DATE, A_DATE), always(DAYS), plain(lambda x, y: _between(x, y, DAYS)),
             lambda c: sqlite.limited(_sqlite_days(*c.args), MAX_DAYS), lambda c: postgresql.limited(_postgresql_days(*c.args), MAX_DAYS)),
    Function("-", (AN_INSTANT, AN_INSTANT), always(HOURS), plain(lambda x, y: _between(x, y, HOURS)),
             lambda c: call("cw_microseconds_between", *c.args, kind=BIGINT), _postgresql_span_between),
    *_span_sums("+", operator.add),
    *_span_sums("-", operator.sub),
    Function("-x", (A_DURATION,), lambda kinds: kinds[0], plain(_negative), _negated, _negated),
    _unit("hours", HOURS, _hours, MAX_HOURS, 3_600_000_000, "a duration; fits instants", ("hours(24) == days(1)", "true")),
    _unit("days", DAYS, _days, MAX_DAYS, 1, "a duration; fits dates and instants", ('date("2026-02-27") + days(2)', 'date("2026-03-01")')),
    _unit("months", MONTHS, _months, MAX_MONTHS, 1, "a duration; fits dates, and ends on the last day of a shorter month",
          ('date("2026-01-31") + months(1)', 'date("2026-02-28")')),
    _unit("years", MONTHS, _years, MAX_YEARS, 12, "twelve months each", ('date("2024-02-29") + years(1)', 'date("2025-02-28")')),
    Function("days_between", (A_DATE, A_DATE), always(INT), plain(lambda x, y: (y - x).days),
             lambda c: _sqlite_days(*c.args[::-1]), lambda c: _postgresql_days(*c.args[::-1]),
             "whole days from the first date to the second", ('days_between(date("2026-11-20"), date("2026-11-22"))', "2")),
    Function("age", (A_DATE,), always(INT), plain(values.age), _sqlite_age, _postgresql_age,
             "full years from the date to today; null for a date to come",
             ('age(date("2000-11-23"))', "25"), reads=((("today",), DATE),), levels=6),
    Function("date", (A_TEXT,), always(DATE), lambda nodes, kind: (lambda x: x) if nodes[0].type == DATE else values.parse_date,
             lambda c: c.args[0] if c.nodes[0].type == DATE else call("cw_parse_date", *c.args, kind=TEXT),
             lambda c: c.args[0] if c.nodes[0].type == DATE else _postgresql_parse(c),
             "the date that a text spells; null when it spells none",
             ('date("2026-11-22") < today + days(1)', "true"), prepare=_checked_date),
    _constant("timestamp", INSTANT, values.parse_instant, '"2026-11-22T08:00:00Z"', "an instant, from a text in quotation marks",
              ('timestamp("2026-11-22T16:00:00+08:00") == timestamp("2026-11-22T08:00:00Z")', "true")),
    _constant("time", TIME, values.parse_time, '"12:30"', "a time of day, from a text in quotation marks",
              ('time("09:30") < time("12:00")', "true")),
]
