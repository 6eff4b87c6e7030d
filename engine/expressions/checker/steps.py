"""How many steps an expression takes at most, known before it runs: macros over lists multiply, nothing else grows."""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions.functions.function import adds, scans
from engine.expressions.limits import UNKNOWN_LENGTH
from engine.expressions.tree import (
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    Index,
    ListLit,
    Literal,
    Macro,
    MapLit,
    Node,
    Ref,
    Var,
    walk,
)
from engine.expressions.types import TEXT, ListOf, MapOf, RowsOf, Scalar

__all__ = ["steps"]

# A text counts as one value for so many characters: texts may double, too. What a step may cost follows from MAX_STEPS: 0.4 µs.
TEXT_UNIT = 128


def steps(tree: Node) -> int:
    """An upper bound of the parts that are computed, with lists of unknown length taken as 64 items."""
    return _Bound().cost(tree) if any(map(_dear, walk(tree))) else 0


def _dear(node: Node) -> bool:
    """Whether the node may take more steps than the expression has parts."""
    return isinstance(node, Macro) or isinstance(node, Call) and (node.function.grows is not adds or node.function.works is not scans)


class _Bound:
    """`weight` bounds how many values a value holds, so that lists of lists and texts put together count as well."""

    def __init__(self) -> None:
        self.items: list[int] = []
        """The weight of one item of each macro around, the innermost last."""
        self.known: dict[tuple[object, int, tuple[int, ...]], int] = {}

    def once(self, count: Callable[[Node], int], node: Node) -> int:
        """The count of the node, computed once for the same macros around: each asks for several others of the parts below."""
        key = count.__name__, id(node), tuple(self.items)
        if key not in self.known:
            self.known[key] = count(node)
        return self.known[key]

    def cost(self, node: Node) -> int:
        if isinstance(node, Macro):
            self.items.append(self.each(node.over))
            inside = sum(self.cost(part) for part in (node.test, node.body) if part is not None)
            grown = self.weight(node.body) if node.kind == "map" and node.body is not None else 1
            self.items.pop()
            return 1 + self.cost(node.over) + self.length(node.over) * (inside + grown)
        own = 1
        if isinstance(node, Call):
            own += node.function.works(node.args, [self.weight(arg) for arg in node.args])
            own += self.weight(node) if node.function.grows is not adds else 0
        if isinstance(node, Compare | In):
            own += sum(map(self.weight, node.children)) // UNKNOWN_LENGTH
        return own + sum(map(self.cost, node.children))

    def length(self, node: Node) -> int:
        """At most so many items."""
        return self.once(self._length, node)

    def _length(self, node: Node) -> int:
        if isinstance(node, ListLit):
            return len(node.items)
        if isinstance(node, MapLit):
            return len(node.entries)
        if isinstance(node, Macro) and node.kind in ("map", "filter"):
            return self.length(node.over)
        if isinstance(node, Conditional):
            return max(self.length(node.then), self.length(node.otherwise))
        if isinstance(node, Coalesce):
            return max(map(self.length, node.items))
        if isinstance(node, Call):
            return sum(self.length(arg) for arg in node.args if isinstance(arg.type, ListOf))
        if isinstance(node, Literal):
            return 0
        return self.weight(node) if isinstance(node, Index | Var) else UNKNOWN_LENGTH

    def each(self, node: Node) -> int:
        """The weight of one item at most."""
        return self.once(self._each, node)

    def _each(self, node: Node) -> int:
        if isinstance(node, ListLit):
            return max(map(self.weight, node.items), default=1)
        if isinstance(node, MapLit):
            return max((self.weight(key) for key, _ in node.entries), default=1)
        if isinstance(node, Conditional):
            return max(self.each(node.then), self.each(node.otherwise))
        if isinstance(node, Coalesce | Call):
            return max((self.each(part) for part in node.children if isinstance(part.type, ListOf)), default=1)
        if isinstance(node, Macro):
            return self.each(node.over) if node.kind == "filter" else self.body(node)
        return 1 if isinstance(node, Ref | Literal) else self.weight(node)

    def weight(self, node: Node) -> int:
        """At most so many values in the value, itself counted; a text counts by its length."""
        return self.once(self._weight, node)

    def _weight(self, node: Node) -> int:
        if not isinstance(node.type, ListOf | MapOf | RowsOf) and node.type != TEXT:
            return 1
        if isinstance(node, Literal):
            return 1 + len(node.value) // TEXT_UNIT if isinstance(node.value, str) else 1
        if isinstance(node, ListLit | MapLit):
            return 1 + sum(map(self.weight, node.children))
        if isinstance(node, Var) and not node.path:
            return self.items[-1 - node.outwards]
        if isinstance(node, Index):
            return self.weight(node.x)
        if isinstance(node, Conditional):
            return max(self.weight(node.then), self.weight(node.otherwise))
        if isinstance(node, Coalesce):
            return max(map(self.weight, node.items))
        if isinstance(node, Macro):
            return self.weight(node.over) if node.kind == "filter" else 1 + self.length(node.over) * self.body(node)
        if isinstance(node, Call):
            return node.function.grows(node.args, [self.weight(arg) for arg in node.args])
        if isinstance(node.type, Scalar):
            return 1 + node.type.longest // TEXT_UNIT
        return UNKNOWN_LENGTH  # lists that are read hold ids, options and the names of roles

    def body(self, node: Macro) -> int:
        """The weight of what the macro makes of one item."""
        if node.body is None:
            return 1
        self.items.append(self.each(node.over))
        found = self.weight(node.body)
        self.items.pop()
        return found
