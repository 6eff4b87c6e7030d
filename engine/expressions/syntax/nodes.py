"""The untyped tree that the parser gives: what was written, before any name has a meaning."""

from __future__ import annotations

from dataclasses import dataclass

from engine.expressions.types import Type

__all__ = ["Binary", "Choose", "Constant", "Default", "Index", "Invoke", "Items", "Logic", "Mapping", "Name", "Select", "Syntax", "Unary"]


@dataclass(frozen=True, slots=True)
class Syntax:
    """A part of the text: offset of its sign, nodes in it, levels below it (0 for a name or constant)."""

    at: int
    size: int
    depth: int


@dataclass(frozen=True, slots=True)
class Constant(Syntax):
    value: object
    type: Type


@dataclass(frozen=True, slots=True)
class Name(Syntax):
    name: str


@dataclass(frozen=True, slots=True)
class Select(Syntax):
    """`target.name`; `at` is the place of the name."""

    target: Syntax
    name: str


@dataclass(frozen=True, slots=True)
class Invoke(Syntax):
    """`name(args)` or `target.name(args)`, where the target stands first in `args`."""

    name: str
    args: tuple[Syntax, ...]
    method: bool


@dataclass(frozen=True, slots=True)
class Unary(Syntax):
    op: str
    x: Syntax


@dataclass(frozen=True, slots=True)
class Binary(Syntax):
    op: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True, slots=True)
class Logic(Syntax):
    """A chain of && or of ||, however long, on one level."""

    op: str
    items: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Default(Syntax):
    left: Syntax
    right: Syntax


@dataclass(frozen=True, slots=True)
class Choose(Syntax):
    test: Syntax
    then: Syntax
    otherwise: Syntax


@dataclass(frozen=True, slots=True)
class Items(Syntax):
    items: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Index(Syntax):
    """`target[key]`; `at` is the place of the bracket."""

    target: Syntax
    key: Syntax


@dataclass(frozen=True, slots=True)
class Mapping(Syntax):
    """`{key: value, …}`"""

    entries: tuple[tuple[Syntax, Syntax], ...]
