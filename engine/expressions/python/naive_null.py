"""What Python, or another common engine, would do with null and with macros where the dialect has a rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.expressions.python.nodes import COMPARE
from engine.expressions.tree import And, Call, Compare, Conditional, In, Macro, Node, Not, Or
from engine.expressions.types import BOOL, FLOAT, INT, TEXT, DecimalOf, ListOf, Type

if TYPE_CHECKING:
    from engine.expressions.python.build import Builder

Eval = Callable[[Any], Any]


def and_(node: Node, b: Builder) -> Eval | None:
    """`x and y`: the first that is not true."""
    if not isinstance(node, And):
        return None
    items = [b.build(item) for item in node.items]

    def evaluate(env: Any) -> Any:
        value: Any = True
        for item in items:
            value = item(env)
            if not value:
                return value
        return value

    return evaluate


def or_(node: Node, b: Builder) -> Eval | None:
    """`x or y`: the first that is true, else the last."""
    if not isinstance(node, Or):
        return None
    items = [b.build(item) for item in node.items]

    def evaluate(env: Any) -> Any:
        value: Any = False
        for item in items:
            value = item(env)
            if value:
                return value
        return value

    return evaluate


def not_(node: Node, b: Builder) -> Eval | None:
    if not isinstance(node, Not):
        return None
    x = b.build(node.x)
    return lambda env: not x(env)


def compare(node: Node, b: Builder) -> Eval | None:
    """None is a value like others, and comes before none."""
    if not isinstance(node, Compare):
        return None
    left, right, test = b.build(node.left), b.build(node.right), COMPARE[node.op]

    def evaluate(env: Any) -> bool:
        try:
            return bool(test(left(env), right(env)))
        except TypeError:
            return False

    return evaluate


def in_(node: Node, b: Builder) -> Eval | None:
    if not isinstance(node, In):
        return None
    item, items = b.build(node.item), b.build(node.items)
    return lambda env: item(env) in (items(env) or ())


def conditional(node: Node, b: Builder) -> Eval | None:
    if not isinstance(node, Conditional):
        return None
    test, then, otherwise = (b.build(child) for child in node.children)
    return lambda env: then(env) if test(env) else otherwise(env)


def _nothing(kind: Type) -> Any:
    """What stands for null where an engine takes it for empty."""
    if isinstance(kind, ListOf):
        return ()
    return Decimal(0) if isinstance(kind, DecimalOf) else {INT: 0, FLOAT: 0.0, TEXT: "", BOOL: False}.get(kind)  # type: ignore[call-overload]


def lenient(node: Node, b: Builder) -> Eval | None:
    """Null is 0 or empty, as in JavaScript."""
    if not isinstance(node, Call):
        return None
    function = node.function.python(node.args, node.type)
    args = [(b.build(arg), _nothing(arg.type)) for arg in node.args]

    def evaluate(env: Any) -> Any:
        try:
            return function(*[instead if (value := arg(env)) is None else value for arg, instead in args])
        except (TypeError, AttributeError):
            return None

    return evaluate


# Macros

def macro_unknown(node: Node, b: Builder) -> Eval | None:
    """all() and any() of Python: unknown is false."""
    if not isinstance(node, Macro) or node.kind not in ("all", "exists", "exists_one") or node.body is None:
        return None
    over, body = b.build(node.over), b.inside(node.body)
    join: Callable[[Any], bool] = {"all": all, "exists": any, "exists_one": lambda found: sum(map(bool, found)) == 1}[node.kind]
    return lambda env: None if (items := over(env)) is None else join(body((env, item)) for item in items)


def empty_aggregate(node: Node, b: Builder) -> Eval | None:
    """The sum of nothing is null as in SQL, the least of nothing 0 as in a spreadsheet."""
    if not isinstance(node, Macro) or node.kind not in ("sum", "avg", "min", "max") or node.body is None:
        return None
    made, over, body = b.own(node), b.build(node.over), b.inside(node.body)
    instead = None if node.kind == "sum" else _nothing(node.type)

    def evaluate(env: Any) -> Any:
        items = over(env)
        if items is None:
            return None
        return instead if all(body((env, item)) is None for item in items) else made(env)

    return evaluate


def aggregate_null(node: Node, b: Builder) -> Eval | None:
    """One null makes the whole null."""
    if not isinstance(node, Macro) or node.kind not in ("sum", "avg", "min", "max") or node.body is None:
        return None
    made, over, body = b.own(node), b.build(node.over), b.inside(node.body)
    return lambda env: None if any(body((env, item)) is None for item in over(env) or ()) else made(env)
