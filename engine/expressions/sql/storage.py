"""How each database holds the values of each type: the SQL type, the value bound, and the value read back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa

from engine.expressions import types as t
from engine.expressions import values
from engine.expressions.sql.sqlite_functions import date_text, instant_text, pack_float
from engine.expressions.sql.sqlite_moments import calendar_text
from engine.expressions.sql.types import BIGINT, BOOLEAN, DATE, DOUBLE, INSTANT, NUMERIC, TEXT, TIME, SqlType
from engine.expressions.values import Months, Workdays

__all__ = ["POSTGRESQL", "SQLITE", "Storage"]

DAY = datetime.timedelta(days=1)
MICROSECOND = datetime.timedelta(microseconds=1)
NAMES: dict[SqlType, str] = {
    BOOLEAN: "boolean", BIGINT: "bigint", NUMERIC: "numeric", DOUBLE: "double precision", TEXT: "text", DATE: "date",
    INSTANT: "timestamp with time zone", TIME: "time",
}


class Storage(Protocol):
    """One database's way with values; null is null in both directions."""

    def __hash__(self) -> int: ...

    def type(self, kind: t.Type) -> SqlType:
        """The SQL type that columns and binds of the type have."""
        ...

    def name(self, kind: t.Type) -> str:
        """The type's name in a cast."""
        ...

    def stored(self, value: Any, kind: t.Type) -> Any:
        """The value as the driver gets it."""
        ...

    def loaded(self, value: Any, kind: t.Type) -> Any:
        """The value of the language for what the driver gave."""
        ...


def _span_number(value: Any, kind: t.Type) -> int:
    if isinstance(value, Months | Workdays):
        return value.count
    number: int = value // (DAY if kind == t.DAYS else MICROSECOND)
    return number


def _span(number: int, kind: t.Type) -> Any:
    if kind == t.WORKDAYS:
        return Workdays(number)
    return Months(number) if kind == t.MONTHS else number * (DAY if kind == t.DAYS else MICROSECOND)


class _Sqlite:
    TYPES: dict[t.Type, SqlType] = {t.BOOL: BOOLEAN, t.INT: BIGINT, t.FLOAT: DOUBLE}
    STORE: dict[t.Type, Callable[[Any], Any]] = {
        t.DATE: date_text, t.INSTANT: instant_text, t.TIME: lambda x: x.isoformat(timespec="seconds"),
        t.CALENDAR: calendar_text,
    }
    LOAD: dict[t.Type, Callable[[Any], Any]] = {
        t.BOOL: bool, t.DATE: datetime.date.fromisoformat, t.INSTANT: datetime.datetime.fromisoformat, t.TIME: datetime.time.fromisoformat,
        t.FLOAT: float,
    }

    def type(self, kind: t.Type) -> SqlType:
        if isinstance(kind, t.DecimalOf | t.DurationOf):
            return BIGINT
        return self.TYPES.get(kind, TEXT) if isinstance(kind, t.Scalar) else TEXT

    def name(self, kind: t.Type) -> str:
        return NAMES[self.type(kind)]

    def stored(self, value: Any, kind: t.Type) -> Any:
        if value is None:
            return None
        if isinstance(kind, t.DecimalOf):
            return int(Decimal(value).scaleb(kind.places, values.EXACT))
        if isinstance(kind, t.DurationOf):
            return _span_number(value, kind)
        if isinstance(kind, t.ListOf):
            return json.dumps([self._item(each, kind.item) for each in value], ensure_ascii=False)
        return self.STORE[kind](value) if isinstance(kind, t.Scalar) and kind in self.STORE else value

    def loaded(self, value: Any, kind: t.Type) -> Any:
        if value is None:
            return None
        if isinstance(kind, t.DecimalOf):
            return Decimal(value).scaleb(-kind.places, values.EXACT)
        if isinstance(kind, t.DurationOf):
            return _span(value, kind)
        if isinstance(kind, t.ListOf):
            return tuple(self.loaded(each, kind.item) for each in json.loads(value))
        return self.LOAD[kind](value) if isinstance(kind, t.Scalar) and kind in self.LOAD else value


    def _item(self, value: Any, kind: t.Type) -> Any:
        """As a list holds it: booleans are numbers, as SQLite's functions write them, and floats texts, which keep all digits."""
        if value is None:
            return None
        return int(value) if kind == t.BOOL else pack_float(value) if kind == t.FLOAT else self.stored(value, kind)


class _Postgresql:
    TYPES: dict[t.Type, SqlType] = {
        t.BOOL: BOOLEAN, t.INT: BIGINT, t.FLOAT: DOUBLE, t.DATE: DATE, t.INSTANT: INSTANT, t.TIME: TIME,
    }

    def type(self, kind: t.Type) -> SqlType:
        if isinstance(kind, t.DecimalOf):
            return NUMERIC
        if isinstance(kind, t.DurationOf):
            return BIGINT
        if isinstance(kind, t.ListOf):
            return sa.ARRAY(self.type(kind.item))
        return self.TYPES.get(kind, TEXT) if isinstance(kind, t.Scalar) else TEXT

    def name(self, kind: t.Type) -> str:
        return f"{self.name(kind.item)}[]" if isinstance(kind, t.ListOf) else NAMES[self.type(kind)]

    def stored(self, value: Any, kind: t.Type) -> Any:
        if value is None:
            return None
        if isinstance(kind, t.DurationOf):
            return _span_number(value, kind)
        return [self.stored(each, kind.item) for each in value] if isinstance(kind, t.ListOf) else value

    def loaded(self, value: Any, kind: t.Type) -> Any:
        if value is None:
            return None
        if isinstance(kind, t.DurationOf):
            return _span(value, kind)
        if isinstance(kind, t.ListOf):
            return tuple(self.loaded(each, kind.item) for each in value)
        if kind == t.INSTANT:
            return value.astimezone(datetime.UTC)
        return value


SQLITE: Storage = _Sqlite()
POSTGRESQL: Storage = _Postgresql()
