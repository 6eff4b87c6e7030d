"""Numbers: + - * / %, div, abs, min, max, and the conversions between kinds of numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from engine.expressions import values
from engine.expressions.functions import sql_numbers as sql
from engine.expressions.functions.function import (
    AN_INT,
    EXACT_NUMBER,
    NUMBER,
    Evaluate,
    Function,
    Param,
    always,
)
from engine.expressions.limits import MAX_INTEGER, MAX_PLACES, decimal_bound
from engine.expressions.tree import Node
from engine.expressions.types import BOOL, FLOAT, INT, DecimalOf, Type, meet, places

__all__ = ["CONVERT", "FUNCTIONS"]


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


ANYTHING = Param("value", lambda kind: True)
COMPARED = Param("number, text, date, instant or time", lambda kind: kind.ordered and kind != BOOL)
CONVERT = Function("convert", (ANYTHING,), _wider, _convert, sql.sqlite_convert, sql.postgresql_convert)


def _sums(sign: str, step: Callable[[Any, Any], Any], exact: Callable[[Any, Any], Decimal]) -> list[Function]:
    both = sql.sqlite_sum(sign), sql.postgresql_sum(sign)
    floats = sql.sqlite_floats(sign), sql.postgresql_floats(sign)
    return [
        Function(sign, (AN_INT, AN_INT), always(INT), _integers(step), *both),
        Function(sign, (EXACT_NUMBER, EXACT_NUMBER), _wider, _decimals(exact), *both),
        Function(sign, (NUMBER, NUMBER), always(FLOAT), _floats(step), *floats, promote=True),
    ]


def _extreme(name: str, greatest: str, evaluate: Evaluate, words: str, example: tuple[str, str]) -> Function:
    return Function(
        name, (COMPARED, COMPARED), _wider, lambda nodes, kind: evaluate, sql.sqlite_least(name), sql.postgresql_least(greatest),
        words=words, example=example, variadic=True, promote=True,
    )


FUNCTIONS: list[Function] = [
    *_sums("+", operator.add, values.EXACT.add),
    *_sums("-", operator.sub, values.EXACT.subtract),
    Function("*", (AN_INT, AN_INT), always(INT), _integers(operator.mul), sql.sqlite_product, sql.postgresql_product),
    Function("*", (EXACT_NUMBER, EXACT_NUMBER), _product, _multiply, sql.sqlite_product, sql.postgresql_product),
    Function("*", (NUMBER, NUMBER), always(FLOAT), _floats(operator.mul), sql.sqlite_floats("*"), sql.postgresql_floats("*"), promote=True),
    Function("/", (EXACT_NUMBER, EXACT_NUMBER), always(DecimalOf(MAX_PLACES)), _divide, sql.sqlite_quotient, sql.postgresql_quotient),
    Function(
        "/", (NUMBER, NUMBER), always(FLOAT), lambda nodes, kind: _divide_floats, sql.sqlite_floats("/"), sql.postgresql_floats("/"), promote=True
    ),
    Function("%", (AN_INT, AN_INT), always(INT), lambda nodes, kind: _remainder, sql.sqlite_integers("%"), sql.postgresql_integers("%")),
    Function("-x", (NUMBER,), _wider, lambda nodes, kind: operator.neg, sql.negated, sql.negated),
    Function(
        "div", (AN_INT, AN_INT), always(INT), lambda nodes, kind: _truncate, sql.sqlite_integers("/"), sql.postgresql_integers("/"),
        words="whole part of a quotient, cut towards zero", example=("div(-7, 2)", "-3"),
    ),
    Function("abs", (NUMBER,), _wider, lambda nodes, kind: abs, sql.absolute, sql.absolute,
             words="size without sign", example=("abs(-3.5)", "3.5")),
    _extreme("min", "least", min, "the least of two or more values; null when one is null", ("min(3, 1, 2)", "1")),
    _extreme("max", "greatest", max, "the greatest of two or more values; null when one is null", ("max(1, 2.5)", "2.5")),
]

