"""What only the rows can tell about a plan: each doubt counts something and turns a count above zero into a problem."""

from __future__ import annotations

import abc
import dataclasses
from typing import Any, TypeAlias

import sqlalchemy as sa

from engine.problems import Problem

__all__ = ["COUNT", "AnyRows", "Doubt", "Duplicates", "Holders", "ValuesIn"]

Count: TypeAlias = sa.Select[int]
COUNT = "\0count\0"
"""Stands in the problem's message until the count is known; never in a file, since NUL is refused there."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Doubt(abc.ABC):
    """`refusal` is the problem with `COUNT` where the number belongs."""

    refusal: Problem

    @abc.abstractmethod
    def statement(self, dialect: str) -> Count:
        """Counts the rows in the way, on the tables as they are before the publish."""

    def problem(self, count: int) -> Problem | None:
        """What to report for a count, None for zero."""
        if not count:
            return None
        return dataclasses.replace(self.refusal, message=self.refusal.message.replace(COUNT, str(count)))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AnyRows(Doubt):
    """Rows of a table."""

    table: sa.Table

    def statement(self, dialect: str) -> Count:
        return sa.select(sa.func.count()).select_from(self.table)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ValuesIn(Doubt):
    """Rows with a value in one of the columns; with `value` set, with exactly that one in it or in its list."""

    columns: tuple[sa.Column[Any], ...]
    value: str | None = None

    def statement(self, dialect: str) -> Count:
        counts = [
            sa.select(sa.func.count()).select_from(column.table).where(self._holds(column, dialect)).scalar_subquery()
            for column in self.columns
        ]
        total: sa.ColumnElement[int] = sa.literal(0)
        for count in counts:
            total = total + count
        return sa.select(total)

    def _holds(self, column: sa.Column[Any], dialect: str) -> sa.ColumnElement[bool]:
        if self.value is None:
            return column.is_not(None)
        if column.type.python_type is not tuple:
            return column == self.value
        if dialect == "sqlite":
            items = sa.func.json_each(sa.type_coerce(column, sa.Text())).table_valued("value")
            return sa.exists().select_from(items).where(items.c.value == self.value)
        return sa.literal(self.value) == sa.any_(sa.type_coerce(column, sa.ARRAY(sa.Text())))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates(Doubt):
    """Rows that share the values of all columns with another row; null never collides."""

    columns: tuple[sa.Column[Any], ...]

    def statement(self, dialect: str) -> Count:
        groups = (
            sa.select(sa.func.count().label("n")).where(*(column.is_not(None) for column in self.columns))
            .group_by(*self.columns).having(sa.func.count() > 1).subquery()
        )
        return sa.select(sa.func.coalesce(sa.func.sum(groups.c.n), 0))


_MEMBERSHIP = sa.table("cw_membership", sa.column("role", sa.Text()), sa.column("user_id", sa.Text()))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Holders(Doubt):
    """People who hold a role."""

    role: str

    def statement(self, dialect: str) -> Count:
        people = sa.func.count(sa.distinct(_MEMBERSHIP.c.user_id))
        return sa.select(people).where(_MEMBERSHIP.c.role == self.role)
