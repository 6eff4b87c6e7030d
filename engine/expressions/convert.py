"""Reading literals as options, records or null of a type, and converting numbers and durations."""

from __future__ import annotations

import re

from engine.expressions.errors import ExpressionError
from engine.expressions.functions.numbers import CONVERT
from engine.expressions.tree import Call, ListLit, Literal, Node
from engine.expressions.types import TEXT, ListOf, OptionOf, RecordOf, Type, UserOf
from engine.problems import Code, suggest

__all__ = ["convert", "fit"]

RECORD_ID = re.compile("[0-9a-f]{32}")


def convert(node: Node, kind: Type) -> Node:
    """The node as a value of the type, which meets its own; null literals just change their type."""
    if node.type == kind or (isinstance(node.type, RecordOf) and isinstance(kind, RecordOf)):
        return node
    if isinstance(node, Literal) and node.value is None:
        return Literal(kind, node.at, None)
    if isinstance(node, ListLit) and isinstance(kind, ListOf):
        return ListLit(kind, node.at, tuple(convert(item, kind.item) for item in node.items))
    return Call(kind, node.at, CONVERT, (node,))


def fit(node: Node, kind: Type) -> Node:
    """A text literal read as option or record id where `kind` is one; raises ExpressionError for one that is none."""
    if isinstance(node, ListLit) and isinstance(kind, ListOf):
        items = tuple(fit(item, kind.item) for item in node.items)
        return ListLit(kind if items and items[0].type == kind.item else node.type, node.at, items)
    if not isinstance(node, Literal) or not isinstance(node.value, str) or node.type != TEXT:
        return node
    if isinstance(kind, OptionOf):
        return Literal(kind, node.at, _option(node.at, node.value, kind))
    if isinstance(kind, RecordOf):
        if not RECORD_ID.fullmatch(node.value):
            words = {"text": node.value, "what": "the id of a record", "hint": "write its 32 hex digits, or compare a field behind it"}
            raise ExpressionError(node.at, Code.EXPR_015, words)
        return Literal(RecordOf(kind.object) if isinstance(kind, UserOf) else kind, node.at, node.value)
    return node


def _option(at: int, name: str, kind: OptionOf) -> str:
    """The stored name of the option that is now called so."""
    if name in kind.names:
        return kind.names[name]
    if name in kind.former:
        raise ExpressionError(at, Code.EXPR_009, {"name": name, "current": kind.former[name]})
    shown = ", ".join(list(kind.names)[:12]) + (" …" if len(kind.names) > 12 else "")
    words = {"name": name, "choice": kind.choice_id, "suggestion": suggest(name, kind.names), "options": shown}
    raise ExpressionError(at, Code.EXPR_008, words)


