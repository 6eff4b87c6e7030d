"""Parts of dates, instants and durations, the clinic's day of an instant, and formats."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from engine.expressions import moments, zones
from engine.expressions.functions import sql_clock as sql
from engine.expressions.functions.function import (
    A_DATE,
    A_TEXT,
    AN_INSTANT,
    Evaluate,
    Example,
    Function,
    Param,
    always,
    exactly,
    plain,
)
from engine.expressions.functions.literals import constant, refuse
from engine.expressions.tree import Literal, Node
from engine.expressions.types import DATE, DAYS, HOURS, INSTANT, INT, TEXT, TIME, Type

__all__ = ["FUNCTIONS"]

HOUR, MINUTE, SECOND = (datetime.timedelta(seconds=count) for count in (3600, 60, 1))
A_SPAN = Param("duration in hours or days", lambda kind: kind in (HOURS, DAYS))
A_TIME = exactly(TIME)

# CEL counts months, days of the month and days of the year from 0, and days of the week from Sunday.
OF_DAYS: dict[str, tuple[Callable[[Any], int], str, str]] = {
    "getFullYear": (lambda x: x.year, "the year", "2009"),
    "getMonth": (lambda x: x.month - 1, "the month, January is 0", "1"),
    "getDate": (lambda x: x.day, "the day of the month, from 1", "13"),
    "getDayOfMonth": (lambda x: x.day - 1, "the day of the month, from 0", "12"),
    "getDayOfWeek": (lambda x: x.isoweekday() % 7, "the day of the week, Sunday is 0", "5"),
    "getDayOfYear": (lambda x: x.timetuple().tm_yday - 1, "the day of the year, from 0", "43"),
}
OF_CLOCKS: dict[str, tuple[Callable[[Any], int], str, str]] = {
    "getHours": (lambda x: x.hour, "hours of the clock", "23"),
    "getMinutes": (lambda x: x.minute, "minutes of the clock", "31"),
    "getSeconds": (lambda x: x.second, "seconds of the clock", "30"),
    "getMilliseconds": (lambda x: x.microsecond // 1000, "thousandths of the second", "250"),
}


def _cut(span: datetime.timedelta, unit: datetime.timedelta) -> int:
    """Whole units, cut towards zero."""
    return span // unit if span >= datetime.timedelta(0) else -(-span // unit)


OF_SPANS: dict[str, tuple[Callable[[Any], int], str, str]] = {
    "getHours": (lambda x: _cut(x, HOUR), "all hours of the duration", "1"),
    "getMinutes": (lambda x: _cut(x, MINUTE), "all minutes of the duration", "62"),
    "getSeconds": (lambda x: _cut(x, SECOND), "all seconds of the duration", "3730"),
    "getMilliseconds": (
        lambda x: (abs(x) // datetime.timedelta(milliseconds=1) % 1000) * (-1 if x < datetime.timedelta(0) else 1),
        "thousandths of the last second", "250",
    ),
}


def _zone_of(node: Node) -> datetime.tzinfo:
    """The zone of a literal that was checked, or that the scope gave."""
    found = zones.zone(str(node.value)) if isinstance(node, Literal) else None
    return found or datetime.UTC


def _there(read: Callable[[Any], object]) -> Callable[[tuple[Node, ...], Type], Evaluate]:
    """The part of an instant on the clocks of the zone that stands last."""

    def make(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
        zone = _zone_of(nodes[-1])

        def evaluate(at: datetime.datetime, *_rest: object) -> object:
            found = zones.local(at, zone)
            return None if found is None else read(found)

        return evaluate

    return make


def _known_zone(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    name = constant(nodes[1], str, "a time zone")
    if zones.zone(str(name)) is None:
        raise refuse(nodes[1], name, "a time zone", 'write one such as "Asia/Shanghai" or "+08:00"')
    return nodes


def _accessor(name: str, part: tuple[Callable[[Any], int], str, str], sample: str) -> list[Function]:
    read, words, value = part
    utc: Example = (f'timestamp("{sample}").{name}()', value)
    zoned: Example = (f'timestamp("{sample}").{name}("+00:00")', value)
    return [
        Function(name, (AN_INSTANT,), always(INT), _there(read), sql.sqlite_part(name), sql.postgresql_part(name), words + ", in UTC", utc,
                 method=True),
        Function(name, (AN_INSTANT, A_TEXT), always(INT), _there(read), sql.sqlite_part(name), sql.postgresql_part(name),
                 words + ", in the time zone named", zoned,
                 method=True, prepare=_known_zone),
    ]


def _of_date(name: str, part: tuple[Callable[[Any], int], str, str]) -> Function:
    read, words, value = part
    return Function(name, (A_DATE,), always(INT), plain(read), sql.sqlite_part(name), sql.postgresql_part(name), words,
                    (f'date("2009-02-13").{name}()', value), method=True)


def _of_span(name: str, part: tuple[Callable[[Any], int], str, str]) -> Function:
    read, words, value = part
    return Function(name, (A_SPAN,), always(INT), plain(read), sql.span_part(name), sql.span_part(name), words,
                    (f'duration("3730.25s").{name}()', value), method=True)


# Formats

def _known_form(allowed: frozenset[str]) -> Callable[[tuple[Node, ...]], tuple[Node, ...]]:
    def prepare(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        form = str(constant(nodes[1], str, "a format"))
        bad = moments.unknown(form, allowed)
        if not form:
            raise refuse(nodes[1], form, "a format", "write at least one part")
        if bad is not None:
            raise refuse(nodes[1], bad, "a part of this format", f"use {', '.join(sorted(allowed))} and signs between them")
        return nodes

    return prepare


def _formatted(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
    form = nodes[1]
    assert isinstance(form, Literal) and isinstance(form.value, str)
    write = moments.formatter(form.value)
    return _there(write)(nodes, kind) if nodes[0].type == INSTANT else lambda moment, _form: write(moment)


def _format(param: Param, allowed: frozenset[str], words: str, example: Example, **more: Any) -> Function:
    return Function("format", (param, A_TEXT), always(TEXT), _formatted, sql.sqlite_format, sql.postgresql_format, words, example, method=True,
                    prepare=_known_form(allowed), **more)


ZONE = (("zone", TEXT),)
FUNCTIONS: list[Function] = [
    *[each for name, part in OF_DAYS.items() for each in _accessor(name, part, "2009-02-13T23:31:30Z")],
    *[each for name, part in OF_CLOCKS.items() for each in _accessor(name, part, "2009-02-13T23:31:30.25Z")],
    *[_of_date(name, part) for name, part in OF_DAYS.items()],
    *[_of_span(name, part) for name, part in OF_SPANS.items()],
    Function("date", (AN_INSTANT,), always(DATE), _there(lambda at: at.date()), sql.sqlite_date, sql.postgresql_date,
             "the clinic's day in which the instant lies",
             ('date(timestamp("2026-11-22T08:00:00Z"))', 'date("2026-11-22")'), settings=ZONE),
    _format(A_DATE, moments.DAY, "the date in the form", ('format(date("2026-03-09"), "yyyy/MM/dd")', '"2026/03/09"')),
    _format(AN_INSTANT, moments.DAY | moments.CLOCK, "the instant on the clinic's clock in the form",
            ('format(timestamp("2026-03-09T08:05:00Z"), "d.M.yyyy")', '"9.3.2026"'), settings=ZONE),
    _format(A_TIME, moments.CLOCK, "the time in the form", ('format(time("08:05"), "HH-mm")', '"08-05"')),
]
