"""Column types of the system tables, the same values on both databases: instants in UTC, JSON kept as text, text by code point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["CODE_POINT_TEXT", "Grams", "Instant", "JsonText"]

CODE_POINT_TEXT: sa.types.TypeEngine[str] = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that compares by code point whatever the database's locale is."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime: TIMESTAMPTZ on PostgreSQL, text `YYYY-MM-DDTHH:MM:SS.ffffffZ` on SQLite, where it sorts by time.

    Raises ValueError for a datetime without a zone.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        # isoformat, since strftime writes the year 33 with two digits, which sorts wrongly and cannot be read back
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value as compact text with sorted keys, so that equal values are equal texts on both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Grams(TypeDecorator[Sequence[str]]):
    """A set of short texts without spaces: TEXT[] on PostgreSQL, on SQLite a text of words that FTS5 takes apart."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(sa.Text(collation="C")))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else " ".join(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Sequence[str] | None:
        if value is None:
            return None
        return tuple(value.split()) if isinstance(value, str) else tuple(value)
