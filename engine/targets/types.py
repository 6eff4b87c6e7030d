"""SQLAlchemy types of object tables, and plain converters for SQL that runs on the driver itself.

In memory both databases give the same values (see `engine.fields.base.FieldType`). What a database keeps:

| kind     | PostgreSQL          | SQLite                                          |
|----------|---------------------|-------------------------------------------------|
| TEXT, ID | text collate "C"    | TEXT                                            |
| INTEGER  | bigint              | INTEGER                                         |
| DECIMAL  | numeric(18, places) | INTEGER, the value times 10^places              |
| BOOLEAN  | boolean             | BOOLEAN (0 or 1)                                |
| DATE     | date                | TEXT `YYYY-MM-DD`                               |
| INSTANT  | timestamptz         | TEXT `YYYY-MM-DDTHH:MM:SS.ffffffZ`              |
| TIME     | time                | TEXT `HH:MM:SS`                                 |
| TEXTS    | text[] collate "C"  | TEXT, a JSON list                               |

Every text of SQLite sorts as its value does. A PostgreSQL session must run in UTC: the driver cannot build instants of
the years 1 and 9999 in another zone.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.fields.base import Storage, StorageKind
from engine.fields.number import DECIMAL_DIGITS

__all__ = ["POSTGRESQL", "SQLITE", "Convert", "Stored", "column_type", "reader", "writer"]

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
Convert = Callable[[Any], Any]


def _date_of(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _time_of(value: str | None) -> dt.time | None:
    return None if value is None else dt.time.fromisoformat(value)


def _instant_of(value: str | None) -> dt.datetime | None:
    return None if value is None else dt.datetime.fromisoformat(value)


def _in_utc(value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else value.astimezone(dt.UTC)


def _texts_of(value: str | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(orjson.loads(value))


def _tuple_of(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _bool_of(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _iso(value: dt.date | dt.time | None) -> str | None:
    return None if value is None else value.isoformat()


def _instant_text(value: dt.datetime | None) -> str | None:
    if value is None:
        return None
    # isoformat, since strftime writes the year 33 with two digits
    return _aware(value).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _aware(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(dt.UTC)


def _aware_or_none(value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else _aware(value)


def _json_list(value: tuple[str, ...] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _list_of(value: tuple[str, ...] | None) -> list[str] | None:
    return None if value is None else list(value)


@functools.cache
def _unscale(places: int) -> Convert:
    def unscale(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-places)

    return unscale


@functools.cache
def _scale(places: int) -> Convert:
    def scale(value: Decimal | int | None) -> int | None:
        """Raises ValueError for a number with more places, which the column cannot hold exactly."""
        if value is None:
            return None
        scaled = Decimal(value).scaleb(places)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {places} places")
        return whole

    return scale


_READERS: Mapping[tuple[StorageKind, str], Convert] = {
    (StorageKind.BOOLEAN, SQLITE): _bool_of,
    (StorageKind.DATE, SQLITE): _date_of,
    (StorageKind.TIME, SQLITE): _time_of,
    (StorageKind.INSTANT, SQLITE): _instant_of,
    (StorageKind.INSTANT, POSTGRESQL): _in_utc,
    (StorageKind.TEXTS, SQLITE): _texts_of,
    (StorageKind.TEXTS, POSTGRESQL): _tuple_of,
}
_WRITERS: Mapping[tuple[StorageKind, str], Convert] = {
    (StorageKind.DATE, SQLITE): _iso,
    (StorageKind.TIME, SQLITE): _iso,
    (StorageKind.INSTANT, SQLITE): _instant_text,
    (StorageKind.INSTANT, POSTGRESQL): _aware_or_none,
    (StorageKind.TEXTS, SQLITE): _json_list,
    (StorageKind.TEXTS, POSTGRESQL): _list_of,
}


def reader(storage: Storage, dialect: str) -> Convert | None:
    """What turns the driver's value (or None) into the in-memory one; None when the driver's value is right already."""
    if storage.kind is StorageKind.DECIMAL and dialect == SQLITE:
        return _unscale(storage.places)
    return _READERS.get((storage.kind, dialect))


def writer(storage: Storage, dialect: str) -> Convert | None:
    """What turns an in-memory value (or None) into the driver's; None when the driver takes the value as it is."""
    if storage.kind is StorageKind.DECIMAL and dialect == SQLITE:
        return _scale(storage.places)
    return _WRITERS.get((storage.kind, dialect))


def _postgresql(storage: Storage) -> TypeEngine[Any]:
    text = sa.Text(collation="C")
    kinds: Mapping[StorageKind, TypeEngine[Any]] = {
        StorageKind.DECIMAL: sa.Numeric(DECIMAL_DIGITS, storage.places),
        StorageKind.DATE: sa.Date(),
        StorageKind.INSTANT: sa.TIMESTAMP(timezone=True),
        StorageKind.TIME: sa.Time(),
        StorageKind.TEXTS: sa.ARRAY(text),
    }
    return kinds[storage.kind]


class Stored(TypeDecorator[Any]):
    """A kind that the two databases keep differently; compares and binds in-memory values."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self.storage = storage

    @property
    def python_type(self) -> type[Any]:
        return _PYTHON[self.storage.kind]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == POSTGRESQL:
            return dialect.type_descriptor(_postgresql(self.storage))
        scaled = self.storage.kind is StorageKind.DECIMAL
        return dialect.type_descriptor(sa.Integer() if scaled else sa.Text())

    # The converters stand in for the decorated type's own: one call per value instead of two.
    def bind_processor(self, dialect: Dialect) -> Convert | None:
        return writer(self.storage, dialect.name)

    def result_processor(self, dialect: Dialect, coltype: object) -> Convert | None:
        return reader(self.storage, dialect.name)


_PYTHON: Mapping[StorageKind, type[Any]] = {
    StorageKind.DECIMAL: Decimal, StorageKind.DATE: dt.date, StorageKind.INSTANT: dt.datetime,
    StorageKind.TIME: dt.time, StorageKind.TEXTS: tuple,
}


@functools.cache
def column_type(storage: Storage) -> TypeEngine[Any]:
    """The SQLAlchemy type of a column."""
    if storage.kind in (StorageKind.TEXT, StorageKind.ID):
        return sa.Text().with_variant(sa.Text(collation="C"), POSTGRESQL)
    if storage.kind is StorageKind.INTEGER:
        return sa.BigInteger().with_variant(sa.Integer(), SQLITE)
    if storage.kind is StorageKind.BOOLEAN:
        return sa.Boolean()
    return Stored(storage)
