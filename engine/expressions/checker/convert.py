"""Reading literals as options, records or null of a type, and converting numbers and durations."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from decimal import Decimal

from engine.expressions import values
from engine.expressions.errors import ExpressionError
from engine.expressions.functions.numbers import CONVERT
from engine.expressions.limits import decimal_bound
from engine.expressions.tree import Call, Coalesce, Conditional, ListLit, Literal, Macro, MapLit, Node, Var
from engine.expressions.types import (
    NULL,
    TEXT,
    DecimalOf,
    ListOf,
    MapOf,
    OptionOf,
    RecordOf,
    Type,
    UserOf,
    is_exact,
    meet,
)
from engine.problems import Code, suggest

__all__ = ["common", "convert", "fit", "special", "unconverted"]

RECORD_ID = re.compile("[0-9a-f]{32}")


def convert(node: Node, kind: Type) -> Node:
    """The node as a value of the type, which meets its own; what is always null just changes its type."""
    if node.type == kind or (isinstance(node.type, RecordOf) and isinstance(kind, RecordOf)):
        return node
    if node.type == NULL:
        return Literal(kind, node.at, None)
    if isinstance(kind, ListOf):
        return _list(node, kind)
    if isinstance(kind, MapOf):
        return _map(node, kind)
    if isinstance(node, Literal) and isinstance(kind, DecimalOf) and isinstance(node.value, int | Decimal) and _holds(kind, node.value):
        return Literal(kind, node.at, Decimal(node.value))
    return Call(kind, node.at, CONVERT, (node,))


def _holds(kind: DecimalOf, value: int | Decimal) -> bool:
    bound = decimal_bound(kind.places)
    return -bound < value < bound and value == values.rescale(Decimal(value), kind.places)


def unconverted(node: Node) -> Node:
    """An exact number as it was before it was converted to another kind of exact number: both compare alike."""
    exact = isinstance(node, Call) and node.function is CONVERT and is_exact(node.type)
    return node.children[0] if exact else node


def _list(node: Node, kind: ListOf) -> Node:
    if isinstance(node, ListLit):
        return ListLit(kind, node.at, tuple(convert(item, kind.item) for item in node.items))
    assert isinstance(node.type, ListOf)
    item = Var(node.type.item, node.at, 0, ())
    body = convert(item, kind.item)
    return dataclasses.replace(node, type=kind) if body is item else Macro(kind, node.at, "map", node, None, body)


def _map(node: Node, kind: MapOf) -> Node:
    """The entries of a literal, in whatever branch it stands, converted; a map that is read has its type from the scope."""
    if isinstance(node, MapLit):
        return MapLit(kind, node.at, tuple((convert(key, kind.key), convert(value, kind.value)) for key, value in node.entries))
    if isinstance(node, Conditional):
        return Conditional(kind, node.at, node.test, _map(node.then, kind), _map(node.otherwise, kind))
    if isinstance(node, Coalesce):
        return Coalesce(kind, node.at, tuple(_map(item, kind) for item in node.items))
    return Literal(kind, node.at, None) if node.type == NULL else dataclasses.replace(node, type=kind)


def special(kind: Type) -> bool:
    """Whether texts beside values of the type are read as options or ids of records."""
    if isinstance(kind, ListOf):
        return special(kind.item)
    if isinstance(kind, MapOf):
        return special(kind.key) or special(kind.value)
    return isinstance(kind, OptionOf | RecordOf)


def fit(node: Node, kind: Type) -> Node:
    """A text literal read as option or record id where `kind` is one; raises ExpressionError for one that is none."""
    if isinstance(node, ListLit) and isinstance(kind, ListOf):
        items = tuple(fit(item, kind.item) for item in node.items)
        return ListLit(kind if items and items[0].type == kind.item else node.type, node.at, items)
    if isinstance(node, MapLit) and isinstance(kind, MapOf) and node.entries:
        entries = tuple((fit(key, kind.key), fit(value, kind.value)) for key, value in node.entries)
        return MapLit(MapOf(entries[0][0].type, common([value for _key, value in entries])), node.at, entries)
    if isinstance(node, Conditional | Coalesce) and node.type == TEXT and isinstance(kind, OptionOf | RecordOf):
        return _fit_choice(node, kind)
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


def _fit_choice(node: Conditional | Coalesce, kind: Type) -> Node:
    """A choice between text literals, each read as what is needed; as it was where one of them is computed."""
    first = 1 if isinstance(node, Conditional) else 0
    parts = [Literal(kind, x.at, None) if isinstance(x, Literal) and x.value is None else fit(x, kind) for x in node.children[first:]]
    if any(part.type == TEXT for part in parts):
        return node
    given = parts[0].type
    return Conditional(given, node.at, node.test, *parts) if isinstance(node, Conditional) else Coalesce(given, node.at, tuple(parts))


def common(nodes: Iterable[Node]) -> Type:
    """The type in which nodes meet that were found to meet; NULL for none."""
    kind: Type = NULL
    for node in nodes:
        kind = meet(kind, node.type) or kind
    return kind


def _option(at: int, name: str, kind: OptionOf) -> str:
    """The stored name of the option that is now called so."""
    if name in kind.names:
        return kind.names[name]
    if name in kind.former:
        raise ExpressionError(at, Code.EXPR_009, {"name": name, "current": kind.former[name]})
    shown = ", ".join(list(kind.names)[:12]) + (" …" if len(kind.names) > 12 else "")
    words = {"name": name, "choice": kind.choice_id, "suggestion": suggest(name, kind.names), "options": shown}
    raise ExpressionError(at, Code.EXPR_008, words)


