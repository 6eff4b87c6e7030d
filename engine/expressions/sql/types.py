"""The types of SQLAlchemy that bind parameters of expressions have; one object each, because making them costs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

__all__ = ["BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INSTANT", "NUMERIC", "TEXT", "TIME", "SqlType"]

SqlType = sa.types.TypeEngine[Any]

BIGINT: SqlType = sa.BigInteger()
NUMERIC: SqlType = sa.Numeric()
BOOLEAN: SqlType = sa.Boolean()
TEXT: SqlType = sa.Text()
DOUBLE: SqlType = sa.Double()
DATE: SqlType = sa.Date()
INSTANT: SqlType = sa.DateTime(timezone=True)
TIME: SqlType = sa.Time()
