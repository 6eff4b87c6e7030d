"""The expression language: parse and check once, then run the typed tree as Python closures or as SQL."""

from engine.expressions.checker.check import Checked, check
from engine.expressions.errors import ExpressionError, Untranslatable
from engine.expressions.positions import Position
from engine.expressions.python.build import Env, to_python
from engine.expressions.scope import Scope
from engine.expressions.sql.translate import SqlSource, sql_problem, to_sql
from engine.expressions.tree import Node, refs, rows_read, walk

__all__ = [
    "Checked", "Env", "ExpressionError", "Node", "Position", "Scope", "SqlSource", "Untranslatable", "check", "refs", "rows_read", "sql_problem",
    "to_python", "to_sql", "walk",
]
