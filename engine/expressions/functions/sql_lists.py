"""The SQL of lists."""

from __future__ import annotations

from engine.expressions.functions.function import SqlCall
from engine.expressions.sql.terms import Term, call, let, write

__all__ = ["postgresql_joined", "sqlite_joined"]


def sqlite_joined(c: SqlCall) -> Term:
    return call("cw_join_lists", *c.args)


def postgresql_joined(c: SqlCall) -> Term:
    """`||` takes a null for an empty array; the language does not."""
    return let(c.args, lambda one, two: write("CASE WHEN ", one, " IS NOT NULL AND ", two, " IS NOT NULL THEN ", one, " || ", two, " END"))
