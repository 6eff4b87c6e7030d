"""The names that expressions of a table may use: its inputs, `today` and `now`, and the record of a table over an object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from engine.expressions import check
from engine.expressions.checker.inline import Inline, as_inputs
from engine.expressions.scope import SETTINGS
from engine.expressions.tree import Node
from engine.expressions.types import DATE, INSTANT, Type
from engine.text.compile.context import Context
from engine.text.compile.rules import report
from engine.text.nodes import ScalarNode
from engine.text.places import place_within

if TYPE_CHECKING:
    from engine.text.compile.scope import DraftScope

__all__ = ["TableScope", "expression"]

_ROOTS: Mapping[str, Type] = {"today": DATE, "now": INSTANT}


class TableScope:
    """A Scope (see `engine.expressions.scope`). `inputs` shadow the fields of the object that the table is `over`."""

    def __init__(self, inputs: Mapping[str, Type], over: DraftScope | None, find: Callable[[str], Inline | None],
                 like: object = None) -> None:
        """`like` is a scope whose constants of the organisation hold here too."""
        self.inputs = dict(inputs)
        self.over = over
        self._find = find
        for name in SETTINGS:
            if like is not None and hasattr(like, name):
                setattr(self, name, getattr(like, name))
        self.broken = False
        """Whether some expression of the table has a problem, perhaps one of another table that it calls."""

    def root(self, name: str) -> Type | None:
        if name in self.inputs:
            return self.inputs[name]
        return self.over.root(name) if self.over else _ROOTS.get(name)

    def member(self, owner: Type, name: str) -> Type | None:
        return self.over.member(owner, name) if self.over else None

    def names(self, owner: Type | None) -> Iterable[str]:
        behind = self.over.names(owner) if self.over else [*_ROOTS] if owner is None else []
        return [*self.inputs, *behind] if owner is None else behind

    def function(self, name: str) -> Inline | None:
        return self.over.function(name) if self.over else self._find(name)


def expression(context: Context, scope: TableScope, node: ScalarNode, text: str, shift: int, want: Type | None,
               before: str = "", after: str | None = None) -> Node | None:
    """The tree of a part of a cell, which stands `shift` characters into the scalar; reports what is wrong, there.

    `before` and `after` (`)` behind a `before`) complete the part to an expression. Inputs in the tree are marked as such.
    """
    after = ")" if after is None and before else after or ""
    found = check(f"{before}{text}{after}", scope, want=want)
    for error in found.errors:
        offset = min(max(error.offset - len(before), 0), max(len(text) - 1, 0))
        report(context, scope.over.object if scope.over else "", scope.over, error, text, place_within(node, shift + offset))
    if found.tree is None:
        scope.broken = True
        return None
    return as_inputs(found.tree, scope.inputs)
