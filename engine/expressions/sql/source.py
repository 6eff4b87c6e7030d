"""What a query gives to an expression: columns, bind parameters and child rows."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable
from typing import Literal as OneOf

from sqlalchemy import ColumnElement, FromClause

from engine.expressions.tree import Path

__all__ = ["Dialect", "RowsSource", "RowsSql", "SqlSource"]

Dialect = OneOf["sqlite", "postgresql"]


class SqlSource(Protocol):
    """Where a query finds values."""

    def column(self, path: Path) -> ColumnElement[Any]:
        """The column of an own field, or of a field behind links (joined, null where a link is null)."""
        ...

    def bind(self, path: Path) -> ColumnElement[Any]:
        """The value of a path below `user`, `today` or `now`, as the database stores such values.

        For a list (`user.clinics`) an expanding bind parameter, so that it stands after IN.
        """
        ...


class RowsSql(Protocol):
    """Child rows in a query, one for each mention of a path of type `RowsOf`, with table aliases of its own.

    They become a correlated subquery: `SELECT … FROM clause WHERE condition AND …`, read in this order: `source` is asked for
    columns first, `clause` last, because it holds the joins that they needed.
    """

    @property
    def source(self) -> SqlSource:
        """Values of one child row: its paths start at the child. Fields that the reader may not read are null."""
        ...

    @property
    def clause(self) -> FromClause:
        """The child's table and the joins that `source` has needed so far; every alias in it is unique in the statement."""
        ...

    @property
    def condition(self) -> ColumnElement[bool]:
        """Which rows belong to the record and count: `child.via = owner's id`, not deleted, readable. It is plain SQL with the
        link bare on one side, so that an index on the link serves."""
        ...

    @property
    def order(self) -> ColumnElement[Any]:
        """By what the rows are ordered where a list is made of them: the child's id. Python reads them in the same order."""
        ...


@runtime_checkable
class RowsSource(Protocol):
    """A source whose rows have child rows; one that lacks this refuses macros over them (Untranslatable)."""

    def rows(self, path: Path) -> RowsSql:
        """The rows that a path of type `RowsOf` names, `("tasks",)` or `("patient", "tasks")`, under the reader's rights.

        Behind a link that is null, or leads to a record that the reader may not read, there are none.
        """
        ...
