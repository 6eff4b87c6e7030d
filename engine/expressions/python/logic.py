"""The closures of the logic of three values, and of choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.expressions.tree import And, Coalesce, Conditional, Node, Not, Or

if TYPE_CHECKING:
    from engine.expressions.python.build import Builder

__all__ = ["LOGIC"]

Eval = Callable[[Any], Any]


def not_(node: Not, b: Builder) -> Eval:
    x = b.build(node.x)

    def evaluate(env: Any) -> bool | None:
        value = x(env)
        return None if value is None else not value

    return evaluate


def and_(node: And, b: Builder) -> Eval:
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


def or_(node: Or, b: Builder) -> Eval:
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


def coalesce(node: Coalesce, b: Builder) -> Eval:
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


def conditional(node: Conditional, b: Builder) -> Eval:
    test, then, otherwise = (b.build(child) for child in node.children)

    def evaluate(env: Any) -> Any:
        value = test(env)
        return None if value is None else then(env) if value else otherwise(env)

    return evaluate


LOGIC: dict[type[Node], Callable[[Any, Builder], Eval]] = {
    Not: not_, And: and_, Or: or_, Coalesce: coalesce, Conditional: conditional,
}
