"""The back end for Python: a tree becomes one closure, made once and called for every row."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from engine.expressions.tree import (
    And,
    Arith,
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    IsNull,
    ListLit,
    Literal,
    Negate,
    Node,
    Not,
    Or,
    Path,
    Ref,
)
from engine.expressions.values import Months

__all__ = ["Env", "Reader", "Value", "to_python"]

Value = (
    None | bool | int | float | Decimal | str | datetime.date | datetime.time | datetime.timedelta | Months | tuple[Any, ...]
)
Eval = Callable[[Any], Any]
# For a path, the function that reads its value from what the closure is called with.
Reader = Callable[[Path], Callable[[Any], Any]]


class Env(Protocol):
    """Where values come from. Shapes: None, bool, int, Decimal, float, str (texts, options, record ids), date,
    aware datetime, time, tuples of these for lists."""

    def lookup(self, path: Path) -> Any: ...


def to_python(tree: Node, lookup: Reader | None = None) -> Eval:
    """A function of an Env that gives the value of the tree, None for unknown; it never raises for values of the right types.

    With `lookup` the closure is called with whatever the readers take: `lambda path: itemgetter(path[0])` reads own
    fields from a plain dict without any Env.
    """
    run = _build(tree, lookup or _from_env)

    def total(env: Any) -> Any:
        try:
            return run(env)
        except (ArithmeticError, ValueError):
            return None

    return total


def _from_env(path: Path) -> Eval:
    return lambda env: env.lookup(path)


def _build(node: Node, read: Reader) -> Eval:
    """The closure of a node; a part that reads nothing is computed here, once."""
    made = BUILD[type(node)](node, read)
    if isinstance(node, Literal) or _reads(node):
        return made
    value = made(None)
    return lambda env: value


def _reads(node: Node) -> bool:
    return isinstance(node, Ref) or any(map(_reads, node.children))


def _literal(node: Literal, read: Reader) -> Eval:
    value = node.value
    return lambda env: value


def _ref(node: Ref, read: Reader) -> Eval:
    return read(node.path)


def _not(node: Not, read: Reader) -> Eval:
    x = _build(node.x, read)

    def evaluate(env: Any) -> bool | None:
        value = x(env)
        return None if value is None else not value

    return evaluate


def _and(node: And, read: Reader) -> Eval:
    """False as soon as one is false, unknown when none is false and one unknown."""
    first, *rest = (_build(item, read) for item in node.items)
    if len(rest) == 1:
        second = rest[0]

        def both(env: Any) -> bool | None:
            one = first(env)
            if one is False:
                return False
            two = second(env)
            return two if one or two is False else None

        return both
    items = (first, *rest)

    def every(env: Any) -> bool | None:
        found: bool | None = True
        for item in items:
            value = item(env)
            if value is False:
                return False
            if value is None:
                found = None
        return found

    return every


def _or(node: Or, read: Reader) -> Eval:
    """True as soon as one is true, unknown when none is true and one unknown."""
    first, *rest = (_build(item, read) for item in node.items)
    if len(rest) == 1:
        second = rest[0]

        def either(env: Any) -> bool | None:
            one = first(env)
            if one:
                return True
            two = second(env)
            return two if one is False or two else None

        return either
    items = (first, *rest)

    def some(env: Any) -> bool | None:
        found: bool | None = False
        for item in items:
            value = item(env)
            if value:
                return True
            if value is None:
                found = None
        return found

    return some


COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}


def _compare(node: Compare, read: Reader) -> Eval:
    test = COMPARE[node.op]
    left, right = _build(node.left, read), _build(node.right, read)
    if isinstance(node.right, Literal) and node.right.value is not None:
        return _compare_constant(node.op, left, node.right.value)

    def evaluate(env: Any) -> bool | None:
        x = left(env)
        if x is None:
            return None
        y = right(env)
        return None if y is None else test(x, y)

    return evaluate


def _compare_constant(op: str, left: Eval, value: Any) -> Eval:
    """The sign spelled out: a call of `operator` would cost a third more, and constants are what most rules compare with."""

    def equal(env: Any) -> bool | None:
        x = left(env)
        return None if x is None else x == value

    def unequal(env: Any) -> bool | None:
        x = left(env)
        return None if x is None else x != value

    def less(env: Any) -> bool | None:
        x = left(env)
        return None if x is None else x < value

    def at_most(env: Any) -> bool | None:
        x = left(env)
        return None if x is None else x <= value

    def greater(env: Any) -> bool | None:
        x = left(env)
        return None if x is None else x > value

    def at_least(env: Any) -> bool | None:
        x = left(env)
        return None if x is None else x >= value

    return {"==": equal, "!=": unequal, "<": less, "<=": at_most, ">": greater, ">=": at_least}[op]


def _is_null(node: IsNull, read: Reader) -> Eval:
    x = _build(node.x, read)
    if node.negated:
        return lambda env: x(env) is not None
    return lambda env: x(env) is None


def _in(node: In, read: Reader) -> Eval:
    item = _build(node.item, read)
    constants = node.items.items if isinstance(node.items, ListLit) else ()
    if constants and all(isinstance(each, Literal) and each.value is not None for each in constants):
        known = frozenset(each.value for each in constants if isinstance(each, Literal))

        def among(env: Any) -> bool | None:
            value = item(env)
            return None if value is None else value in known

        return among
    items = _build(node.items, read)

    def evaluate(env: Any) -> bool | None:
        whole = items(env)
        if whole is None:
            return None
        if not whole:
            return False
        value = item(env)
        if value is None:
            return None
        return True if value in whole else None if None in whole else False

    return evaluate


def _list(node: ListLit, read: Reader) -> Eval:
    items = [_build(item, read) for item in node.items]
    return lambda env: tuple(item(env) for item in items)


def _coalesce(node: Coalesce, read: Reader) -> Eval:
    first, second = (_build(item, read) for item in node.items)

    def evaluate(env: Any) -> Any:
        value = first(env)
        return second(env) if value is None else value

    return evaluate


def _conditional(node: Conditional, read: Reader) -> Eval:
    test, then, otherwise = (_build(child, read) for child in node.children)

    def evaluate(env: Any) -> Any:
        value = test(env)
        return None if value is None else then(env) if value else otherwise(env)

    return evaluate


def _call(node: Call, read: Reader) -> Eval:
    """A strict function: null arguments make it null before it is called."""
    function = node.function.python(node.args, node.type)
    args = [_build(arg, read) for arg in node.args]
    if len(args) == 1:
        only = args[0]

        def one(env: Any) -> Any:
            x = only(env)
            return None if x is None else function(x)

        return one
    if len(args) == 2:
        left, right = args

        def two(env: Any) -> Any:
            x = left(env)
            if x is None:
                return None
            y = right(env)
            return None if y is None else function(x, y)

        return two

    def many(env: Any) -> Any:
        values = [arg(env) for arg in args]
        return None if None in values else function(*values)

    return many


BUILD: dict[type[Node], Callable[[Any, Reader], Eval]] = {
    Literal: _literal, Ref: _ref, Not: _not, And: _and, Or: _or, Compare: _compare, IsNull: _is_null, In: _in, ListLit: _list,
    Coalesce: _coalesce, Conditional: _conditional, Call: _call, Arith: _call, Negate: _call,
}

