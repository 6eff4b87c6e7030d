"""What a function of the language is: its types, its Python, its SQL and an example, all in one entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.expressions.limits import UNKNOWN_LENGTH
from engine.expressions.sql.terms import Term
from engine.expressions.tree import Node
from engine.expressions.types import (
    BOOL,
    DATE,
    FLOAT,
    INSTANT,
    INT,
    TEXT,
    DurationOf,
    ListOf,
    MapOf,
    Type,
    is_exact,
    is_number,
)

__all__ = ["Example", "Function", "Param", "Sql", "SqlCall", "adds", "always", "plain", "scans", "takes"]

Evaluate = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Param:
    """What an argument may be; `words` say it in messages."""

    words: str
    fits: Callable[[Type], bool]


@dataclass(frozen=True, slots=True)
class SqlCall:
    """A call to translate: its arguments as nodes and as clauses, and the type it gives."""

    nodes: tuple[Node, ...]
    args: tuple[Term, ...]
    type: Type


def adds(nodes: Sequence[Node], weights: Sequence[int]) -> int:
    """What holds for most functions: no more comes out than went in."""
    return 1 + sum(weights)


def scans(nodes: Sequence[Node], weights: Sequence[int]) -> int:
    """What holds for most functions: a text is gone through once, of a list only the places."""
    return sum(weight // (4 if node.type == TEXT else UNKNOWN_LENGTH) for node, weight in zip(nodes, weights, strict=True))


def takes(steps: int) -> Callable[[Sequence[Node], Sequence[int]], int]:
    """A function that takes so many steps whatever it is given."""
    return lambda nodes, weights: steps + scans(nodes, weights)


Sql = Callable[[SqlCall], Term]
Example = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Function:
    """One overload. Every function is strict: an argument that is null makes it null, and no back end calls it then.

    `python` gives for the argument nodes the function of their values, which is total and returns None for every
    run-time error. `prepare` checks and rewrites literal arguments and raises ExpressionError. `promote` converts
    all arguments to the type in which they meet. `reads` are paths that are added as arguments, `settings` constants of the
    scope that are added after them, as literals. `grows` bounds how many values a list, or how long a text, may become, from the
    arguments and their bounds, and `works` how many steps a call takes besides the one. `levels` says how many calls its SQL nests
    around an argument, because SQLite's parser bounds their sum.
    """

    name: str
    takes: tuple[Param, ...]
    gives: Callable[[Sequence[Type]], Type]
    python: Callable[[tuple[Node, ...], Type], Evaluate]
    sqlite: Sql | None
    postgresql: Sql | None
    words: str = ""
    example: Example | None = None
    method: bool = False
    variadic: bool = False
    promote: bool = False
    prepare: Callable[[tuple[Node, ...]], tuple[Node, ...]] | None = None
    reads: tuple[tuple[tuple[str, ...], Type], ...] = ()
    settings: tuple[tuple[str, Type], ...] = ()
    grows: Callable[[Sequence[Node], Sequence[int]], int] = adds
    works: Callable[[Sequence[Node], Sequence[int]], int] = scans
    levels: int = 2

    @property
    def fewest(self) -> int:
        return len(self.takes)

    def counts(self, given: int) -> bool:
        return given == len(self.takes) or self.variadic and given > len(self.takes)

    def accepts(self, kinds: Sequence[Type]) -> bool:
        """Whether arguments of these types fit, `reads` not counted."""
        if not self.counts(len(kinds)):
            return False
        wanted = [*self.takes, *[self.takes[-1]] * (len(kinds) - len(self.takes))] if self.takes else []
        return all(param.fits(kind) for param, kind in zip(wanted, kinds, strict=True))


def always(kind: Type) -> Callable[[Sequence[Type]], Type]:
    """A function that gives one type whatever its arguments are."""
    return lambda kinds: kind


def plain(function: Evaluate) -> Callable[[tuple[Node, ...], Type], Evaluate]:
    """A Python function of the values alone."""
    return lambda nodes, kind: function


def exactly(kind: Type) -> Param:
    return Param(kind.words, lambda given: given == kind)


AN_INT = exactly(INT)
A_TEXT = exactly(TEXT)
A_BOOL = exactly(BOOL)
A_DATE = exactly(DATE)
AN_INSTANT = exactly(INSTANT)
EXACT_NUMBER = Param("integer or decimal", is_exact)
A_DECIMAL = Param("decimal", lambda kind: is_exact(kind) and kind != INT)
A_FLOAT = exactly(FLOAT)
NUMBER = Param("number", is_number)
A_LIST = Param("list", lambda kind: isinstance(kind, ListOf))
A_MAP = Param("map", lambda kind: isinstance(kind, MapOf))
A_DURATION = Param("duration", lambda kind: isinstance(kind, DurationOf))
