"""What a macro runs over in SQL: the items of a list or child rows, as FROM and WHERE of a subquery."""

from __future__ import annotations

import dataclasses

from engine.expressions import types as t
from engine.expressions.sql.source import RowsSql
from engine.expressions.sql.terms import Term, hole, listed, operand, write
from engine.expressions.tree import (
    And,
    Coalesce,
    Compare,
    Conditional,
    In,
    IsNull,
    ListLit,
    Literal,
    Macro,
    Node,
    Not,
    Or,
    Ref,
    Var,
)

__all__ = ["Frame", "bare", "never_null"]


@dataclasses.dataclass(slots=True)
class Frame:
    """The subquery of one macro in the making. `item` is the variable's value, `raw` the same as lists hold it, `place` what
    a list made of the items is ordered by; None for the order in which they come. `rows` is there for child rows alone."""

    over: Term | None
    item: Term
    raw: Term
    place: Term | None
    rows: RowsSql | None = None
    conditions: list[Term] = dataclasses.field(default_factory=list)

    def where(self, *more: Term) -> Term:
        """` FROM … WHERE …`. Read it last: child rows join what their columns need."""
        if self.rows is not None:
            over = hole(self.rows.clause)
            conditions = [operand(hole(self.rows.condition)._replace(loose=True)), *self.conditions, *more]
        else:
            assert self.over is not None
            over, conditions = self.over, [*self.conditions, *more]
        if not conditions:
            return write(" FROM ", over)
        return write(" FROM ", over, " WHERE ", listed([operand(each) for each in conditions], " AND "))


def bare(node: Node) -> bool:
    """Whether the node's text is a mere name, which may be said twice."""
    return isinstance(node, Var | Ref)


def never_null(node: Node) -> bool:
    """Whether the node is known to have a value for every row."""
    if isinstance(node, Literal):
        return node.value is not None
    if isinstance(node, ListLit | IsNull):
        return True
    if isinstance(node, And | Or | Not | Compare):
        return not isinstance(node.children[0].type, t.ListOf) and all(map(never_null, node.children))
    if isinstance(node, In):
        return isinstance(node.items, ListLit) and never_null(node.item) and all(map(never_null, node.items.items))
    if isinstance(node, Coalesce):
        return any(map(never_null, node.items))
    if isinstance(node, Conditional):
        return all(map(never_null, node.children))
    return isinstance(node, Macro) and _certain(node)


def _certain(node: Macro) -> bool:
    """Whether a macro over what is never null gives a value for every row."""
    if not isinstance(node.over.type, t.RowsOf) and not never_null(node.over):
        return False
    if node.kind in ("filter", "map", "count"):
        return True
    return node.kind in ("all", "exists", "exists_one") and node.body is not None and never_null(node.body)
