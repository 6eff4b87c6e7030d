"""The back end for Python: a tree becomes one closure, made once and called for every row."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from engine.expressions.python_macros import MACROS
from engine.expressions.rules import ALL_ON
from engine.expressions.tree import (
    And,
    Arith,
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    Index,
    IsNull,
    ListLit,
    Literal,
    Macro,
    MapLit,
    Negate,
    Node,
    Not,
    Or,
    Path,
    Ref,
    Var,
)
from engine.expressions.types import MapOf, RowsOf
from engine.expressions.values import Months

__all__ = ["Builder", "Env", "Eval", "Reader", "Value", "to_python"]

Value = (
    None | bool | int | float | Decimal | str | datetime.date | datetime.time | datetime.timedelta | Months | tuple[Any, ...] | dict[Any, Any]
)
Eval = Callable[[Any], Any]
# For a path, the function that reads its value from what the closure is called with.
Reader = Callable[[Path], Callable[[Any], Any]]


class Env(Protocol):
    """Where values come from. Shapes: None, bool, int, Decimal, float, str (texts, options, record ids), date,
    aware datetime, time, tuples of these for lists; for child rows a sequence with an Env for each row, or None."""

    def lookup(self, path: Path) -> Any: ...


def to_python(tree: Node, lookup: Reader | None = None, off: frozenset[str] = ALL_ON) -> Eval:
    """A function of an Env that gives the value of the tree, None for unknown; it never raises for values of the right types.

    With `lookup` the closure is called with whatever the readers take: `lambda path: itemgetter(path[0])` reads own
    fields from a plain dict without any Env. The readers are used for child rows too, whose items are then of that kind.
    Rules of the dialect named in `off` are left to Python's own ways, for tests that show what each rule does.
    """
    run = Builder(lookup or _from_env, off).build(tree)

    def total(env: Any) -> Any:
        try:
            return run(env)
        except (ArithmeticError, ValueError):
            return None

    return total


def _from_env(path: Path) -> Eval:
    return lambda env: env.lookup(path)


class Builder:
    """Makes closures bottom up. Within macros the environment is a pair (environment outside, item), so that a closure
    holds nothing of a run and may serve many threads; `depth` counts the macros around."""

    def __init__(self, read: Reader, off: frozenset[str] = ALL_ON) -> None:
        self.read = read
        self.depth = 0
        self.instead = tuple(NAIVE[rule] for rule in sorted(off))

    def build(self, node: Node) -> Eval:
        """The closure of a node; a part that reads nothing is computed here, once."""
        made = next((found for each in self.instead if (found := each(node, self)) is not None), None) or BUILD[type(node)](node, self)
        if isinstance(node, Literal) or _reads(node):
            return made
        value = _folded(made)
        return lambda env: value

    def inside(self, node: Node) -> Eval:
        """The closure of a macro's test or body, called with (environment, item)."""
        self.depth += 1
        found = self.build(node)
        self.depth -= 1
        return found


def _folded(made: Eval) -> Any:
    try:
        return made(None)
    except (ArithmeticError, ValueError):
        return None


def _reads(node: Node, inside: int = 0) -> bool:
    """Whether a node reads anything but the variables of macros within it."""
    if isinstance(node, Macro):
        return _reads(node.over, inside) or any(_reads(part, inside + 1) for part in (node.test, node.body) if part is not None)
    if isinstance(node, Var):
        return node.outwards >= inside
    return isinstance(node, Ref) or any(_reads(child, inside) for child in node.children)


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


def _not(node: Not, b: Builder) -> Eval:
    x = b.build(node.x)

    def evaluate(env: Any) -> bool | None:
        value = x(env)
        return None if value is None else not value

    return evaluate


def _and(node: And, b: Builder) -> Eval:
    """False as soon as one is false, unknown when none is false and one unknown."""
    first, *rest = (b.build(item) for item in node.items)
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


def _or(node: Or, b: Builder) -> Eval:
    """True as soon as one is true, unknown when none is true and one unknown."""
    first, *rest = (b.build(item) for item in node.items)
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


def _coalesce(node: Coalesce, b: Builder) -> Eval:
    first, *rest = (b.build(item) for item in node.items)
    if len(rest) == 1:
        second = rest[0]

        def evaluate(env: Any) -> Any:
            value = first(env)
            return second(env) if value is None else value

        return evaluate
    items = (first, *rest)

    def among(env: Any) -> Any:
        for item in items:
            value = item(env)
            if value is not None:
                return value
        return None

    return among


def _conditional(node: Conditional, b: Builder) -> Eval:
    test, then, otherwise = (b.build(child) for child in node.children)

    def evaluate(env: Any) -> Any:
        value = test(env)
        return None if value is None else then(env) if value else otherwise(env)

    return evaluate


def _call(node: Call, b: Builder) -> Eval:
    """A strict function: null arguments make it null before it is called."""
    function = node.function.python(node.args, node.type)
    args = [b.build(arg) for arg in node.args]
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


# Set by python_rules.py, which names what each rule does.
NAIVE: dict[str, Callable[[Node, Builder], Eval | None]] = {}

BUILD: dict[type[Node], Callable[[Any, Builder], Eval]] = {
    Literal: _literal, Ref: _ref, Not: _not, And: _and, Or: _or, Compare: _compare, IsNull: _is_null, In: _in, ListLit: _list,
    Coalesce: _coalesce, Conditional: _conditional, Call: _call, Arith: _call, Negate: _call, Var: _var, MapLit: _map,
    Index: _index, Macro: _macro,
}

