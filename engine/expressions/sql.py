"""The back end for SQL: a tree becomes one SQLAlchemy clause that agrees with Python on every row and never fails a query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from engine.expressions.sql_dialects import EMITS
from engine.expressions.sql_element import Written
from engine.expressions.sql_problem import sql_problem
from engine.expressions.sql_source import Dialect, RowsSource, RowsSql, SqlSource
from engine.expressions.tree import Node

__all__ = ["Dialect", "RowsSource", "RowsSql", "SqlSource", "sql_problem", "to_sql"]


def to_sql(tree: Node, source: SqlSource, dialect: Dialect) -> ColumnElement[Any]:
    """The clause of the tree; its values are stored as the dialect stores the tree's type. Raises Untranslatable."""
    problem = sql_problem(tree)
    if problem:
        raise problem
    emit = EMITS[dialect](source)
    return Written(emit.term(tree), emit.storage.type(tree.type))
