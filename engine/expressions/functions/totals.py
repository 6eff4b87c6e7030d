"""`sum(a, b, …)`: many whole numbers at once, flat in SQL, so that a score of twenty items fits the parser of every database."""

from __future__ import annotations

from engine.expressions import values
from engine.expressions.functions import postgresql, sqlite
from engine.expressions.functions.function import AN_INT, Function, SqlCall, always, plain
from engine.expressions.sql.terms import Term, cast, listed, operand
from engine.expressions.types import INT

__all__ = ["FUNCTIONS"]


def _sum(*numbers: int) -> int | None:
    return values.in_range(sum(numbers))


def _sqlite(c: SqlCall) -> Term:
    """At most 500 numbers of 53 bits each stay within the 64 bits of SQLite."""
    return sqlite.bounded_number(_added(c.args), INT)


def _postgresql(c: SqlCall) -> Term:
    return postgresql.bounded_number(_added(tuple(cast(arg, "bigint") for arg in c.args)), INT)


def _added(args: tuple[Term, ...]) -> Term:
    return listed([operand(arg) for arg in args], " + ")._replace(loose=True)


FUNCTIONS = [
    Function("sum", (AN_INT, AN_INT), always(INT), plain(_sum), _sqlite, _postgresql,
             words="the sum of two or more whole numbers; null when one is null", example=("sum(1, 2, 3)", "6"), variadic=True),
]
