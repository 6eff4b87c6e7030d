"""Where expressions stand, and what unknown means there: always the side that shows, allows or changes less."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

__all__ = ["Position"]


class Position(enum.Enum):
    """A place of an expression. Its value is (name, what an unknown result means there)."""

    GRANT = ("grant", False)
    ROW_RULE = ("row rule", False)
    FILTER = ("filter", False)
    GUARD = ("guard", False)
    SHOWN = ("shown", False)
    REQUIRED = ("required", False)
    ENROL = ("enrol", False)
    EFFECT_IF = ("effect if", False)
    SKIP = ("skip", False)
    STOP = ("stop", False)
    DENIAL = ("denial", True)
    MASK = ("mask", True)
    HIDE = ("hide", True)
    VALIDATION = ("validation", True)
    READ_ONLY = ("read-only", True)
    FORMULA = ("formula", None)
    DEFAULT = ("default", None)

    def __init__(self, words: str, unknown: bool | None) -> None:
        self.words = words
        self.unknown = unknown

    def settle(self, value: Any) -> Any:
        """The value with unknown replaced by what it means here; a formula keeps its null."""
        return self.unknown if value is None else value

    def settle_sql(self, clause: ColumnElement[Any]) -> ColumnElement[Any]:
        """The clause as a column that is never null, except for a formula."""
        if self.unknown is None:
            return clause
        return sa.func.coalesce(clause, sa.true() if self.unknown else sa.false(), type_=sa.Boolean())

    def where_sql(self, clause: ColumnElement[Any]) -> ColumnElement[Any]:
        """The clause as a whole WHERE condition, or as part of one under AND and OR alone, never under NOT.

        WHERE drops rows for which a condition is unknown, so where unknown means false the clause stays bare and
        an index on its columns serves.
        """
        return self.settle_sql(clause) if self.unknown else clause
