"""The back end for Python: a tree becomes one closure, made once and called for every row."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from engine.expressions.python.nodes import BUILD
from engine.expressions.python.rules import RULES_HERE
from engine.expressions.rules import ALL_ON
from engine.expressions.tree import Literal, Macro, Node, Path, Ref, Var
from engine.expressions.values import Months, Workdays

__all__ = ["Builder", "Env", "Eval", "Reader", "Value", "to_python"]

Value = (
    None | bool | int | float | Decimal | str | datetime.date | datetime.time | datetime.timedelta | Months | Workdays
    | tuple[Any, ...] | dict[Any, Any]
)
Eval = Callable[[Any], Any]
# For a path, the function that reads its value from what the closure is called with.
Reader = Callable[[Path], Callable[[Any], Any]]


class Env(Protocol):
    """Where values come from. Shapes: None, bool, int, Decimal, float, str (texts, options, record ids), date,
    aware datetime, time, tuples of these for lists; for child rows a sequence with an Env for each row, or None."""

    def lookup(self, path: Path) -> Any: ...


def to_python(tree: Node, lookup: Reader | None = None, off: frozenset[str] = ALL_ON) -> Eval:
    """A function of an Env that gives the value of the tree, None for unknown; it never raises for values of the right types.

    With `lookup` the closure is called with whatever the readers take: `lambda path: itemgetter(path[0])` reads own
    fields from a plain dict without any Env. The readers are used for child rows too, whose items are then of that kind.
    Rules of the dialect named in `off` are left to Python's own ways, for tests that show what each rule does.
    """
    run = Builder(lookup or _from_env, off).build(tree)

    def total(env: Any) -> Any:
        try:
            return run(env)
        except (ArithmeticError, ValueError):
            return None

    return total


def _from_env(path: Path) -> Eval:
    return lambda env: env.lookup(path)


CONSTANT = -1
FIELDS = 1_000


class Builder:
    """Makes closures bottom up. Within macros the environment is a pair (environment outside, item), so that a closure
    holds nothing of a run and may serve many threads; `depth` counts the macros around."""

    def __init__(self, read: Reader, off: frozenset[str] = ALL_ON) -> None:
        self.read = read
        self.depth = 0
        self.known: dict[int, int] = {}
        self.instead = tuple(RULES_HERE[rule].naive for rule in sorted(off))

    def build(self, node: Node) -> Eval:
        """The closure of a node; a part that reads nothing is computed here, once."""
        made = next((found for each in self.instead if (found := each(node, self)) is not None), None) or self.own(node)
        if isinstance(node, Literal) or self.outside(node) != CONSTANT:
            return made
        value = _folded(made)
        return lambda env: value

    def outside(self, node: Node) -> int:
        """How far out a node reads: CONSTANT for nothing but its own macros' variables, else how many macros around it at most,
        with FIELDS for what lies outside of all."""
        found = self.known.get(id(node))
        if found is None:
            found = self.known[id(node)] = self._outside(node)
        return found

    def _outside(self, node: Node) -> int:
        if isinstance(node, Ref):
            return FIELDS
        if isinstance(node, Var):
            return node.outwards
        reach = CONSTANT
        for child in node.children:
            out = self.outside(child)
            inner = isinstance(node, Macro) and child is not node.over
            reach = max(reach, out - 1 if inner and 0 <= out < FIELDS else out)
        return reach

    def own(self, node: Node) -> Eval:
        """The closure of the node as the dialect has it; its parts follow the rules that are on."""
        return BUILD[type(node)](node, self)

    def inside(self, node: Node) -> Eval:
        """The closure of a macro's test or body, called with (environment, item)."""
        self.depth += 1
        found = self.build(node)
        self.depth -= 1
        return found


def _folded(made: Eval) -> Any:
    try:
        return made(None)
    except (ArithmeticError, ValueError):
        return None
