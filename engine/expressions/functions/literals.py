"""Literal arguments: a text in quotation marks that is read when the expression is checked, and refused when it says nothing."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.errors import ExpressionError
from engine.expressions.tree import Literal, Node
from engine.expressions.types import Type
from engine.problems import Code

__all__ = ["constant", "refuse", "spelled"]

Prepare = Callable[[tuple[Node, ...]], tuple[Node, ...]]


def refuse(node: Node, text: object, what: str, hint: str) -> ExpressionError:
    return ExpressionError(node.at, Code.EXPR_015, {"text": text, "what": what, "hint": hint})


def constant(node: Node, kind: type, what: str) -> object:
    """The value of an argument that must stand as a literal; raises for any other."""
    if isinstance(node, Literal) and isinstance(node.value, kind):
        return node.value
    raise refuse(node, "a computed value", what, "write it as a constant")


def spelled(parse: Callable[[str], object], kind: Type, form: str) -> Prepare:
    """A literal text is read now, and the value takes the place of the call; a computed one stays."""

    def prepare(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        given = nodes[0]
        if not isinstance(given, Literal) or not isinstance(given.value, str):
            return nodes
        found = parse(given.value)
        if found is None:
            raise refuse(given, given.value, f"a {kind.words}", f"write it as {form}")
        return (Literal(kind, given.at, found),)

    return prepare
