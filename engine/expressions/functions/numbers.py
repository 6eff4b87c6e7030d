"""Numbers: + - * / %, div, abs, min, max, and the conversions between kinds of numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from engine.expressions import values
from engine.expressions.functions import postgresql, sqlite
from engine.expressions.functions.function import (
    AN_INT,
    EXACT_NUMBER,
    NUMBER,
    Evaluate,
    Function,
    Param,
    Sql,
    SqlCall,
    always,
)
from engine.expressions.limits import MAX_INTEGER, MAX_PLACES, decimal_bound
from engine.expressions.sql_terms import BIGINT, NUMERIC, apply, call, let, number
from engine.expressions.tree import Node
from engine.expressions.types import FLOAT, INT, DecimalOf, Type, meet, places

__all__ = ["CONVERT", "FUNCTIONS"]

Term = ColumnElement[Any]
DOUBLE: sa.types.TypeEngine[Any] = sa.Double()


# Types

def _wider(kinds: Sequence[Type]) -> Type:
    found = kinds[0]
    for kind in kinds[1:]:
        found = meet(found, kind) or found
    return found


def _product(kinds: Sequence[Type]) -> Type:
    return DecimalOf(min(MAX_PLACES, sum(map(places, kinds))))


# Python

def _integers(step: Callable[[int, int], int]) -> Callable[[tuple[Node, ...], Type], Evaluate]:
    def evaluate(x: int, y: int) -> int | None:
        found = step(x, y)
        return found if -MAX_INTEGER <= found <= MAX_INTEGER else None

    return lambda nodes, kind: evaluate


def _decimals(step: Callable[[Any, Any], Decimal]) -> Callable[[tuple[Node, ...], Type], Evaluate]:
    def make(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
        bound = decimal_bound(places(kind))

        def evaluate(x: Any, y: Any) -> Decimal | None:
            found = step(x, y)
            return found if -bound < found < bound else None

        return evaluate

    return make


def _multiply(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
    wanted = places(kind)
    if sum(places(node.type) for node in nodes) <= wanted:
        return _decimals(values.EXACT.multiply)(nodes, kind)
    return _decimals(lambda x, y: values.rescale(values.EXACT.multiply(x, y), wanted))(nodes, kind)


def _divide(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
    bound = decimal_bound(MAX_PLACES)

    def evaluate(x: Any, y: Any) -> Decimal | None:
        if y == 0:
            return None
        found = values.rescale(values.EXACT.divide(x, y), MAX_PLACES)
        return found if -bound < found < bound else None

    return evaluate


def _floats(step: Callable[[float, float], float]) -> Callable[[tuple[Node, ...], Type], Evaluate]:
    return lambda nodes, kind: lambda x, y: values.as_float(step(x, y))


def _divide_floats(x: float, y: float) -> float | None:
    return values.as_float(x / y) if y else None


def _truncate(x: int, y: int) -> int | None:
    if y == 0:
        return None
    found = abs(x) // abs(y)
    return found if (x < 0) == (y < 0) else -found


def _remainder(x: int, y: int) -> int | None:
    if y == 0:
        return None
    found = abs(x) % abs(y)
    return -found if x < 0 else found


# SQL

def _sqlite_sum(sign: str) -> Sql:
    def build(c: SqlCall) -> Term:
        wanted = places(c.type)
        left, right = (sqlite.aligned(node, term, wanted) for node, term in zip(c.nodes, c.args, strict=True))
        return sqlite.bounded_number(apply(left, sign, right, BIGINT), c.type)

    return build


def _postgresql_sum(sign: str) -> Sql:
    def build(c: SqlCall) -> Term:
        kind = BIGINT if c.type == INT else NUMERIC
        return postgresql.bounded_number(apply(sa.cast(c.args[0], kind), sign, sa.cast(c.args[1], kind), kind), c.type)

    return build


def _sqlite_product(c: SqlCall) -> Term:
    drop = sum(places(node.type) for node in c.nodes) - places(c.type)
    if drop > 0:
        return call("cw_multiply", *c.args, number(drop), kind=BIGINT)
    return sqlite.bounded_number(apply(*_between(c, "*"), BIGINT), c.type)


def _between(c: SqlCall, sign: str) -> tuple[Term, str, Term]:
    return c.args[0], sign, c.args[1]


def _postgresql_product(c: SqlCall) -> Term:
    exact = apply(sa.cast(c.args[0], NUMERIC), "*", sa.cast(c.args[1], NUMERIC), NUMERIC)
    if sum(places(node.type) for node in c.nodes) > places(c.type):
        exact = postgresql.half_even(exact, number(1), places(c.type))
    return postgresql.bounded_number(exact, c.type)


def _sqlite_quotient(c: SqlCall) -> Term:
    shift = MAX_PLACES + places(c.nodes[1].type) - places(c.nodes[0].type)
    return call("cw_divide", *c.args, number(shift), kind=BIGINT)


def _not_zero(term: Term, kind: sa.types.TypeEngine[Any]) -> Term:
    return call("nullif", term, number(0), kind=kind)


def _postgresql_quotient(c: SqlCall) -> Term:
    return postgresql.bounded_number(postgresql.half_even(c.args[0], _not_zero(c.args[1], NUMERIC), MAX_PLACES), c.type)


def _sqlite_integers(sign: str) -> Sql:
    return lambda c: apply(*_between(c, sign), BIGINT)


def _postgresql_integers(sign: str) -> Sql:
    """Division of whole numbers; both databases truncate, and SQLite gives null for zero by itself."""
    return lambda c: apply(sa.cast(c.args[0], BIGINT), sign, sa.cast(_not_zero(c.args[1], BIGINT), BIGINT), BIGINT)


def _sqlite_floats(sign: str) -> Sql:
    return lambda c: call("cw_float", apply(*_between(c, sign), DOUBLE), kind=DOUBLE)


def _postgresql_floats(sign: str) -> Sql:
    def build(c: SqlCall) -> Term:
        right = _not_zero(c.args[1], DOUBLE) if sign == "/" else c.args[1]
        return postgresql.bounded_float(apply(sa.cast(c.args[0], DOUBLE), sign, sa.cast(right, DOUBLE), DOUBLE))

    return build


def _negated(c: SqlCall) -> Term:
    return apply(number(0), "-", c.args[0], c.args[0].type)


def _absolute(c: SqlCall) -> Term:
    return call("abs", c.args[0], kind=c.args[0].type)


def _sqlite_least(name: str) -> Sql:
    return lambda c: call(name, *c.args, kind=c.args[0].type)


def _postgresql_least(name: str) -> Sql:
    """LEAST and GREATEST skip nulls; the language does not."""

    def build(c: SqlCall) -> Term:
        def body(*names: Term) -> Term:
            return sa.case((sa.or_(*(each.is_(None) for each in names)), sa.null()), else_=call(name, *names, kind=kind))

        kind = c.args[0].type
        return let(c.args, tuple(arg.type for arg in c.args), body, kind)

    return build


# Conversions, which only the checker writes

def _convert(nodes: tuple[Node, ...], kind: Type) -> Evaluate:
    given = nodes[0].type
    if kind == FLOAT:
        return float
    if not isinstance(kind, DecimalOf):
        return lambda x: x
    bound, wanted = decimal_bound(kind.places), kind.places

    def evaluate(x: Any) -> Decimal | None:
        found = Decimal(x) if places(given) <= wanted else values.rescale(x, wanted)
        return found if -bound < found < bound else None

    return evaluate


def _sqlite_convert(c: SqlCall) -> Term:
    given = c.nodes[0].type
    if c.type == FLOAT:
        return call("cw_decimal_float", c.args[0], number(places(given)), kind=DOUBLE)
    if not isinstance(c.type, DecimalOf):
        return apply(c.args[0], "*", number(86_400_000_000), BIGINT)
    if places(given) > c.type.places:
        return call("cw_rescale", c.args[0], number(places(given) - c.type.places), kind=BIGINT)
    return sqlite.bounded_number(sqlite.aligned(c.nodes[0], c.args[0], c.type.places), c.type)


def _postgresql_convert(c: SqlCall) -> Term:
    if c.type == FLOAT:
        return sa.cast(c.args[0], DOUBLE)
    if not isinstance(c.type, DecimalOf):
        return apply(sa.cast(c.args[0], BIGINT), "*", number(86_400_000_000), BIGINT)
    exact: Term = sa.cast(c.args[0], NUMERIC)
    if places(c.nodes[0].type) > c.type.places:
        exact = postgresql.half_even(exact, number(1), c.type.places)
    return postgresql.bounded_number(exact, c.type)


ANYTHING = Param("value", lambda kind: True)
COMPARED = Param("number, text, date, instant or time", lambda kind: kind.ordered)
CONVERT = Function("convert", (ANYTHING,), _wider, _convert, _sqlite_convert, _postgresql_convert)


def _sums(sign: str, step: Callable[[Any, Any], Any], exact: Callable[[Any, Any], Decimal]) -> list[Function]:
    sql = _sqlite_sum(sign), _postgresql_sum(sign)
    floats = _sqlite_floats(sign), _postgresql_floats(sign)
    return [
        Function(sign, (AN_INT, AN_INT), always(INT), _integers(step), *sql),
        Function(sign, (EXACT_NUMBER, EXACT_NUMBER), _wider, _decimals(exact), *sql),
        Function(sign, (NUMBER, NUMBER), always(FLOAT), _floats(step), *floats, promote=True),
    ]


def _extreme(name: str, sql: str, evaluate: Evaluate, words: str, example: tuple[str, str]) -> Function:
    return Function(
        name, (COMPARED, COMPARED), _wider, lambda nodes, kind: evaluate, _sqlite_least(name), _postgresql_least(sql),
        words=words, example=example, variadic=True, promote=True,
    )


FUNCTIONS: list[Function] = [
    *_sums("+", operator.add, values.EXACT.add),
    *_sums("-", operator.sub, values.EXACT.subtract),
    Function("*", (AN_INT, AN_INT), always(INT), _integers(operator.mul), _sqlite_product, _postgresql_product),
    Function("*", (EXACT_NUMBER, EXACT_NUMBER), _product, _multiply, _sqlite_product, _postgresql_product),
    Function("*", (NUMBER, NUMBER), always(FLOAT), _floats(operator.mul), _sqlite_floats("*"), _postgresql_floats("*"), promote=True),
    Function("/", (EXACT_NUMBER, EXACT_NUMBER), always(DecimalOf(MAX_PLACES)), _divide, _sqlite_quotient, _postgresql_quotient),
    Function(
        "/", (NUMBER, NUMBER), always(FLOAT), lambda nodes, kind: _divide_floats, _sqlite_floats("/"), _postgresql_floats("/"), promote=True
    ),
    Function("%", (AN_INT, AN_INT), always(INT), lambda nodes, kind: _remainder, _sqlite_integers("%"), _postgresql_integers("%")),
    Function("-x", (NUMBER,), _wider, lambda nodes, kind: operator.neg, _negated, _negated),
    Function(
        "div", (AN_INT, AN_INT), always(INT), lambda nodes, kind: _truncate, _sqlite_integers("/"), _postgresql_integers("/"),
        words="whole part of a quotient, cut towards zero", example=("div(-7, 2)", "-3"),
    ),
    Function("abs", (NUMBER,), _wider, lambda nodes, kind: abs, _absolute, _absolute,
             words="size without sign", example=("abs(-3.5)", "3.5")),
    _extreme("min", "least", min, "the least of two or more values; null when one is null", ("min(3, 1, 2)", "1")),
    _extreme("max", "greatest", max, "the greatest of two or more values; null when one is null", ("max(1, 2.5)", "2.5")),
]

