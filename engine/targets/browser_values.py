"""The JSON form in which the browser's interpreter takes and gives values, both ways.

Booleans, integers, floats and texts are themselves; a decimal is a text; dates, instants and times are ISO texts; durations are written
as ISO 8601 does (`PT3600S`, `P12M`), working days as `5 workdays`; a list is an array, a map a list of pairs, child rows are objects by path.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.expressions.calendar import Calendar
from engine.expressions.types import (
    BOOL,
    CALENDAR,
    DATE,
    FLOAT,
    INSTANT,
    INT,
    TIME,
    DecimalOf,
    DurationOf,
    ListOf,
    MapOf,
    RecordOf,
    RowsOf,
    Type,
)
from engine.expressions.values import Months, Workdays, decimal_text

__all__ = ["Code", "Json", "code", "from_json", "to_json"]

Json = Any
Code = str | list[Any]
MICROSECOND = datetime.timedelta(microseconds=1)
SCALARS: Mapping[Type, str] = {BOOL: "b", INT: "i", FLOAT: "f", DATE: "date", INSTANT: "instant", TIME: "time", CALENDAR: "calendar"}
SPAN = re.compile(r"(-?)PT([0-9]+)(?:\.([0-9]{6}))?S")
COUNTS: Mapping[str, tuple[re.Pattern[str], type[Months] | type[Workdays]]] = {
    "months": (re.compile(r"(-?)P([0-9]+)M"), Months), "workdays": (re.compile(r"(-?)([0-9]+) workdays"), Workdays),
}


def code(kind: Type) -> Code:
    """The name of a type in trees for the browser, as `static/expressions/json.js` reads it."""
    if isinstance(kind, DecimalOf):
        return f"d{kind.places}"
    if isinstance(kind, DurationOf):
        return kind.unit
    if isinstance(kind, ListOf):
        return ["list", code(kind.item)]
    if isinstance(kind, MapOf):
        return ["map", code(kind.key), code(kind.value)]
    if isinstance(kind, RowsOf):
        return "rows"
    return "id" if isinstance(kind, RecordOf) else SCALARS.get(kind, "t")


def to_json(value: Any) -> Json:
    """The JSON form of a value of the language; raises TypeError for anything else."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    for kind, write in WRITE:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{value!r} is no value of the language")


def _instant(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).replace(tzinfo=None).isoformat() + "Z"


def _span(span: datetime.timedelta) -> str:
    seconds, rest = divmod(abs(span // MICROSECOND), 1_000_000)
    return f"{'-' if span < datetime.timedelta(0) else ''}PT{seconds}{f'.{rest:06}' if rest else ''}S"


def _calendar(calendar: Calendar) -> Json:
    days = {"holidays": calendar.holidays, "make_up_days": calendar.make_up_days}
    return {"weekend": sorted(calendar.weekend), **{name: sorted(day.isoformat() for day in held) for name, held in days.items()}}


WRITE: tuple[tuple[Any, Callable[[Any], Json]], ...] = (
    (Decimal, decimal_text),
    (datetime.datetime, _instant),
    (datetime.date, datetime.date.isoformat),
    (datetime.time, lambda x: x.isoformat(timespec="seconds")),
    (datetime.timedelta, _span),
    (Months, lambda x: f"{'-' if x.count < 0 else ''}P{abs(x.count)}M"),
    (Workdays, lambda x: f"{x.count} workdays"),
    (Calendar, _calendar),
    (tuple | list, lambda items: [to_json(item) for item in items]),
    (Mapping, lambda entries: [[to_json(key), to_json(value)] for key, value in entries.items()]),
)


def from_json(value: Json, kind: Type) -> Any:
    """The value of the type that the browser gave; raises ValueError for what is none."""
    if value is None:
        return None
    if isinstance(kind, ListOf):
        return tuple(from_json(item, kind.item) for item in value)
    if isinstance(kind, MapOf):
        return {from_json(key, kind.key): from_json(held, kind.value) for key, held in value}
    if isinstance(kind, DecimalOf):
        return _number(value)
    if isinstance(kind, DurationOf):
        return _span_of(value, kind)
    read = READ.get(kind)
    return read(value) if read else _of(value, bool if kind == BOOL else int if kind == INT else str)


READ: Mapping[Type, Callable[[Any], Any]] = {
    FLOAT: lambda x: float(_of(x, int | float)),
    DATE: lambda x: datetime.date.fromisoformat(_of(x, str)),
    INSTANT: lambda x: datetime.datetime.fromisoformat(_of(x, str)),
    TIME: lambda x: datetime.time.fromisoformat(_of(x, str)),
}


def _of(value: Json, kind: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{value!r} is not of the type")
    return value


def _number(value: Json) -> Decimal:
    """An integer among decimals of a list stays one."""
    text = str(value) if type(value) is int else _of(value, str)
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        raise ValueError(f"{text!r} is no decimal")
    return Decimal(text)


def _span_of(value: Json, kind: DurationOf) -> Any:
    pattern, make = COUNTS.get(kind.unit, (SPAN, None))
    found = pattern.fullmatch(_of(value, str))
    if found is None:
        raise ValueError(f"{value!r} is no duration")
    sign = -1 if found[1] else 1
    if make is not None:
        return make(sign * int(found[2]))
    return sign * datetime.timedelta(seconds=int(found[2]), microseconds=int(found[3] or 0))
