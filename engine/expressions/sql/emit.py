"""Writes clauses bottom up; a subclass knows one database."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import type_coerce

from engine.expressions import types as t
from engine.expressions.errors import Untranslatable
from engine.expressions.functions.function import Sql, SqlCall
from engine.expressions.sql.frames import Frame
from engine.expressions.sql.macros import holds, macro
from engine.expressions.sql.problem import bound
from engine.expressions.sql.source import RowsSource, SqlSource
from engine.expressions.sql.storage import Storage
from engine.expressions.sql.terms import FALSE, NULL, TRUE, Term, apply, call, choose, hole, listed, operand, write
from engine.expressions.sql.terms import bind as bind_term
from engine.expressions.tree import (
    And,
    Arith,
    Call,
    Coalesce,
    Compare,
    Conditional,
    In,
    Index,
    IsNull,
    ListLit,
    Literal,
    Macro,
    Negate,
    Node,
    Not,
    Or,
    Ref,
    Var,
)

__all__ = ["Emit"]

Found = TypeVar("Found")
NOTHING = Frame(None, NULL, NULL, None)


@functools.lru_cache(maxsize=2048, typed=True)
def constant(storage: Any, value: Any, kind: t.Type) -> Term:
    """A value of an author as a bind parameter. Making one costs more than finding one, and clauses may share them."""
    return bind_term(storage.stored(value, kind), storage.type(kind))


class Emit:
    """One clause in the making. `frames` are those of the macros around, the innermost last; `instead` writes nodes for which a rule
    of the dialect is switched off, in tests; `unknown_item` stands for an unknown item of a macro between 0, false, and 2, true."""

    storage: Storage

    def __init__(self, source: SqlSource) -> None:
        self.source = source
        self.frames: list[Frame] = []
        self.names = 0
        self.instead: tuple[Callable[[Emit, Any], Term | None], ...] = ()
        self.unknown_item = 1

    def term(self, node: Node) -> Term:
        for each in self.instead:
            found = each(self, node)
            if found is not None:
                return found
        return STEPS[type(node)](self, node)

    def ruled(self, node: Node) -> Term:
        """The node as the rules say, whatever is switched off for it; its parts are written as ever."""
        return STEPS[type(node)](self, node)

    def holds(self, node: Node) -> Term:
        """A clause that is true exactly where the node is true."""
        return self.term(node) if self.instead else holds(self, node, True)

    # Values

    def literal(self, node: Literal) -> Term:
        value = node.value
        if value is None:
            return self.null(node.type)
        if value is True:
            return TRUE
        if value is False:
            return FALSE
        return constant(self.storage, value, node.type)

    def null(self, kind: t.Type) -> Term:
        raise NotImplementedError

    def ref(self, node: Ref) -> Term:
        if not bound(node):
            return hole(self.source.column(node.path))
        found = self.source.bind(node.path)
        return hole(found if isinstance(node.type, t.ListOf) else type_coerce(found, self.storage.type(node.type)))

    def var(self, node: Var) -> Term:
        frame = self.frames[-1 - node.outwards]
        return frame.item if frame.rows is None else hole(frame.rows.source.column(node.path))

    # Logic

    def not_(self, node: Not) -> Term:
        return write("NOT ", operand(self.term(node.x)), loose=True)

    def and_(self, node: And) -> Term:
        return listed([operand(self.term(item)) for item in node.items], " AND ")._replace(loose=True)

    def or_(self, node: Or) -> Term:
        return listed([operand(self.term(item)) for item in node.items], " OR ")._replace(loose=True)

    def is_null(self, node: IsNull) -> Term:
        return write(operand(self.term(node.x)), " IS NOT NULL" if node.negated else " IS NULL", loose=True)

    def compare(self, node: Compare) -> Term:
        left, right = self.pair(node.left, node.right, node.op not in ("==", "!="))
        return apply(left, SIGNS.get(node.op, node.op), right)

    def pair(self, left: Node, right: Node, ordered: bool) -> tuple[Term, Term]:
        """Both sides in one shape."""
        raise NotImplementedError

    def in_(self, node: In) -> Term:
        if isinstance(node.items, ListLit):
            return self.in_list(node.item, self.term(node.item), node.items.items)
        if bound(node.items):
            return apply(self.term(node.item), "IN", self.term(node.items))
        return self.in_computed(node.item, self.term(node.item), node.items)

    def in_list(self, item: Node, found: Term, items: tuple[Node, ...]) -> Term:
        """Whether a value is one of the items; `found` is the term of `item`."""
        if not items:
            return FALSE
        return write(operand(found), " IN (", listed([self.term(each) for each in items]), ")", loose=True)

    def in_computed(self, item: Node, found: Term, items: Node) -> Term:
        """Whether a value is in a list that is a column or computed."""
        raise NotImplementedError

    def coalesce(self, node: Coalesce) -> Term:
        return call("coalesce", *map(self.term, node.items))

    def conditional(self, node: Conditional) -> Term:
        return choose(*map(self.term, node.children))

    def call(self, node: Call) -> Term:
        return self.function(node)(SqlCall(node.args, tuple(map(self.term, node.args)), node.type))

    def function(self, node: Call) -> Sql:
        raise NotImplementedError

    # Macros

    def alias(self) -> str:
        """A name that nothing else in the clause has."""
        self.names += 1
        return f"l{self.names}"

    def within(self, frame: Frame, make: Callable[[], Found]) -> Found:
        """What `make` writes where the frame's variable is the innermost."""
        self.frames.append(frame)
        try:
            return make()
        finally:
            self.frames.pop()

    def sought(self, node: Macro, value: Node) -> Term:
        """`l.exists(x, x == value)`, and `l.all(x, x != value)`: whether the value is in the list, or is not."""
        found = self.within(NOTHING, lambda: self.term(value))
        over = node.over
        if isinstance(over, ListLit):
            inside = self.in_list(value, found, over.items)
        elif bound(over):
            inside = apply(found, "IN", self.term(over))
        else:
            inside = self.in_computed(value, found, over)
        return inside if node.kind == "exists" else write("NOT ", operand(inside), loose=True)

    def child_rows(self, over: Node) -> Frame:
        assert isinstance(over, Ref)
        if not isinstance(self.source, RowsSource):
            raise Untranslatable(f"'{'.'.join(over.path)}'", over.at)
        rows = self.source.rows(over.path)
        return Frame(None, NULL, NULL, hole(rows.order), rows)

    def items(self, found: Term, over: Node) -> Frame:
        """The frame of a list, whose term is found."""
        raise NotImplementedError

    def packed(self, term: Term, kind: t.Type) -> Term:
        """A value as lists hold it."""
        return term

    def ordered(self, node: Node, term: Term) -> Term:
        """The term as min and max compare it."""
        return term

    def collected(self, value: Term, kind: t.Type, frame: Frame, tests: list[Term], named: bool) -> Term:
        """A list of the values of the items that pass the tests; `named` is whether the value names the item."""
        raise NotImplementedError

    def total(self, node: Macro, body: Term, frame: Frame) -> Term:
        raise NotImplementedError

    def average(self, node: Macro, body: Term, frame: Frame) -> Term:
        raise NotImplementedError

    def list_(self, node: ListLit) -> Term:
        raise NotImplementedError

    def index(self, node: Index) -> Term:
        raise NotImplementedError


SIGNS = {"==": "=", "!=": "<>"}
STEPS: dict[type[Node], Callable[[Emit, Any], Term]] = {
    Literal: Emit.literal, Ref: Emit.ref, Var: lambda emit, node: emit.var(node), Not: Emit.not_, And: Emit.and_, Or: Emit.or_, IsNull: Emit.is_null,
    Compare: Emit.compare, In: Emit.in_, Coalesce: Emit.coalesce, Conditional: Emit.conditional, Call: Emit.call, Arith: Emit.call,
    Negate: Emit.call, Macro: macro, ListLit: lambda emit, node: emit.list_(node), Index: lambda emit, node: emit.index(node),
}
