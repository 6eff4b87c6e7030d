"""The typed tree: every node knows its type and where it stands in the text. Back ends read only this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expressions.types import Type

if TYPE_CHECKING:
    from engine.expressions.functions.function import Function

__all__ = [
    "And", "Arith", "Call", "Coalesce", "Compare", "Conditional", "In", "IsNull", "ListLit", "Literal", "Negate", "Node", "Not", "Or",
    "Path", "Ref", "refs", "walk",
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
