"""Conditions as rows (field, operator, value, joined by and/or in groups) and as expressions, both ways.

What rows cannot say stays a text: `rows_of` gives None, and nothing is lost. Expressions are written in one way: one blank
around operators, texts in single quotation marks, brackets only where `&&` and `||` meet.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from designer.edits.refused import EditRefused
from engine.expressions.errors import ExpressionError
from engine.expressions.syntax import nodes as syntax
from engine.expressions.syntax.parse import parse

__all__ = ["OPERATORS", "Group", "Literal", "Row", "Said", "group_of_json", "rows_of", "text_of"]

OPERATORS = (
    "is", "is_not", "less", "at_most", "more", "at_least", "filled", "empty", "one_of", "none_of", "contains", "contains_not",
    "within", "true", "false",
)
"""What a row may say of its field; `contains` is for fields that hold several options, `within` for a list such as `user.teams`."""
_COMPARED = {"is": "==", "is_not": "!=", "less": "<", "at_most": "<=", "more": ">", "at_least": ">="}
_OPERATOR = {sign: name for name, sign in _COMPARED.items()}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_BARE = frozenset({"filled", "empty", "true", "false"})
_LISTED = frozenset({"one_of", "none_of"})
_MOST_ROWS, _MOST_DEPTH = 60, 6


@dataclasses.dataclass(frozen=True, slots=True)
class Literal:
    """A text, number or truth value."""

    value: str | int | Decimal | bool


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """A value that is computed: another field, `today + days(3)`, `user.id`."""

    text: str


Value: TypeAlias = Literal | Said | tuple[Literal, ...] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One condition on the path `field`."""

    field: str
    operator: str
    value: Value = None


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """Rows and groups of which all, or with `every` false any, must hold; none at all always holds."""

    every: bool
    items: tuple[Row | Group, ...]

    def as_json(self) -> dict[str, Any]:
        return {"every": self.every, "items": [_json(item) for item in self.items]}


# Expression → rows


def rows_of(text: str) -> Group | None:
    """The rows that say what an expression says; None when rows cannot, or it is no expression."""
    if not text.strip():
        return Group(True, ())
    try:
        found = _item(parse(text))
    except (ExpressionError, _NoRows):
        return None
    return found if isinstance(found, Group) else Group(True, (found,))


class _NoRows(Exception):
    """The expression says more than rows can."""


def _item(node: syntax.Syntax) -> Row | Group:
    if isinstance(node, syntax.Logic):
        every = node.op == "&&"
        items: list[Row | Group] = []
        for part in node.items:
            found = _item(part)
            items += found.items if isinstance(found, Group) and found.every == every else (found,)
        return Group(every, tuple(items))
    if isinstance(node, syntax.Binary):
        return _compared(node)
    if isinstance(node, syntax.Unary) and node.op == "!":
        return _denied(node.x)
    if isinstance(node, syntax.Invoke) and node.name == "has" and not node.method and len(node.args) == 1:
        return Row(_path(node.args[0]), "filled")
    return Row(_path(node), "true")


def _denied(node: syntax.Syntax) -> Row:
    found = _item(node)
    turned = {"one_of": "none_of", "contains": "contains_not", "filled": "empty", "true": "false"}
    if isinstance(found, Row) and found.operator in turned:
        return Row(found.field, turned[found.operator], found.value)
    raise _NoRows


def _compared(node: syntax.Binary) -> Row:
    left, right = node.left, node.right
    if node.op == "in":
        if isinstance(right, syntax.Items):
            return Row(_path(left), "one_of", tuple(_literal(item) for item in right.items))
        if isinstance(left, syntax.Name | syntax.Select):
            return Row(_path(left), "within", Said(_path(right)))
        return Row(_path(right), "contains", _literal(left))
    if node.op not in _OPERATOR:
        raise _NoRows
    op = node.op
    if isinstance(left, syntax.Constant | syntax.Unary) and isinstance(right, syntax.Name | syntax.Select):
        left, right, op = right, left, _TURNED[op]
    if isinstance(right, syntax.Constant) and right.value is None:
        return Row(_path(left), {"==": "empty", "!=": "filled"}.get(op) or _no())
    return Row(_path(left), _OPERATOR[op], _value(right))


def _no() -> str:
    raise _NoRows


def _path(node: syntax.Syntax) -> str:
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.Select):
        return f"{_path(node.target)}.{node.name}"
    raise _NoRows


def _literal(node: syntax.Syntax) -> Literal:
    if isinstance(node, syntax.Unary) and node.op == "-":
        inner = _literal(node.x)
        if isinstance(inner.value, int | Decimal) and not isinstance(inner.value, bool):
            return Literal(-inner.value)
    if isinstance(node, syntax.Constant) and isinstance(node.value, str | int | Decimal | bool):
        return Literal(node.value)
    raise _NoRows


def _value(node: syntax.Syntax) -> Literal | Said:
    try:
        return _literal(node)
    except _NoRows:
        return Said(_spoken(node))


def _spoken(node: syntax.Syntax) -> str:
    """A value that is computed, as far as rows can hold one: paths, calls of functions, sums of them."""
    if isinstance(node, syntax.Binary) and node.op in ("+", "-"):
        right = _spoken(node.right)
        return f"{_spoken(node.left)} {node.op} {f'({right})' if isinstance(node.right, syntax.Binary) else right}"
    if isinstance(node, syntax.Invoke) and not node.method:
        return f"{node.name}({', '.join(_spoken(arg) for arg in node.args)})"
    if isinstance(node, syntax.Constant | syntax.Unary):
        return _written(_literal(node))
    return _path(node)


# Rows → expression


def text_of(group: Group) -> str:
    """The expression that the rows say. Raises EditRefused for rows that say nothing sensible."""
    written = _group(group, 0)
    if written:
        try:
            parse(written)
        except ExpressionError as error:
            raise EditRefused("rows", why=str(error)) from None
    return written


def _group(group: Group, depth: int) -> str:
    if depth > _MOST_DEPTH or len(group.items) > _MOST_ROWS:
        raise EditRefused("rows", why="too many")
    parts = []
    for item in group.items:
        if isinstance(item, Row):
            parts.append(_row(item))
        elif item.items:
            inner = _group(item, depth + 1)
            mixed = item.every != group.every and len(item.items) > 1 and len(group.items) > 1
            parts.append(f"({inner})" if mixed else inner)
    return (" && " if group.every else " || ").join(parts)


def _row(row: Row) -> str:
    field, value = row.field, row.value
    if not field or not all(part.isidentifier() and part.isascii() for part in field.split(".")):
        raise EditRefused("rows", why=f"'{field[:40]}'")
    if row.operator in _BARE:
        return {"filled": f"has({field})", "empty": f"{field} == null", "true": field, "false": f"!{field}"}[row.operator]
    if row.operator in _LISTED:
        if not isinstance(value, tuple) or not value:
            raise EditRefused("rows", why=f"{field}: []")
        listed = f"{field} in [{', '.join(_written(item) for item in value)}]"
        return listed if row.operator == "one_of" else f"!({listed})"
    if value is None or isinstance(value, tuple):
        raise EditRefused("rows", why=f"{field}: –")
    if row.operator in ("contains", "contains_not"):
        held = f"{_said(value)} in {field}"
        return held if row.operator == "contains" else f"!({held})"
    if row.operator == "within":
        return f"{field} in {_said(value)}"
    if row.operator not in _COMPARED:
        raise EditRefused("rows", why=f"'{row.operator[:40]}'")
    return f"{field} {_COMPARED[row.operator]} {_said(value)}"


def _said(value: Literal | Said) -> str:
    if isinstance(value, Literal):
        return _written(value)
    try:
        node = parse(value.text)
        return _spoken(node)
    except (ExpressionError, _NoRows):
        raise EditRefused("rows", why=f"'{value.text[:40]}'") from None


def _written(literal: Literal) -> str:
    value = literal.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text if "." in text else f"{text}.0"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f"'{escaped}'"


# JSON, as the browser has it: {"every": true, "items": [{"field", "operator", "value"} | {"every", "items"}]}; a value is a
# literal, a list of literals or {"said": "today"}; decimals are texts with their kind: {"decimal": "1.5"}.


def _json(item: Row | Group) -> dict[str, Any]:
    if isinstance(item, Group):
        return item.as_json()
    return {"field": item.field, "operator": item.operator, "value": _json_value(item.value)}


def _json_value(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_json_value(item) for item in value]
    if isinstance(value, Said):
        return {"said": value.text}
    if isinstance(value, Literal):
        return {"decimal": format(value.value, "f")} if isinstance(value.value, Decimal) else value.value
    return None


def group_of_json(found: Any, depth: int = 0) -> Group:
    """Raises EditRefused."""
    if not isinstance(found, Mapping) or not isinstance(found.get("items"), list) or depth > _MOST_DEPTH:
        raise EditRefused("rows", why="JSON")
    items: list[Row | Group] = []
    for item in found["items"]:
        if isinstance(item, Mapping) and "items" in item:
            items.append(group_of_json(item, depth + 1))
        elif isinstance(item, Mapping):
            items.append(Row(str(item.get("field", "")), str(item.get("operator", "")), _value_of_json(item.get("value"))))
        else:
            raise EditRefused("rows", why="JSON")
    return Group(bool(found.get("every", True)), tuple(items))


def _value_of_json(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(item for item in map(_value_of_json, value) if isinstance(item, Literal))
    if isinstance(value, Mapping):
        if "said" in value:
            return Said(str(value["said"]))
        try:
            return Literal(Decimal(str(value.get("decimal"))))
        except ArithmeticError:
            raise EditRefused("rows", why="JSON") from None
    return Literal(value) if isinstance(value, str | int | Decimal | bool) else None
