"""The SQL of numbers: + - * / %, div, abs, min, max and the conversions between kinds of numbers."""

from __future__ import annotations

from engine.expressions.functions import postgresql, sqlite
from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.limits import MAX_PLACES
from engine.expressions.sql.terms import Term, apply, call, cast, let, listed, number, write
from engine.expressions.types import FLOAT, INT, DecimalOf, places

__all__ = [
    "absolute", "negated", "postgresql_convert", "postgresql_floats", "postgresql_integers", "postgresql_least", "postgresql_product",
    "postgresql_quotient", "postgresql_sum", "sqlite_convert", "sqlite_floats", "sqlite_integers", "sqlite_least", "sqlite_product",
    "sqlite_quotient", "sqlite_sum",
]

A_DAY = number(86_400_000_000)
FLOATS = "double precision"


def sqlite_sum(sign: str) -> Sql:
    def build(c: SqlCall) -> Term:
        wanted = places(c.type)
        left, right = (sqlite.aligned(node, term, wanted) for node, term in zip(c.nodes, c.args, strict=True))
        return sqlite.bounded_number(apply(left, sign, right), c.type)

    return build


def postgresql_sum(sign: str) -> Sql:
    def build(c: SqlCall) -> Term:
        kind = "bigint" if c.type == INT else "numeric"
        return postgresql.bounded_number(apply(cast(c.args[0], kind), sign, cast(c.args[1], kind)), c.type)

    return build


def sqlite_product(c: SqlCall) -> Term:
    drop = sum(places(node.type) for node in c.nodes) - places(c.type)
    if drop > 0:
        return call("cw_multiply", *c.args, number(drop))
    return sqlite.bounded_number(apply(c.args[0], "*", c.args[1]), c.type)


def postgresql_product(c: SqlCall) -> Term:
    exact = apply(cast(c.args[0], "numeric"), "*", cast(c.args[1], "numeric"))
    if sum(places(node.type) for node in c.nodes) > places(c.type):
        exact = postgresql.half_even(exact, number(1), places(c.type))
    return postgresql.bounded_number(exact, c.type)


def sqlite_quotient(c: SqlCall) -> Term:
    shift = MAX_PLACES + places(c.nodes[1].type) - places(c.nodes[0].type)
    return call("cw_divide", *c.args, number(shift))


def _not_zero(term: Term) -> Term:
    return call("nullif", term, number(0))


def postgresql_quotient(c: SqlCall) -> Term:
    return postgresql.bounded_number(postgresql.half_even(c.args[0], _not_zero(c.args[1]), MAX_PLACES), c.type)


def sqlite_integers(sign: str) -> Sql:
    return lambda c: apply(c.args[0], sign, c.args[1])


def postgresql_integers(sign: str) -> Sql:
    """Division of whole numbers; both databases truncate, and SQLite gives null for zero by itself."""
    return lambda c: apply(cast(c.args[0], "bigint"), sign, cast(_not_zero(c.args[1]), "bigint"))


def sqlite_floats(sign: str) -> Sql:
    return lambda c: call("cw_float", apply(c.args[0], sign, c.args[1]))


def postgresql_floats(sign: str) -> Sql:
    def build(c: SqlCall) -> Term:
        right = _not_zero(c.args[1]) if sign == "/" else c.args[1]
        return postgresql.bounded_float(apply(cast(c.args[0], FLOATS), sign, cast(right, FLOATS)))

    return build


def negated(c: SqlCall) -> Term:
    return apply(number(0), "-", c.args[0])


def absolute(c: SqlCall) -> Term:
    return call("abs", c.args[0])


def sqlite_least(name: str) -> Sql:
    return lambda c: call(name, *c.args)


def postgresql_least(name: str) -> Sql:
    """LEAST and GREATEST skip nulls; the language does not."""

    def build(c: SqlCall) -> Term:
        def body(*names: Term) -> Term:
            unknown = listed([Term(f"{each.text} IS NULL") for each in names], " OR ")
            return write("CASE WHEN ", unknown, " THEN NULL ELSE ", call(name, *names), " END")

        return let(c.args, body)

    return build


# Conversions, which only the checker writes

def sqlite_convert(c: SqlCall) -> Term:
    given = c.nodes[0].type
    if c.type == FLOAT:
        return call("cw_decimal_float", c.args[0], number(places(given)))
    if not isinstance(c.type, DecimalOf):
        return apply(c.args[0], "*", A_DAY)
    if places(given) > c.type.places:
        return call("cw_rescale", c.args[0], number(places(given) - c.type.places))
    return sqlite.bounded_number(sqlite.aligned(c.nodes[0], c.args[0], c.type.places), c.type)


def postgresql_convert(c: SqlCall) -> Term:
    if c.type == FLOAT:
        return cast(c.args[0], FLOATS)
    if not isinstance(c.type, DecimalOf):
        return apply(cast(c.args[0], "bigint"), "*", A_DAY)
    exact = cast(c.args[0], "numeric")
    if places(c.nodes[0].type) > c.type.places:
        exact = postgresql.half_even(exact, number(1), c.type.places)
    return postgresql.bounded_number(exact, c.type)
