"""The back end for SQL: a tree becomes one SQLAlchemy clause that agrees with Python on every row and never fails a query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from engine.expressions.rules import ALL_ON
from engine.expressions.sql.element import Written
from engine.expressions.sql.emit import Emit
from engine.expressions.sql.naive import NAIVE
from engine.expressions.sql.postgresql import Postgresql
from engine.expressions.sql.problem import sql_problem
from engine.expressions.sql.source import Dialect, RowsSource, RowsSql, SqlSource
from engine.expressions.sql.sqlite import Sqlite
from engine.expressions.tree import Node

__all__ = ["Dialect", "RowsSource", "RowsSql", "SqlSource", "sql_problem", "to_sql"]

EMITS: dict[Dialect, type[Emit]] = {"sqlite": Sqlite, "postgresql": Postgresql}


def to_sql(tree: Node, source: SqlSource, dialect: Dialect, off: frozenset[str] = ALL_ON, *, where: bool = False) -> ColumnElement[Any]:
    """The clause of the tree; its values are stored as the dialect stores the tree's type. Raises Untranslatable.

    With `where` the clause of a condition is true exactly where the tree is, and false or null elsewhere, which is all that WHERE asks
    for: conditions over child rows become EXISTS then. Rules named in `off` are left to what databases do by themselves, in tests.
    """
    problem = sql_problem(tree)
    if problem:
        raise problem
    emit = EMITS[dialect](source)
    if off:
        emit.instead = tuple(NAIVE[rule] for rule in sorted(off))
    return Written(emit.holds(tree) if where else emit.term(tree), emit.storage.type(tree.type))
