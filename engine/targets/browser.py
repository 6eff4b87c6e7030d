"""The back end for the browser: a typed tree becomes JSON, which `runtime/screens/static/expressions` evaluates.

A node is an array: its name, then its parts. What is not an array is a constant: null, a boolean, a number or a text.

    ["lit", code, json]           a constant of another type; codes name types, see `browser_values.code`
    ["ref", code, "patient.name"] a value that the page gives
    ["var", 0, code, "status"]    the variable of the macro around (0: the innermost); without a path the item itself
    ["and", a, b, …] ["or", …] ["not", a] ["is_null", a] ["has", a] ["??", a, b] ["?", test, then, otherwise]
    ["==", a, b] …                comparisons, and ["in", item, items], ["index", x, key]
    ["list", a, …] ["map", [key, value], …]
    ["macro", kind, code, over, test, body]   code is of the macro's value; [] stands for no test or no body
    [name, code, a, …]            a function or operator; code is of its value

It is total: whatever the page gives, the value is null rather than an exception.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    Ref,
    Var,
)
from engine.targets.browser_values import Json, code, to_json

__all__ = ["to_browser"]


def to_browser(tree: Node) -> Json:
    """The tree as a JSON value; every tree that was checked has one."""
    return BUILD[type(tree)](tree)


def _literal(node: Literal) -> Json:
    if node.value is None or isinstance(node.value, bool | int | float | str):
        return node.value
    return ["lit", code(node.type), to_json(node.value)]


def _var(node: Var) -> Json:
    return ["var", node.outwards, code(node.type), ".".join(node.path)] if node.path else ["var", node.outwards]


def _macro(node: Macro) -> Json:
    test, body = ([] if part is None else to_browser(part) for part in (node.test, node.body))
    return ["macro", node.kind, code(node.type), to_browser(node.over), test, body]


def _call(node: Call) -> Json:
    return [node.function.name, code(node.type), *map(to_browser, node.args)]


def _many(name: str) -> Callable[[Any], Json]:
    return lambda node: [name, *map(to_browser, node.children)]


BUILD: dict[type[Node], Callable[[Any], Json]] = {
    Literal: _literal,
    Ref: lambda node: ["ref", code(node.type), ".".join(node.path)],
    Var: _var,
    Not: _many("not"),
    IsNull: lambda node: ["has" if node.negated else "is_null", to_browser(node.x)],
    And: _many("and"),
    Or: _many("or"),
    ListLit: _many("list"),
    Coalesce: _many("??"),
    Compare: lambda node: [node.op, to_browser(node.left), to_browser(node.right)],
    In: _many("in"),
    Index: _many("index"),
    Conditional: _many("?"),
    MapLit: lambda node: ["map", *([to_browser(key), to_browser(value)] for key, value in node.entries)],
    Macro: _macro,
    Call: _call,
    Arith: _call,
    Negate: _call,
}
