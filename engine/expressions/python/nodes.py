"""The closures of all kinds of nodes; each calls those of its parts and gives a value or None for unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.expressions.python.logic import LOGIC
from engine.expressions.python.macros import MACROS
from engine.expressions.tree import (
    Arith,
    Call,
    Compare,
    In,
    Index,
    IsNull,
    ListLit,
    Literal,
    Macro,
    MapLit,
    Negate,
    Node,
    Ref,
    Var,
)
from engine.expressions.types import MapOf, RowsOf

if TYPE_CHECKING:
    from engine.expressions.python.build import Builder

__all__ = ["BUILD", "strict"]

Eval = Callable[[Any], Any]


def _literal(node: Literal, b: Builder) -> Eval:
    value = node.value
    return lambda env: value


def _ref(node: Ref, b: Builder) -> Eval:
    """Rows are never null: behind a link that is null there are none."""
    read = b.read(node.path)
    if isinstance(node.type, RowsOf):
        return _outer(lambda env: read(env) or (), b.depth)
    return _outer(read, b.depth)


def _outer(read: Eval, depth: int) -> Eval:
    """The reader, called with what lies `depth` pairs outwards."""
    if depth == 0:
        return read
    if depth == 1:
        return lambda env: read(env[0])

    def deep(env: Any) -> Any:
        for _ in range(depth):
            env = env[0]
        return read(env)

    return deep


def _var(node: Var, b: Builder) -> Eval:
    if not node.path:
        return _outer(operator.itemgetter(1), node.outwards)
    read = b.read(node.path)
    return _outer(lambda env: read(env[1]), node.outwards)


COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}


def _compare(node: Compare, b: Builder) -> Eval:
    test = COMPARE[node.op]
    left, right = b.build(node.left), b.build(node.right)
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


def _is_null(node: IsNull, b: Builder) -> Eval:
    x = b.build(node.x)
    if node.negated:
        return lambda env: x(env) is not None
    return lambda env: x(env) is None


def _in(node: In, b: Builder) -> Eval:
    item = b.build(node.item)
    constants = node.items.items if isinstance(node.items, ListLit) else ()
    if constants and all(isinstance(each, Literal) and each.value is not None for each in constants):
        known = frozenset(each.value for each in constants if isinstance(each, Literal))

        def among(env: Any) -> bool | None:
            value = item(env)
            return None if value is None else value in known

        return among
    items = b.build(node.items)

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


def _list(node: ListLit, b: Builder) -> Eval:
    items = [b.build(item) for item in node.items]
    return lambda env: tuple([item(env) for item in items])


def _map(node: MapLit, b: Builder) -> Eval:
    entries = [(key.value, b.build(value)) for key, value in node.entries if isinstance(key, Literal)]
    return lambda env: {key: value(env) for key, value in entries}


def _index(node: Index, b: Builder) -> Eval:
    whole, key = b.build(node.x), b.build(node.key)

    def entry(env: Any) -> Any:
        found = whole(env)
        return None if found is None else found.get(key(env))

    def item(env: Any) -> Any:
        found = whole(env)
        place = None if found is None else key(env)
        return found[place] if place is not None and 0 <= place < len(found) else None

    return entry if isinstance(node.x.type, MapOf) else item


def _macro(node: Macro, b: Builder) -> Eval:
    """Over null it is null; rows are never null."""
    over = b.build(node.over)
    test, body = (None if part is None else b.inside(part) for part in (node.test, node.body))
    run = MACROS[node.kind](node, test, body)

    def evaluate(env: Any) -> Any:
        items = over(env)
        return None if items is None else run(env, items)

    return evaluate


def _call(node: Call, b: Builder) -> Eval:
    return strict(node.function.python(node.args, node.type), [b.build(arg) for arg in node.args])


def strict(function: Callable[..., Any], args: list[Eval]) -> Eval:
    """A strict function: null arguments make it null before it is called."""
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


BUILD: dict[type[Node], Callable[[Any, Builder], Eval]] = {
    **LOGIC, Literal: _literal, Ref: _ref, Compare: _compare, IsNull: _is_null, In: _in, ListLit: _list, Call: _call, Arith: _call,
    Negate: _call, Var: _var, MapLit: _map, Index: _index, Macro: _macro,
}
