"""The typed tree: every node knows its type and where it stands in the text. Back ends read only this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expressions.types import RowsOf, Type

if TYPE_CHECKING:
    from engine.expressions.functions.function import Function

__all__ = [
    "And", "Arith", "Call", "Coalesce", "Compare", "Conditional", "In", "Index", "IsNull", "ListLit", "Literal", "Macro", "MapLit", "Negate",
    "Node", "Not", "Or", "Path", "Ref", "Var", "refs", "rows_path", "rows_read", "walk",
]

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression: its type and its offset in the text, in characters from 0."""

    type: Type
    at: int

    @property
    def children(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant; options hold their stored name, patterns of `matches` the form that all engines share."""

    value: object


@dataclass(frozen=True, slots=True)
class Ref(Node):
    """A value read from the row, along links, or from a root: ("due",), ("patient", "name"), ("user", "id"), ("today",)."""

    path: Path


@dataclass(frozen=True, slots=True)
class _One(Node):
    x: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.x,)


class Not(_One):
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class IsNull(_One):
    negated: bool


@dataclass(frozen=True, slots=True)
class _Many(Node):
    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


class And(_Many):
    __slots__ = ()


class Or(_Many):
    __slots__ = ()


class ListLit(_Many):
    __slots__ = ()


class Coalesce(_Many):
    """`x ?? y`: the first that is not null."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """One of == != < <= > >=; both sides have types that meet, floats and durations are already converted."""

    op: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class In(Node):
    item: Node
    items: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.item, self.items)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with the overload that fits its arguments; operators and conversions are functions too."""

    function: Function
    args: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.args


class Arith(Call):
    """One of + - * / %."""

    __slots__ = ()

    @property
    def op(self) -> str:
        return self.function.name


class Negate(Call):
    """A minus before a number or a duration."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    test: Node
    then: Node
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.test, self.then, self.otherwise)


@dataclass(frozen=True, slots=True)
class MapLit(Node):
    """`{key: value, …}`; keys are literals, none twice. Its type is a MapOf."""

    entries: tuple[tuple[Node, Node], ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return tuple(part for entry in self.entries for part in entry)


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`x[key]`, of a list by place from 0 or of a map by key; null for a place or key that is not there."""

    x: Node
    key: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.x, self.key)


@dataclass(frozen=True, slots=True)
class Var(Node):
    """The variable of a macro around: `outwards` counts macros from the innermost, 0. Over rows `path` leads from the row to a value,
    over a list or the keys of a map it is empty."""

    outwards: int
    path: Path


@dataclass(frozen=True, slots=True)
class Macro(Node):
    """`over.kind(variable, body)`: one of all, exists, exists_one, filter, map, count, sum, min, max, avg.

    `over` is a list, a map (its keys) or rows. `test` keeps the items for which it is true, None keeps all: the second of three
    arguments of `map`, the condition of `count`. `body` is the condition of all, exists and exists_one, the value of map, sum, min, max
    and avg, None for filter and count, whose condition is `test`.
    """

    kind: str
    over: Node
    test: Node | None
    body: Node | None

    @property
    def children(self) -> tuple[Node, ...]:
        return tuple(part for part in (self.over, self.test, self.body) if part is not None)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, each before its children, in the order of the text."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def refs(node: Node) -> set[Path]:
    """Every path that the expression reads."""
    return {part.path for part in walk(node) if isinstance(part, Ref)}


def rows_read(node: Node) -> dict[Path, set[Path]]:
    """For every path of child rows the paths that are read of each row; none where they are only counted.

    `refs` has the path of the rows alone: what stands behind a variable starts at a row, not at the record.
    """
    found: dict[Path, set[Path]] = {part.path: set() for part in walk(node) if isinstance(part, Ref) and isinstance(part.type, RowsOf)}
    _rows_read(node, (), found)
    return found


def _rows_read(node: Node, around: tuple[Path | None, ...], found: dict[Path, set[Path]]) -> None:
    """`around` has for each macro around, the innermost last, the path of its rows, or None for a list or map."""
    if isinstance(node, Macro):
        _rows_read(node.over, around, found)
        for part in (node.test, node.body):
            if part is not None:
                _rows_read(part, (*around, rows_path(node.over)), found)
        return
    if isinstance(node, Var):
        rows = around[-1 - node.outwards]
        if rows is not None:
            found[rows].add(node.path)
    for child in node.children:
        _rows_read(child, around, found)


def rows_path(over: Node) -> Path | None:
    """The path of the child rows that a macro runs over, also through filters; None for a list or map."""
    while isinstance(over, Macro) and isinstance(over.type, RowsOf):
        over = over.over
    return over.path if isinstance(over, Ref) and isinstance(over.type, RowsOf) else None
