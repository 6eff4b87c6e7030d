"""How a value came about: every part of an expression with its place in the text, its value, and why it is null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.expressions.functions.numbers import CONVERT
from engine.expressions.python.build import Builder, Env, Reader
from engine.expressions.syntax.spans import Span, Spans
from engine.expressions.tree import And, Call, Coalesce, Conditional, In, Index, Literal, Macro, Node, Or, Ref, Var
from engine.expressions.types import TEXT, MapOf, RowsOf, Type

__all__ = ["MOST_ITEMS", "WHY", "Item", "Step", "trace"]

MOST_ITEMS = 20

WHY: Mapping[str, str] = MappingProxyType({
    "null": "null is written there",
    "empty": "nothing is stored there",
    "operand": "a part of it is null",
    "undecided": "no part that is known decides it",
    "test": "the condition is unknown",
    "chosen": "what was chosen is null",
    "division_by_zero": "division by zero",
    "out_of_range": "beyond the bounds of its type",
    "not_convertible": "the text does not spell such a value",
    "to_come": "the date is still to come",
    "no_place": "there is no such place",
    "no_key": "there is no such key",
    "no_items": "there are no values",
})
"""Why a part is null, in words."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a macro: the value of its variable (the id of a row), and the test and body for it."""

    value: Any
    parts: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A part of an expression: its text and where it stands (characters from 0, `end` exclusive), its type and value.

    `why` is a key of WHY where the value is null, else "". `parts` are the parts that it was computed from, in the order of the
    text; of a choice those that were looked at. For a macro `items` has at most 20 of the items, `more` counts the others.
    The value of child rows is a tuple of their ids.
    """

    text: str
    start: int
    end: int
    type: Type
    value: Any
    why: str
    parts: tuple[Step, ...] = ()
    items: tuple[Item, ...] = ()
    more: int = 0


def trace(tree: Node, text: str, env: Env, lookup: Reader | None = None) -> Step:
    """The steps of the expression, which `text` was checked to, for the values of `env`. Never raises for values of the right types."""
    return _Trace(text, lookup).step(tree, env, 0)


class _Trace:
    def __init__(self, text: str, lookup: Reader | None) -> None:
        self.text = text
        self.spans = Spans(text)
        self.read = lookup or (lambda path: lambda env: env.lookup(path))

    def value(self, node: Node, env: Any, depth: int) -> Any:
        builder = Builder(self.read)
        builder.depth = depth
        try:
            return builder.build(node)(env)
        except (ArithmeticError, ValueError):
            return None

    def step(self, node: Node, env: Any, depth: int) -> Step:
        start, end = span = self.spans.of(node)
        value = self.value(node, env, depth)
        shown = [part for child in self.looked_at(node, env, depth) for part in self.behind(child, span)]
        parts = {self.spans.of(part): part for part in shown}
        steps = tuple(self.step(part, env, depth) for _, part in sorted(parts.items(), key=lambda found: found[0]))
        why = self.why(node, env, depth) if value is None else ""
        items, more = self.items(node, env, depth, span) if isinstance(node, Macro) else ((), 0)
        if isinstance(node.type, RowsOf):
            value = tuple(map(self.identity, value or ()))
        return Step(self.text[start:end], start, end, node.type, value, why, steps, items, more)

    def behind(self, node: Node, span: Span) -> list[Node]:
        """The node, or where it stands for the same text as what is above (a conversion, a table written out), what is below it."""
        if isinstance(node, Call) and node.function is CONVERT:
            return self.behind(node.args[0], span)
        if self.spans.of(node) != span:
            return [node]
        return [part for child in node.children for part in self.behind(child, span)] if not isinstance(node, Macro) else []

    def looked_at(self, node: Node, env: Any, depth: int) -> Sequence[Node]:
        """The children that the value depends on for these values; what a macro computes for its items is another matter."""
        if isinstance(node, Macro):
            return (node.over,)
        if isinstance(node, Conditional):
            test = self.value(node.test, env, depth)
            return (node.test,) if test is None else (node.test, node.then if test else node.otherwise)
        if isinstance(node, Coalesce):
            known = next((at for at, item in enumerate(node.items) if self.value(item, env, depth) is not None), len(node.items))
            return node.items[: known + 1]
        return node.children

    def items(self, node: Macro, env: Any, depth: int, span: Span) -> tuple[tuple[Item, ...], int]:
        whole = self.value(node.over, env, depth)
        everything = list(whole or ())
        written = [body for body in (node.test, node.body) if body is not None and not (isinstance(body, Var) and body.at == node.at)]
        bodies = [part for body in written for part in self.behind(body, span)]
        rows = isinstance(node.over.type, RowsOf)
        found = tuple(
            Item(self.identity(item) if rows else item, tuple(self.step(body, (env, item), depth + 1) for body in bodies))
            for item in everything[:MOST_ITEMS]
        )
        return found, max(0, len(everything) - MOST_ITEMS)

    def identity(self, row: Any) -> Any:
        return self.read(("id",))(row)

    def why(self, node: Node, env: Any, depth: int) -> str:
        """Why the node is null."""
        if isinstance(node, Literal):
            return "null"
        if isinstance(node, Ref | Var):
            return "empty"
        if isinstance(node, Conditional):
            return "test" if self.value(node.test, env, depth) is None else "chosen"
        if isinstance(node, Coalesce):
            return "chosen"
        if isinstance(node, Macro):
            return self.of_macro(node, env, depth)
        values = [self.value(child, env, depth) for child in node.children]
        if isinstance(node, Index):
            key = "no_key" if isinstance(node.x.type, MapOf) else "no_place"
            return "operand" if None in values else self.of_entry(node, values, key)
        if isinstance(node, Call):
            return "operand" if None in values else _of_call(node, values)
        logic = isinstance(node, And | Or) or isinstance(node, In) and values[0] is not None
        return "undecided" if logic else "operand"

    def of_entry(self, node: Index, values: list[Any], missing: str) -> str:
        """An entry that is there may be null itself."""
        whole, key = values
        there = key in whole if isinstance(node.x.type, MapOf) else 0 <= key < len(whole)
        return "chosen" if there else missing

    def of_macro(self, node: Macro, env: Any, depth: int) -> str:
        items = self.value(node.over, env, depth)
        if items is None:
            return "operand"
        if node.kind in ("all", "exists", "exists_one"):
            return "undecided"
        body = node.body
        known = body is not None and any(self.value(body, (env, item), depth + 1) is not None for item in items)
        return "out_of_range" if known else "no_items"


def _of_call(node: Call, values: list[Any]) -> str:
    """Why a function of known values is null."""
    name = node.function.name
    if name in ("/", "%", "div") and values[1] == 0:
        return "division_by_zero"
    if name == "age":
        return "to_come"
    if name == "substring":
        return "no_place"
    reads = name in ("int", "decimal", "double", "bool", "date", "timestamp", "time", "duration") and node.args[0].type == TEXT
    return "not_convertible" if reads else "out_of_range"
