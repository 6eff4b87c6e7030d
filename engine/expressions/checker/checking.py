"""What the parts of the checker share: problems, variables of macros, and bringing values of several parts together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.expressions.checker.convert import common, convert, fit, special
from engine.expressions.checker.inline import TableCall
from engine.expressions.errors import ExpressionError
from engine.expressions.scope import Scope
from engine.expressions.syntax import nodes as syntax
from engine.expressions.tree import Literal, Node
from engine.expressions.types import (
    BOOL,
    FLOAT,
    INT,
    NULL,
    TEXT,
    DurationOf,
    ListOf,
    MapOf,
    RowsOf,
    Type,
    is_number,
    meet,
)
from engine.problems import Code

__all__ = ["Base", "Variable", "hint"]

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")


@dataclass(frozen=True, slots=True)
class Variable:
    """The variable of a macro: an item of a list or a key of a map, or with `row` a record whose fields can be read."""

    name: str
    type: Type
    row: bool


class Base:
    """Walks the syntax once; a part with an error gives None, and what stands above it stays silent about it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.errors: list[ExpressionError] = []
        self.variables: list[Variable] = []
        self.grown = 0
        """Parts that calls of tables have brought."""
        self.calls: list[TableCall] = []
        self.patterns = 0

    def rowed(self, part: syntax.Syntax) -> Node | None:
        """The node of a part, which may be child rows: for macros and size()."""
        raise NotImplementedError

    def node(self, part: syntax.Syntax) -> Node | None:
        """The node of a part, which must be a value."""
        found = self.rowed(part)
        if found is None or not isinstance(found.type, RowsOf):
            return found
        self.problem(part.at, Code.EXPR_003, what="a place for one value", found=found.type.words, hint="count them, or test them with exists(x, …)")
        return None

    def nodes(self, parts: tuple[syntax.Syntax, ...]) -> list[Node] | None:
        found = [self.node(part) for part in parts]
        whole = [node for node in found if node is not None]
        return whole if len(whole) == len(found) else None

    def problem(self, at: int, code: Code, **words: object) -> None:
        self.errors.append(ExpressionError(at, code, words))

    def mismatch(self, at: int, what: str, *found: Node, hint: str = "") -> None:
        words = " and ".join(node.type.words for node in found)
        hint = hint or next((_hint(found, other) for other in found if _hint(found, other)), "use values of types that go together")
        self.problem(at, Code.EXPR_003, what=what, found=words, hint=hint)

    def boolean(self, node: Node | None, what: str) -> Node | None:
        """The node as a boolean; null is unknown."""
        if node is None or node.type == BOOL:
            return node
        if node.type == NULL:
            return Literal(BOOL, node.at, None)
        self.mismatch(node.at, what, node, hint="compare it with a value, or test it with has(…)")
        return None

    def meeting(self, at: int, what: str, given: list[Node]) -> list[Node] | None:
        """The nodes with literals read as the others' type and floats, durations, lists and maps converted; exact numbers stay."""
        try:
            nodes = _fitted(given)
        except ExpressionError as error:
            self.errors.append(error)
            return None
        kind: Type | None = nodes[0].type
        for node in nodes[1:]:
            kind = kind and meet(kind, node.type)
        if kind is None:
            self.mismatch(at, what, *given)
            return None
        converts = kind == FLOAT or isinstance(kind, DurationOf | ListOf | MapOf)
        return [convert(node, kind) if converts or node.type == NULL else node for node in nodes]

    def alternatives(self, at: int, what: str, given: list[Node], build: Callable[[Type, list[Node]], Node]) -> Node | None:
        """A choice between nodes, all converted to the type in which they meet."""
        nodes = self.meeting(at, what, given)
        if nodes is None:
            return None
        kind = common(nodes)
        return build(kind, [convert(node, kind) for node in nodes])


def _fitted(nodes: list[Node]) -> list[Node]:
    """The nodes with text literals read as options or records where another node is one."""
    kind = next((node.type for node in nodes if special(node.type)), None)
    return nodes if kind is None else [fit(node, kind) for node in nodes]


def hint(nodes: list[Node]) -> str:
    """What to write instead, where a text literal stands beside a number or a value of the calendar, a number beside a day, or a date beside
    an instant.
    """
    if {node.type.words for node in nodes} in ({"date", "integer"}, {"instant", "integer"}):
        count = next((node.value for node in nodes if node.type == INT and isinstance(node, Literal)), "…")
        return f"write days({count})"
    return next((found for node in nodes if (found := _hint(tuple(nodes), node))), "")


def _hint(nodes: tuple[Node, ...], other: Node) -> str:
    kinds = {node.type.words for node in nodes}
    forms = {"date": 'date("2026-11-22")', "instant": 'timestamp("2026-11-22T08:00:00Z")', "time": 'time("12:30")'}
    if other.type == TEXT:
        written = other.value if isinstance(other, Literal) and isinstance(other.value, str) else ""
        if any(is_number(node.type) for node in nodes) and _NUMBER.fullmatch(written):
            return f"write {written} without quotation marks"
        return next((f"write {form}" for word, form in forms.items() if word in kinds), "")
    if {"date", "instant"} <= kinds:
        return "compare a date with today and an instant with now"
    return ""
