"""Values of one type made values of another: int, double, decimal, bool, string, timestamp, duration, time. What cannot be is null."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal

from engine.expressions import spelling, values
from engine.expressions.functions import numbers
from engine.expressions.functions import sql_conversions as sql
from engine.expressions.functions.function import (
    A_BOOL,
    A_DECIMAL,
    A_FLOAT,
    A_TEXT,
    AN_INSTANT,
    AN_INT,
    EXACT_NUMBER,
    Evaluate,
    Example,
    Function,
    Param,
    Sql,
    SqlCall,
    always,
    exactly,
    plain,
)
from engine.expressions.functions.literals import spelled
from engine.expressions.sql.terms import Term
from engine.expressions.types import BOOL, DAYS, FLOAT, HOURS, INSTANT, INT, TEXT, TIME, DecimalOf, Type, places

__all__ = ["FUNCTIONS"]

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
A_SPAN = Param("duration in hours or days", lambda kind: kind in (HOURS, DAYS))
A_TIME = exactly(TIME)


def _whole(number: float | Decimal) -> int | None:
    """Cut towards zero."""
    return values.in_range(int(number))


def _from_seconds(seconds: int) -> datetime.datetime | None:
    try:
        return EPOCH + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return None


def _itself(name: str, param: Param, kind: Type, example: Example) -> Function:
    """CEL converts a value to its own type as well."""
    same: Sql = _same
    return Function(name, (param,), always(kind), plain(lambda x: x), same, same, "the value itself", example)


def _same(c: SqlCall) -> Term:
    return c.args[0]


def _read(name: str, kind: Type, evaluate: Evaluate, postgresql: Sql, words: str, example: Example) -> Function:
    """From a text."""
    return Function(name, (A_TEXT,), always(kind), plain(evaluate), sql.sqlite_call(f"cw_as_{name}"), postgresql, words, example)


def _spelled(
    name: str, kind: Type, parse: Callable[[str], object], both: tuple[Sql | None, Sql | None], form: str, words: str, example: Example,
) -> Function:
    """From a text that is read at check where it is a literal."""
    return Function(name, (A_TEXT,), always(kind), plain(parse), *both, words, example, prepare=spelled(parse, kind, form))


def _text(param: Param, evaluate: Evaluate, both: tuple[Sql | None, Sql | None], words: str, example: Example) -> Function:
    return Function("string", (param,), always(TEXT), plain(evaluate), *both, words, example)


def _places(kinds: Sequence[Type]) -> Type:
    return DecimalOf(places(kinds[0]))


CONVERT = numbers.CONVERT
FUNCTIONS: list[Function] = [
    _itself("int", AN_INT, INT, ("int(7)", "7")),
    Function("int", (A_DECIMAL,), always(INT), plain(_whole), sql.sqlite_whole, sql.postgresql_whole, "the whole part, cut towards zero",
             ("int(-7.9)", "-7")),
    Function("int", (A_FLOAT,), always(INT), plain(_whole), sql.sqlite_whole, sql.postgresql_whole, "the whole part, cut towards zero",
             ("int(1.9e0)", "1")),
    _read("int", INT, spelling.as_int, sql.postgresql_int, "the integer that a text spells; null when it spells none", ('int("-12")', "-12")),
    Function("int", (AN_INSTANT,), always(INT), plain(lambda at: (at - EPOCH) // SECOND), sql.sqlite_call("cw_seconds_of"),
             sql.postgresql_seconds, "whole seconds since 1970 in UTC",
             ('int(timestamp("2009-02-13T23:31:30Z"))', "1234567890")),
    _itself("double", A_FLOAT, FLOAT, ("double(5.5e0)", "5.5e0")),
    Function("double", (EXACT_NUMBER,), always(FLOAT), CONVERT.python, CONVERT.sqlite, CONVERT.postgresql, "the nearest float",
             ("double(3)", "3e0")),
    _read("double", FLOAT, spelling.as_double, sql.postgresql_double, "the float that a text spells; null when it spells none",
          ('double("-84.32e7")', "-843200000e0")),
    Function("decimal", (EXACT_NUMBER,), _places, CONVERT.python, CONVERT.sqlite, CONVERT.postgresql, "the number as a decimal",
             ("decimal(3)", "3.0")),
    _read("decimal", DecimalOf(10), spelling.as_decimal, sql.postgresql_decimal,
          "the decimal that a text spells, of at most 10 places; null when it spells none",
          ('decimal("12.50")', "12.5")),
    _itself("bool", A_BOOL, BOOL, ("bool(true)", "true")),
    _read("bool", BOOL, spelling.as_bool, sql.postgresql_bool, "true for 1, t, true, True, TRUE; false for 0, f, false, False, FALSE; else null",
          ('bool("t")', "true")),
    _text(A_FLOAT, spelling.float_text, (None, None), "the fewest digits that say the number", ("string(-4.5e-3)", '"-0.0045"')),
    _text(AN_INSTANT, spelling.instant_text, (sql.sqlite_call("cw_instant_text"), sql.postgresql_instant_text), "in UTC",
          ('string(timestamp("2026-11-22T16:00:00+08:00"))', '"2026-11-22T08:00:00Z"')),
    _text(A_TIME, spelling.time_text, (sql.sqlite_call("cw_time_text"), sql.postgresql_time_text), "with seconds where there are any",
          ('string(time("09:05"))', '"09:05"')),
    _text(A_SPAN, spelling.duration_text, (sql.sqlite_span_text, sql.postgresql_span_text), "in seconds",
          ('string(duration("1h0.5s"))', '"3600.5s"')),
    _itself("timestamp", AN_INSTANT, INSTANT, ("timestamp(now) == now", "true")),
    Function("timestamp", (AN_INT,), always(INSTANT), plain(_from_seconds), sql.sqlite_call("cw_from_seconds"), sql.postgresql_from_seconds,
             "the instant so many seconds after 1970 began in UTC",
             ("timestamp(1234567890)", 'timestamp("2009-02-13T23:31:30Z")')),
    _spelled("timestamp", INSTANT, values.parse_instant, (None, None), '"2026-11-22T08:00:00Z"',
             "the instant that a text spells; null when it spells none",
             ('timestamp("2026-11-22T16:00:00+08:00") == timestamp("2026-11-22T08:00:00Z")', "true")),
    _itself("duration", exactly(HOURS), HOURS, ("duration(hours(1))", "hours(1)")),
    _spelled("duration", HOURS, spelling.as_duration, (None, None), '"1h30m" or "90s"', "the duration that a text spells; null when it spells none",
             ('duration("90s") == duration("1.5m")', "true")),
    _spelled("time", TIME, values.parse_time, (sql.sqlite_call("cw_as_time"), sql.postgresql_time), '"12:30"',
             "the time of day that a text spells; null when it spells none",
             ('time("09:30") < time("12:00")', "true")),
]
